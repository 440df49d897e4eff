//! The second factor: codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), and recovery codes for when the
//! phone is gone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Totp};

use super::{service::AccountError, store::factor};
use crate::platform::{
    crypto,
    db::Tx,
    http::Core,
    ids::UserId,
    problem::{Code, Problem},
};

const STEP_SECONDS: i64 = 30;
/// Clocks of phones are a step off at most.
const SKEW_STEPS: i64 = 1;
/// 160 bits, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// Four groups of four out of 32 signs: 80 bits, beyond guessing even for whoever has the hashes.
const RECOVERY_GROUPS: usize = 4;
/// Without the signs that look like others.
const RECOVERY_SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// A second factor being set up.
pub(super) struct Enrolment {
    /// Base 32, for whoever cannot scan.
    pub secret: String,
    pub uri: String,
    pub svg: String,
}

/// Makes a secret that waits for its first code.
pub(super) async fn begin(core: &Core, tx: &mut Tx, user: UserId, name: &str) -> Result<Enrolment, Problem> {
    let vault = core.vault.as_ref().ok_or_else(|| {
        Problem::new(Code::NoEncryptionKey, "Set ENCRYPTION_KEY, so that the secret need not lie open in the database.")
    })?;
    if factor::lock(tx, user).await?.totp_confirmed_at.is_some() {
        return Err(Problem::new(Code::AlreadyExists, "The second factor is on. Turn it off first."));
    }
    let secret = crypto::random_token(SECRET_BYTES);
    let sealed = vault.seal(&SecretString::from(secret.clone()), &context(user));
    factor::begin(tx, user, &sealed, core.clock.now()).await?;
    let totp = totp(&secret, name).ok_or_else(Problem::internal)?;
    let uri = totp.to_url().map_err(|error| {
        tracing::error!(%error, "second_factor.no_uri");
        Problem::internal()
    })?;
    let qr = qrcode::QrCode::new(uri.as_bytes()).map_err(|error| {
        tracing::error!(%error, "second_factor.no_qr");
        Problem::internal()
    })?;
    let svg = qr.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).build();
    // The declaration is for files; a page holds the element alone.
    let svg = svg.find("<svg").map_or(svg.clone(), |at| svg[at..].to_owned());
    Ok(Enrolment { secret: totp.secret().to_base32(), uri, svg })
}

/// The first code proves that the app has the secret. Returns the recovery codes, told this once.
pub(super) async fn confirm(core: &Core, tx: &mut Tx, user: UserId, code: &str) -> Result<Vec<String>, Problem> {
    let row = factor::lock(tx, user).await?;
    if row.totp_confirmed_at.is_some() {
        return Err(Problem::new(Code::AlreadyExists, "The second factor is on already."));
    }
    if row.totp_secret.is_none() {
        return Err(Problem::not_found("second factor being set up"));
    }
    let Some(step) = matching_step(core, user, &row, &plain(code)) else {
        return Err(Problem::invalid_field("code", "wrong", "is not the code the app shows now"));
    };
    factor::use_step(tx, user, step).await?;
    factor::confirm(tx, user, core.clock.now()).await?;
    Ok(new_recovery_codes(tx, user).await?)
}

/// A new set; the ones before stop working.
pub(super) async fn new_recovery_codes(tx: &mut Tx, user: UserId) -> Result<Vec<String>, sqlx::Error> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| recovery_hash(user, &plain(code))).collect();
    factor::replace_recovery_codes(tx, user, &hashes).await?;
    Ok(codes)
}

pub(super) async fn is_on(tx: &mut Tx, user: UserId) -> Result<bool, sqlx::Error> {
    Ok(factor::lock(tx, user).await?.totp_confirmed_at.is_some())
}

/// Whether the code is right, which it is once: of the app in this step or its neighbours, or a recovery code.
pub(super) async fn check(core: &Core, tx: &mut Tx, user: UserId, code: &str) -> Result<bool, AccountError> {
    let code = plain(code);
    let row = factor::lock(tx, user).await?;
    if let Some(step) = matching_step(core, user, &row, &code) {
        factor::use_step(tx, user, step).await?;
        return Ok(true);
    }
    if code.len() != RECOVERY_GROUPS * 4 {
        return Ok(false);
    }
    Ok(factor::use_recovery_code(tx, user, &recovery_hash(user, &code), core.clock.now()).await?)
}

/// The step whose code it is, if that is later than the one used last.
fn matching_step(core: &Core, user: UserId, row: &factor::FactorRow, code: &str) -> Option<i64> {
    let sealed = row.totp_secret.as_deref()?;
    if code.len() != 6 {
        return None;
    }
    let opened = core.vault.as_ref().map(|vault| vault.open(sealed, &context(user)));
    let Some(Ok(secret)) = opened else {
        tracing::error!(user.id = %user, "second_factor.cannot_be_opened");
        return None;
    };
    let totp = totp(secret.expose_secret(), "")?;
    let now = core.clock.now().timestamp() / STEP_SECONDS;
    let last = row.totp_last_step.unwrap_or(i64::MIN);
    (now - SKEW_STEPS..=now + SKEW_STEPS).filter(|step| *step > last).find(|step| {
        let expected = totp.generate((step * STEP_SECONDS).max(0).cast_unsigned()).to_string();
        bool::from(expected.as_bytes().ct_eq(code.as_bytes()))
    })
}

fn totp(secret: &str, name: &str) -> Option<Totp> {
    let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
    // A colon parts issuer and account in the URI.
    Builder::new()
        .with_secret(secret)
        .with_skew(0)
        .with_account_name(name.replace(':', " "))
        .with_issuer(Some("Frontdesk"))
        .build()
        .ok()
}

/// Codes as people type them: groups apart, in capitals.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

fn recovery_code() -> String {
    let random = URL_SAFE_NO_PAD.decode(crypto::random_token(RECOVERY_GROUPS * 4)).unwrap_or_default();
    let groups: Vec<String> = random
        .chunks(4)
        .map(|group| group.iter().map(|byte| char::from(RECOVERY_SIGNS[usize::from(byte % 32)])).collect())
        .collect();
    groups.join("-")
}

fn recovery_hash(user: UserId, code: &str) -> Vec<u8> {
    crypto::token_hash("frontdesk recovery code", &format!("{user} {code}"))
}

fn context(user: UserId) -> Vec<u8> {
    [b"user totp ", &user.0.as_bytes()[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = URL_SAFE_NO_PAD.encode(b"12345678901234567890");
        let totp = totp(&secret, "x").expect("secret");
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(totp.generate(at).to_string(), code, "{at}");
        }
    }

    #[test]
    fn recovery_codes_can_be_read_out_and_typed() {
        let code = recovery_code();
        assert_eq!(code.len(), 19);
        assert_eq!(plain(&code.to_uppercase()), plain(&code.replace('-', " ")));
        assert_eq!(plain(&code).len(), 16);
        assert_ne!(recovery_code(), code);
    }
}
