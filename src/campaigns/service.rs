//! Use cases of templates.

use super::{compiled::CompiledTemplate, drafts::Fields, model::Template, store, template::Business};
use crate::{
    accounts::Organization,
    platform::{
        clock::Clock,
        db::Tx,
        ids::{CampaignId, TemplateId},
        problem::Problem,
    },
};

/// The organization as templates name it, at this moment.
pub(super) fn business<'a>(organization: &'a Organization, clock: &Clock) -> Business<'a> {
    Business {
        name: &organization.name,
        support_phone_number: organization.support_phone_number.as_deref(),
        zone: organization.timezone,
        now: clock.now(),
    }
}

pub(super) fn no_such() -> Problem {
    Problem::not_found("template")
}

pub(super) async fn one(tx: &mut Tx, id: TemplateId) -> Result<Template, Problem> {
    store::get(tx, id).await?.ok_or_else(no_such)
}

/// Reads a template for the rest of the transaction.
pub(super) async fn locked(tx: &mut Tx, id: TemplateId) -> Result<Template, Problem> {
    if store::lock(tx, id).await? { one(tx, id).await } else { Err(no_such()) }
}

pub(super) async fn add(tx: &mut Tx, fields: &Fields) -> Result<Template, Problem> {
    let id = store::insert(tx, fields).await?;
    set_contents(tx, id, fields).await?;
    one(tx, id).await
}

pub(super) async fn change(tx: &mut Tx, id: TemplateId, fields: &Fields) -> Result<Template, Problem> {
    store::update(tx, id, fields).await?;
    set_contents(tx, id, fields).await?;
    one(tx, id).await
}

async fn set_contents(tx: &mut Tx, id: TemplateId, fields: &Fields) -> Result<(), Problem> {
    // One that was there when it was looked up was deleted meanwhile.
    if store::set_contents(tx, id, fields).await? { Ok(()) } else { Err(Problem::not_found("WhatsApp template")) }
}

/// Whether there is such a campaign.
pub async fn exists(tx: &mut Tx, id: CampaignId) -> Result<bool, sqlx::Error> {
    Ok(store::campaigns::get(tx, id, store::campaigns::Hold::No).await?.is_some())
}

/// A template as the sending of a campaign uses it. None: there is none, or it holds what this version cannot read.
pub async fn compiled(tx: &mut Tx, id: TemplateId) -> Result<Option<CompiledTemplate>, sqlx::Error> {
    let Some(template) = store::get(tx, id).await? else { return Ok(None) };
    match CompiledTemplate::of(&template) {
        Ok(compiled) => Ok(Some(compiled)),
        Err(fault) => {
            tracing::error!(template.id = %id, %fault, "templates.unreadable");
            Ok(None)
        }
    }
}
