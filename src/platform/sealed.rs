//! Seals everything again under the current key, column by column. The table of sealed columns is in `app/sealed.rs`.

use sqlx::{AssertSqlSafe, PgPool, Row};

use super::crypto::Vault;

/// A column that holds what the vault sealed.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// What the secrets are, plural, for whoever runs the rotation.
    pub what: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// SQL for the context that the row's secret is bound to; unique in the table.
    pub context: &'static str,
}

/// What became of the secrets of one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    pub sealed_again: u64,
    pub current_already: u64,
    /// Neither the current nor a previous key opens them.
    pub lost: u64,
}

const PAGE: i64 = 200;

/// Seals each secret of the column under the current key. Safe while the program runs: a secret that changes meanwhile is left as it is,
/// for it was sealed under the current key already.
pub async fn rotate(pool: &PgPool, vault: &Vault, sealed: &SealedColumn) -> Result<Rotated, sqlx::Error> {
    let SealedColumn { table, column, context, .. } = sealed;
    // Constants of the program, no input of anybody.
    let select = format!(
        "SELECT {context} AS context, {column} AS sealed FROM {table}
         WHERE {column} IS NOT NULL AND ($1::bytea IS NULL OR {context} > $1) ORDER BY 1 LIMIT {PAGE}"
    );
    let update = format!("UPDATE {table} SET {column} = $3 WHERE {context} = $1 AND {column} = $2");
    let mut done = Rotated::default();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let rows = sqlx::query(AssertSqlSafe(select.clone())).bind(&after).fetch_all(pool).await?;
        for row in &rows {
            let (context, old): (Vec<u8>, Vec<u8>) = (row.try_get("context")?, row.try_get("sealed")?);
            match vault.reseal(&old, &context) {
                Ok(None) => done.current_already += 1,
                Ok(Some(new)) => {
                    let changed = sqlx::query(AssertSqlSafe(update.clone()))
                        .bind(&context)
                        .bind(&old)
                        .bind(&new)
                        .execute(pool)
                        .await?;
                    match changed.rows_affected() {
                        0 => done.current_already += 1,
                        _ => done.sealed_again += 1,
                    }
                }
                Err(_) => done.lost += 1,
            }
            after = Some(context);
        }
        if rows.len() < PAGE as usize {
            return Ok(done);
        }
    }
}
