//! Templates: found, written, put away, and looked at as a contact would read them.

mod campaigns;
mod figures;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    drafts::{self, ContentDraft, TemplateDraft, TemplateEdit, VariantDraft},
    model::{Template, TemplatePurpose},
    preview::{self, Person, SampleContact, TemplatePreview, Texts},
    service,
    store::{self, Filter},
    template::Variable,
};
use crate::{
    accounts::{self, Change, Permission, Staff},
    contacts::{self, ContactLanguage},
    messaging::ChannelKind,
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{ContactId, TemplateId},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_templates, create_template))
        .routes(routes!(preview_template_draft))
        .routes(routes!(list_template_variables))
        .routes(routes!(get_template, update_template))
        .routes(routes!(archive_template))
        .routes(routes!(restore_template))
        .routes(routes!(duplicate_template))
        .routes(routes!(preview_template))
        .merge(campaigns::router())
        .merge(figures::router())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of the name or of a wording.
    q: Option<String>,
    #[param(inline)]
    purpose: Option<TemplatePurpose>,
    /// Those that can go by this channel.
    #[param(inline)]
    channel: Option<ChannelKind>,
    /// true: those that were put away, and only those.
    #[serde(default)]
    archived: bool,
}

fn versioned(template: Template) -> Versioned<Template> {
    Versioned { version: template.version, row: template }
}

/// Templates, the latest change first. Orders: updated_at, name, created_at.
#[utoipa::path(get, path = "/templates", tag = "templates", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Template>),
))]
async fn list_templates(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Template>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = Filter {
        text: params.q.as_deref(),
        purpose: params.purpose,
        channel: params.channel,
        archived: params.archived,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

/// One template.
#[utoipa::path(get, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)), responses(
    (status = 200, description = "The template", body = Template),
    (status = 404, description = "No such template", body = ProblemDocument),
))]
async fn get_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
) -> Result<Versioned<Template>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    service::one(&mut tx, id).await.map(versioned)
}

/// Add a template.
///
/// Its words may hold `{{ first_name | default("there") }}` (a value, and what stands in its place where it is not known), `{first_name}`
/// (the same without a default: who has none is not sent it), the filters upper, lower, title, `date("%b %-d")` and time (by the contact's
/// clock), `{% if tag("vip") and custom.plan == "gold" %}…{% elsif last_name %}…{% else %}…{% endif %}` with and, or, not and comparisons,
/// and `{{ link("https://example.com") }}`. `GET /templates/variables` lists what can be named.
///
/// One that cannot be read is refused with its place (`template_syntax` of the field), and so is one that asks, in any of
/// the texts it can become, for an answer that the carrier swallows (`carrier_keyword`).
#[utoipa::path(post, path = "/templates", tag = "templates", request_body = TemplateDraft, responses(
    (status = 201, description = "The template", body = Template),
    (status = 404, description = "No such WhatsApp template", body = ProblemDocument),
))]
async fn create_template(
    State(core): State<Core>,
    staff: Staff,
    Json(draft): Json<TemplateDraft>,
) -> Result<(StatusCode, Versioned<Template>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let organization = accounts::organization(&mut tx).await?;
    let business = service::business(&organization, tx.clock());
    let fields = draft.checked(&mut tx, &business).await?;
    let template = service::add(&mut tx, &fields).await?;
    staff.audit(&mut tx, Change::created("template", template.id.0, &template.noted())).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(template)))
}

/// Change a template. Campaigns that have begun keep it as it was.
#[utoipa::path(patch, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)), request_body = TemplateEdit, responses(
    (status = 200, description = "The template", body = Template),
    (status = 404, description = "No such template, or no such WhatsApp template", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
    if_match: IfMatch,
    Json(edit): Json<TemplateEdit>,
) -> Result<Versioned<Template>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = service::locked(&mut tx, id).await?;
    if_match.check(before.version)?;
    let organization = accounts::organization(&mut tx).await?;
    let business = service::business(&organization, tx.clock());
    let fields = edit.applied(&mut tx, &before, &business).await?;
    let after = service::change(&mut tx, id, &fields).await?;
    staff.audit(&mut tx, Change::updated("template", id.0, &before.noted(), &after.noted())).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Put a template away: it is not offered for new campaigns.
