//! What the simulated carrier can be told to do wrong, and what it does then. Pure, but for playing its reports.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    model::MessageStatus,
    reports,
    store::{self, simulator},
};
use crate::platform::{
    db::{Db, Tx},
    ids::{ContactId, ConversationId, MessageId, RowId},
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What goes wrong with a text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub(super) enum FaultKind { $($(#[$doc])* $variant),+ }

        impl FaultKind {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

kinds! {
    /// It is refused at once, with `error_code`.
    ErrorOnSend = "error_on_send",
    /// It is taken, and reported undelivered with `error_code`, after `after_seconds` or one.
    ErrorByReport = "error_by_report",
    /// It is taken and delivered, and nobody says so.
    Silence = "silence",
    /// It is reported sent after `after_seconds`, and delivered a second later.
    Late = "late",
    /// It is reported delivered before it is reported sent.
    Reordered = "reordered",
    /// Each report comes twice.
    Duplicate = "duplicate",
    /// Its reports overtake the answer to the send.
    ReportsFirst = "reports_first",
    /// It is taken, but the answer is lost.
    AnswerLost = "answer_lost",
    /// It never arrives, and nobody says so.
    RequestLost = "request_lost",
}

impl FaultKind {
    pub(super) const fn has_code(self) -> bool {
        matches!(self, Self::ErrorOnSend | Self::ErrorByReport)
    }

    pub(super) const fn has_wait(self) -> bool {
        matches!(self, Self::ErrorByReport | Self::Late)
    }
}

/// What the simulated carrier is to do wrong.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = SimulatorFault)]
pub(super) struct Fault {
    pub id: RowId,
    pub kind: FaultKind,
    /// Twilio's, such as 30003.
    pub error_code: Option<String>,
    pub after_seconds: Option<i32>,
    /// Only to texts for this contact; null: for everybody.
    pub contact_id: Option<ContactId>,
    /// How many texts it still happens to; null: until it is removed.
    pub times_left: Option<i32>,
    /// To how many of a hundred texts it happens.
    pub chance_percent: i16,
    /// By the machine's clock.
    pub created_at: DateTime<Utc>,
}

/// Checked.
pub(super) struct NewFault {
    pub kind: FaultKind,
    pub error_code: Option<String>,
    pub after_seconds: Option<i32>,
    pub contact_id: Option<ContactId>,
    pub times: Option<i32>,
    pub chance_percent: i16,
}

/// What the simulated carrier did with a text.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct SimulatedEvent {
    pub id: RowId,
    pub message_id: MessageId,
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    /// How far the text has come by now.
    pub message_status: MessageStatus,
    /// `taken`, `refused`, `lost` or `report`.
    #[schema(pattern = "^(taken|refused|lost|report)$")]
    pub what: String,
    /// The fault that happened to it, by kind.
    pub fault: Option<String>,
    pub provider_sid: Option<String>,
    /// What is reported, in Twilio's words.
    pub status: Option<String>,
    pub error_code: Option<String>,
    /// When it happens, by the organization's clock.
    pub due_at: DateTime<Utc>,
    /// When it happened; null: not yet, or never.
    pub happened_at: Option<DateTime<Utc>>,
    /// Of a report: `applied` where it moved the text forward, `nothing_new` where not, `withheld` where it is never sent.
    #[schema(pattern = "^(applied|nothing_new|withheld)$")]
    pub effect: Option<String>,
}

/// A report on a text that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub after: Duration,
    pub status: &'static str,
    pub error_code: Option<String>,
    /// It is never sent.
    pub withheld: bool,
}

const SENT_AFTER: Duration = Duration::from_millis(300);
const DELIVERED_AFTER: Duration = Duration::from_millis(900);

/// The reports on a text that the carrier takes.
pub(super) fn plan(fault: Option<&Fault>) -> Vec<Planned> {
    let report = |status, after| Planned { after, status, error_code: None, withheld: false };
    let (sent, delivered) = (report("sent", SENT_AFTER), report("delivered", DELIVERED_AFTER));
    let Some(fault) = fault else { return vec![sent, delivered] };
    let wait = Duration::from_secs(fault.after_seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(1));
    match fault.kind {
        FaultKind::AnswerLost => vec![sent, delivered],
        FaultKind::ErrorByReport => {
            let failed = Planned { error_code: fault.error_code.clone(), ..report("undelivered", wait) };
            vec![sent, failed]
        }
        FaultKind::Silence => [sent, delivered].map(|r| Planned { withheld: true, ..r }).to_vec(),
        FaultKind::Late => vec![report("sent", wait), report("delivered", wait + Duration::from_secs(1))],
        FaultKind::Reordered => vec![report("delivered", SENT_AFTER), report("sent", DELIVERED_AFTER)],
        FaultKind::Duplicate => {
            let again = |r: &Planned| Planned { after: r.after + Duration::from_millis(100), ..r.clone() };
            vec![sent.clone(), again(&sent), delivered.clone(), again(&delivered)]
        }
        FaultKind::ReportsFirst => vec![report("sent", Duration::ZERO), report("delivered", Duration::ZERO)],
        FaultKind::ErrorOnSend | FaultKind::RequestLost => Vec::new(),
    }
}

/// The HTTP status with which Twilio gives a code.
pub(super) fn http_status(code: &str) -> u16 {
    match code {
        "20429" => 429,
        "20003" | "20005" => 401,
        "20500" | "20503" => 500,
        _ => 400,
    }
}

/// Let the simulated carrier report on a text.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlayReport {
    pub(super) event_id: RowId,
}

impl JobKind for PlayReport {
    const KIND: &'static str = "play_report";
    const QUEUE: Queue = Queue::Default;
}

pub async fn play_report(db: Db, job: Claimed, args: PlayReport) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    play(&mut tx, args.event_id).await?;
    tx.commit().await?;
    Ok(settled)
}

/// Reports as Twilio's webhook does.
pub(super) async fn play(tx: &mut Tx, id: RowId) -> Result<(), sqlx::Error> {
    let Some(r) = simulator::due_report(tx, id).await? else { return Ok(()) };
    let standing = store::lock_outbound(tx, r.message_id).await?.map(|row| (row.status, row.provider_sid));
    let mut params =
        serde_json::json!({ "MessageSid": r.provider_sid, "MessageStatus": r.status, "SmsStatus": r.status });
    if let Some(code) = &r.error_code {
        params["ErrorCode"] = code.clone().into();
    }
    let code = r.error_code.as_deref();
    reports::report(tx, Some(r.message_id), &r.provider_sid, &r.status, code, &params).await?;
    let after = store::lock_outbound(tx, r.message_id).await?.map(|row| (row.status, row.provider_sid));
    simulator::played(tx, id, standing != after).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind) -> Fault {
        Fault {
            id: RowId(uuid::Uuid::nil()),
            kind,
            error_code: kind.has_code().then(|| "30003".to_owned()),
            after_seconds: kind.has_wait().then_some(7200),
            contact_id: None,
            times_left: None,
            chance_percent: 100,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn told(kind: FaultKind) -> Vec<(u64, &'static str)> {
        let heard = plan(Some(&fault(kind))).into_iter().filter(|r| !r.withheld);
        heard.map(|r| (r.after.as_secs(), r.status)).collect()
    }

    #[test]
    fn what_is_reported_and_when() {
        assert_eq!(told(FaultKind::Late), [(7200, "sent"), (7201, "delivered")]);
        assert_eq!(told(FaultKind::ErrorByReport), [(0, "sent"), (7200, "undelivered")]);
        assert_eq!(told(FaultKind::Reordered), [(0, "delivered"), (0, "sent")]);
        assert_eq!(told(FaultKind::Duplicate), [(0, "sent"), (0, "sent"), (0, "delivered"), (1, "delivered")]);
        for quiet in [FaultKind::Silence, FaultKind::RequestLost, FaultKind::ErrorOnSend] {
            assert!(told(quiet).is_empty(), "{quiet:?}");
        }
        assert_eq!(plan(Some(&fault(FaultKind::AnswerLost))), plan(None));
    }
}
