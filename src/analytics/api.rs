//! Reading figures, and what waits for staff.

mod dashboard;
mod timeline;

use axum::{Extension, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Permission, Staff},
    assistant::{self, Models},
    compliance, messaging,
    platform::{
        http::{Core, Json},
        problem::{Problem, ProblemDocument},
    },
    reports, team,
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(inbox)).merge(dashboard::router()).merge(timeline::router())
}

/// What waits for staff.
#[derive(Serialize, utoipa::ToSchema)]
struct Inbox {
    /// Conversations whose contact waits for a person.
    waiting: i64,
    /// Conversations in which a person answers now.
    human: i64,
    /// Texts that may be opt-outs.
    open_reviews: i64,
    next_review_due_at: Option<DateTime<Utc>>,
    /// Messages of colleagues and the assistant that whoever asks has not read; 0 for programs.
    unread_team_messages: i64,
    /// Urgent reports that are not resolved; 0 for who may not see everybody's.
    open_urgent_reports: i64,
    /// Senders from which nothing leaves until somebody resumes them.
    paused_senders: i64,
    /// What keeps language models from being asked, as a sentence.
    ai_alert: Option<String>,
}

/// What waits for staff, in a few numbers. Made to be asked for often.
#[utoipa::path(get, path = "/inbox", tag = "analytics", responses(
    (status = 200, description = "What waits", body = Inbox),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn inbox(
    State(core): State<Core>,
    Extension(models): Extension<Models>,
    staff: Staff,
) -> Result<Json<Inbox>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let attention = messaging::attention(&mut tx).await?;
    let (open_reviews, next_review_due_at) = compliance::open_reviews(&mut tx).await?;
    let ai_alert = assistant::alert(&models, &mut tx, &core.config).await?;
    let unread_team_messages = match staff.user_id() {
        Some(me) if staff.allows(Permission::TeamWrite) => team::unread(&mut tx, me).await?,
        _ => 0,
    };
    let open_urgent_reports =
        if staff.allows(Permission::ReportsRead) { reports::open_urgent(&mut tx).await? } else { 0 };
    Ok(Json(Inbox {
        waiting: attention.waiting,
        human: attention.human,
        open_reviews,
        next_review_due_at,
        unread_team_messages,
        open_urgent_reports,
        paused_senders: attention.paused_senders,
        ai_alert,
    }))
}
