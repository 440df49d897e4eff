//! An organization's own settings; and, for superusers, all organizations of the installation.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    api::Staff,
    audit::Change,
    fields,
    store::{self, OrganizationRow, organizations},
};
use crate::platform::{
    db::Tx,
    events::{self, Event},
    http::{Core, IfMatch, Patch},
    ids::OrganizationId,
    problem::{Code, Problem},
};

/// An organization as its staff set it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct OrganizationSettings {
    pub id: OrganizationId,
    pub name: String,
    /// IANA zone in which offers are made to contacts without a zone of their own.
    #[schema(example = "America/New_York")]
    pub timezone: String,
    /// E.164. Named to contacts who ask for a person.
    pub support_phone_number: Option<String>,
    /// Silence of staff after which the assistant answers in a conversation again; null: as the installation has it.
    pub human_quiet_minutes: Option<i32>,
    /// Nobody of it can sign in, and its keys do not work.
    pub disabled: bool,
    pub created_at: DateTime<Utc>,
    pub version: i64,
}

/// What is to change of an organization.
#[derive(Debug, Default)]
pub(super) struct OrganizationChange {
    pub name: Option<String>,
    pub timezone: Option<String>,
    pub support_phone_number: Patch<String>,
    pub human_quiet_minutes: Patch<i32>,
    pub disabled: Option<bool>,
}

impl OrganizationChange {
    fn checked(self) -> Result<Self, Problem> {
        if let Patch::Set(minutes) = self.human_quiet_minutes
            && !(5..=10_080).contains(&minutes)
        {
            return Err(Problem::invalid_field("human_quiet_minutes", "out_of_range", "must be from 5 to 10080"));
        }
        Ok(Self {
            name: self.name.map(|n| fields::line("name", &n, 120)).transpose()?,
            timezone: self.timezone.map(|z| fields::timezone("timezone", &z)).transpose()?,
            support_phone_number: match self.support_phone_number {
                Patch::Set(number) if number.trim().is_empty() => Patch::Clear,
                other => other.try_map(|n| fields::phone_number("support_phone_number", &n))?,
            },
            ..self
        })
    }
}

/// Changes the organization of the transaction.
pub(super) async fn change(
    tx: &mut Tx,
    staff: &Staff,
    if_match: IfMatch,
    change: OrganizationChange,
) -> Result<OrganizationSettings, Problem> {
    let (change, id, now) = (change.checked()?, tx.organization_id(), tx.real_clock().now());
    let before = organizations::lock(tx, id).await?.ok_or_else(|| Problem::not_found("organization"))?;
    if_match.check(before.version)?;
    let mut after = OrganizationSettings {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        timezone: change.timezone.unwrap_or_else(|| before.timezone.clone()),
        support_phone_number: change.support_phone_number.apply(before.support_phone_number.clone()),
        human_quiet_minutes: change.human_quiet_minutes.apply(before.human_quiet_minutes),
        disabled: change.disabled.unwrap_or(before.disabled),
        ..before.clone()
    };
    organizations::save(tx, &mut after, now).await?;
    let verb = match (before.disabled, after.disabled) {
        (false, true) => "disabled",
        (true, false) => "enabled",
        _ => "updated",
    };
    staff.audit(tx, Change::of("organization", verb, id.0).before(&before).after(&after)).await?;
    Ok(after)
}

/// Makes an organization; what else a new one needs follows from the event.
pub(super) async fn create(
    core: &Core,
    staff: &Staff,
    name: &str,
    timezone: &str,
    support_phone_number: Option<&str>,
) -> Result<OrganizationSettings, Problem> {
    let id = OrganizationId::new(&core.clock);
    let row = OrganizationRow {
        id,
        name: fields::line("name", name, 120)?,
        timezone: fields::timezone("timezone", timezone)?,
        support_phone_number: support_phone_number
            .filter(|n| !n.trim().is_empty())
            .map(|n| fields::phone_number("support_phone_number", n))
            .transpose()?,
        human_quiet_minutes: None,
    };
    let mut tx = core.db.system().await?;
    store::insert_organization(&mut tx, &row, core.clock.now()).await?;
    let mut tx = tx.into_tenant(id).await?;
    events::emit(&mut tx, Event::OrganizationCreated).await?;
    let organization = organizations::settings(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("organization", id.0, &organization)).await?;
    tx.commit().await?;
    Ok(organization)
}

/// A superuser changes any organization. The one they work in stays, so that there is always one to sign in to.
pub(super) async fn change_any(
    core: &Core,
    staff: &Staff,
    id: OrganizationId,
    if_match: IfMatch,
    wanted: OrganizationChange,
) -> Result<OrganizationSettings, Problem> {
    let own = staff.organization_id();
    if wanted.disabled == Some(true) && own == id {
        return Err(Problem::new(Code::OwnAccount, "You work in this organization. Change over to another first."));
    }
    let mut tx = core.db.system().await?;
    if wanted.disabled == Some(true) {
        // One at a time: two superusers could otherwise disable each other's.
        store::lock_bootstrap(&mut tx).await?;
        if store::enabled_organization(&mut tx, own).await?.is_none() {
            return Err(Problem::new(Code::OwnAccount, "The organization you work in was disabled meanwhile."));
        }
    }
    let mut tx = tx.into_tenant(id).await?;
    let after = change(&mut tx, staff, if_match, wanted).await?;
    tx.commit().await?;
    Ok(after)
}
