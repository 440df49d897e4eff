//! The words of accounts.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::platform::ids::{OrganizationId, UserId};

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

impl From<Organization> for OrganizationView {
    fn from(o: Organization) -> Self {
        Self {
            id: o.id,
            name: o.name,
            timezone: o.timezone.name().to_owned(),
            support_phone_number: o.support_phone_number,
        }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub role: String,
}

/// How a request proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Session,
    ApiKey,
}

/// Who is asking.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Me {
    /// Null for an API key.
    pub user: Option<User>,
    pub organization: OrganizationView,
    pub via: Via,
}

/// A user with what signing in needs.
pub(super) struct Credentials {
    pub organization_id: OrganizationId,
    pub id: UserId,
    pub password_hash: String,
}

/// A live session as looked up by its token.
pub(super) struct LiveSession {
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub last_seen_at: DateTime<Utc>,
}
