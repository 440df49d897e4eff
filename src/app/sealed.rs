//! The one table of columns that hold what the vault sealed, and sealing them again under a new key.

use crate::{
    compliance,
    platform::{
        crypto::Vault,
        db::Db,
        sealed::{Rotated, SealedColumn, rotate},
    },
};

const WEBHOOK: &str = "'webhook'::bytea || uuid_send(organization_id) || uuid_send(id)";

/// Every sealed column. `context` says in SQL what the slice says in Rust when it seals. A test fails on a sealed column that is missing.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        what: "keys of language models",
        table: "ai_providers",
        column: "sealed_key",
        context: "uuid_send(organization_id) || uuid_send(id)",
    },
    SealedColumn {
        what: "second factors of staff",
        table: "users",
        column: "totp_secret",
        context: "'user totp '::bytea || uuid_send(id)",
    },
    SealedColumn {
        what: "secrets of webhook endpoints",
        table: "webhook_endpoints",
        column: "sealed_secret",
        context: WEBHOOK,
    },
    SealedColumn {
        what: "previous secrets of webhook endpoints",
        table: "webhook_endpoints",
        column: "previous_sealed_secret",
        context: WEBHOOK,
    },
    SealedColumn {
        what: "auth tokens of senders",
        table: "sender_credentials",
        column: "sealed_auth_token",
        context: "'twilio token'::bytea || uuid_send(organization_id) || uuid_send(sender_id)",
    },
    SealedColumn {
        what: "second auth tokens of senders",
        table: "sender_credentials",
        column: "sealed_second_token",
        context: "'twilio second token'::bytea || uuid_send(organization_id) || uuid_send(sender_id)",
    },
    SealedColumn {
        what: "API keys of senders",
        table: "sender_credentials",
        column: "sealed_api_key_secret",
        context: "'twilio api key'::bytea || uuid_send(organization_id) || uuid_send(sender_id)",
    },
    SealedColumn {
        what: "keys of erased numbers",
        table: "number_hash_keys",
        column: "sealed_key",
        context: "'number hash key'::bytea || uuid_send(organization_id)",
    },
];

/// Seals everything under the current key. Safe while the program runs, and to be repeated.
pub async fn rotate_keys(db: &Db, vault: &Vault) -> Result<Vec<(&'static str, Rotated)>, sqlx::Error> {
    let opened = compliance::seal_plain_number_keys(db, vault).await?;
    let mut report = Vec::new();
    for column in SEALED {
        let mut rotated = rotate(db.pool(), vault, column).await?;
        if column.table == "number_hash_keys" {
            rotated.sealed_again += opened;
            rotated.current_already -= opened.min(rotated.current_already);
        }
        report.push((column.what, rotated));
    }
    Ok(report)
}
