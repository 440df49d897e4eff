//! The words of accounts.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::permission::{BuiltInRole, Permission, PermissionSet};
use crate::platform::ids::{ApiKeyId, OrganizationId, RoleId, SessionId, UserId};

/// The tenant.
#[derive(Clone, Debug)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub timezone: Tz,
    pub support_phone_number: Option<String>,
    /// Silence of staff after which the assistant answers again; none: as the installation has it.
    pub human_quiet_minutes: Option<i32>,
}

impl Organization {
    /// Until when a person who acts at `now` holds a conversation. `default` is the installation's quiet time.
    pub fn human_until(&self, now: DateTime<Utc>, default: Duration) -> DateTime<Utc> {
        let quiet = match self.human_quiet_minutes {
            Some(minutes) => TimeDelta::minutes(minutes.into()),
            None => TimeDelta::from_std(default).unwrap_or_default(),
        };
        now + quiet
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    pub id: OrganizationId,
    pub name: String,
    /// IANA zone.
    #[schema(example = "America/New_York")]
    pub timezone: String,
    pub support_phone_number: Option<String>,
}

impl From<&Organization> for OrganizationView {
    fn from(o: &Organization) -> Self {
        Self {
            id: o.id,
            name: o.name.clone(),
            timezone: o.timezone.name().to_owned(),
            support_phone_number: o.support_phone_number.clone(),
        }
    }
}

/// Built-in role by its name, or the id of one of the organization's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(example = "operator")]
pub enum RoleRef {
    BuiltIn(BuiltInRole),
    Custom(RoleId),
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
    /// Their role in the organization; null for a superuser who does not belong to it.
    pub role: Option<RoleRef>,
    /// What people call the role.
    pub role_name: String,
    pub superuser: bool,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
    /// Grows with each change of the account.
    pub version: i64,
}

/// How a request proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The dashboard's cookie.
    Session,
    /// An access token of this installation.
    Bearer,
    /// A token of an outside issuer.
    ExternalToken,
    ApiKey,
}

/// Who is asking, and what they may do.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Me {
    /// Null for an API key.
    pub user: Option<User>,
    pub organization: OrganizationView,
    pub permissions: Vec<Permission>,
    pub via: Via,
}

/// Somebody who proved who they are, for one organization.
#[derive(Clone, Debug)]
pub struct Caller {
    pub organization: Organization,
    pub user: Option<User>,
    /// Of the key, where a program asks.
    pub api_key: Option<(ApiKeyId, String)>,
    /// Of the cookie or token, where a signed-in device asks.
    pub session_id: Option<SessionId>,
    pub permissions: PermissionSet,
    pub via: Via,
}

impl Caller {
    pub fn me(&self) -> Me {
        Me {
            user: self.user.clone(),
            organization: (&self.organization).into(),
            permissions: self.permissions.iter().collect(),
            via: self.via,
        }
    }

    /// What the caller is counted and remembered by: the same for every request of one user or one key.
    pub fn subject(&self) -> Uuid {
        match (&self.user, &self.api_key) {
            (Some(user), _) => user.id.0,
            (None, Some((id, _))) => id.0,
            (None, None) => self.organization.id.0,
        }
    }
}

/// A user with what signing in needs.
pub(super) struct Credentials {
    pub id: UserId,
    pub display_name: String,
    pub password_hash: Option<String>,
    pub second_factor: bool,
}

/// A live session as looked up by its token.
pub(super) struct LiveSession {
    pub id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub last_seen_at: DateTime<Utc>,
}
