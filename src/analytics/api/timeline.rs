//! All that happened with one contact, in one list.

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Permission, Staff},
    analytics::store::timeline::{self as store, TimelineEntry, TimelineKind},
    contacts,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::ContactId,
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(get_contact_timeline))
}

/// All that happened with a contact, latest first: texts, bookings, consent, changes by staff, files they came with; of
/// their other numbers too. Of each kind only what the
/// caller may see elsewhere too. Orders: at.
#[utoipa::path(get, path = "/contacts/{id}/timeline", tag = "contacts", params(("id" = ContactId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<TimelineEntry>),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn get_contact_timeline(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TimelineEntry>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let kinds = [
        (TimelineKind::Text, Permission::ConversationsRead),
        (TimelineKind::Booking, Permission::BookingRead),
        (TimelineKind::Consent, Permission::ContactsRead),
        (TimelineKind::Change, Permission::AuditRead),
        (TimelineKind::Import, Permission::ContactsRead),
    ];
    let seen: Vec<TimelineKind> =
        kinds.into_iter().filter(|(_, needed)| staff.allows(*needed)).map(|(k, _)| k).collect();
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    let numbers = contacts::numbers_of(&mut tx, id).await?;
    Ok(Json(store::list(&mut tx, &numbers, &seen, &order).await?))
}
