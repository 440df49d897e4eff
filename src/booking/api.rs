//! The calendar over HTTP: services, providers, slots, weekly hours, closed days and appointments.

mod appointments;
mod availability;
mod providers;
mod services;
mod slots;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use crate::platform::{
    http::Core,
    problem::{Code, FieldError, Problem},
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .merge(services::router())
        .merge(providers::router())
        .merge(slots::router())
        .merge(availability::router())
        .merge(appointments::router())
}

/// What is wrong with a body, collected field by field.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code, message: message.into() });
    }

    fn length(&mut self, field: &str, text: &str, most: usize) {
        if !(1..=most).contains(&text.chars().count()) || text.contains('\0') {
            self.add(field, "invalid_length", format!("must have 1 to {most} characters"));
        }
    }

    fn range(&mut self, field: &str, n: i32, least: i32, most: i32) {
        if !(least..=most).contains(&n) {
            self.add(field, "out_of_range", format!("must be from {least} to {most}"));
        }
    }

    fn end(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// How far ahead the calendar goes.
const YEARS_AHEAD: TimeDelta = TimeDelta::days(3 * 366);

fn too_far(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now + YEARS_AHEAD || at < now - YEARS_AHEAD
}

/// What the database refuses because of a name that is taken.
fn on_name(error: sqlx::Error) -> Problem {
    match error.as_database_error() {
        Some(e) if e.is_unique_violation() => Problem::new(Code::AlreadyExists, "Another one has this name."),
        _ => error.into(),
    }
}

/// What the database refuses because rows point here.
fn on_reference(error: sqlx::Error, detail: &str) -> Problem {
    match error.as_database_error() {
        Some(e) if e.is_foreign_key_violation() => Problem::new(Code::InUse, detail),
        _ => error.into(),
    }
}

/// A name without space around it, and a text that is none when it is empty.
fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// `q` and `active`, as two lists here take them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NamedParams {
    /// Part of the name.
    q: Option<String>,
    active: Option<bool>,
}
