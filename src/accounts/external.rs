//! Tokens of an outside issuer (JWT, RFC 7519), and whose they are.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{
    audit::{self, Actor, ActorKind, Change},
    jwks,
    store::users,
};
use crate::platform::{
    config::{JwtConfig, JwtKeys, JwtMatch},
    http::{Core, current_request_id},
    ids::UserId,
};

/// Clocks of issuers are this far off at most.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
const MOST_BYTES: usize = 16 * 1024;

/// What is read of a token.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    nbf: Option<f64>,
    email: Option<String>,
    email_verified: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn includes(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// Our own tokens have no dots.
pub(super) fn looks_like_one(token: &str) -> bool {
    token.len() <= MOST_BYTES && token.split('.').count() == 3
}

/// Whose token it is; none: it is not valid, or nobody's here.
pub(super) async fn holder(core: &Core, token: &str) -> Result<Option<UserId>, sqlx::Error> {
    let Some(config) = &core.config.jwt else { return Ok(None) };
    let now = core.clock.now();
    let Some(claims) = verified(core, config, token, now).await else { return Ok(None) };
    let mut system = core.db.system_lookup().await?;
    let email = match config.matching {
        JwtMatch::Subject => None,
        JwtMatch::Email => claims.trusted_email(),
    };
    let Some(user) = users::by_external(&mut system, &claims.sub, email).await? else {
        tracing::info!("external_token.nobody");
        return Ok(None);
    };
    match &user.external_subject {
        _ if user.disabled => Ok(None),
        Some(known) if *known == claims.sub => Ok(Some(user.id)),
        Some(_) => {
            tracing::warn!(user.id = %user.id, "external_token.another_subject");
            Ok(None)
        }
        // The first time. Whoever else comes with this address from now on is somebody else.
        None => {
            drop(system);
            if !remember(core, &user, &claims.sub).await? {
                // At the same moment in two requests: look who it was.
                let mut system = core.db.system_lookup().await?;
                let again = users::by_external(&mut system, &claims.sub, None).await?;
                return Ok(again.filter(|again| again.id == user.id && !again.disabled).map(|again| again.id));
            }
            tracing::info!(user.id = %user.id, "external_token.subject_remembered");
            Ok(Some(user.id))
        }
    }
}

async fn remember(core: &Core, user: &users::ExternalRow, subject: &str) -> Result<bool, sqlx::Error> {
    let mut tx = core.db.system().await?;
    let first = match users::remember_external(&mut tx, user.id, subject, core.clock.now()).await {
        // Another user's, at the same moment.
        Err(sqlx::Error::Database(e)) if e.is_unique_violation() => return Ok(false),
        other => other?,
    };
    if first && let Some(home) = users::home(&mut tx, user.id).await? {
        tx = tx.into_tenant(home).await?;
        let actor = Actor {
            kind: ActorKind::User,
            id: Some(user.id.0),
            request_id: current_request_id(),
            ..Actor::system(&user.display_name)
        };
        audit::record(&mut tx, &actor, Change::of("user", "tied_to_issuer", user.id.0)).await?;
    }
    tx.commit().await?;
    Ok(first)
}

impl Claims {
    /// The address, unless the issuer says that it was not verified.
    fn trusted_email(&self) -> Option<&str> {
        let refused = match &self.email_verified {
            None => false,
            Some(serde_json::Value::Bool(verified)) => !verified,
            Some(serde_json::Value::String(verified)) => verified != "true",
            Some(_) => true,
        };
        self.email.as_deref().filter(|email| !refused && !email.is_empty())
    }

    fn hold(&self, config: &JwtConfig, now: DateTime<Utc>) -> bool {
        let (now, leeway) = (now.timestamp() as f64, LEEWAY.num_seconds() as f64);
        self.iss == config.issuer
            && self.aud.includes(&config.audience)
            && !self.sub.is_empty()
            && self.sub.len() <= 255
            && !self.sub.contains('\0')
            && self.exp + leeway > now
            && self.nbf.is_none_or(|nbf| nbf - leeway <= now)
    }
}

async fn verified(core: &Core, config: &JwtConfig, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    // The algorithm is ours to choose, by the kind of key: the token's word alone counts for nothing.
    let (key, algorithm) = match &config.keys {
        JwtKeys::Secret(secret) if header.alg == Algorithm::HS256 => {
            (DecodingKey::from_secret(secret.expose_secret().as_bytes()), Algorithm::HS256)
        }
        JwtKeys::JwksUrl(url) if is_asymmetric(header.alg) => {
            let jwk = jwks::key(url, header.kid.as_deref(), &core.clock).await?;
            if !fits(&jwk, header.alg) {
                return None;
            }
            (DecodingKey::from_jwk(&jwk).ok()?, header.alg)
        }
        _ => return None,
    };
    let mut validation = Validation::new(algorithm);
    // Times are checked by the Clock, the rest beside them.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    claims.hold(config, now).then_some(claims)
}

const fn is_asymmetric(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// A key that names its algorithm or its use is for that only.
fn fits(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let for_signing = !matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption));
    for_signing && jwk.common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm))
}
