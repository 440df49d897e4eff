//! Integration tests on real Postgres and Redis: one binary, one private pair of servers, a database per test.

mod support;

mod accounts;
mod api;
mod appointments;
mod audit;
mod auth;
mod booking;
mod carrier_faults;
mod catalog;
mod conduct;
mod consent;
mod contacts;
mod conversation;
mod coverage;
mod crash;
mod delivery;
mod dialogues;
mod idempotency;
mod integrations;
mod keys;
mod llm;
mod messages;
mod models;
mod people;
mod privacy;
mod process;
mod reports;
mod row_security;
mod senders;
mod slots;
mod staff;
mod team;
mod tenancy;
mod time_machine;
mod webhooks;
