//! Contacts: found, added, changed and put away. Every path here is also there as `/leads…` (see `src/app/routes.rs`).

mod duplicates;
mod export;
mod imports;
mod segments;

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Attributes, Contact, ContactLanguage, LifecycleStage, OptInStatus},
    rules::Checks,
    segments::Filter,
    store::{self, Fields, Narrowed},
};
use crate::{
    accounts::{Change, Staff},
    platform::{
        db::Tx,
        events::{self, Event},
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{ContactId, SegmentId},
        phone::PhoneNumber,
        problem::{Code, FieldError, Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_contacts, create_contact))
        .routes(routes!(get_contact, update_contact))
        .routes(routes!(archive_contact))
        .routes(routes!(unarchive_contact))
        .merge(duplicates::router())
        .merge(export::router())
        .merge(imports::router())
        .merge(segments::router())
}

#[derive(Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of a name, number or e-mail address.
    q: Option<String>,
    /// E.164, exact.
    phone_number: Option<String>,
    #[param(inline)]
    opt_in_status: Option<OptInStatus>,
    #[param(inline)]
    lifecycle_stage: Option<LifecycleStage>,
    /// One tag, exact.
    tag: Option<String>,
    /// Only whom this segment means; who was put away is in none.
    segment: Option<SegmentId>,
    /// true: those that were put away, and only those.
    #[serde(default)]
    archived: bool,
    /// The other numbers of this contact: those that were merged into it, and only those.
    merged_into: Option<ContactId>,
}

impl ListParams {
    /// The filter of the segment that is asked for.
    async fn segment(&self, tx: &mut Tx) -> Result<Option<Filter>, Problem> {
        match self.segment {
            Some(id) => segments::found(tx, id).await.map(|segment| Some(segment.filter.0)),
            None => Ok(None),
        }
    }

    fn narrowed<'a>(&'a self, segment: Option<&'a Filter>) -> Narrowed<'a> {
        Narrowed {
            text: self.q.as_deref(),
            phone_number: self.phone_number.as_deref(),
            opt_in_status: self.opt_in_status,
            lifecycle_stage: self.lifecycle_stage,
            tag: self.tag.as_deref(),
            segment,
            archived: self.archived,
            merged_into: self.merged_into,
        }
    }
}

/// Contacts, latest activity first. Orders: last_activity, created_at, name. Every path below /contacts is there as /leads too.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Contact>),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn list_contacts(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Contact>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let segment = params.segment(&mut tx).await?;
    Ok(Json(store::list(&mut tx, &params.narrowed(segment.as_ref()), &order).await?))
}

/// One contact.
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The contact", body = Contact),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn get_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Versioned<Contact>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::get(&mut tx, id).await?.map(versioned).ok_or_else(|| Problem::not_found("contact"))
}

fn versioned(contact: Contact) -> Versioned<Contact> {
    Versioned { version: contact.version, row: contact }
}

/// A contact as staff adds it. Adding somebody is no consent of theirs: they stay pending until they text, or consent is recorded.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewContact {
    /// In any usual spelling; without a country code it is one of the installation's default region.
    #[schema(example = "(415) 555-0101", max_length = 40)]
    phone_number: String,
    #[schema(max_length = 80)]
    first_name: Option<String>,
    #[schema(max_length = 80)]
    last_name: Option<String>,
    #[schema(max_length = 254, example = "ana@example.com")]
    email: Option<String>,
    /// IANA zone.
    #[schema(example = "America/New_York")]
    timezone: Option<String>,
    /// Letters, digits, spaces and hyphens. One of the United States or Canada says whose quiet hours hold.
    #[schema(max_length = 12, example = "33101")]
    postal_code: Option<String>,
    #[schema(inline)]
    language: Option<ContactLanguage>,
    #[schema(max_length = 4000)]
    notes: Option<String>,
    #[serde(default)]
    lifecycle_stage: LifecycleStage,
    /// Up to 20, of up to 40 characters each; kept in lower case, each once.
    #[serde(default)]
    tags: Vec<String>,
    /// Up to 50 short texts (500 characters) by name (60).
    #[serde(default)]
    custom: BTreeMap<String, String>,
}

