//! WhatsApp's templates as staff keeps them.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::guard,
    messaging::{
        model::{TemplateApproval, TemplateCategory, WhatsappTemplate},
        segments::LONGEST,
        store::whatsapp::{self as store, TemplateFields},
        whatsapp::variables,
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::WhatsappTemplateId,
        problem::{Code, FieldError, Problem, ProblemDocument},
        wording,
    },
};

/// Most variables of one template.
const MOST_VARIABLES: usize = 20;

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_whatsapp_templates, create_whatsapp_template)).routes(routes!(
        get_whatsapp_template,
        update_whatsapp_template,
        delete_whatsapp_template
    ))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplateParams {
    /// Part of the name or the text.
    q: Option<String>,
    /// Only those with this decision of WhatsApp's.
    #[param(inline)]
    approval: Option<TemplateApproval>,
}

/// WhatsApp's templates. Orders: name, created_at.
#[utoipa::path(get, path = "/whatsapp-templates", tag = "senders", params(TemplateParams, Paging), responses(
    (status = 200, description = "One page", body = Page<WhatsappTemplate>),
))]
async fn list_whatsapp_templates(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<TemplateParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WhatsappTemplate>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, params.q.as_deref(), params.approval, &order).await?))
}

/// A template as it stands in Twilio's Content Template Builder.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTemplate {
    /// HX and 32 hexadecimal digits.
    #[schema(example = "HX0123456789abcdef0123456789abcdef")]
    content_sid: String,
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Appointment reminder")]
    name: String,
    /// As WhatsApp writes it.
    #[schema(min_length = 2, max_length = 12, example = "en_US")]
    language: String,
    /// 1 to 1600 characters, word for word as approved, with {{1}}, {{2}}, … where variables go.
    #[schema(min_length = 1, max_length = 1600, example = "Hi {{1}}, see you on {{2}}. Reply C to confirm.")]
    body: String,
    category: TemplateCategory,
    /// WhatsApp's decision; unsubmitted if left out. Only an approved one is sent.
    #[serde(default)]
    approval: TemplateApproval,
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateChange {
    content_sid: Option<String>,
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(min_length = 2, max_length = 12)]
    language: Option<String>,
    #[schema(min_length = 1, max_length = 1600)]
    body: Option<String>,
    category: Option<TemplateCategory>,
    approval: Option<TemplateApproval>,
}

fn checked_sid(sid: &str) -> Result<String, Problem> {
    let sid = sid.trim();
    let hex = sid.strip_prefix("HX").unwrap_or_default();
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Problem::invalid_field("content_sid", "invalid", "must be HX and 32 hexadecimal digits"));
    }
    Ok(format!("HX{}", hex.to_ascii_lowercase()))
}

fn checked_language(language: &str) -> Result<String, Problem> {
    let language = language.trim();
    let right = (2..=12).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && language.as_bytes()[..2].iter().all(u8::is_ascii_lowercase);
    if right {
        Ok(language.to_owned())
    } else {
        Err(Problem::invalid_field("language", "invalid", "must be a language such as en, en_US or pt_BR"))
    }
}

fn checked_body(body: &str) -> Result<String, Problem> {
    let body = wording::checked("body", body, LONGEST)?;
    if variables(&body).len() > MOST_VARIABLES {
        return Err(Problem::invalid_field("body", "too_many", "must have at most 20 variables"));
    }
    guard::check(&[("body", &body)], &[])?;
    Ok(body)
}

fn exists_already() -> Problem {
    let error = FieldError {
        field: "content_sid".to_owned(),
        code: "already_exists",
        message: "Another template has this content SID.".to_owned(),
    };
    Problem { errors: vec![error], ..Problem::new(Code::AlreadyExists, "Another template has this content SID.") }
}

fn versioned(template: WhatsappTemplate) -> Versioned<WhatsappTemplate> {
    Versioned { version: template.version, row: template }
}

