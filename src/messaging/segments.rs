//! How a text is cut into the parts it is sent and charged as, which characters make it dear, and what it would be with plain ones.
//! Pure. Sources: 3GPP TS 23.038 (the GSM 7-bit default alphabet and its extension), Twilio's pages on GSM-7, UCS-2 and the limit of
//! 1,600 characters of its Messages API.

use serde::Serialize;

/// Most characters of one text.
pub const LONGEST: usize = 1600;

/// Different culprits that are named; a text in another script has hundreds.
const NAMED: usize = 10;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Sent as an escape and a character: two units that stay together.
const EXTENDED: &str = "^{}\\[]~|€\u{c}";

/// What a text is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// 7 bits a character: 160 alone, 153 in each of several parts.
    Gsm7,
    /// 16 bits a unit: 70 alone, 67 in each of several parts.
    Ucs2,
}

impl Encoding {
    /// Units of a part that is alone, and of each of several.
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// Units of one character, which no part border divides.
    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 if EXTENDED.contains(c) => 2,
            Self::Gsm7 => 1,
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// A character that is not in the GSM alphabet, and so makes the whole text UCS-2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Culprit {
    #[schema(value_type = String, example = "’")]
    pub character: char,
    /// Of its first appearance, counted in characters from 0.
    pub index: usize,
    /// How often it stands in the text.
    pub count: usize,
    #[schema(example = "curly apostrophe")]
    pub name: String,
}

/// What a text is sent and charged as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Segments {
    pub encoding: Encoding,
    /// At least 1, also of an empty text.
    pub parts: u16,
    /// Units of the whole text: septets, or UTF-16 units.
    pub units: usize,
    /// Units that still fit into the last part.
    pub left_in_part: usize,
    /// The first ten different characters that make it UCS-2, in the order of the text.
    pub culprits: Vec<Culprit>,
}

fn in_gsm7(c: char) -> bool {
    c.is_ascii_alphanumeric() || BASIC.contains(c) || EXTENDED.contains(c)
}

fn encoding(text: &str) -> Encoding {
    if text.chars().all(in_gsm7) { Encoding::Gsm7 } else { Encoding::Ucs2 }
}

/// Parts, all units, and the units of the last part.
fn cut(text: &str, encoding: Encoding) -> (usize, usize, usize) {
    let (alone, each) = encoding.room();
    let units: usize = text.chars().map(|c| encoding.units(c)).sum();
    if units <= alone {
        return (1, units, alone - units);
    }
    let (mut parts, mut used) = (1, 0);
    for c in text.chars() {
        let needed = encoding.units(c);
        if used + needed > each {
            (parts, used) = (parts + 1, 0);
        }
        used += needed;
    }
    (parts, units, each - used)
}

pub fn count(text: &str) -> Segments {
    let encoding = encoding(text);
    let (parts, units, left_in_part) = cut(text, encoding);
    let mut culprits: Vec<Culprit> = Vec::new();
    for (index, c) in text.chars().enumerate().filter(|(_, c)| !in_gsm7(*c)) {
        if let Some(known) = culprits.iter_mut().find(|known| known.character == c) {
            known.count += 1;
        } else if culprits.len() < NAMED {
            culprits.push(Culprit { character: c, index, count: 1, name: name(c) });
        }
    }
    Segments { encoding, parts: u16::try_from(parts).unwrap_or(u16::MAX), units, left_in_part, culprits }
}

/// Parts a text is sent and charged as; an empty one is one part.
pub fn parts(text: &str) -> u16 {
    let (parts, ..) = cut(text, encoding(text));
    u16::try_from(parts).unwrap_or(u16::MAX)
}

/// A text with plain characters in the place of those that make it dear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Plain {
    pub text: String,
    pub parts: u16,
    /// Parts fewer than as it is written.
    pub saved: u16,
}

/// The text in plain characters, where that brings it into the GSM alphabet. None: it is there already, or holds what has no plain form,
/// such as an emoji.
pub fn plain(text: &str) -> Option<Plain> {
    if encoding(text) == Encoding::Gsm7 {
        return None;
    }
    let mut replaced = String::with_capacity(text.len());
    for c in text.chars() {
        if in_gsm7(c) {
            replaced.push(c);
        } else {
            replaced.push_str(plain_form(c)?);
        }
    }
    let now = parts(&replaced);
    Some(Plain { parts: now, saved: parts(text).saturating_sub(now), text: replaced })
}

