//! Which column is what: by its header in English or Spanish, and by what stands in it. Pure.

use std::collections::BTreeSet;

use super::{
    model::{ImportColumn, ImportField},
    rows,
};
use crate::platform::{phone::PhoneNumber, problem::FieldError};

use ImportField as F;

/// Headers as they are called, in lower case without accents; the most telling of each field first.
const NAMES: &[(F, &[&str])] = &[
    (
        F::PhoneNumber,
        &[
            "mobile",
            "mobile phone",
            "mobile number",
            "mobile phone number",
            "cell",
            "cell phone",
            "cellphone",
            "cell number",
            "movil",
            "celular",
            "telefono movil",
            "telefono celular",
            "numero de celular",
            "numero de movil",
            "phone number",
            "phone",
            "phonenumber",
            "phone no",
            "phone 1",
            "primary phone",
            "contact number",
            "number",
            "telephone",
            "telephone number",
            "tel",
            "msisdn",
            "e164",
            "whatsapp",
            "whatsapp number",
            "sms",
            "sms number",
            "telefono",
            "numero de telefono",
            "numero telefonico",
            "numero",
            "fono",
            "to",
            "home phone",
            "work phone",
        ],
    ),
    (
        F::FirstName,
        &[
            "first name",
            "firstname",
            "first",
            "given name",
            "fname",
            "forename",
            "nombre",
            "nombres",
            "primer nombre",
            "nombre de pila",
        ],
    ),
    (
        F::LastName,
        &[
            "last name",
            "lastname",
            "last",
            "surname",
            "family name",
            "lname",
            "apellido",
            "apellidos",
            "primer apellido",
            "apellido paterno",
        ],
    ),
    (
        F::FullName,
        &[
            "full name",
            "fullname",
            "name",
            "contact name",
            "customer name",
            "client name",
            "contact",
            "customer",
            "client",
            "nombre completo",
            "nombre y apellido",
            "nombre y apellidos",
            "nombre del cliente",
            "cliente",
        ],
    ),
    (
        F::Email,
        &[
            "email",
            "e mail",
            "email address",
            "e mail address",
            "mail",
            "correo",
            "correo electronico",
            "direccion de correo",
            "email 1",
        ],
    ),
    (F::Timezone, &["timezone", "time zone", "tz", "zona horaria", "huso horario"]),
    (
        F::PostalCode,
        &[
            "zip",
            "zip code",
            "zipcode",
            "postal code",
            "postalcode",
            "postcode",
            "post code",
            "codigo postal",
            "cp",
            "c p",
        ],
    ),
    (F::Language, &["language", "lang", "locale", "preferred language", "idioma", "lengua"]),
    (
        F::Notes,
        &[
            "notes",
            "note",
            "comment",
            "comments",
            "remarks",
            "notas",
            "nota",
            "comentario",
            "comentarios",
            "observaciones",
        ],
    ),
    (F::LifecycleStage, &["lifecycle stage", "lifecycle", "stage", "lead status", "etapa", "estado del cliente"]),
    (
        F::Tags,
        &["tags", "tag", "labels", "label", "groups", "group", "segment", "etiquetas", "etiqueta", "grupo", "grupos"],
    ),
];

