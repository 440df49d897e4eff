//! The Twilio account of a sender that belongs to another than the installation's: written, never read back.

use axum::{extract::State, http::StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    messaging::{
        credentials::{self, NewAccount},
        model::{ChannelKind, SenderCredentials},
        store::{credentials as store, senders},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Path},
        ids::SenderId,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(get_sender_credentials, put_sender_credentials, delete_sender_credentials))
}

/// Longest secret taken; Twilio's have 32 characters.
const LONGEST_SECRET: usize = 200;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSenderCredentials {
    /// AC and 32 hexadecimal digits.
    #[schema(example = "AC0123456789abcdef0123456789abcdef")]
    account_sid: String,
    /// The account's auth token: webhooks are signed with it. Kept encrypted and never shown.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 200)]
    auth_token: SecretString,
    /// The other token while they are exchanged: both are right then.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 200)]
    second_auth_token: Option<SecretString>,
    /// An API key of the account to make requests with in place of the token: SK and 32 hexadecimal digits. With its secret, or not at all.
    #[schema(example = "SK0123456789abcdef0123456789abcdef")]
    api_key_sid: Option<String>,
    #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 200)]
    api_key_secret: Option<SecretString>,
}

fn checked_sid(field: &str, prefix: &str, sid: &str) -> Result<String, Problem> {
    let hex = sid.strip_prefix(prefix).unwrap_or_default();
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Problem::invalid_field(field, "invalid", format!("must be {prefix} and 32 hexadecimal digits")));
    }
    Ok(sid.to_owned())
}

fn checked_secret(field: &str, secret: &SecretString) -> Result<SecretString, Problem> {
    let text = secret.expose_secret().trim();
    if text.is_empty() || text.len() > LONGEST_SECRET || !text.bytes().all(|b| b.is_ascii_graphic()) {
        let message = format!("must have 1 to {LONGEST_SECRET} characters without spaces");
        return Err(Problem::invalid_field(field, "invalid", message));
    }
    Ok(SecretString::from(text))
}

impl NewSenderCredentials {
    fn checked(&self) -> Result<NewAccount, Problem> {
        let api_key = match (&self.api_key_sid, &self.api_key_secret) {
            (Some(sid), Some(secret)) => {
                Some((checked_sid("api_key_sid", "SK", sid)?, checked_secret("api_key_secret", secret)?))
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(Problem::invalid_field("api_key_secret", "missing", "goes with api_key_sid"));
            }
            (None, Some(_)) => {
                return Err(Problem::invalid_field("api_key_sid", "missing", "goes with api_key_secret"));
            }
        };
        Ok(NewAccount {
            account_sid: checked_sid("account_sid", "AC", &self.account_sid)?,
            auth_token: checked_secret("auth_token", &self.auth_token)?,
            second_token: self
                .second_auth_token
                .as_ref()
                .map(|token| checked_secret("second_auth_token", token))
                .transpose()?,
            api_key,
        })
    }
}

async fn provider_sender(tx: &mut Tx, id: SenderId) -> Result<(), Problem> {
    let sender = senders::lock(tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    match sender.channel {
        ChannelKind::Sms | ChannelKind::Whatsapp => Ok(()),
        ChannelKind::Simulator | ChannelKind::Web => {
            Err(Problem::new(Code::InUse, "This sender sends through no account."))
        }
    }
}

fn no_credentials() -> Problem {
    Problem::not_found("sender with credentials of its own")
}

/// The Twilio account that a sender belongs to, without its secrets. Senders of the installation's account have none.
#[utoipa::path(get, path = "/senders/{id}/credentials", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 200, description = "The account", body = SenderCredentials),
    (status = 404, description = "No such sender, or it has no account of its own", body = ProblemDocument),
))]
async fn get_sender_credentials(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<Json<SenderCredentials>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::view(&mut tx, id).await?.map(Json).ok_or_else(no_credentials)
}

/// Say to which Twilio account a sender belongs, usually a subaccount. Texts are sent and looked up with it, and its webhooks are
/// verified with its token. What was there before is replaced.
#[utoipa::path(put, path = "/senders/{id}/credentials", tag = "senders", params(("id" = SenderId, Path)),
    request_body = NewSenderCredentials, responses(
    (status = 200, description = "The account, without its secrets", body = SenderCredentials),
    (status = 404, description = "No such sender", body = ProblemDocument),
    (status = 409, description = "The installation cannot keep secrets, or the sender sends through no account", body = ProblemDocument),
))]
async fn put_sender_credentials(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
    Json(new): Json<NewSenderCredentials>,
) -> Result<Json<SenderCredentials>, Problem> {
    let account = new.checked()?;
    // Whoever names it here could sign as it.
    if core.config.twilio.as_ref().is_some_and(|twilio| twilio.account_sid == account.account_sid) {
        return Err(Problem::invalid_field(
            "account_sid",
            "in_use",
            "is the installation's own: its senders need no account",
        ));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    provider_sender(&mut tx, id).await?;
    let Some(vault) = &core.vault else {
        let detail = "Whoever runs this installation must set ENCRYPTION_KEY first.";
        return Err(Problem::new(Code::NoEncryptionKey, detail));
    };
    let before = store::view(&mut tx, id).await?;
    credentials::put(&mut tx, vault, id, &account).await?;
    let after = store::view(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    let change = match &before {
        Some(before) => Change::updated("sender_credentials", id.0, before, &after),
        None => Change::created("sender_credentials", id.0, &after),
    };
    staff.audit(&mut tx, change).await?;
    tx.commit().await?;
    Ok(Json(after))
}

/// Forget a sender's account: it belongs to the installation's again.
#[utoipa::path(delete, path = "/senders/{id}/credentials", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 204, description = "Forgotten"),
    (status = 404, description = "No such sender, or it has no account of its own", body = ProblemDocument),
))]
async fn delete_sender_credentials(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::view(&mut tx, id).await?.ok_or_else(no_credentials)?;
    store::delete(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted("sender_credentials", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