#[utoipa::path(post, path = "/templates/{id}/archive", tag = "templates", params(("id" = TemplateId, Path)), responses(
    (status = 200, description = "The template", body = Template),
    (status = 404, description = "No such template", body = ProblemDocument),
))]
async fn archive_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
) -> Result<Versioned<Template>, Problem> {
    set_archived(&core, &staff, id, true).await
}

/// Take a template out of the archive.
#[utoipa::path(post, path = "/templates/{id}/restore", tag = "templates", params(("id" = TemplateId, Path)), responses(
    (status = 200, description = "The template", body = Template),
    (status = 404, description = "No such template", body = ProblemDocument),
))]
async fn restore_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
) -> Result<Versioned<Template>, Problem> {
    set_archived(&core, &staff, id, false).await
}

async fn set_archived(
    core: &Core,
    staff: &Staff,
    id: TemplateId,
    archived: bool,
) -> Result<Versioned<Template>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = service::locked(&mut tx, id).await?;
    if before.archived_at.is_some() == archived {
        return Ok(versioned(before));
    }
    store::set_archived(&mut tx, id, archived).await?;
    let after = service::one(&mut tx, id).await?;
    let verb = if archived { "archived" } else { "restored" };
    staff.audit(&mut tx, Change::of("template", verb, id.0)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Add a copy of a template, to go on from.
#[utoipa::path(post, path = "/templates/{id}/duplicate", tag = "templates", params(("id" = TemplateId, Path)), responses(
    (status = 201, description = "The copy", body = Template),
    (status = 404, description = "No such template", body = ProblemDocument),
))]
async fn duplicate_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
) -> Result<(StatusCode, Versioned<Template>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let original = service::one(&mut tx, id).await?;
    let copy = service::add(&mut tx, &drafts::copy_of(&original)).await?;
    staff.audit(&mut tx, Change::created("template", copy.id.0, &copy.noted())).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(copy)))
}

/// A template as far as it is written, and for whom to look at it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateToPreview {
    purpose: TemplatePurpose,
    channel: Option<ChannelKind>,
    language: Option<ContactLanguage>,
    #[schema(min_items = 1, max_items = 5)]
    variants: Vec<VariantDraft>,
    /// Whether pictures or other files go with it.
    #[serde(default)]
    media: bool,
    #[serde(default)]
    #[schema(max_items = 10)]
    whatsapp: Vec<ContentDraft>,
    /// As this contact would read it; needs the permission to see contacts.
    contact_id: Option<ContactId>,
    /// As somebody would read it of whom this is known. Left out, and without a contact: somebody of whom everything is known.
    sample: Option<SampleContact>,
}

/// For whom to look at a template.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateReader {
    /// As this contact would read it; needs the permission to see contacts.
    contact_id: Option<ContactId>,
    /// As somebody would read it of whom this is known. Left out, and without a contact: somebody of whom everything is known.
    sample: Option<SampleContact>,
}

