//! What a row says of a contact, what that comes to beside what is known, and the way back. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    model::{Existing, ImportColumn, ImportField, ImportOptions},
    reader::{Fault, Row},
};
use crate::{
    contacts::{
        model::{Attributes, LifecycleStage},
        rules::Checks,
    },
    platform::{
        phone::PhoneNumber,
        problem::{FieldError, Problem},
    },
};

pub(in crate::contacts) use crate::contacts::rules::{MOST_ATTRIBUTES, MOST_TAGS};

/// What a contact is known by, apart from the number. Where a row says nothing of a field, it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::contacts) struct Details {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub timezone: Option<String>,
    pub postal_code: Option<String>,
    pub language: Option<String>,
    pub notes: Option<String>,
    pub lifecycle_stage: Option<LifecycleStage>,
    pub tags: Vec<String>,
    pub custom: Attributes,
}

/// How the rows of a file are read: options that were checked.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub columns: Vec<ImportColumn>,
    pub region: String,
    pub existing: Existing,
    /// Of every contact.
    pub tags: Vec<String>,
    /// Of new ones, where the row says nothing.
    pub defaults: Details,
}

impl Plan {
    /// `columns` are those of the options, or guessed.
    pub(super) fn new(options: &ImportOptions, columns: Vec<ImportColumn>, region: &str) -> Result<Self, Problem> {
        let mut checks = Checks::default();
        let tags = checks.tags(options.tags.clone().unwrap_or_default());
        let custom = options.custom.clone().unwrap_or_default().into_iter().map(|(n, v)| (n, Some(v))).collect();
        let defaults = Details {
            timezone: checks.timezone(options.timezone.clone()),
            postal_code: checks.postal_code(options.postal_code.clone()),
            lifecycle_stage: options.lifecycle_stage,
            custom: checks.attributes(Attributes::new(), custom),
            ..Details::default()
        };
        checks.finish()?;
        let region = options.country.as_deref().unwrap_or(region).trim().to_uppercase();
        if !PhoneNumber::is_region(&region) {
            return Err(Problem::invalid_field("country", "unknown", "must be a country of two letters, such as US"));
        }
        Ok(Self { columns, region, existing: options.existing.unwrap_or(Existing::Fill), tags, defaults })
    }
}

/// A row that can be taken in.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub line: u64,
    pub number: PhoneNumber,
    pub details: Details,
}

/// What lists have where they have nothing.
fn blank(cell: &str) -> bool {
    let cell = cell.to_lowercase();
    matches!(
        cell.as_str(),
        "" | "n/a"
            | "na"
            | "#n/a"
            | "null"
            | "none"
            | "-"
            | "--"
            | "nil"
            | "undefined"
            | "ninguno"
            | "ninguna"
            | "sin dato"
    )
}

fn language(cell: &str) -> Option<String> {
    let cell = cell.to_lowercase();
    let known = match cell.split(['-', '_']).next().unwrap_or_default() {
        "en" | "eng" | "english" | "inglés" | "ingles" => "en",
        "es" | "spa" | "spanish" | "español" | "espanol" | "castellano" => "es",
        _ => return None,
    };
    Some(known.to_owned())
}

fn stage(cell: &str) -> Option<LifecycleStage> {
    match cell.to_lowercase().as_str() {
        "lead" | "prospecto frío" | "contacto" => Some(LifecycleStage::Lead),
        "prospect" | "prospecto" | "opportunity" => Some(LifecycleStage::Prospect),
        "customer" | "client" | "cliente" | "active" => Some(LifecycleStage::Customer),
        "former" | "former customer" | "inactive" | "excliente" | "ex cliente" => Some(LifecycleStage::Former),
        _ => None,
    }
}

/// "Ana María Ortiz" and "Ortiz, Ana María".
fn names(full: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    if let Some((last, first)) = full.split_once(',') {
        return (some(first), some(last));
    }
    match full.trim().rsplit_once(char::is_whitespace) {
        Some((first, last)) => (some(first), some(last)),
        None => (some(full), None),
    }
}

