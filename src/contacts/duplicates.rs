//! Which contacts may be one person, and why. The judgement is pure.

use std::collections::HashMap;

use serde::Serialize;

use super::{model::Contact, store::duplicates as store};
use crate::platform::{
    db::Tx,
    http::{Order, Page},
    ids::ContactId,
};

/// Why two contacts may be one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) enum Likeness {
    /// They have one e-mail address.
    #[serde(rename = "same_email")]
    Email,
    /// They have one name, and live in one place.
    #[serde(rename = "same_name_and_postal_code")]
    NameAndPlace,
    /// They have one name, and numbers that differ in one digit, or in two neighbours that changed places.
    #[serde(rename = "same_name_and_similar_number")]
    NameAndNumber,
}

/// Two contacts who may be one person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Duplicate {
    /// The newer one.
    pub contact: Contact,
    pub other: Contact,
    /// At least one.
    pub reasons: Vec<Likeness>,
    /// The reasons, for people.
    #[schema(example = "Both have the e-mail address ana@example.com.")]
    pub sentence: String,
}

/// What of the name counts: as the database folds it for its index.
fn folded(contact: &Contact) -> Option<String> {
    let name = format!("{} {}", contact.first_name.as_deref()?, contact.last_name.as_deref()?).to_lowercase();
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        c => c,
    };
    Some(name.split_whitespace().collect::<Vec<_>>().join(" ").chars().map(plain).collect())
}

fn address(contact: &Contact) -> Option<String> {
    contact.email.as_deref().map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty())
}

/// Whether somebody may have meant one number with the other: one digit is another, or two neighbours changed places.
fn similar(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let apart: Vec<usize> =
        one.bytes().zip(other.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(n, _)| n).collect();
    let (one, other) = (one.as_bytes(), other.as_bytes());
    match apart[..] {
        [_] => true,
        [a, b] => b == a + 1 && one[a] == other[b] && one[b] == other[a],
        _ => false,
    }
}

fn likenesses(one: &Contact, other: &Contact) -> Vec<Likeness> {
    let same_name = folded(one).is_some_and(|name| folded(other) == Some(name));
    let same_place = one.postal_code.is_some() && one.postal_code == other.postal_code;
    [
        (address(one).is_some_and(|email| address(other) == Some(email)), Likeness::Email),
        (same_name && same_place, Likeness::NameAndPlace),
        (same_name && similar(&one.phone_number, &other.phone_number), Likeness::NameAndNumber),
    ]
    .into_iter()
    .filter_map(|(holds, likeness)| holds.then_some(likeness))
    .collect()
}

fn in_words(contact: &Contact, reasons: &[Likeness]) -> String {
    let name = [contact.first_name.as_deref(), contact.last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let name = name.join(" ");
    let sentences: Vec<String> = reasons
        .iter()
        .map(|reason| match reason {
            Likeness::Email => format!("Both have the e-mail address {}.", address(contact).unwrap_or_default()),
            Likeness::NameAndPlace => {
                format!("Both are called {name} and live in {}.", contact.postal_code.as_deref().unwrap_or_default())
            }
            Likeness::NameAndNumber => {
                format!("Both are called {name}, and their numbers are all but the same.")
            }
        })
        .collect();
    sentences.join(" ")
}

/// One page of likely duplicates, the newest first. Each page looks at so many contacts and no more: it may be empty and have a next one.
pub(super) async fn page(tx: &mut Tx, order: &Order) -> Result<Page<Duplicate>, sqlx::Error> {
    let looked_at = store::to_look_at(tx, order).await?;
    let ids: Vec<ContactId> = looked_at.items.iter().map(|contact| contact.id).collect();
    let alike = store::alike(tx, &ids).await?;
    let mut others: Vec<ContactId> = alike.iter().map(|(_, other)| *other).collect();
    others.sort_unstable();
    others.dedup();
    let others: HashMap<ContactId, Contact> =
        store::all_of(tx, &others).await?.into_iter().map(|contact| (contact.id, contact)).collect();
    let mut by_contact: HashMap<ContactId, Vec<ContactId>> = HashMap::new();
    for (contact, other) in alike {
        by_contact.entry(contact).or_default().push(other);
    }
    let mut items = Vec::new();
    for contact in looked_at.items {
        for other in by_contact.remove(&contact.id).unwrap_or_default().iter().filter_map(|id| others.get(id)) {
            let reasons = likenesses(&contact, other);
            if !reasons.is_empty() {
                let sentence = in_words(&contact, &reasons);
                items.push(Duplicate { contact: contact.clone(), other: other.clone(), reasons, sentence });
            }
        }
        // All pairs of a contact stand on one page.
        if items.len() >= order.limit() {
            return Ok(Page { items, next_cursor: order.cursor_after_id(contact.id.0) });
        }
    }
    Ok(Page { items, next_cursor: looked_at.next_cursor })
}
