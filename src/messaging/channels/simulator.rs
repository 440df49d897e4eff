//! A carrier inside this installation: takes every text and plays its delivery, so that everything can be tried without a provider. In
//! simulation mode it can be told to do what carriers do wrong (`messaging/faults.rs`). Like a provider it has a memory of its own, here in
//! the database, and reports by the same code as a provider's webhook.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Accepted, Channel, Found, Outgoing, SendError, twilio};
use crate::{
    compliance::SendPermit,
    messaging::{
        faults::{self, Fault, FaultKind, PlayReport},
        model::MessageStatus,
        store::simulator::{self, NewEvent},
    },
    platform::{
        crypto,
        db::{Db, Tx},
        ids::{MessageId, RowId},
        jobs::{self, NewJob},
        phone::PhoneNumber,
    },
};

/// The simulated carrier.
#[derive(Clone)]
pub struct SimulatorChannel {
    db: Db,
}

/// What the carrier does with one text.
enum Done {
    Taken { sid: String, answer_lost: bool, at_once: Vec<RowId> },
    Not(SendError),
}

impl SimulatorChannel {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn take(&self, tx: &mut Tx, message: MessageId) -> Result<Done, sqlx::Error> {
        let fault = if tx.is_simulated() { draw(tx, message).await? } else { None };
        let kind = fault.as_ref().map(|f| f.kind);
        let code = fault.as_ref().and_then(|f| f.error_code.as_deref());
        let now = tx.clock().now();
        let event = NewEvent {
            message_id: message,
            what: "taken",
            fault: kind,
            provider_sid: None,
            status: None,
            error_code: None,
            due_at: now,
            happened: true,
            withheld: false,
        };
        match (kind, code) {
            (Some(FaultKind::ErrorOnSend), Some(code)) => {
                simulator::insert_event(tx, &NewEvent { what: "refused", error_code: Some(code), ..event }).await?;
                let body =
                    serde_json::json!({ "code": code.parse::<i64>().ok(), "message": "so that you see what follows" });
                return Ok(Done::Not(twilio::refused(faults::http_status(code), body.to_string().as_bytes(), None)));
            }
            (Some(FaultKind::RequestLost), _) => {
                simulator::insert_event(tx, &NewEvent { what: "lost", ..event }).await?;
                return Ok(Done::Not(SendError::Unknown { reason: "no answer within ten seconds".to_owned() }));
            }
            _ => {}
        }
        let mut sid = format!("SIM{}", RowId::new(tx.clock()).0.simple());
        if let (Some(FaultKind::ErrorByReport), Some(code)) = (kind, code) {
            let after = fault.as_ref().and_then(|f| f.after_seconds).unwrap_or(1);
            sid = format!("{sid}-{code}-{after}");
        }
        simulator::insert_event(tx, &NewEvent { provider_sid: Some(&sid), ..event }).await?;
        let mut at_once = Vec::new();
        for report in faults::plan(fault.as_ref()) {
            let event = NewEvent {
                what: "report",
                provider_sid: Some(&sid),
                status: Some(report.status),
                error_code: report.error_code.as_deref(),
                due_at: now + TimeDelta::from_std(report.after).unwrap_or_default(),
                happened: false,
                withheld: report.withheld,
                ..event
            };
            let event_id = simulator::insert_event(tx, &event).await?;
            if report.after.is_zero() {
                at_once.push(event_id);
            } else if !report.withheld {
                jobs::enqueue(tx, NewJob::after(&PlayReport { event_id }, report.after)).await?;
            }
        }
        Ok(Done::Taken { sid, answer_lost: kind == Some(FaultKind::AnswerLost), at_once })
    }

    /// Reports that overtake the answer.
    async fn report_at_once(&self, text: &Outgoing, reports: Vec<RowId>) -> Result<(), sqlx::Error> {
        for id in reports {
            let mut tx = self.db.tenant(text.organization_id).await?;
            faults::play(&mut tx, id).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The first fault that fits the text and happens by its chance.
async fn draw(tx: &mut Tx, message: MessageId) -> Result<Option<Fault>, sqlx::Error> {
    for fault in simulator::fitting(tx, message).await? {
        if crypto::jitter() * 100.0 < f64::from(fault.chance_percent) {
            simulator::use_up(tx, fault.id).await?;
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn nothing_happened(error: sqlx::Error) -> SendError {
    SendError::NotTaken { reason: error.to_string(), retry_after: None }
}

fn accepted(provider_sid: String) -> Accepted {
    Accepted { provider_sid, status: MessageStatus::Sending, error_code: None, charge: None }
}

#[async_trait]
impl Channel for SimulatorChannel {
    async fn send(&self, permit: &SendPermit, text: &Outgoing) -> Result<Accepted, SendError> {
        let mut tx = self.db.tenant(text.organization_id).await.map_err(nothing_happened)?;
        let done = self.take(&mut tx, permit.message_id()).await.map_err(nothing_happened)?;
        tx.commit().await.map_err(|error| SendError::Unknown { reason: error.to_string() })?;
        match done {
            Done::Not(error) => Err(error),
            Done::Taken { answer_lost: true, .. } => {
                Err(SendError::Unknown { reason: "no answer within ten seconds".to_owned() })
            }
            Done::Taken { sid, at_once, .. } => {
                let reported = self.report_at_once(text, at_once).await;
                reported.map_err(|error| SendError::Unknown { reason: error.to_string() })?;
                Ok(accepted(sid))
            }
        }
    }

    async fn find(&self, _: &PhoneNumber, text: &Outgoing, _: DateTime<Utc>) -> Result<Vec<Found>, SendError> {
        let unknown = |error: sqlx::Error| SendError::Unknown { reason: error.to_string() };
        let mut tx = self.db.tenant(text.organization_id).await.map_err(unknown)?;
        let sids = simulator::takings(&mut tx, text.message_id).await.map_err(unknown)?;
        Ok(sids.into_iter().map(|sid| Found { accepted: accepted(sid), same_words: true }).collect())
    }

    /// Asked, the carrier says what it did, not what it said: a text is delivered within a second, unless its id tells of an error and
    /// after how many seconds that came.
    async fn status(&self, provider_sid: &str, age: Duration) -> Result<Accepted, SendError> {
        let mut told = provider_sid.split('-').skip(1);
        let error = told.next().map(str::to_owned);
        let after = told.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
        let status = match error {
            _ if age < Duration::from_secs(after) => MessageStatus::Sent,
            Some(_) => MessageStatus::Undelivered,
            None => MessageStatus::Delivered,
        };
        let error_code = error.filter(|_| status == MessageStatus::Undelivered);
        Ok(Accepted { provider_sid: provider_sid.to_owned(), status, error_code, charge: None })
    }
}