/// What a row says, or everything that is wrong with it.
pub(super) fn read(row: &Row, plan: &Plan) -> Result<Candidate, Vec<FieldError>> {
    let wrong =
        |field: &str, code, message: &str| FieldError { field: field.to_owned(), code, message: message.to_owned() };
    if let Some(fault) = row.fault {
        return Err(vec![match fault {
            Fault::TooLong => {
                wrong("row", "too_long", "is longer than 64 kB; perhaps a quote is opened and not closed")
            }
            Fault::TooManyCells => wrong("row", "too_many_cells", "has more than 200 cells"),
        }]);
    }
    let (mut checks, mut errors) = (Checks::default(), Vec::new());
    let (mut details, mut number, mut custom) = (Details::default(), None, BTreeMap::new());
    for (cell, column) in row.cells.iter().zip(&plan.columns) {
        if column.field == ImportField::Ignore {
            continue;
        }
        if column.field == ImportField::PhoneNumber {
            number = Some(cell.as_str());
            continue;
        }
        if blank(cell) {
            continue;
        }
        let text = Some(cell.clone());
        match column.field {
            ImportField::Ignore | ImportField::PhoneNumber => {}
            ImportField::FirstName => details.first_name = checks.text("first_name", text, 80),
            ImportField::LastName => details.last_name = checks.text("last_name", text, 80),
            ImportField::FullName => {
                let (first, last) = names(cell);
                details.first_name = checks.text("first_name", first, 80).or(details.first_name.take());
                details.last_name = checks.text("last_name", last, 80).or(details.last_name.take());
            }
            ImportField::Email => details.email = checks.email(text),
            ImportField::Timezone => details.timezone = checks.timezone(text),
            ImportField::PostalCode => details.postal_code = checks.postal_code(text),
            // One that nobody is answered in here says nothing.
            ImportField::Language => details.language = language(cell),
            ImportField::Notes => details.notes = checks.text("notes", text, 4000),
            ImportField::LifecycleStage => match stage(cell) {
                Some(stage) => details.lifecycle_stage = Some(stage),
                None => errors.push(wrong("lifecycle_stage", "unknown", "must be lead, prospect, customer or former")),
            },
            ImportField::Tags => {
                details.tags = checks.tags(cell.split([',', ';', '|']).map(|t| t.trim().to_owned()).collect());
            }
            ImportField::Custom => {
                custom.insert(column.name.clone().unwrap_or_default(), Some(cell.clone()));
            }
        }
    }
    details.custom = checks.attributes(Attributes::new(), custom);
    details.tags = checks.tags(plan.tags.iter().cloned().chain(details.tags).collect());
    errors.extend(checks.into_errors());
    match number.map(str::trim).unwrap_or_default() {
        "" => errors.insert(0, wrong("phone_number", "required", "is empty")),
        cell => match PhoneNumber::parse_cell(cell, &plan.region) {
            Ok(number) if errors.is_empty() => return Ok(Candidate { line: row.line, number, details }),
            Ok(_) => {}
            Err(_) if cell.contains("E+") || cell.contains("e+") => errors.insert(
                0,
                wrong("phone_number", "invalid_phone_number", "was cut by a spreadsheet: format the column as text"),
            ),
            Err(_) => errors.insert(0, wrong("phone_number", "invalid_phone_number", "is no phone number")),
        },
    }
    Err(errors)
}

/// The details of a contact that is made of the row.
pub(super) fn of_new(row: &Details, plan: &Plan) -> Details {
    let new = &plan.defaults;
    let mut custom = new.custom.clone();
    custom.extend(row.custom.clone());
    Details {
        timezone: row.timezone.clone().or_else(|| new.timezone.clone()),
        postal_code: row.postal_code.clone().or_else(|| new.postal_code.clone()),
        lifecycle_stage: row.lifecycle_stage.or(new.lifecycle_stage),
        custom,
        ..row.clone()
    }
}

