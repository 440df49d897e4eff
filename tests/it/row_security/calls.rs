//! Calls of the program's statements with what is in rows: which parameter goes with which column is read from the text.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk::platform::ids::OrganizationId;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Statement, texts};

/// A row, column by column as text.
#[derive(Debug)]
pub struct Known {
    table: String,
    /// Tried on every statement, and not on those only that name its table.
    everywhere: bool,
    pub columns: BTreeMap<String, String>,
}

/// What sets rows of a table apart in the conditions of statements.
const STATE: &str = "concat_ws(' ', r->>'status', r->>'state', r->>'source', r->>'direction', r->>'channel', r->>'closed', r->>'taken',
    r->>'internal', r->>'name', r->>'first_name', r->>'withdrawn_at' IS NULL, r->>'removed_at' IS NULL, r->>'role_id' IS NULL,
    r->>'recipient_id' IS NULL)";

/// Some of the organization's rows: the first and the last of each table, one in each state, and what is asked for by its own id.
pub async fn known(connection: &mut PgConnection, tables: &[String], organization: OrganizationId) -> Vec<Known> {
    let id = organization.0;
    let mut known = Vec::new();
    let own = tables.iter().map(|table| (table.as_str(), format!("{table} t WHERE organization_id = '{id}'")));
    let others = [
        ("organizations", format!("organizations t WHERE id = '{id}'")),
        ("users", format!("users t WHERE id IN (SELECT user_id FROM memberships WHERE organization_id = '{id}')")),
    ];
    for (table, from) in others.into_iter().chain(own) {
        let sql = format!(
            "SELECT jsonb_build_object('row', r, 'end', n IN (1, all_rows))::text
             FROM (SELECT r, row_number() OVER (ORDER BY r->>'id', r) AS n, count(*) OVER () AS all_rows,
                          row_number() OVER (PARTITION BY {STATE} ORDER BY r->>'id', r) AS of_state
                   FROM (SELECT to_jsonb(t) AS r FROM {from}) AS rows) AS numbered
             WHERE n IN (1, all_rows) OR of_state = 1"
        );
        for row in texts(connection, &sql).await {
            let row: Value = serde_json::from_str(&row).expect("a row");
            let columns = row["row"].as_object().expect("columns").iter().filter(|(_, value)| !value.is_null());
            let columns = columns
                .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
            let everywhere = row["end"] == true && table != "users";
            known.push(Known { table: table.to_owned(), everywhere, columns: columns.collect() });
        }
    }
    known
}

/// Table by table, what its indexes let in once. Ids are left out: they refer to rows.
pub async fn unique_columns(connection: &mut PgConnection) -> BTreeMap<String, BTreeSet<String>> {
    let sql = "SELECT c.relname || ' ' || a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid <> 'uuid'::regtype
               WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
                 AND (a.attnum = ANY (i.indkey) OR pg_get_expr(i.indexprs, i.indrelid) ~ ('\\y' || a.attname || '\\y'))";
    let mut unique: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for pair in texts(connection, sql).await {
        let (table, column) = pair.split_once(' ').expect("a pair");
        unique.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    unique
}

/// The parts of a list between commas, up to where the list ends.
fn parts(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' if depth == 0 => return [parts, vec![list[from..at].trim()]].concat(),
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(list[from..at].trim());
                from = at + 1;
            }
            ' ' if depth == 0 && list[at..].starts_with(" FROM ") => {
                return [parts, vec![list[from..at].trim()]].concat();
            }
            _ => {}
        }
    }
    parts.push(list[from..].trim());
    parts
}

/// The parameter that a value is, also cut or with a default.
fn parameter(value: &str) -> Option<usize> {
    let value = value.trim_start_matches("left(").trim_start_matches("COALESCE(").strip_prefix('$')?;
    value[..value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len())].parse().ok()
}

fn last_word(text: &str) -> Option<String> {
    let name: Vec<char> = text.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then(|| name.into_iter().rev().collect())
}