impl NewContact {
    fn checked(self, region: &str) -> Result<Fields, Problem> {
        let mut checks = Checks::default();
        let number = PhoneNumber::parse_typed(&self.phone_number, region);
        if number.is_err() {
            checks.number();
        }
        let custom = self.custom.into_iter().map(|(name, value)| (name, Some(value))).collect();
        let fields = (
            checks.text("first_name", self.first_name, 80),
            checks.text("last_name", self.last_name, 80),
            checks.email(self.email),
            checks.timezone(self.timezone),
            checks.postal_code(self.postal_code),
            checks.text("notes", self.notes, 4000),
            checks.tags(self.tags),
            checks.attributes(Attributes::new(), custom),
        );
        checks.finish()?;
        let (first_name, last_name, email, timezone, postal_code, notes, tags, custom) = fields;
        Ok(Fields {
            phone_number: number.map_err(|_| Problem::internal())?,
            first_name,
            last_name,
            email,
            timezone,
            postal_code,
            language: self.language.map(|l| l.as_str().to_owned()),
            notes,
            lifecycle_stage: self.lifecycle_stage,
            tags,
            custom,
        })
    }
}

/// The number is somebody's already: says whose, so that a program can go on with that contact.
async fn number_taken(tx: &mut Tx, number: &PhoneNumber) -> Result<Problem, sqlx::Error> {
    let existing = match store::find(tx, number).await? {
        Some(id) => store::duplicates::merged_into(tx, id).await?.unwrap_or(id).to_string(),
        None => String::new(),
    };
    let error = FieldError { field: "phone_number".to_owned(), code: "already_exists", message: existing.clone() };
    let detail = format!("The contact {existing} has this number.");
    Ok(Problem { errors: vec![error], ..Problem::new(Code::AlreadyExists, detail) })
}

/// Add a contact.
#[utoipa::path(post, path = "/contacts", tag = "contacts", request_body = NewContact, responses(
    (status = 201, description = "The contact", body = Contact),
    (status = 409, description = "A contact has this number; its id is the message of the error on phone_number", body = ProblemDocument),
))]
async fn create_contact(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewContact>,
) -> Result<(StatusCode, Versioned<Contact>), Problem> {
    let fields = new.checked(&core.config.default_region)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Some(id) = store::insert(&mut tx, &fields).await? else {
        return Err(number_taken(&mut tx, &fields.phone_number).await?);
    };
    let contact = store::lock(&mut tx, id).await?;
    staff.audit(&mut tx, Change::created("contact", id.0, &contact)).await?;
    events::emit(&mut tx, Event::ContactKept { contact_id: id }).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(contact)))
}

/// What staff changes of a contact. What is left out stays; null empties.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactChange {
    /// Only while nothing hangs on it: a number that texted, or that consent was recorded for, cannot be changed.
    #[schema(max_length = 40)]
    phone_number: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 80)]
    first_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 80)]
    last_name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254)]
    email: Patch<String>,
    /// IANA zone.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    timezone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 12)]
    postal_code: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<ContactLanguage>)]
    language: Patch<ContactLanguage>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4000)]
    notes: Patch<String>,
    lifecycle_stage: Option<LifecycleStage>,
    /// All of them: the list is replaced.
    tags: Option<Vec<String>>,
    /// Merged name by name; null takes one out.
    custom: Option<BTreeMap<String, Option<String>>>,
}