/// The details of a contact that is there, after the row. Err: they would be more than a contact may have.
pub(super) fn merged(known: &Details, row: &Details, existing: Existing) -> Result<Details, FieldError> {
    let over = match existing {
        Existing::Skip => return Ok(known.clone()),
        Existing::Fill => false,
        Existing::Overwrite => true,
    };
    let pick = |known: &Option<String>, row: &Option<String>| match (known, row) {
        (Some(known), _) if !over => Some(known.clone()),
        (known, row) => row.clone().or_else(|| known.clone()),
    };
    let mut tags = known.tags.clone();
    tags.extend(row.tags.iter().filter(|t| !known.tags.contains(t)).cloned());
    let (mut custom, added) =
        if over { (known.custom.clone(), &row.custom) } else { (row.custom.clone(), &known.custom) };
    custom.extend(added.clone());
    let too_many = |field: &str, most| FieldError {
        field: field.to_owned(),
        code: "too_many",
        message: format!("would be more than {most} with those the contact has"),
    };
    if tags.len() > MOST_TAGS {
        return Err(too_many("tags", MOST_TAGS));
    }
    if custom.len() > MOST_ATTRIBUTES {
        return Err(too_many("custom", MOST_ATTRIBUTES));
    }
    Ok(Details {
        first_name: pick(&known.first_name, &row.first_name),
        last_name: pick(&known.last_name, &row.last_name),
        email: pick(&known.email, &row.email),
        timezone: pick(&known.timezone, &row.timezone),
        postal_code: pick(&known.postal_code, &row.postal_code),
        language: pick(&known.language, &row.language),
        notes: pick(&known.notes, &row.notes),
        // There always is one.
        lifecycle_stage: if over { row.lifecycle_stage.or(known.lifecycle_stage) } else { known.lifecycle_stage },
        tags,
        custom,
    })
}

