//! Secrets: random tokens, their keyed hashes, passwords, and HMAC for webhook signatures, and the vault that seals what
//! organizations entrust to the database. Comparisons take constant time.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `bytes` random bytes of the operating system as URL-safe base64.
pub fn random_token(bytes: usize) -> String {
    let mut buffer = vec![0u8; bytes];
    OsRng.try_fill_bytes(&mut buffer).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(buffer)
}

/// `bytes` random bytes of the operating system as plain base64 with padding.
pub fn random_base64(bytes: usize) -> String {
    let mut buffer = vec![0u8; bytes];
    OsRng.try_fill_bytes(&mut buffer).expect("the operating system gives random bytes");
    STANDARD.encode(buffer)
}

/// So many random letters and digits, each of the 62 as likely.
pub fn random_code(length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut code = String::with_capacity(length);
    while code.len() < length {
        let mut buffer = [0u8; 32];
        OsRng.try_fill_bytes(&mut buffer).expect("the operating system gives random bytes");
        // 248 is four times 62: what lies above would favour some.
        let fair = buffer.iter().filter(|byte| **byte < 248).map(|byte| char::from(LETTERS[usize::from(*byte) % 62]));
        code.extend(fair.take(length - code.len()));
    }
    code
}

/// A random fraction in `[0, 1)`, for jitter.
pub fn jitter() -> f64 {
    let mut buffer = [0u8; 4];
    OsRng.try_fill_bytes(&mut buffer).expect("the operating system gives random bytes");
    f64::from(u32::from_le_bytes(buffer)) / (f64::from(u32::MAX) + 1.0)
}