async fn person(
    tx: &mut Tx,
    staff: &Staff,
    reader: TemplateReader,
    texts: &Texts,
    language: Option<&str>,
) -> Result<Person, Problem> {
    if let Some(id) = reader.contact_id {
        staff.require(Permission::ContactsRead)?;
        let contact = contacts::get(tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
        return Ok(contact.into());
    }
    match reader.sample {
        Some(sample) => sample.checked(),
        None => Ok(Person::sample(texts, language)),
    }
}

async fn look(
    staff: &Staff,
    tx: &mut Tx,
    texts: &Texts,
    reader: TemplateReader,
    language: Option<&str>,
) -> Result<TemplatePreview, Problem> {
    let person = person(tx, staff, reader, texts, language).await?;
    let organization = accounts::organization(tx).await?;
    let business = service::business(&organization, tx.clock());
    Ok(preview::look(tx, texts, &person, &business).await?)
}

/// A template that is being written, as a contact would read it: each variant's text, what it is sent and charged as, what is wrong with
/// it, and what is to be known before many are sent it. Nothing is kept, and what cannot be read is told of its variant.
#[utoipa::path(post, path = "/templates/preview", tag = "templates", request_body = TemplateToPreview, responses(
    (status = 200, description = "What it would be", body = TemplatePreview),
    (status = 404, description = "No such contact or WhatsApp template", body = ProblemDocument),
))]
async fn preview_template_draft(
    State(core): State<Core>,
    staff: Staff,
    Json(asked): Json<TemplateToPreview>,
) -> Result<Json<TemplatePreview>, Problem> {
    let variants = drafts::checked_variants(asked.variants)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let contents = drafts::looked_up(&mut tx, asked.whatsapp).await?;
    let texts = Texts::read(asked.purpose, asked.channel, asked.media, variants, contents);
    let reader = TemplateReader { contact_id: asked.contact_id, sample: asked.sample };
    let language = asked.language.map(ContactLanguage::as_str);
    look(&staff, &mut tx, &texts, reader, language).await.map(Json)
}

/// A template as a contact would read it. Nothing is kept or sent.
#[utoipa::path(post, path = "/templates/{id}/preview", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = TemplateReader, responses(
    (status = 200, description = "What it would be", body = TemplatePreview),
    (status = 404, description = "No such template or contact", body = ProblemDocument),
))]
async fn preview_template(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TemplateId>,
    Json(reader): Json<TemplateReader>,
) -> Result<Json<TemplatePreview>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let template = service::one(&mut tx, id).await?;
    let fields = drafts::copy_of(&template);
    let contents = drafts::looked_up(&mut tx, fields.contents).await?;
    let media = !template.media.is_empty();
    let texts = Texts::read(template.purpose, template.channel, media, template.variants, contents);
    look(&staff, &mut tx, &texts, reader, template.language.as_deref()).await.map(Json)
}

/// Something that templates can name.
#[derive(Serialize, utoipa::ToSchema)]
struct TemplateVariable {
    /// As it is written between two braces.
    #[schema(example = "custom.plan")]
    name: String,
    /// Null of what the organization keeps besides.
    #[schema(example = "First name")]
    meaning: Option<String>,
    /// Of how many of the contacts looked at it is not known.
    missing: i64,
    /// The newest 10,000 at most; 0 of what is no contact's.
    looked_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TemplateVariables {
    items: Vec<TemplateVariable>,
}

/// What templates can name: fields of contacts, what the organization keeps of them besides (the hundred most frequent), the business.
#[utoipa::path(get, path = "/templates/variables", tag = "templates", responses(
    (status = 200, description = "All of them", body = TemplateVariables),
))]
async fn list_template_variables(State(core): State<Core>, staff: Staff) -> Result<Json<TemplateVariables>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let fields: Vec<String> =
        Variable::FIXED.iter().filter(|(v, _)| v.is_of_contact()).map(|(v, _)| v.field()).collect();
    let lacking = contacts::lacking(&mut tx, &fields).await?;
    let looked_at = lacking.first().map_or(0, |one| one.looked_at);
    let fixed = Variable::FIXED.iter().map(|(variable, meaning)| {
        let known = lacking.iter().find(|one| one.name == variable.field());
        TemplateVariable {
            name: variable.name(),
            meaning: Some((*meaning).to_owned()),
            missing: known.map_or(0, |one| one.missing),
            looked_at: known.map_or(0, |one| one.looked_at),
        }
    });
    let custom = contacts::custom_names(&mut tx).await?.into_iter().map(|custom| TemplateVariable {
        name: Variable::Custom(custom.name.into()).name(),
        meaning: None,
        missing: looked_at - custom.contacts,
        looked_at,
    });
    Ok(Json(TemplateVariables { items: fixed.chain(custom).collect() }))
}
