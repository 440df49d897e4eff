//! Integration tests on real Postgres and Redis: one binary, one private pair of servers, a database per test.

mod support;

mod accounts;
mod api;
mod auth;
mod booking;
mod conduct;
mod conversation;
mod coverage;
mod crash;
mod delivery;
mod dialogues;
mod idempotency;
mod llm;
mod models;
mod people;
mod process;
mod tenancy;
mod webhooks;