/// Characters outside the alphabet that mean what a plain one means: what they are called, what stands for them, and they.
const FORMS: &[(&str, &str, &str)] = &[
    ("curly apostrophe", "'", "’‘‛ʼ`´′"),
    ("curly quotation mark", "\"", "“”„‟″«»"),
    ("angle quotation mark", "'", "‹›‚"),
    ("long dash", "-", "–—―‒‐‑−⁃"),
    ("ellipsis", "...", "…"),
    ("bullet", "-", "•◦‣∙·"),
    (
        "non-breaking space",
        " ",
        "\u{a0}\u{202f}\u{2007}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2008}\u{2009}\u{200a}\u{205f}\u{3000}",
    ),
    ("tab", " ", "\t"),
    ("line separator", "\n", "\u{2028}\u{2029}\u{b}"),
    ("invisible character", "", "\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}\u{ad}\u{fe0e}\u{fe0f}"),
    ("fraction", "1/2", "½"),
    ("fraction", "1/4", "¼"),
    ("fraction", "3/4", "¾"),
    ("multiplication sign", "x", "×"),
    ("arrow", "->", "→"),
    ("trade mark sign", "(TM)", "™"),
    ("registered sign", "(R)", "®"),
    ("copyright sign", "(C)", "©"),
    ("numero sign", "No.", "№"),
    ("ordinal sign", "o", "º"),
    ("ordinal sign", "a", "ª"),
    ("accented letter", "a", "áâãāăą"),
    ("accented letter", "A", "ÁÀÂÃĀĂĄ"),
    ("accented letter", "c", "çćčĉċ"),
    ("accented letter", "C", "ĆČĈĊ"),
    ("accented letter", "d", "ďđð"),
    ("accented letter", "D", "ĎĐÐ"),
    ("accented letter", "e", "êëēĕėęě"),
    ("accented letter", "E", "ÈÊËĒĔĖĘĚ"),
    ("accented letter", "g", "ğĝġģ"),
    ("accented letter", "G", "ĞĜĠĢ"),
    ("accented letter", "i", "íîïīĭįı"),
    ("accented letter", "I", "ÍÌÎÏĪĬĮİ"),
    ("accented letter", "l", "łĺļľ"),
    ("accented letter", "L", "ŁĹĻĽ"),
    ("accented letter", "n", "ńņň"),
    ("accented letter", "N", "ŃŅŇ"),
    ("accented letter", "o", "óôõōŏő"),
    ("accented letter", "O", "ÓÒÔÕŌŎŐ"),
    ("accented letter", "r", "ŕřŗ"),
    ("accented letter", "R", "ŔŘŖ"),
    ("accented letter", "s", "śŝşšș"),
    ("accented letter", "S", "ŚŜŞŠȘ"),
    ("accented letter", "t", "ţťț"),
    ("accented letter", "T", "ŢŤȚ"),
    ("accented letter", "u", "úûūŭůűų"),
    ("accented letter", "U", "ÚÙÛŪŬŮŰŲ"),
    ("accented letter", "y", "ýÿ"),
    ("accented letter", "Y", "ÝŸ"),
    ("accented letter", "z", "źżž"),
    ("accented letter", "Z", "ŹŻŽ"),
    ("joined letters", "oe", "œ"),
    ("joined letters", "OE", "Œ"),
];

fn plain_form(c: char) -> Option<&'static str> {
    FORMS.iter().find(|(_, _, dear)| dear.contains(c)).map(|(_, plain, _)| *plain)
}

