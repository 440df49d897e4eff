//! Which entries answer a question. Pure: words of the question against each entry's keywords, topic and title, in English and Spanish.

use super::{KnowledgeEntry, Topic};
use crate::assistant::words::{folded, singular};

/// From this score on an entry is sent without asking back.
pub const SURE: f32 = 0.7;
/// What a cue of one word is worth, and each further word of it: "cancellation fee" says more than "fee".
const CUE: f32 = 0.78;
const LONGER_CUE: f32 = 0.05;
const TITLE: f32 = 0.75;
const KEYWORD: f32 = 0.9;
/// Entries this close to the best say something too.
const NEAR: f32 = 0.05;

/// Ways to ask for a topic. The words must follow one another with at most three others between them.
const CUES: &[(Topic, &[&str])] = &[
    (
        Topic::Hours,
        &[
            "hours",
            "opening times",
            "opening hours",
            "time open",
            "time close",
            "when open",
            "when close",
            "when closed",
            "late open",
            "early open",
            "you open",
            "you closed",
            "you close",
            "still open",
            "open today",
            "open now",
            "open weekend",
            "open sunday",
            "open saturday",
            "open holiday",
            "horario",
            "hora abren",
            "hora cierran",
            "cuando abren",
            "cuando cierran",
            "estan abierto",
            "abierto",
            "abren",
            "cierran",
        ],
    ),
    (
        Topic::Location,
        &[
            "address",
            "located",
            "location",
            "directions",
            "where you",
            "where are",
            "where is the",
            "where yall",
            "how get there",
            "find you",
            "what street",
            "which street",
            "near what",
            "cross street",
            "direccion",
            "ubicacion",
            "donde estan",
            "donde queda",
            "ubicados",
            "como llego",
        ],
    ),
    (
        Topic::Prices,
        &[
            "how much",
            "price",
            "pricing",
            "cost",
            "costs",
            "rates",
            "charge",
            "fee",
            "fees",
            "quote",
            "expensive",
            "cheap",
            "what run",
            "cuanto cuesta",
            "cuanto cobran",
            "cuanto vale",
            "cuanto es",
            "cuanto sale",
            "precio",
            "costo",
            "tarifa",
        ],
    ),
    (
        Topic::Parking,
        &[
            "parking",
            "park",
            "garage",
            "parking lot",
            "estacionamiento",
            "estacionar",
            "parqueo",
            "aparcar",
            "parquear",
        ],
    ),
    (
        Topic::Payment,
        &[
            "insurance",
            "take card",
            "accept card",
            "credit card",
            "debit card",
            "cards",
            "cash",
            "apple pay",
            "venmo",
            "zelle",
            "paypal",
            "payment",
            "pay with",
            "pay by",
            "how pay",
            "financing",
            "seguro",
            "tarjeta",
            "efectivo",
            "pago",
            "pagar",
        ],
    ),
    (
        Topic::Policies,
        &[
            "policy",
            "policies",
            "refund",
            "deposit",
            "no show",
            "late fee",
            "cancellation fee",
            "cancelation fee",
            "walk in",
            "walkin",
            "walk ins",
            "bring my dog",
            "bring my kid",
            "pets",
            "kids allowed",
            "politica",
            "reembolso",
            "deposito",
            "sin cita",
        ],
    ),
    (
        Topic::Services,
        &["services", "you offer", "you do", "you guys do", "you provide", "menu of", "servicios", "ofrecen", "hacen"],
    ),
    (
        Topic::Staff,
        &["who works", "who is the", "your stylist", "your staff", "which doctor", "quien atiende", "quienes"],
    ),
    (
        Topic::Contact,
        &[
            "phone number",
            "number call",
            "email",
            "e mail",
            "website",
            "instagram",
            "web site",
            "telefono",
            "correo",
            "pagina web",
        ],
    ),
];

