//! Who a text speaks of: the people one can be with, and who is ruled out. Pure.

use super::cues::folded;

/// The people a text names, by their place in the list they were looked for in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    pub named: Option<usize>,
    /// With anybody but this one.
    pub without: Option<usize>,
    /// Somebody is named who is not in the list.
    pub nobody: bool,
}

/// Before a name: not that one.
const NOT: &[&str] = &[
    "not with",
    "not",
    "except",
    "except with",
    "anyone but",
    "anybody but",
    "someone but",
    "other than",
    "besides",
    "excepto",
    "excepto con",
    "menos",
    "menos con",
    "pero no con",
    "que no sea",
    "que no sea con",
    "salvo",
];
/// Capitals after "with" that are no names of people.
const NO_NAMES: &[&str] = &[
    "i",
    "im",
    "me",
    "my",
    "you",
    "your",
    "the",
    "a",
    "an",
    "any",
    "anyone",
    "no",
    "someone",
    "somebody",
    "him",
    "her",
    "them",
    "us",
    "it",
    "this",
    "that",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "el",
    "la",
    "los",
    "las",
    "mi",
    "su",
    "una",
    "un",
    "usted",
    "ustedes",
    "quien",
    "alguien",
    "cualquiera",
];

impl People {
    /// Looks for `names`, whole or by first name; several at once name none. `services` are no people.
    pub fn read(body: &str, names: &[&str], services: &[&str]) -> Self {
        let text = format!(" {} ", folded(body));
        let first = |name: &str| folded(name).split(' ').next().unwrap_or_default().to_owned();
        let said = |name: &str| text.contains(&format!(" {name} "));
        let hit = |name: &&str| said(&folded(name)) || first(name).len() > 2 && said(&first(name));
        let mut hits = names.iter().enumerate().filter(|(_, name)| hit(name)).map(|(n, _)| n);
        let Some(named) = hits.next() else {
            return Self { nobody: names_another(body, names, services), ..Self::default() };
        };
        if hits.next().is_some() {
            return Self::default();
        }
        let ruled_out = NOT.iter().any(|not| text.contains(&format!(" {not} {} ", first(names[named]))));
        if ruled_out {
            Self { without: Some(named), ..Self::default() }
        } else {
            Self { named: Some(named), ..Self::default() }
        }
    }
}

/// "With Jessica": a capital within a text that is not all capitals.
fn names_another(body: &str, names: &[&str], services: &[&str]) -> bool {
    if names.is_empty() || !body.chars().any(char::is_lowercase) {
        return false;
    }
    let known = |word: &str| names.iter().chain(services).any(|name| folded(name).split(' ').any(|part| part == word));
    let title = |word: &&str| matches!(folded(word).as_str(), "dr" | "mr" | "mrs" | "ms" | "dra" | "sr" | "sra");
    let words: Vec<&str> = body.split_whitespace().filter(|word| !title(word)).collect();
    words.windows(2).any(|pair| {
        let word = folded(pair[1]);
        let name = pair[1].chars().next().is_some_and(char::is_uppercase)
            && pair[1].chars().skip(1).any(char::is_lowercase)
            && pair[1].chars().all(|c| c.is_alphabetic() || c.is_ascii_punctuation());
        matches!(folded(pair[0]).as_str(), "with" | "con")
            && name
            && !known(&word)
            && !NO_NAMES.contains(&word.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> People {
        People::read(body, &["Alex Rivera", "Sam Chen"], &["Haircut", "Deep Massage"])
    }

    #[test]
    fn people_are_named_whole_or_by_first_name() {
        assert_eq!(read("friday with sam please").named, Some(1));
        assert_eq!(read("Alex Rivera?").named, Some(0));
        assert_eq!(read("no, with alex").named, Some(0));
        assert_eq!(read("yes but with Sam").named, Some(1));
        assert_eq!(read("the same time"), People::default());
        assert_eq!(read("alex or sam"), People::default());
    }

    #[test]
    fn people_can_be_ruled_out() {
        for body in ["monday 2pm but not with alex please", "anyone but Alex", "con cualquiera menos Alex"] {
            assert_eq!(read(body), People { without: Some(0), ..People::default() }, "{body}");
        }
    }

    #[test]
    fn who_is_not_there_is_noticed() {
        for body in ["haircut with Jessica friday 10", "with Dr. Jones at 9", "una cita con Marta, por favor"] {
            assert!(read(body).nobody, "{body}");
        }
        for body in
            ["with Sam", "come with My daughter", "help me with that", "Deep tissue with Massage", "CUT WITH CARE"]
        {
            assert!(!read(body).nobody, "{body}");
        }
    }
}
