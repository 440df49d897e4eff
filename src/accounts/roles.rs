//! Roles: the built-in ones and those an organization makes itself; and who may hand out which.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, Row, postgres::PgRow};

use super::{
    api::Staff,
    audit::Change,
    fields,
    model::RoleRef,
    permission::{BuiltInRole, Permission, PermissionSet},
    store::{
        members,
        roles::{self as store, RoleFields, RoleRow},
    },
};
use crate::platform::{
    db::Tx,
    http::{IfMatch, Patch},
    ids::RoleId,
    problem::{Code, Problem},
};

/// Roles of its own that an organization may have.
const MOST: usize = 100;

/// What somebody may do in the organization, under one name.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Role {
    /// Name of a built-in role, or the id of one of the organization's own.
    #[schema(value_type = String, example = "operator")]
    pub id: RoleRef,
    pub name: String,
    pub description: Option<String>,
    pub permissions: Vec<Permission>,
    /// Comes with the program and cannot be changed.
    pub built_in: bool,
    /// How many members have it, disabled ones included.
    pub members: i64,
    /// Null for a built-in role, as are the times.
    pub version: Option<i64>,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl Role {
    fn built_in(role: BuiltInRole, members: i64) -> Self {
        Self {
            id: RoleRef::BuiltIn(role),
            name: role.title().to_owned(),
            description: Some(role.description().to_owned()),
            permissions: role.permissions().iter().collect(),
            built_in: true,
            members,
            version: None,
            created_at: None,
            updated_at: None,
        }
    }

    fn own(row: RoleRow, members: i64) -> Self {
        Self {
            id: RoleRef::Custom(row.id),
            name: row.name,
            description: row.description,
            permissions: PermissionSet::from_names(&row.permissions).iter().collect(),
            built_in: false,
            members,
            version: Some(row.version),
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
        }
    }
}

/// The role somebody has, or is invited to, beside their row.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HeldRole {
    /// Built-in role by its name, or the id of one of the organization's own.
    #[schema(value_type = String, example = "operator")]
    pub role: RoleRef,
    /// What people call the role.
    pub role_name: String,
}

impl FromRow<'_, PgRow> for HeldRole {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (role, id): (Option<String>, Option<RoleId>) = (row.try_get("role")?, row.try_get("role_id")?);
        if let Some(id) = id {
            let name: Option<String> = row.try_get("custom_name")?;
            return Ok(Self { role: RoleRef::Custom(id), role_name: name.unwrap_or_default() });
        }
        // The table's own check knows the same names.
        let role = role.as_deref().and_then(BuiltInRole::from_name).unwrap_or(BuiltInRole::Viewer);
        Ok(Self { role: RoleRef::BuiltIn(role), role_name: role.title().to_owned() })
    }
}

/// A role as it stands in a path or a filter.
pub(super) fn parse(text: &str) -> Option<RoleRef> {
    BuiltInRole::from_name(text).map(RoleRef::BuiltIn).or_else(|| text.parse().ok().map(RoleRef::Custom))
}

/// The two columns that hold a role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub role: Option<&'static str>,
    pub role_id: Option<RoleId>,
}

impl From<RoleRef> for Columns {
    fn from(role: RoleRef) -> Self {
        match role {
            RoleRef::BuiltIn(role) => Self { role: Some(role.as_str()), role_id: None },
            RoleRef::Custom(id) => Self { role: None, role_id: Some(id) },
        }
    }
}

/// Fails where `permissions` go beyond what whoever asks may do themselves: nobody hands out more than they have.
pub(super) fn within_own(staff: &Staff, permissions: PermissionSet) -> Result<(), Problem> {
    if staff.permissions.includes(permissions) {
        return Ok(());
    }
    let beyond: Vec<&str> = permissions.iter().filter(|p| !staff.allows(*p)).map(Permission::as_str).collect();
    Err(Problem::new(Code::BeyondOwnPermissions, format!("You do not have: {}.", beyond.join(", "))))
}

/// The role, if whoever asks may give it to somebody. It stays as it is until the end of the transaction.
pub(super) async fn grantable(tx: &mut Tx, staff: &Staff, role: RoleRef) -> Result<Columns, Problem> {
    let permissions = match role {
        RoleRef::BuiltIn(role) => role.permissions(),
        RoleRef::Custom(id) => match store::lock(tx, id).await? {
            Some(row) => PermissionSet::from_names(&row.permissions),
            None => return Err(Problem::invalid_field("role", "unknown", "is no role of this organization")),
        },
    };
    within_own(staff, permissions)?;
    Ok(role.into())
}

