//! The figures of the first page and over time, and as a file.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{self, Staff},
    analytics::{
        figures::{self, Breakdown, Figures, FiguresPiece, Period},
        span::{By, MOST_BY_HOUR, MOST_DAYS, Span},
        store::{self, SenderLine, ServiceLine},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Query},
        jobs::{self, JobCounts},
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(dashboard)).routes(routes!(export_dashboard))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DashboardParams {
    /// First day, in the organization's zone. Left out: as `days` says.
    from: Option<NaiveDate>,
    /// Last day; today if left out. At most 400 days, 31 by the hour.
    to: Option<NaiveDate>,
    /// Length of the period up to `to`, where `from` is left out; 14 if left out.
    #[param(minimum = 1, maximum = 90)]
    days: Option<i32>,
    /// How long each piece of the series is; a day if left out.
    #[param(inline)]
    by: Option<By>,
}

impl DashboardParams {
    fn span(&self, zone: chrono_tz::Tz, now: DateTime<Utc>) -> Result<Span, Problem> {
        let days = self.days.unwrap_or(14);
        if !(1..=90).contains(&days) {
            return Err(Problem::invalid_field("days", "out_of_range", "must be from 1 to 90"));
        }
        let by = self.by.unwrap_or_default();
        let to = self.to.unwrap_or_else(|| now.with_timezone(&zone).date_naive());
        let from = match self.from {
            Some(from) => Some(from),
            None => to.checked_sub_days(Days::new(u64::from(days.unsigned_abs()) - 1)),
        };
        from.and_then(|from| Span::new(from, to, by, zone, now)).ok_or_else(|| {
            let detail =
                format!("must be a day up to `to`, at most {MOST_DAYS} days before it, {MOST_BY_HOUR} by the hour");
            Problem::invalid_field("from", "out_of_range", detail)
        })
    }
}

/// How things stand, and how they went.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Dashboard {
    contacts: i64,
    /// Conversations in the middle of something.
    open_conversations: i64,
    upcoming_appointments: i64,
    messages_today: MessagesToday,
    senders: Vec<SenderLine>,
    jobs: JobCounts,
    services: Vec<ServiceLine>,
    period: Period,
    breakdown: Breakdown,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MessagesToday {
    inbound: i64,
    outbound: i64,
}

/// How things stand now, and figures over time: of the period, of as many days before it, and of each of its hours, days or weeks. Days are
/// the organization's, also where its clock changes. Figures are kept up to date as things happen; what is erased stays counted in them.
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
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (span, period) = period(&mut tx, &p).await?;
    let now = tx.clock().now();
    let today = accounts::organization(&mut tx).await?.timezone;
    let today = now.with_timezone(&today).date_naive();
    let messages_today = if span.to == today && span.by == By::Day {
        period.series.last().map(|piece| piece.figures.clone()).unwrap_or_default()
    } else {
        let only_today = DashboardParams { from: Some(today), to: Some(today), days: None, by: None };
        self::period(&mut tx, &only_today).await?.1.totals
    };
    let totals = store::totals(&mut tx).await?;
    let sums = store::figures::sums(&mut tx, &span).await?;
    let names = store::figures::sender_names(&mut tx).await?;
    let campaigns = store::figures::campaigns(&mut tx, &span).await?;
    Ok(Json(Dashboard {
        contacts: totals.contacts,
        open_conversations: totals.open_conversations,
        upcoming_appointments: totals.upcoming_appointments,
        messages_today: MessagesToday { inbound: messages_today.texts_in, outbound: messages_today.texts_out },
        senders: store::senders(&mut tx).await?,
        jobs: jobs::counts(&mut tx).await?,
        services: store::services(&mut tx).await?,
        period,
        breakdown: figures::breakdown(&sums, names, campaigns),
    }))
}

async fn period(tx: &mut Tx, params: &DashboardParams) -> Result<(Span, Period), Problem> {
    let zone = accounts::organization(tx).await?.timezone;
    let span = params.span(zone, tx.clock().now())?;
    let rows = store::figures::series(tx, &span).await?;
    let period = figures::period(&span, zone.name(), &rows);
    Ok((span, period))
}

/// The series as a CSV file with a header: a line for each hour, day or week of the period, oldest first.
#[utoipa::path(get, path = "/analytics/dashboard.csv", tag = "analytics", params(DashboardParams), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn export_dashboard(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<DashboardParams>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (span, period) = period(&mut tx, &p).await?;
    drop(tx);
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut written = csv.write_record(COLUMNS);
    for piece in &period.series {
        written = written.and_then(|()| csv.write_record(cells(piece)));
    }
    let bytes = written.ok().and_then(|()| csv.into_inner().ok()).ok_or_else(Problem::internal)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = format!("attachment; filename=\"figures-{}-{}.csv\"", span.from, span.to);
    if let Ok(value) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

const COLUMNS: [&str; 33] = [
    "starts_at",
    "date",
    "texts_in",
    "texts_out",
    "waiting",
    "sent",
    "delivered",
    "failed",
    "canceled",
    "segments",
    "replies",
    "opt_outs",
    "opt_ins",
    "booked",
    "moved",
    "cancelled",
    "visited",
    "no_shows",
    "responses",
    "response_median_seconds",
    "response_p90_seconds",
    "delivery_rate",
    "opt_out_rate",
    "reply_rate",
    "no_show_rate",
    "ai_calls",
    "ai_failures",
    "ai_input_tokens",
    "ai_output_tokens",
    "ai_cost_usd",
    "text_cost",
    "text_cost_currency",
    "texts_priced",
];

fn cells(piece: &FiguresPiece) -> Vec<String> {
    fn maybe<T: ToString>(value: Option<T>) -> String {
        value.map_or_else(String::new, |v| v.to_string())
    }
    let rate = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
    let f: &Figures = &piece.figures;
    // A second currency would be another table: the one that most was paid in.
    let cost = f.text_costs.first();
    let mut cells = vec![piece.starts_at.to_rfc3339_opts(SecondsFormat::Secs, true), piece.date.to_string()];
    cells.extend(
        [
            f.texts_in,
            f.texts_out,
            f.waiting,
            f.sent,
            f.delivered,
            f.failed,
            f.canceled,
            f.segments,
            f.replies,
            f.opt_outs,
            f.opt_ins,
            f.booked,
            f.moved,
            f.cancelled,
            f.visited,
            f.no_shows,
            f.responses,
        ]
        .map(|n| n.to_string()),
    );
    cells.extend([maybe(f.response_median_seconds), maybe(f.response_p90_seconds)]);
    cells.extend([f.delivery_rate, f.opt_out_rate, f.reply_rate, f.no_show_rate].map(rate));
    cells.extend([f.ai_calls, f.ai_failures, f.ai_input_tokens, f.ai_output_tokens].map(|n| n.to_string()));
    cells.push(format!("{:.6}", f.ai_cost_usd));
    cells.extend([
        cost.map_or_else(String::new, |c| format!("{:.6}", c.amount)),
        cost.map_or_else(String::new, |c| c.currency.clone()),
        cost.map_or_else(String::new, |c| c.texts.to_string()),
    ]);
    cells
}