/// HMAC-SHA256 of a random token under `secret`: what the database keeps of it.
pub fn token_hash(secret: &str, token: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(token.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Lowercase hex SHA-256.
pub fn sha256_hex(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|b| format!("{b:02x}")).collect()
}

/// HMAC-SHA1 as base64 with padding: the form of `X-Twilio-Signature`.
pub fn hmac_sha1_base64(key: &str, data: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(data);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// HMAC-SHA256 as base64 with padding: the form of `webhook-signature` (Standard Webhooks).
pub fn hmac_sha256_base64(key: &[u8], data: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    STANDARD.encode(mac.finalize().into_bytes())
}

pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// argon2id with the crate's recommended parameters, as a PHC string. Slow on purpose: call it on a blocking thread.
pub fn hash_password(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// False also where the stored hash cannot be read. Slow on purpose: call it on a blocking thread.
pub fn verify_password(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Seals short secrets for the database with XChaCha20-Poly1305: under the current key, while what earlier keys sealed still opens.
/// Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    current: XChaCha20Poly1305,
    previous: Arc<[XChaCha20Poly1305]>,
}

/// A sealed secret that cannot be opened: it was changed, belongs elsewhere, or was sealed with another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret cannot be opened with this key in this place")]
pub struct CannotOpen;

/// First byte of everything sealed, so that another scheme can follow this one.
const SEALED_V1: u8 = 1;
const NONCE_BYTES: usize = 24;

fn cipher(secret: &SecretString) -> XChaCha20Poly1305 {
    let mut key = [0u8; 32];
    Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes())
        .expand(b"frontdesk vault 1", &mut key)
        .expect("32 bytes are within what HKDF gives");
    XChaCha20Poly1305::new(&key.into())
}

impl Vault {
    /// `secret` is any text with at least 256 bits of randomness in it (ENCRYPTION_KEY); the key proper is derived from it.
    pub fn new(secret: &SecretString) -> Self {
        Self::with_previous(secret, &[])
    }

    /// `previous` (ENCRYPTION_KEYS_PREVIOUS) open what they sealed until everything was sealed again; nothing new is sealed with them.
    pub fn with_previous(secret: &SecretString, previous: &[SecretString]) -> Self {
        Self { current: cipher(secret), previous: previous.iter().map(cipher).collect() }
    }

    /// The same, sealed under the current key; none where it is already.
    pub fn reseal(&self, sealed: &[u8], context: &[u8]) -> Result<Option<Vec<u8>>, CannotOpen> {
        if open_with(&self.current, sealed, context).is_ok() {
            return Ok(None);
        }
        Ok(Some(self.seal(&self.open(sealed, context)?, context)))
    }

    /// Version, nonce, ciphertext and tag. What is sealed under a `context` (organization and row, say) opens under the same one only, so
    /// that rows cannot be swapped.
    pub fn seal(&self, plaintext: &SecretString, context: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut nonce).expect("the operating system gives random bytes");
        let message = Payload { msg: plaintext.expose_secret().as_bytes(), aad: &bound_to(context) };
        let ciphertext =
            self.current.encrypt(&XNonce::from(nonce), message).expect("a secret is far below the cipher's limit");
        [&[SEALED_V1][..], &nonce[..], &ciphertext[..]].concat()
    }

    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<SecretString, CannotOpen> {
        let mut keys = std::iter::once(&self.current).chain(self.previous.iter());
        keys.find_map(|key| open_with(key, sealed, context).ok()).ok_or(CannotOpen)
    }
}

fn open_with(key: &XChaCha20Poly1305, sealed: &[u8], context: &[u8]) -> Result<SecretString, CannotOpen> {
    let rest = sealed.strip_prefix(&[SEALED_V1]).ok_or(CannotOpen)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(CannotOpen)?;
    let message = Payload { msg: ciphertext, aad: &bound_to(context) };
    let plaintext = key.decrypt(&XNonce::from(*nonce), message).map_err(|_| CannotOpen)?;
    String::from_utf8(plaintext).map(SecretString::from).map_err(|_| CannotOpen)
}

/// The version is authenticated too.
fn bound_to(context: &[u8]) -> Vec<u8> {
    [&[SEALED_V1][..], context].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_verify_only_themselves() {
        let hash = hash_password("correct horse").expect("hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("correct horse", &hash));
        assert!(!verify_password("correct horsf", &hash));
        assert!(!verify_password("correct horse", "junk"));
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (a, b) = (random_token(32), random_token(32));
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
        assert_ne!(token_hash("k1", &a), token_hash("k2", &a));
    }

    fn vault(secret: &str) -> Vault {
        Vault::new(&SecretString::from(secret))
    }

    #[test]
    fn a_vault_opens_what_it_sealed_in_its_place_and_nothing_else() {
        let (ours, theirs) = (vault("0123456789abcdef0123456789abcdef"), vault("0123456789abcdef0123456789abcdeF"));
        let key = SecretString::from("sk-or-v1-0123456789 ключ");
        let sealed = ours.seal(&key, b"org 1, row 1");
        assert_eq!(ours.open(&sealed, b"org 1, row 1").expect("opens").expose_secret(), key.expose_secret());
        assert_eq!(ours.open(&sealed, b"org 1, row 2").err(), Some(CannotOpen), "another row");
        assert_eq!(ours.open(&sealed, b"").err(), Some(CannotOpen));
        assert_eq!(theirs.open(&sealed, b"org 1, row 1").err(), Some(CannotOpen), "another key");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(ours.open(&changed, b"org 1, row 1").err(), Some(CannotOpen), "byte {at}");
            assert_eq!(ours.open(&sealed[..at], b"org 1, row 1").err(), Some(CannotOpen), "cut at {at}");
        }
    }

    #[test]
    fn a_key_can_be_replaced_without_losing_what_it_sealed() {
        let [old, older, new] = ["old", "older", "new"].map(|k| SecretString::from(k.repeat(16)));
        let key = SecretString::from("sk-or-v1-0123456789");
        let sealed = Vault::new(&old).seal(&key, b"row");
        let both = Vault::with_previous(&new, &[older.clone(), old]);
        assert_eq!(both.open(&sealed, b"row").expect("opens").expose_secret(), key.expose_secret());
        assert_eq!(Vault::new(&new).open(&sealed, b"row").err(), Some(CannotOpen), "the old key is needed still");
        assert_eq!(Vault::with_previous(&new, &[older]).reseal(&sealed, b"row"), Err(CannotOpen));
        assert_eq!(both.reseal(&sealed, b"another row"), Err(CannotOpen));
        let again = both.reseal(&sealed, b"row").expect("opens").expect("was under the old key");
        assert_eq!(both.reseal(&again, b"row"), Ok(None), "once is enough");
        assert_eq!(Vault::new(&new).open(&again, b"row").expect("opens").expose_secret(), key.expose_secret());
    }

    #[test]
    fn sealing_twice_shows_nothing() {
        let vault = vault("0123456789abcdef0123456789abcdef");
        let key = SecretString::from("sk-same");
        let (a, b) = (vault.seal(&key, b"row"), vault.seal(&key, b"row"));
        assert_ne!(a, b);
        assert!(!a.windows(7).any(|w| w == b"sk-same"));
        assert_eq!(vault.open(&vault.seal(&SecretString::from(""), b""), b"").expect("opens").expose_secret(), "");
    }

    #[test]
    fn jitter_is_a_fraction() {
        assert!((0..1000).map(|_| jitter()).all(|j| (0.0..1.0).contains(&j)));
    }
}
