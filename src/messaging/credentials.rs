//! Accounts of senders: opened for sending and looking up, and asked whether a webhook was signed by them.

use secrecy::SecretString;
use sqlx::PgConnection;

use super::{
    channels::Account,
    store::credentials::{self, SealedAccount},
};
use crate::platform::{
    crypto::Vault,
    db::Tx,
    ids::{OrganizationId, SenderId},
};

/// What a secret of a sender's account is sealed for. `app/sealed.rs` says the same in SQL.
#[derive(Clone, Copy, Debug)]
pub(super) enum Secret {
    AuthToken,
    SecondToken,
    ApiKey,
}

impl Secret {
    pub(super) fn context(self, organization: OrganizationId, sender: SenderId) -> Vec<u8> {
        let what: &[u8] = match self {
            Self::AuthToken => b"twilio token",
            Self::SecondToken => b"twilio second token",
            Self::ApiKey => b"twilio api key",
        };
        [what, organization.0.as_bytes(), sender.0.as_bytes()].concat()
    }
}

/// The account that the sender belongs to. None: it has none of its own, or what is stored cannot be opened.
pub(super) async fn of_sender(
    tx: &mut Tx,
    vault: Option<&Vault>,
    sender: SenderId,
) -> Result<Option<Account>, sqlx::Error> {
    let organization = tx.organization_id();
    let sealed = credentials::sealed(tx, organization, sender).await?;
    Ok(sealed.zip(vault).and_then(|(sealed, vault)| open(vault, organization, sender, &sealed)))
}

/// The tokens with which the sender's account signs what it tells us, where `account_sid` is that account.
pub(super) async fn tokens(
    c: &mut PgConnection,
    vault: Option<&Vault>,
    organization: OrganizationId,
    sender: SenderId,
    account_sid: &str,
) -> Result<Vec<SecretString>, sqlx::Error> {
    let sealed = credentials::sealed(c, organization, sender).await?;
    let account = sealed
        .zip(vault)
        .filter(|(sealed, _)| sealed.account_sid == account_sid)
        .and_then(|(sealed, vault)| open(vault, organization, sender, &sealed));
    Ok(account.map(|account| account.auth_tokens).unwrap_or_default())
}

fn open(vault: &Vault, organization: OrganizationId, sender: SenderId, sealed: &SealedAccount) -> Option<Account> {
    let opened = |what: Secret, sealed: &[u8]| vault.open(sealed, &what.context(organization, sender)).ok();
    let mut auth_tokens = vec![opened(Secret::AuthToken, &sealed.sealed_auth_token)?];
    if let Some(second) = &sealed.sealed_second_token {
        auth_tokens.push(opened(Secret::SecondToken, second)?);
    }
    let api_key = match (&sealed.api_key_sid, &sealed.sealed_api_key_secret) {
        (Some(sid), Some(secret)) => Some((sid.clone(), opened(Secret::ApiKey, secret)?)),
        _ => None,
    };
    Some(Account { account_sid: sealed.account_sid.clone(), auth_tokens, api_key })
}

/// A sender's account as staff enter it.
#[derive(Debug)]
pub(super) struct NewAccount {
    pub account_sid: String,
    pub auth_token: SecretString,
    pub second_token: Option<SecretString>,
    pub api_key: Option<(String, SecretString)>,
}

/// Seals and stores it in place of what was there.
pub(super) async fn put(tx: &mut Tx, vault: &Vault, sender: SenderId, new: &NewAccount) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let seal = |what: Secret, secret: &SecretString| vault.seal(secret, &what.context(organization, sender));
    let sealed = SealedAccount {
        account_sid: new.account_sid.clone(),
        api_key_sid: new.api_key.as_ref().map(|(sid, _)| sid.clone()),
        sealed_auth_token: seal(Secret::AuthToken, &new.auth_token),
        sealed_second_token: new.second_token.as_ref().map(|token| seal(Secret::SecondToken, token)),
        sealed_api_key_secret: new.api_key.as_ref().map(|(_, secret)| seal(Secret::ApiKey, secret)),
    };
    credentials::put(tx, sender, &sealed).await
}