fn no_such() -> Problem {
    Problem::not_found("template")
}

/// Add a template that stands at Twilio. A text in it that asks for an answer the carrier swallows is refused (`carrier_keyword`).
#[utoipa::path(post, path = "/whatsapp-templates", tag = "senders", request_body = NewTemplate, responses(
    (status = 201, description = "The template", body = WhatsappTemplate),
    (status = 409, description = "There is one with this content SID", body = ProblemDocument),
))]
async fn create_whatsapp_template(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewTemplate>,
) -> Result<(StatusCode, Versioned<WhatsappTemplate>), Problem> {
    let fields = TemplateFields {
        content_sid: checked_sid(&new.content_sid)?,
        name: wording::checked("name", &new.name, 120)?,
        language: checked_language(&new.language)?,
        body: checked_body(&new.body)?,
        category: new.category,
        approval: new.approval,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let id = store::insert(&mut tx, &fields).await?.ok_or_else(exists_already)?;
    let template = store::get(&mut tx, id, false).await?.ok_or_else(no_such)?;
    staff.audit(&mut tx, Change::created("whatsapp_template", id.0, &template)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(template)))
}

/// One template.
#[utoipa::path(get, path = "/whatsapp-templates/{id}", tag = "senders", params(("id" = WhatsappTemplateId, Path)), responses(
    (status = 200, description = "The template", body = WhatsappTemplate),
    (status = 404, description = "No such template", body = ProblemDocument),
))]
async fn get_whatsapp_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WhatsappTemplateId>,
) -> Result<Versioned<WhatsappTemplate>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(versioned(store::get(&mut tx, id, false).await?.ok_or_else(no_such)?))
}

/// Change a template. Texts that wait to be sent keep it as it was.
#[utoipa::path(patch, path = "/whatsapp-templates/{id}", tag = "senders", params(("id" = WhatsappTemplateId, Path)),
    request_body = TemplateChange, responses(
    (status = 200, description = "The template", body = WhatsappTemplate),
    (status = 404, description = "No such template", body = ProblemDocument),
    (status = 409, description = "There is one with this content SID", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_whatsapp_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WhatsappTemplateId>,
    if_match: IfMatch,
    Json(change): Json<TemplateChange>,
) -> Result<Versioned<WhatsappTemplate>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::get(&mut tx, id, true).await?.ok_or_else(no_such)?;
    if_match.check(before.version)?;
    let old = before.clone();
    let fields = TemplateFields {
        content_sid: change.content_sid.as_deref().map(checked_sid).transpose()?.unwrap_or(old.content_sid),
        name: change.name.map(|n| wording::checked("name", &n, 120)).transpose()?.unwrap_or(old.name),
        language: change.language.as_deref().map(checked_language).transpose()?.unwrap_or(old.language),
        body: change.body.as_deref().map(checked_body).transpose()?.unwrap_or(old.body),
        category: change.category.unwrap_or(old.category),
        approval: change.approval.unwrap_or(old.approval),
    };
    if !store::update(&mut tx, id, &fields).await? {
        return Err(exists_already());
    }
    let after = store::get(&mut tx, id, false).await?.ok_or_else(no_such)?;
    staff.audit(&mut tx, Change::updated("whatsapp_template", id.0, &before, &after)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a template here. At Twilio it stays; texts that wait to be sent keep it.
#[utoipa::path(delete, path = "/whatsapp-templates/{id}", tag = "senders", params(("id" = WhatsappTemplateId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such template", body = ProblemDocument),
    (status = 409, description = "A template for campaigns names it", body = ProblemDocument),
))]
async fn delete_whatsapp_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WhatsappTemplateId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::get(&mut tx, id, true).await?.ok_or_else(no_such)?;
    if !store::delete(&mut tx, id).await? {
        return Err(Problem::new(Code::InUse, "A template under Templates names it. Take it out there first."));
    }
    staff.audit(&mut tx, Change::deleted("whatsapp_template", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
