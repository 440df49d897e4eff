//! All SQL on templates, campaigns and their recipients.

pub(super) mod campaigns;
pub(super) mod personal;
pub(super) mod targets;

use sqlx::types::Json;

use super::{
    drafts::Fields,
    model::{Template, TemplatePurpose},
};
use crate::{
    messaging::ChannelKind,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::TemplateId,
        listing::List,
    },
};

/// The orders of the list of templates.
pub(super) const ORDERS: &[SortKey] = &[
    SortKey { name: "updated_at", sql: "t.updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "name", sql: "lower(t.name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "t.created_at", kind: SortKind::Time, descending: true },
];

const COLUMNS: &str = "t.id, t.name, t.purpose, t.channel, t.language, t.variants, t.media, \
    COALESCE((SELECT jsonb_agg(jsonb_build_object('whatsapp_template_id', w.id, 'content_sid', w.content_sid, 'name', w.name, \
                                                  'language', w.language, 'body', w.body, 'category', w.category, \
                                                  'approval', w.approval, 'variables', c.variables) ORDER BY w.language, w.id) \
              FROM template_contents c \
              JOIN whatsapp_templates w ON w.organization_id = c.organization_id AND w.id = c.whatsapp_template_id \
              WHERE c.organization_id = t.organization_id AND c.template_id = t.id), '[]') AS whatsapp, \
    t.archived_at, t.created_at, t.updated_at, t.version";

/// What a list of templates is narrowed to.
#[derive(Default)]
pub(super) struct Filter<'a> {
    /// Part of the name or of a wording.
    pub text: Option<&'a str>,
    pub purpose: Option<TemplatePurpose>,
    pub channel: Option<ChannelKind>,
    pub archived: bool,
}

pub(super) async fn list(tx: &mut Tx, filter: &Filter<'_>, order: &Order) -> Result<Page<Template>, sqlx::Error> {
    let mut list = List::new(tx, order, "t.id", COLUMNS, "templates t", "t.organization_id");
    list.filter("t.purpose = ", filter.purpose.map(TemplatePurpose::as_str));
    list.filter("ARRAY[COALESCE(t.channel, 'any')] <@ ", filter.channel.map(|c| vec!["any", c.as_str()]));
    list.condition(filter.archived, "t.archived_at IS NOT NULL");
    list.condition(!filter.archived, "t.archived_at IS NULL");
    list.search(
        &["t.name", "(SELECT string_agg(v ->> 'body', ' ') FROM jsonb_array_elements(t.variants) AS v)"],
        filter.text,
    );
    list.page(tx).await
}

/// Locks a template for the rest of the transaction. False: there is none.
pub(super) async fn lock(tx: &mut Tx, id: TemplateId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("SELECT FROM templates WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE", organization.0, id.0)
        .fetch_optional(&mut **tx)
        .await
        .map(|row| row.is_some())
}

pub(super) async fn get(tx: &mut Tx, id: TemplateId) -> Result<Option<Template>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT t.id AS "id: TemplateId", t.name, t.purpose AS "purpose: TemplatePurpose", t.channel AS "channel: ChannelKind",
                  t.language, t.variants AS "variants: Json<Vec<super::model::TemplateVariant>>", t.media,
                  COALESCE((SELECT jsonb_agg(jsonb_build_object(
                                'whatsapp_template_id', w.id, 'content_sid', w.content_sid, 'name', w.name, 'language', w.language,
                                'body', w.body, 'category', w.category, 'approval', w.approval, 'variables', c.variables)
                            ORDER BY w.language, w.id)
                            FROM template_contents c
                            JOIN whatsapp_templates w ON w.organization_id = c.organization_id AND w.id = c.whatsapp_template_id
                            WHERE c.organization_id = t.organization_id AND c.template_id = t.id), '[]')
                      AS "whatsapp!: Json<Vec<super::model::TemplateContent>>",
                  t.archived_at, t.created_at, t.updated_at, t.version
           FROM templates t WHERE t.organization_id = $1 AND t.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|r| Template {
        id: r.id,
        name: r.name,
        purpose: r.purpose,
        channel: r.channel,
        language: r.language,
        variants: r.variants.0,
        media: r.media,
        whatsapp: r.whatsapp.0,
        archived_at: r.archived_at,
        created_at: r.created_at,
        updated_at: r.updated_at,
        version: r.version,
    }))
}

pub(super) async fn insert(tx: &mut Tx, f: &Fields) -> Result<TemplateId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), TemplateId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO templates (organization_id, id, name, purpose, channel, language, variants, media, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        organization.0,
        id.0,
        f.name,
        f.purpose.as_str(),
        f.channel.map(ChannelKind::as_str),
        f.language,
        serde_json::json!(f.variants),
        &f.media,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub(super) async fn update(tx: &mut Tx, id: TemplateId, f: &Fields) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE templates SET name = $3, purpose = $4, channel = $5, language = $6, variants = $7, media = $8, updated_at = $9,
                version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.name,
        f.purpose.as_str(),
        f.channel.map(ChannelKind::as_str),
        f.language,
        serde_json::json!(f.variants),
        &f.media,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Puts other WhatsApp templates in the place of those it has. False: one of them is not there any more.
pub(super) async fn set_contents(tx: &mut Tx, id: TemplateId, f: &Fields) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<_> = f.contents.iter().map(|content| content.whatsapp_template_id.0).collect();
    let variables: Vec<_> = f.contents.iter().map(|content| serde_json::json!(content.variables)).collect();
    sqlx::query!("DELETE FROM template_contents WHERE organization_id = $1 AND template_id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await?;
    let done = sqlx::query!(
        "INSERT INTO template_contents (organization_id, template_id, whatsapp_template_id, variables)
         SELECT $1, $2, c.id, c.variables FROM unnest($3::uuid[], $4::jsonb[]) AS c (id, variables)",
        organization.0,
        id.0,
        &ids,
        &variables,
    )
    .execute(&mut **tx)
    .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(e)) if e.constraint() == Some("template_contents_whatsapp_fkey") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts the template away, or takes it out again.
pub(super) async fn set_archived(tx: &mut Tx, id: TemplateId, archived: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE templates SET archived_at = CASE WHEN $3 THEN $4::timestamptz END, updated_at = $4, version = version + 1
         WHERE organization_id = $1 AND id = $2 AND (archived_at IS NOT NULL) <> $3",
        organization.0,
        id.0,
        archived,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