/// Built-in roles first.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Role>, Problem> {
    let members = store::members(tx).await?;
    let count = |role: &str| members.get(role).copied().unwrap_or_default();
    let built_in = BuiltInRole::ALL.into_iter().map(|r| Role::built_in(r, count(r.as_str())));
    let own = store::all(tx).await?.into_iter().map(|row| {
        let n = count(&row.id.to_string());
        Role::own(row, n)
    });
    Ok(built_in.chain(own).collect())
}

pub(super) async fn get(tx: &mut Tx, role: RoleRef) -> Result<Role, Problem> {
    all(tx).await?.into_iter().find(|r| r.id == role).ok_or_else(|| Problem::not_found("role"))
}

/// What a new or changed role is to be.
pub(super) struct Wanted {
    pub name: Option<String>,
    pub description: Patch<String>,
    pub permissions: Option<Vec<Permission>>,
}

impl Wanted {
    fn checked(self) -> Result<Self, Problem> {
        let name = self.name.map(|name| fields::line("name", &name, 60)).transpose()?;
        if let Some(name) = &name
            && BuiltInRole::ALL.iter().any(|r| same(r.title(), name) || same(r.as_str(), name))
        {
            return Err(name_taken());
        }
        let description = match self.description {
            Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
            Patch::Set(text) => Patch::Set(fields::line("description", &text, 300)?),
            other => other,
        };
        Ok(Self { name, description, permissions: self.permissions })
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn name_taken() -> Problem {
    Problem::new(Code::AlreadyExists, "A role of that name exists.")
}

fn on_constraint(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("roles_name_key") => name_taken(),
        _ => error.into(),
    }
}

fn names(permissions: PermissionSet) -> Vec<String> {
    permissions.iter().map(|p| p.as_str().to_owned()).collect()
}

pub(super) async fn create(tx: &mut Tx, staff: &Staff, wanted: Wanted) -> Result<Role, Problem> {
    let wanted = wanted.checked()?;
    let permissions: PermissionSet = wanted.permissions.unwrap_or_default().into_iter().collect();
    within_own(staff, permissions)?;
    members::lock_staff(tx).await?;
    if store::all(tx).await?.len() >= MOST {
        return Err(Problem::new(Code::TooManyRoles, format!("{MOST} are the most; delete some.")));
    }
    let (id, description) = (RoleId::new(tx.real_clock()), wanted.description.apply(None));
    let new = RoleFields {
        name: wanted.name.as_deref().unwrap_or_default(),
        description: description.as_deref(),
        permissions: &names(permissions),
    };
    let role = Role::own(store::insert(tx, id, &new).await.map_err(on_constraint)?, 0);
    staff.audit(tx, Change::created("role", id.0, &role)).await?;
    Ok(role)
}

/// One of the organization's own roles, locked.
async fn own(tx: &mut Tx, role: RoleRef) -> Result<RoleRow, Problem> {
    match role {
        RoleRef::BuiltIn(_) => Err(Problem::new(Code::NotEditable, "Built-in roles come with the program.")),
        RoleRef::Custom(id) => store::lock(tx, id).await?.ok_or_else(|| Problem::not_found("role")),
    }
}

pub(super) async fn change(
    tx: &mut Tx,
    staff: &Staff,
    role: RoleRef,
    if_match: IfMatch,
    wanted: Wanted,
) -> Result<Role, Problem> {
    let wanted = wanted.checked()?;
    let row = own(tx, role).await?;
    if_match.check(row.version)?;
    let held = PermissionSet::from_names(&row.permissions);
    let permissions = wanted.permissions.map_or(held, |list| list.into_iter().collect());
    // Both: neither may it grow beyond oneself, nor may one cut down those who may do more.
    within_own(staff, held)?;
    within_own(staff, permissions)?;
    let (id, members) = (row.id, get(tx, role).await?.members);
    let name = wanted.name.unwrap_or_else(|| row.name.clone());
    let description = wanted.description.apply(row.description.clone());
    let changes = RoleFields { name: &name, description: description.as_deref(), permissions: &names(permissions) };
    let before = Role::own(row, members);
    let after = Role::own(store::update(tx, id, &changes).await.map_err(on_constraint)?, members);
    staff.audit(tx, Change::updated("role", id.0, &before, &after)).await?;
    Ok(after)
}

pub(super) async fn delete(tx: &mut Tx, staff: &Staff, role: RoleRef) -> Result<(), Problem> {
    members::lock_staff(tx).await?;
    let row = own(tx, role).await?;
    within_own(staff, PermissionSet::from_names(&row.permissions))?;
    let id = row.id;
    if store::uses(tx, id).await? > 0 {
        return Err(Problem::new(Code::InUse, "Members or open invitations have this role."));
    }
    store::delete(tx, id).await?;
    staff.audit(tx, Change::deleted("role", id.0, &Role::own(row, 0))).await?;
    Ok(())
}
