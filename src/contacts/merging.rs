//! Two contacts who are one person: what the one that is kept is given, and the other's end as a contact of its own. What of other slices
//! goes over is theirs to say.

use super::{
    model::{Contact, LifecycleStage},
    rules::{MOST_ATTRIBUTES, MOST_TAGS},
    store::{self, Fields, duplicates},
};
use crate::platform::{db::Tx, ids::ContactId, phone::PhoneNumber};

/// Characters of notes.
const MOST_NOTES: usize = 4000;

/// What is the person's, not the number's, of both: the kept contact's word counts, and it gets what it lacks.
fn united(kept: &Contact, other: &Contact, number: PhoneNumber) -> Fields {
    let either = |kept: &Option<String>, other: &Option<String>| kept.clone().or_else(|| other.clone());
    let mut tags = kept.tags.clone();
    tags.extend(other.tags.iter().filter(|tag| !kept.tags.contains(tag)).cloned());
    tags.truncate(MOST_TAGS.max(kept.tags.len()));
    let mut custom = kept.custom.0.clone();
    for (name, value) in &other.custom.0 {
        if custom.len() < MOST_ATTRIBUTES && !custom.contains_key(name) {
            custom.insert(name.clone(), value.clone());
        }
    }
    let notes = match (&kept.notes, &other.notes) {
        (Some(kept), Some(other)) if kept != other => {
            let both = format!("{kept}\n\n{other}");
            // The other's stay readable with their number.
            if both.chars().count() <= MOST_NOTES { Some(both) } else { Some(kept.clone()) }
        }
        (kept, other) => either(kept, other),
    };
    // Half of one name and half of another is nobody's.
    let named = if kept.first_name.is_none() && kept.last_name.is_none() { other } else { kept };
    let fills = |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || theirs.is_none() || mine == theirs;
    let one_name = fills(&kept.first_name, &other.first_name) && fills(&kept.last_name, &other.last_name);
    let (first_name, last_name) = if one_name {
        (either(&kept.first_name, &other.first_name), either(&kept.last_name, &other.last_name))
    } else {
        (named.first_name.clone(), named.last_name.clone())
    };
    Fields {
        phone_number: number,
        first_name,
        last_name,
        email: either(&kept.email, &other.email),
        timezone: either(&kept.timezone, &other.timezone),
        postal_code: either(&kept.postal_code, &other.postal_code),
        language: either(&kept.language, &other.language),
        notes,
        lifecycle_stage: if kept.lifecycle_stage == LifecycleStage::Lead {
            other.lifecycle_stage
        } else {
            kept.lifecycle_stage
        },
        tags,
        custom,
    }
}

/// Locks two contacts. None: one of them does not exist.
pub async fn lock_both(
    tx: &mut Tx,
    kept: ContactId,
    other: ContactId,
) -> Result<Option<(Contact, Contact)>, sqlx::Error> {
    duplicates::lock_both(tx, kept, other).await?;
    Ok(store::get(tx, kept).await?.zip(store::get(tx, other).await?))
}

/// Merges `other` into `kept`, both locked. Returns both as they are now.
pub async fn merge(tx: &mut Tx, kept: &Contact, other: &Contact) -> Result<(Contact, Contact), sqlx::Error> {
    let number = PhoneNumber::parse_e164(&kept.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    store::update(tx, kept.id, &united(kept, other, number)).await?;
    duplicates::merge_into(tx, kept.id, other.id).await?;
    if let Some(at) = other.last_message_at {
        duplicates::note_heard(tx, kept.id, at).await?;
    }
    lock_both(tx, kept.id, other.id).await?.ok_or(sqlx::Error::RowNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(first: Option<&str>, last: Option<&str>, tags: &[&str], notes: Option<&str>) -> Contact {
        let text = |text: Option<&str>| text.map(str::to_owned);
        serde_json::from_value::<std::collections::BTreeMap<String, String>>(serde_json::json!({ "size": "10" }))
            .map(|custom| Contact {
                id: ContactId(uuid::Uuid::nil()),
                phone_number: "+14155550101".to_owned(),
                first_name: text(first),
                last_name: text(last),
                email: None,
                timezone: None,
                postal_code: None,
                language: None,
                notes: text(notes),
                lifecycle_stage: LifecycleStage::Lead,
                tags: tags.iter().map(|t| (*t).to_owned()).collect(),
                custom: sqlx::types::Json(custom),
                opt_in_status: super::super::model::OptInStatus::Pending,
                under_review: false,
                last_message_at: None,
                profile_name: None,
                archived_at: None,
                created_at: chrono::DateTime::UNIX_EPOCH,
                version: 1,
                merged_into: None,
            })
            .expect("attributes")
    }

    fn number() -> PhoneNumber {
        PhoneNumber::parse_e164("+14155550101").expect("number")
    }

    #[test]
    fn the_kept_contact_gets_what_it_lacks_and_loses_nothing() {
        let kept = contact(Some("Ana"), None, &["vip", "new"], Some("Likes mornings."));
        let mut other = contact(Some("Ana"), Some("Cruz"), &["new", "dog"], Some("Has a dog."));
        other.email = Some("ana@example.com".to_owned());
        other.lifecycle_stage = LifecycleStage::Customer;
        other.custom.0.insert("colour".to_owned(), "red".to_owned());
        other.custom.0.insert("size".to_owned(), "12".to_owned());
        let fields = united(&kept, &other, number());
        assert_eq!((fields.first_name.as_deref(), fields.last_name.as_deref()), (Some("Ana"), Some("Cruz")));
        assert_eq!(fields.tags, ["vip", "new", "dog"]);
        assert_eq!(fields.notes.as_deref(), Some("Likes mornings.\n\nHas a dog."));
        assert_eq!(fields.email.as_deref(), Some("ana@example.com"));
        assert_eq!(fields.lifecycle_stage, LifecycleStage::Customer);
        assert_eq!((fields.custom["size"].as_str(), fields.custom["colour"].as_str()), ("10", "red"));
    }

    #[test]
    fn half_of_one_name_and_half_of_another_is_nobodys() {
        let kept = contact(Some("Bea"), None, &[], None);
        let other = contact(Some("Ana"), Some("Cruz"), &[], None);
        let fields = united(&kept, &other, number());
        assert_eq!((fields.first_name.as_deref(), fields.last_name.as_deref()), (Some("Bea"), None));
    }

    #[test]
    fn what_is_too_much_stays_where_it_is() {
        let many: Vec<String> = (0..MOST_TAGS).map(|n| format!("t{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let kept = contact(None, None, &many, Some(&"a".repeat(3000)));
        let other = contact(None, None, &["more"], Some(&"b".repeat(3000)));
        let fields = united(&kept, &other, number());
        assert_eq!(fields.tags.len(), MOST_TAGS);
        assert_eq!(fields.notes, kept.notes);
    }
}