/// Words that say nothing about what is asked.
const SMALL: &[&str] = &[
    "a", "an", "and", "are", "at", "be", "by", "can", "could", "de", "del", "do", "does", "el", "en", "es", "for",
    "from", "get", "hay", "have", "how", "i", "if", "in", "is", "it", "la", "las", "lo", "los", "me", "my", "of", "on",
    "or", "our", "por", "que", "se", "su", "sus", "the", "there", "they", "this", "to", "un", "una", "us", "we",
    "what", "when", "where", "which", "who", "why", "will", "with", "y", "you", "your", "info", "about", "any",
    "please",
];

/// An entry and how well it answers, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Index into the entries.
    pub entry: usize,
    pub score: f32,
}

/// The entries that have anything to do with the text, best first.
pub fn rank(text: &str, entries: &[KnowledgeEntry]) -> Vec<Match> {
    let words = words(text);
    let topics = topics(&words);
    let mut matches: Vec<Match> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.active)
        .map(|(n, entry)| Match { entry: n, score: score(&words, &topics, entry) })
        .filter(|m| m.score > 0.0)
        .collect();
    matches.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.entry.cmp(&b.entry)));
    matches
}

/// The one or two entries to answer with, best first; none where nothing fits surely.
pub fn answering(text: &str, entries: &[KnowledgeEntry]) -> Vec<usize> {
    let ranked = rank(text, entries);
    let Some(best) = ranked.first().filter(|m| m.score >= SURE) else {
        return Vec::new();
    };
    let topic = |m: &Match| entries[m.entry].topic;
    let second = ranked.get(1).filter(|m| m.score >= SURE).filter(|m| {
        // Two questions in one text, or two entries that say the same amount about one.
        (topic(m) != topic(best) && best.score - m.score < 0.2) || best.score - m.score < NEAR
    });
    std::iter::once(best).chain(second).map(|m| m.entry).collect()
}

/// Whether the text asks about one of the usual topics, whether or not an entry answers it.
pub fn asks_about_business(text: &str) -> bool {
    !topics(&words(text)).is_empty()
}

/// The topics asked about, each with the worth of its longest cue.
fn topics(words: &[String]) -> Vec<(Topic, f32)> {
    let worth = |cue: &&str| CUE + LONGER_CUE * cue.split(' ').skip(1).count().min(2) as f32;
    CUES.iter()
        .filter_map(|(topic, cues)| {
            let hits = cues.iter().filter(|cue| has_phrase(words, cue)).map(worth);
            Some((*topic, hits.max_by(f32::total_cmp)?))
        })
        .collect()
}

fn score(words: &[String], topics: &[(Topic, f32)], entry: &KnowledgeEntry) -> f32 {
    let keyword = entry.keywords.iter().any(|k| has_phrase(words, k));
    let title: Vec<String> = self::words(&entry.title).into_iter().filter(|w| !SMALL.contains(&w.as_str())).collect();
    let named = title.iter().filter(|w| words.contains(w)).count();
    let share = if title.is_empty() { 0.0 } else { named as f32 / title.len() as f32 };
    let asked = topics.iter().find(|(topic, _)| *topic == entry.topic).map(|(_, worth)| *worth);
    let base = match (keyword, asked) {
        (true, _) => KEYWORD,
        (false, Some(worth)) => worth,
        (false, None) => TITLE * share,
    };
    if base == 0.0 { 0.0 } else { (base + 0.15 * share).min(1.0) }
}

/// Whether the words of `phrase` occur in order, close together.
fn has_phrase(words: &[String], phrase: &str) -> bool {
    let phrase = self::words(phrase);
    let Some((first, rest)) = phrase.split_first() else { return false };
    words.iter().enumerate().filter(|(_, w)| *w == first).any(|(start, _)| {
        let mut at = start;
        rest.iter().all(|wanted| {
            let found = words[at + 1..].iter().take(4).position(|w| w == wanted);
            found.is_some_and(|step| {
                at += step + 1;
                true
            })
        })
    })
}