/// A header as it is compared: lower case, no accents, words apart by one space.
fn plain(header: &str) -> String {
    let lower = header.to_lowercase();
    let letters = lower.chars().map(|c| match c {
        'á' | 'à' | 'ä' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' | 'õ' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a header names, and how telling it is (0 tells most).
fn named(header: &str) -> Option<(F, usize)> {
    let header = plain(header);
    NAMES.iter().find_map(|(field, names)| Some((*field, names.iter().position(|n| *n == header)?)))
}

fn share(cells: &[&str], is: impl Fn(&str) -> bool) -> f64 {
    let filled: Vec<&&str> = cells.iter().filter(|c| !c.is_empty()).collect();
    if filled.is_empty() { 0.0 } else { filled.iter().filter(|c| is(c)).count() as f64 / filled.len() as f64 }
}

fn is_number(cell: &str, region: &str) -> bool {
    cell.bytes().filter(u8::is_ascii_digit).count() >= 7 && PhoneNumber::parse_cell(cell, region).is_ok()
}

fn is_email(cell: &str) -> bool {
    cell.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'))
}

/// Whether the first row names the columns.
pub(super) fn has_header(rows: &[Vec<String>], region: &str) -> bool {
    let Some(first) = rows.first() else { return false };
    if first.iter().any(|cell| is_number(cell, region) || is_email(cell)) {
        return false;
    }
    let known = first.iter().any(|cell| named(cell).is_some());
    let below = |test: &dyn Fn(&str) -> bool| rows[1..].iter().flatten().any(|cell| test(cell));
    known || below(&|cell| is_number(cell, region))
}

/// What each column seems to be. `header` is whether the first of the rows is one.
pub(super) fn guess(rows: &[Vec<String>], header: bool, region: &str) -> Vec<ImportColumn> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut fields = vec![F::Ignore; width];
    let headers: &[String] = if header { rows.first().map_or(&[], Vec::as_slice) } else { &[] };
    let cells = if header { rows.get(1..).unwrap_or_default() } else { rows };
    for (field, _) in NAMES {
        let best = headers.iter().enumerate().filter_map(|(at, text)| {
            let (named, rank) = named(text)?;
            (named == *field).then_some((rank, at))
        });
        if let Some((_, at)) = best.min() {
            fields[at] = *field;
        }
    }
    if fields.contains(&F::FullName) && (fields.contains(&F::FirstName) && fields.contains(&F::LastName)) {
        fields.iter_mut().filter(|f| **f == F::FullName).for_each(|f| *f = F::Ignore);
    }
    let column = |at: usize| cells.iter().filter_map(|row| row.get(at).map(String::as_str)).collect::<Vec<&str>>();
    let mut by_value = |field: F, least: f64, test: &dyn Fn(&str) -> bool| {
        if fields.contains(&field) {
            return;
        }
        let shares = (0..width).filter(|at| fields[*at] == F::Ignore).map(|at| (share(&column(at), test), at));
        if let Some((found, at)) = shares.rev().max_by(|a, b| a.0.total_cmp(&b.0))
            && found >= least
        {
            fields[at] = field;
        }
    };
    by_value(F::PhoneNumber, 0.5, &|cell| is_number(cell, region));
    by_value(F::Email, 0.5, &is_email);
    by_value(F::Timezone, 0.5, &|cell| cell.contains('/') && cell.parse::<chrono_tz::Tz>().is_ok());
    fields.into_iter().map(|field| ImportColumn { field, name: None }).collect()
}

/// What keeps columns from being used.
pub(super) fn check(columns: &[ImportColumn], width: usize) -> Vec<FieldError> {
    let wrong = |code, message: String| FieldError { field: "columns".to_owned(), code, message };
    let mut errors = Vec::new();
    if columns.len() != width {
        errors.push(wrong("wrong_number", format!("must be {width}, one for each column of the file")));
    }
    let mut seen = BTreeSet::new();
    for column in columns {
        let name = column.name.as_deref().map(str::trim).unwrap_or_default();
        match column.field {
            F::Ignore => {}
            F::Custom if !(1..=60).contains(&name.chars().count()) || name.contains('\0') => {
                errors.push(wrong("invalid_name", "a custom column needs a name of 1 to 60 characters".to_owned()));
            }
            field => {
                let name = if field == F::Custom { name } else { "" };
                if !seen.insert((field, name.to_owned())) {
                    errors.push(wrong("repeated", format!("{} is said of two columns", field.as_str())));
                }
            }
        }
    }
    if !columns.iter().any(|c| c.field == F::PhoneNumber) {
        errors.push(wrong("no_number", "one column must be the phone number".to_owned()));
    }
    if columns.iter().filter(|c| c.field == F::Custom).count() > rows::MOST_ATTRIBUTES {
        errors.push(wrong("too_many", format!("at most {} may be custom", rows::MOST_ATTRIBUTES)));
    }
    errors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|l| l.split(',').map(|c| c.trim().to_owned()).collect()).collect()
    }

    fn guessed(text: &str) -> (bool, Vec<F>) {
        let rows = table(text);
        let header = has_header(&rows, "US");
        (header, guess(&rows, header, "US").into_iter().map(|c| c.field).collect())
    }

    #[test]
    fn headers_in_english_and_spanish() {
        assert_eq!(
            guessed(
                "First Name,Last_Name,E-mail,Mobile,ZIP Code,Shoe size\nAna,Ortiz,ana@example.com,4155550101,33101,38"
            ),
            (true, vec![F::FirstName, F::LastName, F::Email, F::PhoneNumber, F::PostalCode, F::Ignore])
        );
        assert_eq!(
            guessed(
                "Nombre,Apellidos,Correo electrónico,Teléfono,Código Postal,Notas,Etiquetas,Idioma\nAna,Ortiz,,4155550101,,,,"
            ),
            (
                true,
                vec![
                    F::FirstName,
                    F::LastName,
                    F::Email,
                    F::PhoneNumber,
                    F::PostalCode,
                    F::Notes,
                    F::Tags,
                    F::Language
                ]
            )
        );
        // Of several numbers the mobile one.
        assert_eq!(
            guessed("Name,Home Phone,Mobile\nAna,4155550101,4155550102").1,
            [F::FullName, F::Ignore, F::PhoneNumber]
        );
    }

    #[test]
    fn values_tell_where_headers_do_not() {
        assert_eq!(
            guessed("Ana,4155550101,ana@example.com\nBen,4155550102,"),
            (false, vec![F::Ignore, F::PhoneNumber, F::Email])
        );
        assert_eq!(guessed("who,how\nAna,(415) 555-0101\nBen,none"), (true, vec![F::Ignore, F::PhoneNumber]));
        assert_eq!(guessed("4155550101"), (false, vec![F::PhoneNumber]));
        assert_eq!(guessed("x,y\n1,2"), (false, vec![F::Ignore, F::Ignore]));
        assert_eq!(guessed(""), (false, vec![]));
    }

    #[test]
    fn columns_are_checked() {
        let one = |field, name: &str| ImportColumn { field, name: (!name.is_empty()).then(|| name.to_owned()) };
        let codes = |columns: &[ImportColumn], width| check(columns, width).iter().map(|e| e.code).collect::<Vec<_>>();
        let number = one(F::PhoneNumber, "");
        assert!(
            check(&[number.clone(), one(F::Custom, "dog"), one(F::Custom, "cat"), one(F::Ignore, "")], 4).is_empty()
        );
        assert_eq!(codes(&[one(F::Email, "")], 1), ["no_number"]);
        assert_eq!(codes(&[number.clone(), number.clone()], 2), ["repeated"]);
        assert_eq!(codes(&[number.clone(), one(F::Custom, "dog"), one(F::Custom, " dog ")], 3), ["repeated"]);
        assert_eq!(codes(&[number.clone(), one(F::Custom, " ")], 2), ["invalid_name"]);
        assert_eq!(codes(&[number], 2), ["wrong_number"]);
    }

    proptest! {
        /// Any table: as many columns as it has, and what is guessed can be used but for a missing number.
        #[test]
        fn any_table_is_guessed(rows in prop::collection::vec(prop::collection::vec("(\\PC{0,12}|phone|nombre|4155550101|a@b.co)", 0..8), 0..8)) {
            let header = has_header(&rows, "US");
            let columns = guess(&rows, header, "US");
            let width = rows.iter().map(Vec::len).max().unwrap_or(0);
            prop_assert_eq!(columns.len(), width);
            prop_assert!(check(&columns, width).iter().all(|e| e.code == "no_number"));
        }

        /// However a header is cased and spaced, it names the same.
        #[test]
        fn spelling_does_not_matter(pick in 0usize..200, upper in any::<bool>(), glue in "[ _.-]{1,2}") {
            let all: Vec<(F, &str)> = NAMES.iter().flat_map(|(f, names)| names.iter().map(move |n| (*f, *n))).collect();
            let (field, name) = all[pick % all.len()];
            let spelled = name.replace(' ', &glue);
            let spelled = if upper { spelled.to_uppercase() } else { spelled };
            prop_assert_eq!(named(&format!(" {spelled}: ")).map(|(f, _)| f), Some(field));
        }
    }
}