impl ContactChange {
    /// The fields of `contact` after this change.
    fn applied(self, contact: &Contact, region: &str) -> Result<Fields, Problem> {
        let mut checks = Checks::default();
        let number = self.phone_number.as_deref().unwrap_or(&contact.phone_number);
        let number = PhoneNumber::parse_typed(number, region);
        if number.is_err() {
            checks.number();
        }
        let fields = (
            checks.text("first_name", self.first_name.apply(contact.first_name.clone()), 80),
            checks.text("last_name", self.last_name.apply(contact.last_name.clone()), 80),
            checks.email(self.email.apply(contact.email.clone())),
            checks.timezone(self.timezone.apply(contact.timezone.clone())),
            checks.postal_code(self.postal_code.apply(contact.postal_code.clone())),
            checks.text("notes", self.notes.apply(contact.notes.clone()), 4000),
            checks.tags(self.tags.unwrap_or_else(|| contact.tags.clone())),
            checks.attributes(contact.custom.0.clone(), self.custom.unwrap_or_default()),
        );
        checks.finish()?;
        let (first_name, last_name, email, timezone, postal_code, notes, tags, custom) = fields;
        let language = match self.language {
            Patch::Keep => contact.language.clone(),
            Patch::Clear => None,
            Patch::Set(language) => Some(language.as_str().to_owned()),
        };
        Ok(Fields {
            phone_number: number.map_err(|_| Problem::internal())?,
            first_name,
            last_name,
            email,
            timezone,
            postal_code,
            language,
            notes,
            lifecycle_stage: self.lifecycle_stage.unwrap_or(contact.lifecycle_stage),
            tags,
            custom,
        })
    }
}

/// Change a contact.
#[utoipa::path(patch, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), request_body = ContactChange, responses(
    (status = 200, description = "The contact", body = Contact),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "Another contact has the number, or it cannot be changed any more, or the contact is merged", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    if_match: IfMatch,
    Json(change): Json<ContactChange>,
) -> Result<Versioned<Contact>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_any(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    if_match.check(before.version)?;
    check_own(&before)?;
    let fields = change.applied(&before, &core.config.default_region)?;
    if fields.phone_number.as_str() != before.phone_number {
        if before.number_is_settled() {
            let detail = "Texts and consent belong to this number. Add a contact with the other number instead.";
            return Err(Problem::new(Code::InUse, detail));
        }
        if store::find(&mut tx, &fields.phone_number).await?.is_some() {
            return Err(number_taken(&mut tx, &fields.phone_number).await?);
        }
    }
    if !store::update(&mut tx, id, &fields).await? {
        return Err(Problem::new(Code::AlreadyExists, "Another contact has just been given this number."));
    }
    let after = store::lock(&mut tx, id).await?;
    staff.audit(&mut tx, Change::updated("contact", id.0, &before, &after)).await?;
    if after.phone_number != before.phone_number {
        events::emit(&mut tx, Event::ContactKept { contact_id: id }).await?;
    }
    tx.commit().await?;
    Ok(versioned(after))
}

/// What is another's number is changed there.
fn check_own(contact: &Contact) -> Result<(), Problem> {
    match contact.merged_into {
        Some(kept) => Err(Problem::new(
            Code::ContactMerged,
            format!("This is another number of the contact {kept}: change that one."),
        )),
        None => Ok(()),
    }
}

/// Put a contact away: out of the lists, with all that was said and agreed. A text of theirs brings them back.
#[utoipa::path(post, path = "/contacts/{id}/archive", tag = "contacts", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The contact", body = Contact),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "It is another contact's number", body = ProblemDocument),
))]
async fn archive_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Versioned<Contact>, Problem> {
    set_archived(&core, &staff, id, true).await
}

/// Take a contact out of the archive.
#[utoipa::path(post, path = "/contacts/{id}/unarchive", tag = "contacts", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The contact", body = Contact),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "It is another contact's number", body = ProblemDocument),
))]
async fn unarchive_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Versioned<Contact>, Problem> {
    set_archived(&core, &staff, id, false).await
}

async fn set_archived(
    core: &Core,
    staff: &Staff,
    id: ContactId,
    archived: bool,
) -> Result<Versioned<Contact>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_any(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    check_own(&before)?;
    if before.archived_at.is_some() == archived {
        return Ok(versioned(before));
    }
    store::set_archived(&mut tx, id, archived).await?;
    let after = store::lock(&mut tx, id).await?;
    let verb = if archived { "archived" } else { "unarchived" };
    staff.audit(&mut tx, Change::of("contact", verb, id.0)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}
