//! Signing in with a password and out again: of the dashboard with a cookie, of programs and phones with bearer tokens.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use super::{
    attempts,
    audit::{self, Actor, ActorKind, Change},
    identity::{self, ABSOLUTE},
    model::{Caller, Credentials, Via},
    passwords, second_factor,
    service::AccountError,
    store::{refresh, sessions, users},
};
use crate::platform::{
    crypto,
    db::Tx,
    http::{Core, current_request_id},
    ids::{SessionId, UserId},
};

/// An access token works this long …
pub(super) const ACCESS: TimeDelta = TimeDelta::minutes(30);
/// … and the refresh token that came with it this long.
pub(super) const REFRESH: TimeDelta = TimeDelta::days(7);
/// Devices of one user.
const MOST_SESSIONS: i64 = 100;

/// Where a sign-in comes from.
pub(super) struct Origin {
    pub ip: String,
    pub user_agent: Option<String>,
}

impl Origin {
    /// The user, for the audit log.
    pub fn actor(&self, id: UserId, name: &str) -> Actor {
        Actor {
            kind: ActorKind::User,
            id: Some(id.0),
            name: name.to_owned(),
            ip: Some(self.ip.clone()),
            user_agent: self.user_agent.clone(),
            request_id: current_request_id(),
        }
    }
}

/// What somebody brings to sign in.
pub(super) struct Proof<'a> {
    /// User name or e-mail address.
    pub login: &'a str,
    pub password: SecretString,
    /// Of the second factor, or a recovery code.
    pub code: Option<&'a str>,
}

/// Tokens of a bearer session, as they are told once.
pub(super) struct Tokens {
    pub access: String,
    pub refresh: String,
    pub refresh_expires_at: DateTime<Utc>,
}

/// Checks the proof and opens a session for a browser. Returns the token for the cookie.
pub(super) async fn with_cookie(
    core: &Core,
    proof: Proof<'_>,
    origin: &Origin,
) -> Result<(String, Caller), AccountError> {
    let (mut tx, user) = prove(core, proof, origin).await?;
    let token = crypto::random_token(32);
    let expires_at = core.clock.now() + ABSOLUTE;
    let caller = open(core, &mut tx, &user, ("cookie", &token, None), expires_at, origin).await?;
    commit(tx, &caller, &user, origin).await?;
    Ok((token, caller))
}

/// The same for a program or phone.
pub(super) async fn with_tokens(
    core: &Core,
    proof: Proof<'_>,
    origin: &Origin,
) -> Result<(Tokens, Caller), AccountError> {
    let (mut tx, user) = prove(core, proof, origin).await?;
    let now = core.clock.now();
    let tokens = Tokens {
        access: crypto::random_token(32),
        refresh: crypto::random_token(32),
        refresh_expires_at: now + REFRESH,
    };
    let token = ("bearer", tokens.access.as_str(), Some(now + ACCESS));
    let caller = open(core, &mut tx, &user, token, tokens.refresh_expires_at, origin).await?;
    let session = caller.session_id.ok_or(AccountError::InvalidCredentials)?;
    let hash = identity::token_hash(core, &tokens.refresh);
    refresh::insert(&mut tx, &hash, session, now, tokens.refresh_expires_at).await?;
    commit(tx, &caller, &user, origin).await?;
    Ok((tokens, caller))
}

/// Password and, where it is on, second factor. Gives the transaction in which the success is noted, for the session to be opened in.
async fn prove(core: &Core, proof: Proof<'_>, origin: &Origin) -> Result<(Tx, Credentials), AccountError> {
    let attempt = attempts::begin(core, proof.login, &origin.ip).await?;
    let mut system = core.db.system_lookup().await?;
    let credentials = users::credentials(&mut system, proof.login).await?;
    drop(system);
    let hash = credentials.as_ref().and_then(|c| c.password_hash.clone());
    let verified = passwords::verify(hash, proof.password).await;
    let Some(user) = credentials.filter(|_| verified) else { return Err(AccountError::InvalidCredentials) };
    let mut tx = core.db.system().await?;
    if user.second_factor {
        let Some(code) = proof.code.filter(|code| !code.trim().is_empty()) else {
            attempt.withdrawn(&mut tx).await?;
            tx.commit().await?;
            return Err(AccountError::SecondFactorRequired);
        };
        if !second_factor::check(core, &mut tx, user.id, code).await? {
            if let Some(home) = users::home(&mut tx, user.id).await? {
                tx = tx.into_tenant(home).await?;
                let actor = origin.actor(user.id, &user.display_name);
                audit::record(&mut tx, &actor, Change::of("user", "second_factor_failed", user.id.0)).await?;
            }
            tx.commit().await?;
            return Err(AccountError::SecondFactorInvalid);
        }
    }
    attempt.succeeded(&mut tx).await?;
    Ok((tx, user))
}

