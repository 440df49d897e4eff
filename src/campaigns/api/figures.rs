//! A campaign over time.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{self, Staff},
    campaigns::{
        states,
        store::{
            campaigns::{self as rows, Hold},
            targets::{self, Quarter},
        },
    },
    platform::{
        clock::resolve_local,
        http::{Core, Json, Path, Query},
        ids::{CampaignId, OrganizationId},
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(campaign_over_time)).routes(routes!(export_campaign_over_time))
}

/// How long a point of the series lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum CampaignSpan {
    Hour,
    Day,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SpanParams {
    /// Left out: hours for a campaign of up to three days, days for a longer one.
    #[param(inline)]
    by: Option<CampaignSpan>,
}

/// What happened in an hour or a day of the organization's calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
struct CampaignPoint {
    /// When it began.
    at: DateTime<Utc>,
    /// Recipients whose latest text was handed over then.
    texted: i64,
    replied: i64,
    clicked: i64,
    booked: i64,
    opted_out: i64,
}

/// A campaign over time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CampaignOverTime {
    by: CampaignSpan,
    /// The organization's, whose days these are.
    #[schema(example = "America/New_York")]
    timezone: String,
    /// From the first text on; hours and days in which nothing happened are left out.
    points: Vec<CampaignPoint>,
}

/// Quarters of an hour, gathered by the hours or days of a zone. Pure.
fn gathered(quarters: &[Quarter], zone: Tz, by: CampaignSpan) -> Vec<CampaignPoint> {
    let mut points: BTreeMap<DateTime<Utc>, CampaignPoint> = BTreeMap::new();
    for quarter in quarters {
        let local = quarter.quarter.with_timezone(&zone);
        let at = match by {
            CampaignSpan::Day => resolve_local(zone, local.date_naive().and_time(chrono::NaiveTime::MIN)),
            CampaignSpan::Hour => {
                let into = chrono::Timelike::minute(&local);
                quarter.quarter - TimeDelta::minutes(into.into())
            }
        };
        let point = points.entry(at).or_insert(CampaignPoint { at, ..CampaignPoint::default() });
        point.texted += quarter.texted;
        point.replied += quarter.replied;
        point.clicked += quarter.clicked;
        point.booked += quarter.booked;
        point.opted_out += quarter.opted_out;
    }
    points.into_values().collect()
}

async fn over_time(
    core: &Core,
    organization: OrganizationId,
    id: CampaignId,
    by: Option<CampaignSpan>,
) -> Result<CampaignOverTime, Problem> {
    let mut tx = core.db.tenant(organization).await?;
    rows::get(&mut tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    let quarters = targets::quarters(&mut tx, id).await?;
    let zone = accounts::organization(&mut tx).await?.timezone;
    let lasted = quarters.first().zip(quarters.last()).map_or(TimeDelta::zero(), |(a, b)| b.quarter - a.quarter);
    let usual = if lasted > TimeDelta::days(3) { CampaignSpan::Day } else { CampaignSpan::Hour };
    let by = by.unwrap_or(usual);
    Ok(CampaignOverTime { by, timezone: zone.name().to_owned(), points: gathered(&quarters, zone, by) })
}

/// A campaign over time, by the hours or days of the organization's zone: who was texted, replied, clicked, booked, opted out. What somebody
/// does within seven days of a text counts for the campaign that texted them last.
#[utoipa::path(get, path = "/analytics/campaigns/{id}", tag = "analytics", params(("id" = CampaignId, Path), SpanParams), responses(
    (status = 200, description = "The series", body = CampaignOverTime),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn campaign_over_time(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    Query(params): Query<SpanParams>,
) -> Result<Json<CampaignOverTime>, Problem> {
    over_time(&core, staff.organization_id(), id, params.by).await.map(Json)
}

/// The same as CSV.
#[utoipa::path(get, path = "/analytics/campaigns/{id}/export", tag = "analytics", params(("id" = CampaignId, Path), SpanParams), responses(
    (status = 200, description = "A row per hour or day", body = String, content_type = "text/csv"),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn export_campaign_over_time(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    Query(params): Query<SpanParams>,
) -> Result<Response, Problem> {
    let series = over_time(&core, staff.organization_id(), id, params.by).await?;
    let mut csv = String::from("from,texted,replied,clicked,booked,opted_out\n");
    for p in series.points {
        let at = p.at.format("%Y-%m-%dT%H:%M:%SZ");
        let line = format!("{at},{},{},{},{},{}\n", p.texted, p.replied, p.clicked, p.booked, p.opted_out);
        csv.push_str(&line);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"campaign.csv\""),
    ];
    Ok((headers, csv).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let quarter = |at: &str| Quarter {
            quarter: at.parse().expect(at),
            texted: 1,
            replied: 0,
            clicked: 0,
            booked: 0,
            opted_out: 0,
        };
        let all = [quarter("2026-11-21T04:45:00Z"), quarter("2026-11-21T05:00:00Z"), quarter("2026-11-21T18:15:00Z")];
        let days = gathered(&all, chrono_tz::America::New_York, CampaignSpan::Day);
        assert_eq!(days.iter().map(|p| p.texted).collect::<Vec<_>>(), [1, 2], "midnight is at 5:00 UTC");
        // Kathmandu is at a quarter to.
        let days = gathered(&all, chrono_tz::Asia::Kathmandu, CampaignSpan::Day);
        assert_eq!(days.iter().map(|p| p.texted).collect::<Vec<_>>(), [2, 1]);
        let hours = gathered(&all, chrono_tz::Asia::Kathmandu, CampaignSpan::Hour);
        assert_eq!(hours[0].at, "2026-11-21T04:15:00Z".parse::<DateTime<Utc>>().expect("time"), "10:00 there");
    }
}
