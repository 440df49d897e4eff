//! Reading figures, and what waits for staff.

mod timeline;

use axum::{Extension, extract::State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store::{self, Dashboard, MessagesToday};
use crate::{
    accounts::{self, Permission, Staff},
    assistant::{self, Models},
    compliance, messaging,
    platform::{
        http::{Core, Json, Query},
        jobs,
        problem::{Problem, ProblemDocument},
    },
    reports, team,
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(dashboard)).routes(routes!(inbox)).merge(timeline::router())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DashboardParams {
    /// Length of the period, 1 to 90; 14 if left out.
    #[param(minimum = 1, maximum = 90)]
    days: Option<i32>,
}

/// The figures of the first page.
#[utoipa::path(get, path = "/analytics/dashboard", tag = "analytics", params(DashboardParams), responses(
    (status = 200, description = "The figures", body = Dashboard),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn dashboard(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<DashboardParams>,
) -> Result<Json<Dashboard>, Problem> {
    let days = p.days.unwrap_or(14);
    if !(1..=90).contains(&days) {
        return Err(Problem::invalid_field("days", "out_of_range", "must be from 1 to 90"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let organization = accounts::organization(&mut tx).await?;
    let now = tx.clock().now();
    let today = now.with_timezone(&organization.timezone).date_naive();
    let totals = store::totals(&mut tx).await?;
    let days_list = store::days(&mut tx, today, days, organization.timezone.name()).await?;
    let messages_today = days_list.last().map_or(MessagesToday { inbound: 0, outbound: 0 }, |d| MessagesToday {
        inbound: d.inbound,
        outbound: d.outbound,
    });
    Ok(Json(Dashboard {
        contacts: totals.contacts,
        open_conversations: totals.open_conversations,
        upcoming_appointments: totals.upcoming_appointments,
        messages_today,
        delivery: store::delivery(&mut tx, now - TimeDelta::days(days.into())).await?,
        days: days_list,
        senders: store::senders(&mut tx).await?,
        jobs: jobs::counts(&mut tx).await?,
        services: store::services(&mut tx).await?,
    }))
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
