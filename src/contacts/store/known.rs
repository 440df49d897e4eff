//! How much is known of an organization's contacts: what they lack, and what is kept of them besides. Asked of the newest, so that the
//! answer takes no longer with a million of them.

use crate::platform::db::Tx;

/// How many contacts are looked at.
const NEWEST: i64 = 10_000;

/// How many contacts lack a value.
#[derive(Clone, Debug)]
pub struct Lacking {
    /// As asked for.
    pub name: String,
    pub missing: i64,
    pub looked_at: i64,
}

/// Counts who lacks what, among the newest contacts that are not put away. A name is a field's (`first_name`), or `custom.` and the name of
/// what is kept besides. A name that nobody has anything by is lacked by all.
pub async fn lacking(tx: &mut Tx, names: &[String]) -> Result<Vec<Lacking>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Lacking,
        r#"SELECT v.name AS "name!", count(c.id) AS "looked_at!",
                  count(c.id) FILTER (WHERE COALESCE(btrim(
                      CASE v.name WHEN 'first_name' THEN c.first_name WHEN 'last_name' THEN c.last_name WHEN 'email' THEN c.email
                                  WHEN 'language' THEN c.language WHEN 'postal_code' THEN c.postal_code
                                  WHEN 'lifecycle_stage' THEN c.lifecycle_stage
                                  ELSE c.custom ->> substr(v.name, length('custom.') + 1) END), '') = '') AS "missing!"
           FROM unnest($2::text[]) AS v (name)
                LEFT JOIN (SELECT id, first_name, last_name, email, language, postal_code, lifecycle_stage, custom FROM contacts
                           WHERE organization_id = $1 AND archived_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $3) AS c ON true
           GROUP BY v.name ORDER BY v.name"#,
        organization.0,
        names,
        NEWEST,
    )
    .fetch_all(&mut **tx)
    .await
}

/// A name by which something is kept of contacts besides.
#[derive(Clone, Debug)]
pub struct CustomName {
    pub name: String,
    /// Of how many of the newest contacts.
    pub contacts: i64,
}

/// What is kept of the newest contacts besides, the most frequent first: a hundred names at most.
pub async fn custom_names(tx: &mut Tx) -> Result<Vec<CustomName>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        CustomName,
        r#"SELECT k.name AS "name!", count(*) AS "contacts!"
           FROM (SELECT custom FROM contacts
                 WHERE organization_id = $1 AND archived_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2) AS c,
                LATERAL jsonb_object_keys(c.custom) AS k (name)
           GROUP BY k.name ORDER BY count(*) DESC, k.name LIMIT 100"#,
        organization.0,
        NEWEST,
    )
    .fetch_all(&mut **tx)
    .await
}