/// The first 80 words, plurals as singulars.
fn words(text: &str) -> Vec<String> {
    let start: String = text.chars().take(600).collect();
    folded(&start).iter().take(80).map(|w| singular(w).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::platform::{clock::Clock, ids::KnowledgeEntryId};

    fn entry(topic: Topic, title: &str, keywords: &[&str]) -> KnowledgeEntry {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        KnowledgeEntry {
            id: KnowledgeEntryId::new(&clock),
            topic,
            title: title.to_owned(),
            keywords: keywords.iter().map(|k| (*k).to_owned()).collect(),
            answer_en: format!("{title}: the answer."),
            answer_es: None,
            active: true,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn shop() -> Vec<KnowledgeEntry> {
        vec![
            entry(Topic::Hours, "Opening hours", &[]),
            entry(Topic::Location, "Where we are", &[]),
            entry(Topic::Prices, "Haircut prices", &[]),
            entry(Topic::Prices, "Massage prices", &[]),
            entry(Topic::Parking, "Parking", &[]),
            entry(Topic::Policies, "Cancellation policy", &["late arrival"]),
            entry(Topic::Other, "Gift cards", &["voucher"]),
        ]
    }

    fn answered(text: &str) -> Vec<String> {
        let shop = shop();
        answering(text, &shop).into_iter().map(|n| shop[n].title.clone()).collect()
    }

    #[test]
    fn usual_questions_find_their_entry() {
        for (text, title) in [
            ("what time do you open?", "Opening hours"),
            ("how late are you guys open on saturdays", "Opening hours"),
            ("are u closed on thanksgiving? when do you close", "Opening hours"),
            ("A qué hora abren?", "Opening hours"),
            ("whats your address", "Where we are"),
            ("where are you located", "Where we are"),
            ("¿Dónde están ubicados?", "Where we are"),
            ("how much for a haircut", "Haircut prices"),
            ("what does a massage cost", "Massage prices"),
            ("is there anywhere to park", "Parking"),
            ("hay estacionamiento?", "Parking"),
            ("whats the cancelation fee", "Cancellation policy"),
            ("do you sell gift cards?", "Gift cards"),
            ("can I buy a voucher for my mom", "Gift cards"),
        ] {
            assert_eq!(answered(text).first().map(String::as_str), Some(title), "{text}: {:?}", answered(text));
        }
    }

    #[test]
    fn two_questions_get_two_answers() {
        let both = answered("where are you and what are your hours?");
        assert!(both.contains(&"Opening hours".to_owned()) && both.contains(&"Where we are".to_owned()), "{both:?}");
        assert_eq!(answered("how much is it?").len(), 2, "both price lists");
        assert_eq!(answered("how much is a haircut?").len(), 1);
    }

    #[test]
    fn other_talk_finds_nothing() {
        for text in [
            "any openings tomorrow?",
            "the second one",
            "can I come in friday at 3",
            "my dog is sick",
            "thanks!",
            "",
            "🙂",
            "move my haircut to monday",
            "what's the first opening on monday",
        ] {
            assert!(answered(text).is_empty(), "{text}: {:?}", answered(text));
        }
    }

    #[test]
    fn an_entry_that_is_off_is_not_found() {
        let mut shop = shop();
        shop[0].active = false;
        assert!(answering("what are your hours", &shop).is_empty());
        assert!(asks_about_business("what are your hours"));
    }

    proptest! {
        #[test]
        fn any_text_is_ranked_within_bounds(text in "\\PC{0,300}") {
            let ranked = rank(&text, &shop());
            prop_assert!(ranked.iter().all(|m| m.score > 0.0 && m.score <= 1.0));
            prop_assert!(ranked.windows(2).all(|w| w[0].score >= w[1].score));
            prop_assert!(answering(&text, &shop()).len() <= 2);
        }
    }
}