/// The column that each parameter is compared with or written to, as far as the text says so.
fn columns(statement: &Statement) -> Vec<Option<String>> {
    let sql = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut columns = vec![None; statement.parameters.len()];
    for (n, column) in columns.iter_mut().enumerate() {
        let parameter = format!("${}", n + 1);
        for (at, _) in sql.match_indices(&parameter) {
            if sql[at + parameter.len()..].starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let cut = ["left(", "lower(", "ANY(", "ANY ("].iter().fold(&sql[..at], |cut, f| cut.trim_end_matches(f));
            let before = cut.trim_end();
            let before = before.trim_end_matches("IS NOT DISTINCT FROM").trim_end_matches("IS DISTINCT FROM");
            let left = before.trim_end_matches(['=', '<', '>']);
            if left.len() < cut.trim_end().len() {
                *column = column.take().or_else(|| last_word(left.trim_end().trim_end_matches(')')));
            }
            let listed = sql[at + parameter.len()..].strip_prefix(" IN (").and_then(|list| list.split_once(','));
            if let Some((first, _)) = listed {
                *column = column.take().or_else(|| last_word(first));
            }
        }
    }
    let mut name = |names: &[&str], values: &[&str]| {
        for (name, value) in names.iter().zip(values) {
            if let Some(column) = parameter(value).and_then(|n| columns.get_mut(n - 1)) {
                *column = Some((*name).to_owned());
            }
        }
    };
    // unnest($1::uuid[], $2::text[]) AS t (a, b), or (a, b) IN (SELECT * FROM unnest($1::text[], $2::text[])).
    for (at, _) in sql.match_indices("unnest(") {
        let list = &sql[at + "unnest(".len()..];
        let values = parts(list);
        let after =
            list.split_once(')').map_or("", |(_, after)| after).trim_start().trim_start_matches("WITH ORDINALITY ");
        let names =
            after.strip_prefix("AS ").and_then(|after| after.split_once('(')).filter(|(alias, _)| alias.len() < 12);
        let tuple = sql[..at].strip_suffix(") IN (SELECT * FROM ").and_then(|before| before.rsplit_once('('));
        if let Some((_, names)) = names {
            name(&parts(names), &values);
        } else if let Some((_, names)) = tuple {
            name(&parts(names), &values);
        }
    }
    // INSERT INTO table (a, b) VALUES ($1, left($2, 500)), or SELECT $1, $2.
    if let Some((names, values)) =
        sql.split_once("INSERT INTO ").and_then(|(_, rest)| rest.split_once('(')?.1.split_once(") "))
    {
        name(&parts(names), &parts(values.trim_start_matches("VALUES (").trim_start_matches("SELECT ")));
    }
    columns
}

/// What a parameter is where no row says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Null.
    Bare,
    /// Something that fits.
    Harmless,
    /// The same, but ids, which would have to be of something, are null.
    Unrelated,
    /// As bare; and what there may be once only is new.
    Fresh,
}

/// Something of the type that says nothing.
fn harmless(kind: &str, odd: bool) -> Option<&'static str> {
    Some(match kind {
        // In most texts.
        "Text" => "'e'",
        "Jsonb" => "'{}'",
        "Bool" => "true",
        "Int2" | "Int4" | "Float4" => "1",
        "Time" if odd => "'23:59'",
        "Time" => "'00:00'",
        "Date" => "'2026-01-01'",
        "Timestamptz" if odd => "'2026-11-01T00:00:00Z'",
        "Timestamptz" => "'2027-01-01T00:00:00Z'",
        "Bytea" => "'\\x00'",
        _ => return None,
    })
}

/// As Postgres writes an array what JSON has as one.
fn array(text: &str) -> Option<String> {
    let items: Vec<Value> = serde_json::from_str(text).ok()?;
    let items = items.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
    Some(format!("'{{{}}}'", items.replace('\'', "''")))
}