/// What people call the character; its code where it has no name here.
fn name(c: char) -> String {
    if let Some((name, ..)) = FORMS.iter().find(|(_, _, dear)| dear.contains(c)) {
        return (*name).to_owned();
    }
    match c {
        '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}'..='\u{2b55}' | '\u{20e3}' => {
            "emoji".to_owned()
        }
        '\u{e000}'..='\u{f8ff}' => "private symbol".to_owned(),
        c if c.is_control() => format!("control character U+{:04X}", u32::from(c)),
        c if c.is_alphabetic() => "letter outside the SMS alphabet".to_owned(),
        c => format!("character U+{:04X}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_edges_of_both_encodings() {
        // Written by hand: text, encoding, parts, units, left.
        let s = |c: &str, n: usize| c.repeat(n);
        for (text, encoding, parts, units, left) in [
            (String::new(), Encoding::Gsm7, 1, 0, 160),
            (s("a", 160), Encoding::Gsm7, 1, 160, 0),
            (s("a", 161), Encoding::Gsm7, 2, 161, 145),
            (s("a", 306), Encoding::Gsm7, 2, 306, 0),
            (s("a", 307), Encoding::Gsm7, 3, 307, 152),
            (s("€", 80), Encoding::Gsm7, 1, 160, 0),
            (s("€", 81), Encoding::Gsm7, 2, 162, 143),
            // 152 + an extension character: it does not fit into the last unit of the first part.
            (format!("{}€{}", s("a", 152), s("b", 152)), Encoding::Gsm7, 3, 306, 152),
            ("\u{c}^{}\\[]~|".to_owned(), Encoding::Gsm7, 1, 18, 142),
            (s("ç", 70), Encoding::Ucs2, 1, 70, 0),
            (s("ç", 71), Encoding::Ucs2, 2, 71, 63),
            (s("👍", 35), Encoding::Ucs2, 1, 70, 0),
            // 33 of two units each fit into 67; the pair is not divided.
            (s("👍", 66), Encoding::Ucs2, 2, 132, 1),
            (s("👍", 67), Encoding::Ucs2, 3, 134, 65),
        ] {
            let counted = count(&text);
            let got = (counted.encoding, counted.parts, counted.units, counted.left_in_part);
            assert_eq!(got, (encoding, parts, units, left), "{text}");
        }
    }

    #[test]
    fn culprits_are_named_once_each() {
        let counted = count("It’s “on” — it’s 👍");
        let names: Vec<(char, usize, usize, &str)> =
            counted.culprits.iter().map(|c| (c.character, c.index, c.count, c.name.as_str())).collect();
        assert_eq!(
            names,
            [
                ('’', 2, 2, "curly apostrophe"),
                ('“', 5, 1, "curly quotation mark"),
                ('”', 8, 1, "curly quotation mark"),
                ('—', 10, 1, "long dash"),
                ('👍', 17, 1, "emoji"),
            ]
        );
        assert!(count("plain [text] €5").culprits.is_empty());
        assert_eq!(count(&('一'..='三').collect::<String>()).culprits.len(), NAMED);
    }

    #[test]
    fn plain_characters_where_all_have_one() {
        let dear = format!("It’s “on” — see you…\u{a0}Adiós {}", "a".repeat(60));
        let plain = plain(&dear).expect("a plain form");
        assert!(plain.text.starts_with("It's \"on\" - see you... Adios a"));
        assert_eq!((plain.parts, plain.saved), (1, 1));
        assert_eq!(super::plain("already plain"), None);
        assert_eq!(super::plain("It’s on 👍"), None, "an emoji has no plain form");
    }

    #[test]
    fn forms_are_outside_the_alphabet_and_what_stands_for_them_is_inside() {
        let mut seen = std::collections::HashSet::new();
        for (name, plain, dear) in FORMS {
            assert!(plain.chars().all(in_gsm7), "{plain}");
            for c in dear.chars() {
                assert!(!in_gsm7(c), "{name}: {c} is in the alphabet");
                assert!(seen.insert(c), "{name}: {c} stands twice");
            }
        }
    }

    /// The same cases as the dashboard's own count is tested with.
    #[test]
    fn the_dashboard_counts_alike() {
        #[derive(serde::Deserialize)]
        struct Case {
            text: String,
            repeat: usize,
            then: String,
            encoding: String,
            parts: u16,
            units: usize,
            left_in_part: usize,
        }
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../admin/src/lib/segments.cases.json")).expect("cases");
        assert!(cases.len() > 10);
        for case in cases {
            let text = format!("{}{}", case.text.repeat(case.repeat), case.then);
            let counted = count(&text);
            let encoding = serde_json::to_value(counted.encoding).expect("name");
            assert_eq!((encoding.as_str(), counted.parts), (Some(case.encoding.as_str()), case.parts), "{text}");
            assert_eq!((counted.units, counted.left_in_part), (case.units, case.left_in_part), "{text}");
        }
    }

    proptest! {
        #[test]
        fn more_text_never_means_fewer_parts(text in ".{0,400}", c in any::<char>()) {
            let longer = format!("{text}{c}");
            prop_assert!(parts(&longer) >= parts(&text));
        }

        #[test]
        fn a_plain_text_is_in_the_alphabet_and_no_longer_in_parts(text in "[a-z’“”—…áñ€ ]{0,400}") {
            if let Some(plain) = plain(&text) {
                prop_assert_eq!(encoding(&plain.text), Encoding::Gsm7);
                prop_assert!(plain.parts <= parts(&text));
                prop_assert_eq!(super::plain(&plain.text), None);
            }
        }

        #[test]
        fn parts_hold_what_they_say(text in ".{0,600}") {
            let counted = count(&text);
            let (alone, each) = counted.encoding.room();
            let room = if counted.parts == 1 { alone } else { usize::from(counted.parts) * each };
            prop_assert!(counted.units <= room);
            prop_assert_eq!(counted.culprits.is_empty(), counted.encoding == Encoding::Gsm7);
        }
    }
}
