//! The consent ledger of a contact: read, and added to by staff.

use std::net::IpAddr;

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use url::Url;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::{ConsentAction, ConsentChannel, ConsentEvent, ConsentMethod, ConsentPurpose, ConsentTier},
        service::{self, ConsentError, Recorded},
        store::{Proof, consent},
    },
    contacts,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactId, DisclosureId, MessageId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_consent, record_consent))
}

/// What a contact agreed to and took back, latest first. Orders: at.
#[utoipa::path(get, path = "/contacts/{id}/consent", tag = "contacts", params(("id" = ContactId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<ConsentEvent>),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn list_consent(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ConsentEvent>>, Problem> {
    let order = paging.order(consent::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    Ok(Json(consent::list(&mut tx, id, &order).await?))
}

/// How far recorded consent goes. That somebody texted is noted when they do, and not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordedTier {
    Express,
    ExpressWritten,
}

/// How consent reached staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordedMethod {
    StaffRecorded,
    WebForm,
    Paper,
    Verbal,
    Api,
    Import,
}

impl From<RecordedMethod> for ConsentMethod {
    fn from(method: RecordedMethod) -> Self {
        match method {
            RecordedMethod::StaffRecorded => Self::StaffRecorded,
            RecordedMethod::WebForm => Self::WebForm,
            RecordedMethod::Paper => Self::Paper,
            RecordedMethod::Verbal => Self::Verbal,
            RecordedMethod::Api => Self::Api,
            RecordedMethod::Import => Self::Import,
        }
    }
}

/// Consent that was given or taken back outside of a text.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    action: ConsentAction,
    /// Of a grant.
    #[schema(inline)]
    tier: Option<RecordedTier>,
    /// What they may be texted by. Consent to one channel is none to another; a revocation is for all.
    channel: ConsentChannel,
    #[schema(inline)]
    method: RecordedMethod,
    /// What they were told, what they said or signed, and where the proof is. 1 to 2000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "Signed form of 3 March, folder 12")]
    evidence: String,
    /// Left out: texts as such. A revocation of one purpose ends only that.
    purpose: Option<ConsentPurpose>,
    /// What they were told, word for word.
    disclosure_id: Option<DisclosureId>,
    /// Where it came from: a form, a folder, a list. Up to 300 characters.
    #[schema(max_length = 300, example = "Spring fair, sign-up sheet 3")]
    source: Option<String>,
    /// The page of a web form.
    #[schema(max_length = 2000, example = "https://example.com/sign-up")]
    page_url: Option<String>,
    /// From where the form was sent.
    #[schema(max_length = 45, example = "203.0.113.7")]
    ip: Option<String>,
    #[schema(max_length = 500)]
    user_agent: Option<String>,
    /// A text of theirs that says so.
    message_id: Option<MessageId>,
    /// The text by which they confirmed it.
    double_opt_in_message_id: Option<MessageId>,
    /// When they gave it or took it back; left out: now.
    given_at: Option<DateTime<Utc>>,
    /// Their zone then, IANA; left out: as the contact has it.
    #[schema(max_length = 60, example = "America/Chicago")]
    zone: Option<String>,
}

/// A text of an optional field, trimmed; none where nothing is left.
fn short<'a>(field: &'static str, text: Option<&'a str>, longest: usize) -> Result<Option<&'a str>, Problem> {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    if text.is_some_and(|t| t.chars().count() > longest || t.contains('\0')) {
        return Err(Problem::invalid_field(field, "invalid_length", format!("must have at most {longest} characters")));
    }
    Ok(text)
}

