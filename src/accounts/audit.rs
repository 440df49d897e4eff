//! Who did what to which row. Written in the transaction of the change, so that there is neither a change without its entry nor an
//! entry without its change.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::store;
use crate::platform::{db::Tx, live::Kind};

/// Who acts, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    /// Of the user or key.
    pub id: Option<Uuid>,
    pub name: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    User,
    ApiKey,
    System,
}

impl ActorKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::System => "system",
        }
    }
}

impl Actor {
    /// The program itself, or somebody at its command line.
    pub fn system(name: &str) -> Self {
        Self { kind: ActorKind::System, id: None, name: name.to_owned(), ip: None, user_agent: None, request_id: None }
    }
}

/// What was done to a row.
#[derive(Debug)]
pub struct Change {
    action: String,
    target_kind: &'static str,
    target_id: Option<Uuid>,
    before: Option<Value>,
    after: Option<Value>,
}

impl Change {
    /// Anything by name: `Change::of("conversation", "assigned", id)`.
    pub fn of(kind: &'static str, verb: &str, id: impl Into<Option<Uuid>>) -> Self {
        Self { action: format!("{kind}.{verb}"), target_kind: kind, target_id: id.into(), before: None, after: None }
    }

    pub fn created(kind: &'static str, id: Uuid, after: &impl Serialize) -> Self {
        Self::of(kind, "created", id).after(after)
    }

    pub fn updated(kind: &'static str, id: Uuid, before: &impl Serialize, after: &impl Serialize) -> Self {
        Self::of(kind, "updated", id).before(before).after(after)
    }

    pub fn deleted(kind: &'static str, id: Uuid, before: &impl Serialize) -> Self {
        Self::of(kind, "deleted", id).before(before)
    }

    pub fn before(mut self, row: &impl Serialize) -> Self {
        self.before = Some(shown(row));
        self
    }

    pub fn after(mut self, row: &impl Serialize) -> Self {
        self.after = Some(shown(row));
        self
    }
}

/// Writes the entry into the transaction of the change, and has browsers told of the row when that is committed. Where both sides are known,
/// only what differs is kept.
pub async fn record(tx: &mut Tx, actor: &Actor, change: Change) -> Result<(), sqlx::Error> {
    let Change { action, target_kind, target_id, before, after } = change;
    let (before, after) = match (before, after) {
        (Some(Value::Object(mut before)), Some(Value::Object(mut after))) => {
            let same: Vec<String> = before.keys().filter(|k| after.get(*k) == before.get(*k)).cloned().collect();
            for key in same {
                before.remove(&key);
                after.remove(&key);
            }
            (Some(Value::Object(before)), Some(Value::Object(after)))
        }
        both => both,
    };
    tx.tell(Kind::AuditEntry, None);
    if let Some(kind) = Kind::from_name(target_kind) {
        tx.tell(kind, target_id);
    }
    let entry = store::audit::NewEntry { actor, action: &action, target_kind, target_id, before, after };
    store::audit::append(tx, &entry).await
}

/// The row as JSON without what the log must not hold: secrets, and the texts people write.
fn shown(row: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or(Value::Null);
    redact(&mut value);
    value
}

/// Names of fields whose values stay out of the log.
const LEFT_OUT: [&str; 13] = [
    "password",
    "secret",
    "token",
    "api_key",
    "key",
    "body",
    "words",
    "evidence",
    "recovery_codes",
    "code",
    "note",
    "subject",
    "resolution",
];

fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if LEFT_OUT.contains(&name.as_str()) && !value.is_null() {
                    *value = Value::String("(left out)".to_owned());
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_and_bodies_stay_out_of_the_log() {
        let row = json!({ "name": "x", "secret": "s", "password": null, "list": [{ "body": "hello", "id": 1 }] });
        assert_eq!(
            shown(&row),
            json!({ "name": "x", "secret": "(left out)", "password": null, "list": [{ "body": "(left out)", "id": 1 }] })
        );
    }
}