/// A session in the organization that is the user's first. `token`: its kind, the token, and when that ends if before the session.
async fn open(
    core: &Core,
    tx: &mut Tx,
    user: &Credentials,
    (kind, token, token_expires_at): (&str, &str, Option<DateTime<Utc>>),
    expires_at: DateTime<Utc>,
    origin: &Origin,
) -> Result<Caller, AccountError> {
    let now = core.clock.now();
    sessions::delete_expired(tx, now).await?;
    // Whoever may work nowhere is told no more than a stranger.
    let home = users::home(tx, user.id).await?.ok_or(AccountError::InvalidCredentials)?;
    let id = SessionId::new(&core.clock);
    let session = sessions::NewSession {
        id,
        organization_id: home,
        user_id: user.id,
        kind,
        token_hash: &identity::token_hash(core, token),
        token_expires_at,
        now,
        expires_at,
        ip: &origin.ip,
        user_agent: origin.user_agent.as_deref(),
    };
    sessions::insert(tx, &session).await?;
    sessions::keep_latest(tx, user.id, MOST_SESSIONS).await?;
    let via = if kind == "cookie" { Via::Session } else { Via::Bearer };
    identity::user(tx, home, user.id, Some(id), via).await?.ok_or(AccountError::InvalidCredentials)
}

/// Notes the sign-in in the organization that the session works in.
async fn commit(tx: Tx, caller: &Caller, user: &Credentials, origin: &Origin) -> Result<(), sqlx::Error> {
    let mut tx = tx.into_tenant(caller.organization.id).await?;
    let actor = origin.actor(user.id, &user.display_name);
    audit::record(&mut tx, &actor, Change::of("user", "signed_in", user.id.0)).await?;
    tx.commit().await
}

/// New tokens for a refresh token, which works once: one that comes again was stolen from somebody, and ends the session.
pub(super) async fn renew(core: &Core, token: &str, origin: &Origin) -> Result<(Tokens, Caller), AccountError> {
    let now = core.clock.now();
    let hash = identity::token_hash(core, token);
    let mut tx = core.db.system().await?;
    let Some(known) = refresh::lock(&mut tx, &hash).await? else { return Err(AccountError::InvalidRefreshToken) };
    if known.used_at.is_some() {
        sessions::delete(&mut tx, known.user_id, known.session_id).await?;
        let name = users::credentials_of(&mut tx, known.user_id).await?.map_or_else(String::new, |u| u.display_name);
        let change = Change::of("user", "refresh_token_reused", known.user_id.0);
        let mut tx = tx.into_tenant(known.organization_id).await?;
        audit::record(&mut tx, &origin.actor(known.user_id, &name), change).await?;
        tx.commit().await?;
        tracing::warn!(user.id = %known.user_id, session.id = %known.session_id, client.ip = %origin.ip, "refresh_token.reused");
        return Err(AccountError::InvalidRefreshToken);
    }
    let standing =
        identity::user(&mut tx, known.organization_id, known.user_id, Some(known.session_id), Via::Bearer).await?;
    let Some(caller) = standing.filter(|_| known.expires_at > now) else {
        sessions::delete(&mut tx, known.user_id, known.session_id).await?;
        tx.commit().await?;
        return Err(AccountError::InvalidRefreshToken);
    };
    let tokens = Tokens {
        access: crypto::random_token(32),
        refresh: crypto::random_token(32),
        refresh_expires_at: now + REFRESH,
    };
    refresh::use_up(&mut tx, &hash, known.session_id, now).await?;
    let new = identity::token_hash(core, &tokens.refresh);
    refresh::insert(&mut tx, &new, known.session_id, now, tokens.refresh_expires_at).await?;
    let renewed = refresh::Renewed {
        token_hash: &identity::token_hash(core, &tokens.access),
        token_expires_at: now + ACCESS,
        now,
        expires_at: tokens.refresh_expires_at,
        ip: &origin.ip,
    };
    refresh::renew(&mut tx, known.session_id, &renewed).await?;
    tx.commit().await?;
    Ok((tokens, caller))
}

/// Ends the session of a cookie, if there is one.
pub(super) async fn sign_out(core: &Core, token: &str, origin: &Origin) -> Result<(), sqlx::Error> {
    let mut tx = core.db.system().await?;
    let Some(owner) = sessions::owner(&mut tx, &identity::token_hash(core, token)).await? else { return Ok(()) };
    sessions::delete(&mut tx, owner.user_id, owner.id).await?;
    let mut tx = tx.into_tenant(owner.organization_id).await?;
    let actor = origin.actor(owner.user_id, &owner.display_name);
    audit::record(&mut tx, &actor, Change::of("user", "signed_out", owner.user_id.0)).await?;
    tx.commit().await
}