fn fields(details: &Details) -> Map<String, Value> {
    match serde_json::to_value(details) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// What changed, field by field: before and after. None: nothing.
pub(super) fn changes(before: &Details, after: &Details) -> Option<Value> {
    let (before, after) = (fields(before), fields(after));
    let changed: Map<String, Value> = before
        .into_iter()
        .filter(|(name, value)| after.get(name) != Some(value))
        .map(|(name, value)| {
            let pair = json!([value, after.get(&name)]);
            (name, pair)
        })
        .collect();
    (!changed.is_empty()).then_some(Value::Object(changed))
}

/// The contact as it was before these changes, where nobody changed it since; and the names of the fields where somebody did. Tags and
/// attributes go back one by one.
pub(super) fn taken_back(now: &Details, changed: &Value) -> (Details, Vec<String>) {
    let mut fields = fields(now);
    let mut kept = Vec::new();
    for (name, pair) in changed.as_object().into_iter().flatten() {
        let (before, after) = (&pair[0], &pair[1]);
        let Some(current) = fields.get_mut(name) else { continue };
        let whole = match (&mut *current, before, after) {
            (current, before, after) if *current == *after => {
                *current = before.clone();
                true
            }
            (Value::Array(current), Value::Array(before), Value::Array(after)) => {
                current.retain(|tag| before.contains(tag) || !after.contains(tag));
                before.iter().all(|tag| current.contains(tag))
            }
            (Value::Object(current), Value::Object(before), Value::Object(after)) => {
                let mut whole = true;
                for (name, value) in after.iter().filter(|(name, value)| before.get(*name) != Some(value)) {
                    match (current.get(name) == Some(value), before.get(name)) {
                        (true, Some(before)) => drop(current.insert(name.clone(), before.clone())),
                        (true, None) => drop(current.remove(name)),
                        // Somebody took it out already, and there was none.
                        (false, None) if !current.contains_key(name) => {}
                        (false, _) => whole = false,
                    }
                }
                whole
            }
            (current, before, _) => current == before,
        };
        if !whole {
            kept.push(name.clone());
        }
    }
    let details = serde_json::from_value(Value::Object(fields)).unwrap_or_else(|_| now.clone());
    (details, kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(columns: &[(ImportField, &str)], existing: Existing) -> Plan {
        let columns =
            columns.iter().map(|(field, name)| ImportColumn { field: *field, name: Some((*name).to_owned()) });
        let options = ImportOptions { existing: Some(existing), ..ImportOptions::default() };
        Plan::new(&options, columns.collect(), "US").expect("plan")
    }

    fn row(cells: &[&str]) -> Row {
        Row { line: 2, cells: cells.iter().map(|c| (*c).to_owned()).collect(), fault: None }
    }

    #[test]
    fn a_row_is_read_by_its_columns() {
        use ImportField as F;
        let columns = [
            (F::PhoneNumber, ""),
            (F::FullName, ""),
            (F::Email, ""),
            (F::Tags, ""),
            (F::Custom, "Dog"),
            (F::Ignore, ""),
            (F::Language, ""),
            (F::LifecycleStage, ""),
            (F::PostalCode, ""),
        ];
        let plan = plan(&columns, Existing::Fill);
        let read_row = |cells: &[&str]| read(&row(cells), &plan);
        let ana = read_row(&[
            "(415) 555-0101",
            "Ortiz, Ana",
            "N/A",
            "VIP; new, vip",
            "Rex",
            "?",
            "es-MX",
            "Cliente",
            "k1a 0b1",
            "more",
        ]);
        let ana = ana.expect("a contact");
        assert_eq!(ana.number.as_str(), "+14155550101");
        let d = &ana.details;
        assert_eq!(
            (d.first_name.as_deref(), d.last_name.as_deref(), d.email.as_deref()),
            (Some("Ana"), Some("Ortiz"), None)
        );
        assert_eq!((d.tags.join(","), d.custom["Dog"].as_str()), ("vip,new".to_owned(), "Rex"));
        assert_eq!((d.language.as_deref(), d.lifecycle_stage), (Some("es"), Some(LifecycleStage::Customer)));
        assert_eq!(d.postal_code.as_deref(), Some("K1A 0B1"));
        let short = read_row(&["4155550101"]).expect("cells may be missing at the end");
        assert_eq!(short.details, Details::default());
        let codes = |cells: &[&str]| read_row(cells).expect_err("wrong").iter().map(|e| e.code).collect::<Vec<_>>();
        assert_eq!(codes(&["", "Ana"]), ["required"]);
        assert_eq!(codes(&["1.41556E+10"]), ["invalid_phone_number"]);
        assert_eq!(codes(&["nobody", "Ana", "ana@"]), ["invalid_phone_number", "invalid_email"]);
        assert_eq!(codes(&["4155550101", "A\0na"]), ["invalid_value"]);
        assert_eq!(codes(&["4155550101", "", "", "", "", "", "", "boss"]), ["unknown"]);
    }

    #[test]
    fn policies() {
        let text = |t: &str| Some(t.to_owned());
        let known = Details {
            first_name: text("Ana"),
            notes: None,
            lifecycle_stage: Some(LifecycleStage::Customer),
            tags: vec!["a".to_owned()],
            custom: Attributes::from([("dog".to_owned(), "Rex".to_owned())]),
            ..Details::default()
        };
        let row = Details {
            first_name: text("Anna"),
            notes: text("new"),
            lifecycle_stage: Some(LifecycleStage::Lead),
            tags: vec!["b".to_owned(), "a".to_owned()],
            custom: Attributes::from([("dog".to_owned(), "Max".to_owned()), ("cat".to_owned(), "Mia".to_owned())]),
            ..Details::default()
        };
        assert_eq!(merged(&known, &row, Existing::Skip).expect("fits"), known);
        let filled = merged(&known, &row, Existing::Fill).expect("fits");
        assert_eq!((filled.first_name.as_deref(), filled.notes.as_deref()), (Some("Ana"), Some("new")));
        assert_eq!((filled.lifecycle_stage, filled.tags.join(",")), (Some(LifecycleStage::Customer), "a,b".to_owned()));
        assert_eq!((filled.custom["dog"].as_str(), filled.custom["cat"].as_str()), ("Rex", "Mia"));
        let over = merged(&known, &row, Existing::Overwrite).expect("fits");
        assert_eq!((over.first_name.as_deref(), over.custom["dog"].as_str()), (Some("Anna"), "Max"));
        assert_eq!(over.lifecycle_stage, Some(LifecycleStage::Lead));
        let empty = merged(&known, &Details::default(), Existing::Overwrite).expect("fits");
        assert_eq!(empty, known, "empty cells empty nothing");
        let many = Details { tags: (0..20).map(|n| n.to_string()).collect(), ..Details::default() };
        assert_eq!(merged(&known, &many, Existing::Fill).expect_err("too many").code, "too_many");
    }

    #[test]
    fn what_somebody_changed_since_stays() {
        let tags = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let custom =
            |all: &[(&str, &str)]| all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Attributes>();
        let before = Details {
            first_name: Some("Ana".to_owned()),
            tags: tags(&["a"]),
            custom: custom(&[("x", "1")]),
            ..Details::default()
        };
        let after = Details {
            first_name: Some("Anna".to_owned()),
            last_name: Some("Ortiz".to_owned()),
            tags: tags(&["a", "b"]),
            custom: custom(&[("x", "2"), ("y", "3")]),
            ..Details::default()
        };
        let changed = changes(&before, &after).expect("changes");
        let now = Details {
            last_name: Some("Ortega".to_owned()),
            tags: tags(&["a", "b", "c"]),
            custom: custom(&[("x", "2"), ("y", "3"), ("z", "4")]),
            ..after.clone()
        };
        let (back, kept) = taken_back(&now, &changed);
        assert_eq!((back.first_name.as_deref(), back.last_name.as_deref()), (Some("Ana"), Some("Ortega")));
        assert_eq!((back.tags.join(","), back.custom), ("a,c".to_owned(), custom(&[("x", "1"), ("z", "4")])));
        assert_eq!(kept, ["last_name"]);
    }

    fn details() -> impl Strategy<Value = Details> {
        let text = || prop::option::of("[a-c]{1,2}");
        let tags = prop::collection::btree_set("[a-d]", 0..4).prop_map(|t| t.into_iter().collect::<Vec<_>>());
        let custom = prop::collection::btree_map("[a-c]", "[x-z]", 0..3);
        (text(), text(), text(), tags, custom).prop_map(|(first_name, email, notes, tags, custom)| Details {
            first_name,
            email,
            notes,
            tags,
            custom,
            lifecycle_stage: Some(LifecycleStage::Lead),
            ..Details::default()
        })
    }

    proptest! {
        /// Taken back at once, everything is as it was, whatever the policy.
        #[test]
        fn the_way_back_is_the_way_there(known in details(), row in details(), over in any::<bool>()) {
            let existing = if over { Existing::Overwrite } else { Existing::Fill };
            let after = merged(&known, &row, existing).expect("fits");
            match changes(&known, &after) {
                None => prop_assert_eq!(&after, &known),
                Some(changed) => prop_assert_eq!(taken_back(&after, &changed), (known, vec![])),
            }
        }

        /// Whatever somebody made of it meanwhile, it is never lost: each field is as they left it, or as it was before the file.
        #[test]
        fn nobodys_change_is_lost(known in details(), row in details(), now in details()) {
            let after = merged(&known, &row, Existing::Overwrite).expect("fits");
            let Some(changed) = changes(&known, &after) else { return Ok(()) };
            let (back, _) = taken_back(&now, &changed);
            for (mine, left, before) in [
                (&back.first_name, &now.first_name, &known.first_name),
                (&back.email, &now.email, &known.email),
                (&back.notes, &now.notes, &known.notes),
            ] {
                prop_assert!(mine == left || mine == before);
            }
            prop_assert!(now.tags.iter().all(|t| back.tags.contains(t) || after.tags.contains(t)));
        }

        #[test]
        fn any_cells_are_read_or_told(cells in prop::collection::vec("\\PC{0,20}|\0", 0..6)) {
            use ImportField as F;
            let plan = plan(&[(F::PhoneNumber, ""), (F::FullName, ""), (F::Email, ""), (F::Custom, "x"), (F::Timezone, "")], Existing::Fill);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            match read(&row(&cells), &plan) {
                Ok(read) => prop_assert!(PhoneNumber::parse_e164(read.number.as_str()).is_ok()),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }
}