/// A row as the document of a new one, which is written on the condition that the row is there for whoever writes it, or on none.
fn document(row: &Known, id: &str, on_condition: bool) -> String {
    let mut one: BTreeMap<&str, Value> = row.columns.iter().map(|(name, text)| (name.as_str(), json!(text))).collect();
    let condition = if on_condition { json!(row.columns.get("id")) } else { Value::Null };
    one.extend([("id", json!(id)), ("erased", json!(false)), ("texts", condition.clone()), ("campaigned", condition)]);
    format!("'{}'", json!([one]).to_string().replace('\'', "''"))
}

/// Calls of the statement with what is in the rows.
pub fn calls(
    statement: &Statement,
    organization: OrganizationId,
    rows: &[Known],
    unique: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let columns = columns(statement);
    let mut calls = BTreeSet::new();
    let into = statement.sql.split_once("INSERT INTO ").and_then(|(_, rest)| rest.split_whitespace().next());
    let (own, fresh) = (organization.0.to_string(), "01a1fe9f-0000-7000-8000-000000000001".to_owned());
    for row in rows {
        let named = statement.sql.contains(&row.table);
        let mut ways = Vec::new();
        if row.everywhere || named {
            ways.extend([Way::Bare, Way::Harmless]);
        }
        if named {
            ways.push(Way::Unrelated);
        }
        if into == Some(row.table.as_str()) {
            ways.push(Way::Fresh);
        }
        for way in ways {
            let values = statement.parameters.iter().zip(&columns).enumerate().map(|(at, (kind, column))| {
                let (of, is_array) = kind.strip_suffix("Array").map_or((kind.as_str(), false), |of| (of, true));
                let row_id = || row.columns.get("id").filter(|_| of == "Uuid" && way == Way::Harmless);
                let said = match column.as_deref() {
                    Some("organization_id") => Some(&own),
                    Some("id") if into.is_some() && way != Way::Harmless => Some(&fresh),
                    Some(name) => row.columns.get(name).or_else(row_id),
                    None if way == Way::Unrelated => None,
                    None => row.columns.get("id").filter(|_| of == "Uuid"),
                };
                if statement.sql.contains(&format!("jsonb_to_recordset(${})", at + 1)) {
                    return document(row, &fresh, way == Way::Harmless);
                }
                let once = |name: &String| unique.get(&row.table).is_some_and(|names| names.contains(name));
                if way == Way::Fresh && !is_array && said.is_some() && column.as_ref().is_some_and(once) {
                    match of {
                        "Text" if said.is_some_and(|text| text.starts_with('+')) => return "'+19995550100'".to_owned(),
                        "Text" => return "'new'".to_owned(),
                        "Bytea" => return "'\\x0102'".to_owned(),
                        "Int4" | "Int8" => return "9999".to_owned(),
                        _ => {}
                    }
                }
                if is_array {
                    let item = said.map(|text| format!("'{}'", text.replace('\'', "''")));
                    let item = item.or_else(|| {
                        let something =
                            harmless(of, at % 2 == 1).filter(|_| way == Way::Harmless || way == Way::Unrelated);
                        something.map(str::to_owned)
                    });
                    let of = of.to_lowercase();
                    return match (said.and_then(|text| array(text)), item) {
                        (Some(whole), _) => whole,
                        (None, Some(item)) => format!("ARRAY[{item}]::{of}[]"),
                        (None, None) if named && column.is_some() && way == Way::Bare => "NULL".to_owned(),
                        (None, None) => "'{}'".to_owned(),
                    };
                }
                match said {
                    Some(text) => format!("'{}'", text.replace('\'', "''")),
                    None if of == "Int8" => "100".to_owned(),
                    None if way == Way::Bare || way == Way::Fresh => "NULL".to_owned(),
                    None => harmless(of, (at % 2 == 1) != (way == Way::Unrelated)).unwrap_or("NULL").to_owned(),
                }
            });
            let values = values.collect::<Vec<_>>().join(", ");
            calls.insert(if values.is_empty() {
                format!("EXECUTE {}", statement.name)
            } else {
                format!("EXECUTE {}({values})", statement.name)
            });
        }
    }
    calls
}