impl NewConsent {
    /// Everything that is to prove it.
    fn proof(&self, staff: &Staff, now: DateTime<Utc>) -> Result<Proof<'_>, Problem> {
        let page_url = short("page_url", self.page_url.as_deref(), 2000)?;
        if page_url.is_some_and(|url| Url::parse(url).map_or(true, |u| !matches!(u.scheme(), "http" | "https"))) {
            return Err(Problem::invalid_field("page_url", "invalid", "is not the address of a web page"));
        }
        let zone = short("zone", self.zone.as_deref(), 60)?;
        if zone.is_some_and(|zone| zone.parse::<Tz>().is_err()) {
            return Err(Problem::invalid_field("zone", "invalid", "is not an IANA zone, such as America/Chicago"));
        }
        let ip = short("ip", self.ip.as_deref(), 45)?.map(str::parse::<IpAddr>).transpose();
        let ip = ip.map_err(|_| Problem::invalid_field("ip", "invalid", "is not an IP address"))?;
        // Nobody texted before 1992; a clock may be a little ahead.
        let earliest = DateTime::UNIX_EPOCH + TimeDelta::days(22 * 365);
        if self.given_at.is_some_and(|at| at < earliest || at > now + TimeDelta::minutes(5)) {
            return Err(Problem::invalid_field("given_at", "out_of_range", "must not be in the future"));
        }
        Ok(Proof {
            given_at: self.given_at.map(|at| at.min(now)),
            zone,
            disclosure: None,
            source: short("source", self.source.as_deref(), 300)?,
            page_url,
            ip: ip.map(|ip| ip.to_string()),
            user_agent: short("user_agent", self.user_agent.as_deref(), 500)?,
            double_opt_in_message_id: self.double_opt_in_message_id,
            user_id: staff.user_id(),
            api_key_id: staff.api_key.as_ref().map(|(id, _)| *id),
        })
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NoSuchContact => Self::not_found("contact"),
            ConsentError::OptedOutThemselves => Self::new(
                Code::ContactOptedOut,
                "They asked for no more texts themselves. Only they can take that back, with START.",
            ),
            ConsentError::NoSuchDisclosure => {
                Self::invalid_field("disclosure_id", "unknown", "is no disclosure of yours")
            }
            ConsentError::NotTheirText => Self::invalid_field("message_id", "unknown", "is no text of this contact"),
            ConsentError::RevokedSince => Self::invalid_field(
                "given_at",
                "revoked_since",
                "is before they took their consent back: it gives nothing any more",
            ),
            ConsentError::UnderReview => {
                Self::new(Code::ContactUnderReview, "Decide first whether their last text was an opt-out.")
            }
            ConsentError::Database(error) => error.into(),
        }
    }
}

/// Record consent that was given or taken back on paper, by phone, by web form. A revocation holds at once and for every channel: of texts as
/// such, or only of the purpose it names. A grant ends an opt-out that staff recorded, but never one that the contact made.
#[utoipa::path(post, path = "/contacts/{id}/consent", tag = "contacts", params(("id" = ContactId, Path)), request_body = NewConsent,
    responses(
    (status = 201, description = "The line of the ledger", body = ConsentEvent),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "The contact opted out themselves, or may have", body = ProblemDocument),
))]
async fn record_consent(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Json(new): Json<NewConsent>,
) -> Result<(StatusCode, Json<ConsentEvent>), Problem> {
    let evidence = new.evidence.trim();
    if !(1..=2000).contains(&evidence.chars().count()) || evidence.contains('\0') {
        return Err(Problem::invalid_field("evidence", "invalid_length", "must have 1 to 2000 characters"));
    }
    let tier = match (new.action, new.tier) {
        (ConsentAction::Granted, None) => {
            return Err(Problem::invalid_field("tier", "required", "is required for a grant"));
        }
        (_, Some(RecordedTier::ExpressWritten)) => ConsentTier::ExpressWritten,
        _ => ConsentTier::Express,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let recorded = Recorded {
        action: new.action,
        tier,
        channel: new.channel,
        method: new.method.into(),
        purpose: new.purpose,
        evidence,
        message_id: new.message_id,
        disclosure_id: new.disclosure_id,
        proof: new.proof(&staff, tx.clock().now())?,
    };
    let event = service::record_consent(&mut tx, id, &recorded).await?;
    let verb = match event.action {
        ConsentAction::Granted => "consent_granted",
        ConsentAction::Revoked => "consent_revoked",
    };
    staff.audit(&mut tx, Change::of("contact", verb, id.0).after(&event)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(event)))
}
