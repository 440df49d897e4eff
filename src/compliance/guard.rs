//! Texts that would make a customer answer with a word the carrier swallows. Pure.
//!
//! Twilio's default lists are matched against the whole message, whatever its case: STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE
//! and OPTOUT opt out; START, YES and UNSTOP opt in; HELP and INFO are answered with a text of the carrier's (Twilio, "Support for opt-out
//! keywords"). A customer who answers "Reply CANCEL to cancel" as told is blocked, and nobody here hears why.
//!
//! Asking for these words is right only for what the carrier does with them: "Reply STOP to opt out", "HELP for help".

mod aim;

use std::collections::HashSet;

use self::aim::{aim, fits};
use super::rules::{Keyword, keyword};
use crate::platform::problem::{Code, FieldError, Problem};

/// One place in a text that asks for a word the carrier swallows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Collision {
    #[schema(value_type = String, example = "CANCEL")]
    pub word: &'static str,
    /// The place, as it is written.
    #[schema(example = "Reply CANCEL to cancel")]
    pub quote: String,
    /// What would happen.
    #[schema(value_type = String)]
    pub why: &'static str,
    /// What to ask for instead.
    #[schema(value_type = String)]
    pub suggestion: &'static str,
}

/// What the carrier does with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Opts out, and means nothing else to anybody.
    Stop,
    /// Opts out, but is also what people say of an appointment or a conversation.
    Ending,
    /// Opts in, and is also the most usual answer.
    Yes,
    Start,
    Help,
}

/// Words as the carrier knows them, in upper case. SI is none of Twilio's own list, but is what its Spanish opt-in lists hold.
const WORDS: &[(&str, Class)] = &[
    ("STOP", Class::Stop),
    ("STOPALL", Class::Stop),
    ("UNSUBSCRIBE", Class::Stop),
    ("REVOKE", Class::Stop),
    ("OPTOUT", Class::Stop),
    ("CANCEL", Class::Ending),
    ("END", Class::Ending),
    ("QUIT", Class::Ending),
    ("YES", Class::Yes),
    ("SI", Class::Yes),
    ("START", Class::Start),
    ("UNSTOP", Class::Start),
    ("HELP", Class::Help),
    ("INFO", Class::Help),
];

impl Class {
    const fn why(self) -> &'static str {
        match self {
            Self::Stop | Self::Ending => "The carrier takes this answer for an opt-out and blocks the customer.",
            Self::Yes => "The carrier takes this answer for an opt-in, and may keep it to itself.",
            Self::Start => "The carrier takes this answer for an opt-in, and may answer it itself.",
            Self::Help => "The carrier answers this word itself, with a text that is not yours.",
        }
    }

    const fn suggestion(self) -> &'static str {
        match self {
            Self::Stop => "Ask for this word only to end all texts. For anything else use X or a number.",
            Self::Ending => "Ask for X or a number instead, such as \u{201c}Reply X to cancel\u{201d}.",
            Self::Yes => "Ask for C or a number instead, such as \u{201c}Reply C to confirm\u{201d}.",
            Self::Start => "Ask for another word or a number, such as \u{201c}Reply BOOK to book\u{201d}.",
            Self::Help => "Ask for another word, such as \u{201c}Reply TEAM to reach us\u{201d}.",
        }
    }
}

/// All places in `text` that ask for a swallowed word, in their order; each word once.
pub fn collisions(text: &str) -> Vec<Collision> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut known = HashSet::new();
    for at in 0..tokens.len() {
        let Some((word, class)) = asked_for(&tokens, at) else { continue };
        let purpose = purpose(&tokens, at);
        if fits(class, &aim(&tokens, at, class, &purpose)) || !known.insert(word) {
            continue;
        }
        let from = ask_before(&tokens, at).unwrap_or(at);
        let to = (at + purpose.len().min(6)).min(tokens.len() - 1);
        let quote = text[tokens[from].start..tokens[to].end].to_owned();
        found.push(Collision { word, quote, why: class.why(), suggestion: class.suggestion() });
    }
    found
}

/// A name that customers pick by texting it, where that is a word the carrier or this desk takes for something else.
pub fn name_collision(name: &str) -> Option<Collision> {
    let tokens = tokens(name);
    let carrier = match tokens.as_slice() {
        [only] => known_word(&only.folded),
        _ => None,
    };
    let (word, class) = match (carrier, keyword(name)) {
        (Some(known), _) => known,
        (None, Some(Keyword::Stop | Keyword::StopMarketing)) => ("STOP", Class::Stop),
        (None, Some(Keyword::Cancel)) => ("CANCEL", Class::Ending),
        (None, Some(Keyword::Start)) => ("START", Class::Start),
        (None, Some(Keyword::Yes)) => ("YES", Class::Yes),
        (None, Some(Keyword::Help)) => ("HELP", Class::Help),
        (None, None) => return None,
    };
    let suggestion = "Add a word to the name, so that a customer who texts it says more than this one.";
    Some(Collision { word, quote: name.trim().to_owned(), why: class.why(), suggestion })
}

fn fault(field: &str, collision: &Collision) -> FieldError {
    let message = format!("\u{201c}{}\u{201d}: {} {}", collision.quote, collision.why, collision.suggestion);
    FieldError { field: field.to_owned(), code: "carrier_keyword", message }
}

/// What is wrong with texts that are about to be kept: fields with their texts, and with names that are texted back.
pub fn faults(texts: &[(&str, &str)], names: &[(&str, &str)]) -> Vec<FieldError> {
    let texts = texts.iter().flat_map(|(field, text)| collisions(text).into_iter().map(|c| fault(field, &c)));
    let names = names.iter().filter_map(|(field, name)| Some(fault(field, &name_collision(name)?)));
    texts.chain(names).collect()
}

/// Refuses texts that would make a customer answer with a swallowed word.
pub fn check(texts: &[(&str, &str)], names: &[(&str, &str)]) -> Result<(), Problem> {
    let errors = faults(texts, names);
    if errors.is_empty() {
        return Ok(());
    }
    let detail = errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(" ");
    Err(Problem { errors, ..Problem::new(Code::CarrierKeyword, detail) })
}

#[derive(Debug)]
struct Token {
    start: usize,
    end: usize,
    /// Lower case, without accents.
    folded: String,
    /// All its letters are capitals.
    capitals: bool,
    /// "sí": the accent says that it is not "if".
    accented: bool,
    /// What stands between the word before and this one.
    before: String,
}

impl Token {
    fn after_quote(&self) -> bool {
        self.before.ends_with(QUOTES)
    }

    /// A sentence ends before it.
    fn begins_sentence(&self) -> bool {
        self.before.contains(['.', '!', '?', ';', '\n', '¡', '¿'])
    }
}

const QUOTES: [char; 12] = ['"', '\'', '“', '”', '‘', '’', '«', '»', '*', '`', '(', '['];
const CLOSING: [char; 10] = ['"', '\'', '”', '’', '»', '*', '`', ')', ']', '“'];

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut start, mut gap) = (None, 0);
    let mut end_word = |from: usize, to: usize, gap: &mut usize| {
        let word = &text[from..to];
        let folded: String = word.chars().flat_map(char::to_lowercase).map(unaccented).collect();
        let accented = word.chars().any(|c| unaccented(c) != c);
        let letters = word.chars().any(char::is_alphabetic);
        let capitals = letters && word.chars().count() > 1 && word.chars().all(|c| !c.is_lowercase());
        tokens.push(Token { start: from, end: to, folded, capitals, accented, before: text[*gap..from].to_owned() });
        *gap = to;
    };
    for (at, c) in text.char_indices() {
        // An apostrophe inside a word ("don't") belongs to it, one around a word does not.
        let inside = matches!(c, '\'' | '’')
            && start.is_some()
            && text[at + c.len_utf8()..].chars().next().is_some_and(char::is_alphanumeric);
        match (c.is_alphanumeric() || inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                end_word(from, at, &mut gap);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        end_word(from, text.len(), &mut gap);
    }
    tokens
}

const fn unaccented(c: char) -> char {
    match c {
        'á' | 'Á' => 'a',
        'é' | 'É' => 'e',
        'í' | 'Í' => 'i',
        'ó' | 'Ó' => 'o',
        'ú' | 'Ú' => 'u',
        c => c,
    }
}

fn known_word(folded: &str) -> Option<(&'static str, Class)> {
    WORDS.iter().copied().find(|(word, _)| word.eq_ignore_ascii_case(folded))
}

/// Asks for an answer whatever case the word after it is in.
const ASKS: &[&str] = &[
    "reply",
    "respond",
    "text",
    "txt",
    "responde",
    "responda",
    "respondan",
    "responder",
    "conteste",
    "contesta",
    "envie",
    "envia",
    "mande",
    "manda",
    "textee",
    "textea",
    "respondiendo",
    "contestando",
    "enviando",
    "mandando",
    "texteando",
];
/// Ask where "by" stands before them, and mean an answer only before a word in capitals or quotes elsewhere.
const GERUNDS: &[&str] = &[
    "replying",
    "responding",
    "answering",
    "texting",
    "sending",
    "typing",
    "saying",
    "writing",
    "messaging",
    "entering",
];
/// Means an answer only before a word in capitals or quotes.
const SAYS: &[&str] = &[
    "answer",
    "send",
    "type",
    "say",
    "write",
    "message",
    "msg",
    "enter",
    "confirm",
    "rsvp",
    "escriba",
    "escribe",
    "escribiendo",
    "escribanos",
    "escribenos",
    "diga",
    "diciendo",
    "ponga",
    "pon",
    "poniendo",
    "digite",
    "digitando",
    "envienos",
    "envianos",
    "mandenos",
    "mandanos",
    "contestenos",
    "respondanos",
    "confirme",
    "confirma",
];
/// Stand between the verb and the word.
const FILLERS: &[&str] = &[
    "back", "with", "us", "me", "by", "just", "only", "the", "word", "keyword", "simply", "simple", "a", "con", "la",
    "palabra", "solo", "un",
];
/// What is answered, and how: "reply to this text", "por mensaje".
const TEXT: &[&str] =
    &["text", "message", "msg", "sms", "number", "reminder", "thread", "mensaje", "texto", "numero", "recordatorio"];
/// Before these, "text" and its like are nouns.
const ARTICLES: &[&str] = &[
    "a", "this", "that", "the", "your", "our", "each", "every", "my", "any", "one", "un", "este", "esta", "su", "cada",
    "al", "el", "por", "via",
];
/// Between two words to choose from.
const ORS: &[&str] = &["or", "and", "o", "y", "u", "no", "not", "si", "yes"];
/// After a word that is asked for: what for.
const FORS: &[&str] = &["to", "for", "if", "and", "or", "para", "si", "y", "o", "when", "at", "as", "cuando"];

/// The swallowed word at `at`, where the text asks for it.
fn asked_for(tokens: &[Token], at: usize) -> Option<(&'static str, Class)> {
    let token = &tokens[at];
    let (word, class) = known_word(&token.folded)?;
    let next = tokens.get(at + 1);
    let quoted = token.after_quote() && next.is_none_or(|n| n.before.starts_with(CLOSING));
    // "cancel my appointment" in quotes is more than the word.
    if token.after_quote() && !quoted && next.is_some_and(|n| n.before == " ") {
        return None;
    }
    // A bare "si" is "if".
    if word == "SI" && !(token.capitals || quoted || token.accented) {
        return None;
    }
    let marked = token.capitals || quoted;
    let alone = next.is_none_or(|n| n.before.trim() != "" || FORS.contains(&n.folded.as_str()));
    let asked = match ask_before(tokens, at) {
        Some(ask) => marked || alone && asks_surely(tokens, ask),
        None => false,
    };
    // "C to confirm or CANCEL to cancel", "(YES/NO)", "YES to confirm".
    let begins = at == 0 || token.begins_sentence() || token.before.contains([':', ',', '/', '(', '|', '-', '–', '—']);
    let after_or = at > 0 && ORS.contains(&tokens[at - 1].folded.as_str());
    // "YES: I'm coming" is an offer, "INFO: closed on Monday" and "START - END" are not.
    let answer = class == Class::Yes || word == "CANCEL";
    let has_purpose = next.is_some_and(|n| {
        n.before.contains('=')
            || answer && n.before.contains([':', '/', '-', '–', '—'])
            || n.before == " " && FORS.contains(&n.folded.as_str())
    });
    let offered = marked && has_purpose && (begins || after_or);
    (asked || offered || chosen_from(tokens, at, class)).then_some((word, class))
}

/// Whether the verb at `ask` asks for an answer, however that is written.
fn asks_surely(tokens: &[Token], ask: usize) -> bool {
    let by = || tokens[ask.saturating_sub(2)..ask].iter().any(|t| t.folded == "by");
    let word = tokens[ask].folded.as_str();
    ASKS.contains(&word) || GERUNDS.contains(&word) && by()
}

/// "yes or no", "YES/NO", "sí o no", whatever the case.
fn chosen_from(tokens: &[Token], at: usize, class: Class) -> bool {
    let word = |n: usize| tokens.get(n).map_or("", |t| t.folded.as_str());
    let slash = tokens.get(at + 1).is_some_and(|t| t.before.trim() == "/");
    class == Class::Yes
        && (slash && word(at + 1) == "no" || ["or", "o"].contains(&word(at + 1)) && word(at + 2) == "no")
}

/// The verb that asks for the word at `at`: right before it, or before words it is offered with ("Reply C or CANCEL").
fn ask_before(tokens: &[Token], at: usize) -> Option<usize> {
    let mut n = at;
    while n > 0 && !tokens[n].begins_sentence() {
        n -= 1;
        let word = tokens[n].folded.as_str();
        let noun = n > 0 && !tokens[n].begins_sentence() && ARTICLES.contains(&tokens[n - 1].folded.as_str());
        if [ASKS, SAYS, GERUNDS].iter().any(|verbs| verbs.contains(&word)) && !noun {
            return Some(n);
        }
        if noun && TEXT.contains(&word) {
            let to = n > 1 && ["to", "a"].contains(&tokens[n - 2].folded.as_str());
            n -= if to { 2 } else { 1 };
            continue;
        }
        let offered_too = tokens[n].capitals || word.chars().count() == 1 || known_word(word).is_some();
        if !(FILLERS.contains(&word) || ORS.contains(&word) || offered_too || word.bytes().all(|b| b.is_ascii_digit()))
        {
            return None;
        }
    }
    None
}

/// The words after `at` that say what the answer is for, to the end of the sentence or to the next word that is offered.
fn purpose(tokens: &[Token], at: usize) -> Vec<&str> {
    let rest = tokens[at + 1..].iter();
    let ends = |t: &&Token| t.begins_sentence() || t.capitals && t.folded != "ok" || t.before.contains(',');
    let words: Vec<&str> = rest.take_while(|t| !ends(t)).map(|t| t.folded.as_str()).collect();
    // "STOP or QUIT to opt out": both are for what follows.
    match words.as_slice() {
        [] | ["or" | "and" | "o" | "y"] => {
            let next = at + 1 + words.len();
            match tokens.get(next) {
                Some(t) if !t.begins_sentence() && known_word(&t.folded).is_some() => purpose(tokens, next),
                _ => words,
            }
        }
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&'static str> {
        collisions(text).into_iter().map(|c| c.word).collect()
    }

    #[test]
    fn what_would_be_swallowed_is_found() {
        for (text, expected) in [
            ("Reply CANCEL to cancel", &["CANCEL"][..]),
            ("Reply YES to confirm your visit.", &["YES"]),
            ("text YES to confirm", &["YES"]),
            ("Text “yes” to confirm", &["YES"]),
            ("reply yes to confirm or no to cancel", &["YES"]),
            ("Reply C to confirm or CANCEL to cancel.", &["CANCEL"]),
            ("Reply YES or NO.", &["YES"]),
            ("Reply Y, R or CANCEL", &["CANCEL"]),
            ("Is Tuesday fine? (YES/NO)", &["YES"]),
            ("Can you make it, yes or no?", &["YES"]),
            ("Please respond with 'YES' by noon", &["YES"]),
            ("Reply 'cancel' if you can't come", &["CANCEL"]),
            ("Answer YES if that is right", &["YES"]),
            ("YES to confirm, CANCEL to cancel", &["YES", "CANCEL"]),
            ("Confirm: YES = confirm, END = leave the queue", &["YES", "END"]),
            ("Text QUIT when you leave", &["QUIT"]),
            ("Text START to book", &["START"]),
            ("Text INFO for our price list", &["INFO"]),
            ("Reply HELP to talk to Dr. Lee", &["HELP"]),
            ("Reply STOP to cancel your appointment", &["STOP"]),
            ("Reply STOP if you cannot make the visit", &["STOP"]),
            ("Reply CANCEL.", &["CANCEL"]),
            ("Responde SI para confirmar", &["SI"]),
            ("Responda sí o no", &["SI"]),
            ("Responda con \"SÍ\" para confirmar su cita", &["SI"]),
            ("Envíe CANCEL para cancelar", &["CANCEL"]),
            ("Conteste YES para confirmar", &["YES"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_harmless_passes() {
        for text in [
            "",
            "Call us to cancel.",
            "You can cancel or move it up to 24 hours before.",
            "Text us to cancel.",
            "Reply STOP to opt out",
            "Reply STOP to opt out, HELP for help.",
            "Reply STOP to get no more texts.",
            "Msg & data rates may apply. Reply HELP for help, STOP to cancel.",
            "Text STOP to 12345 to stop texts",
            "Reply STOP anytime.",
            "Reply STOP or UNSUBSCRIBE to opt out.",
            "Reply CANCEL to unsubscribe from these messages",
            "Reply END to end these texts",
            "Reply START to resume.",
            "Reply START to get texts again",
            "Reply YES to receive appointment texts from Maple Street",
            "Reply YES to subscribe",
            "HELP for help",
            "Reply C to confirm, R for another time, X to drop it.",
            "Maple: text a day or time to book. \"cancel my appointment\" cancels it. Reply STOP to get no more texts.",
            "Text \"cancel my appointment\" and we will.",
            "We stop at 5 and start at 9. Yes, even on Fridays!",
            "We say yes to walk-ins.",
            "We'll send help right away.",
            "We can send info about your insurance by mail.",
            "Responda STOP para no recibir mensajes.",
            "Responda si desea otra hora.",
            "Si quiere cancelar, llame al 555-0100.",
            "Escriba un dia u hora para reservar.",
            "Yes! We are open. Stop by any time.",
            "The quit smoking course ends in May; info at the desk.",
            "Your text help line is open.",
            "INFO: we are closed on Monday.",
            "START - END: 9 to 5",
            "Yes.",
            "YES, we do.",
        ] {
            assert_eq!(words(text), [""; 0], "{text}");
        }
    }

    /// What businesses really write, by hand: the word that would be swallowed, or none.
    #[test]
    fn usual_phrasings() {
        for (text, expected) in [
            // Confirmations and cancellations.
            ("Confirm by replying YES", Some("YES")),
            ("Please confirm by replying yes.", Some("YES")),
            ("You can confirm by simply texting back YES", Some("YES")),
            ("Cancel anytime by texting CANCEL", Some("CANCEL")),
            ("Cancel your visit by sending CANCEL to 12345", Some("CANCEL")),
            ("Confirme respondiendo SI", Some("SI")),
            ("Puede confirmar su cita respondiendo SÍ.", Some("SI")),
            ("Confirme su cita contestando YES", Some("YES")),
            ("Cancele escribiendo CANCEL", Some("CANCEL")),
            ("Reply CANCEL to this text to cancel your haircut", Some("CANCEL")),
            ("Reply CANCEL to our message to cancel your massage", Some("CANCEL")),
            ("Reply YES to this message to confirm your cleaning", Some("YES")),
            ("Reply YES to this text.", Some("YES")),
            ("Reply to this message with YES to confirm", Some("YES")),
            ("Respond to our text with \"yes\" if you are coming", Some("YES")),
            ("Responda a este mensaje con SI para confirmar", Some("SI")),
            ("Responda SI a este mensaje para confirmar", Some("SI")),
            ("Text QUIT to leave the waiting list", Some("QUIT")),
            ("Reply END to be removed from the waitlist", Some("END")),
            ("Reply CANCEL if you no longer need the haircut", Some("CANCEL")),
            ("If you can't come, reply STOP", Some("STOP")),
            ("To cancel your appointment, text STOP.", Some("STOP")),
            ("Reply STOP to this message to cancel your cleaning", Some("STOP")),
            ("To confirm, reply YES", Some("YES")),
            ("Reply YES if you agree to the price", Some("YES")),
            ("Reply YES to receive your haircut", Some("YES")),
            ("Reply YES to join the class", Some("YES")),
            ("RSVP YES or NO", Some("YES")),
            ("Confirm with YES", Some("YES")),
            ("Mándenos CANCEL para cancelar", Some("CANCEL")),
            ("To book, text START", Some("START")),
            ("Reply START to this text to begin your order", Some("START")),
            ("Reply INFO to this text for directions", Some("INFO")),
            ("Get directions by texting INFO to 12345 for the map", Some("INFO")),
            // What the carrier does with the words.
            ("Reply STOP to opt out", None),
            ("Reply STOP to this message to opt out.", None),
            ("Text STOP to end all texts", None),
            ("Reply CANCEL to stop receiving texts", None),
            ("Reply CANCEL to opt out of appointment reminders", None),
            ("Opt out anytime by texting STOP", None),
            ("Opt out at any time by replying CANCEL", None),
            ("Unsubscribe by replying END to any message", None),
            ("To opt out, reply CANCEL.", None),
            ("To stop all messages, text QUIT to 12345.", None),
            ("Text STOP to 12345 to cancel", None),
            ("Reply QUIT if you no longer want our texts", None),
            ("Reply STOP if you'd rather not hear from us", None),
            ("Wrong number? Reply STOP.", None),
            ("Reply HELP for help", None),
            ("Reply HELP to this text for more info", None),
            ("Get help by texting HELP", None),
            ("To confirm reply C, or reply HELP", None),
            ("Reply YES to get text reminders of your visits", None),
            ("Reply YES to this message to receive our alerts", None),
            ("Subscribe by texting START", None),
            ("To start getting our texts again reply START", None),
            ("Responda ALTO para no recibir más mensajes", None),
            ("Responda STOP para dejar de recibir mensajes", None),
            ("Responda STOP a este mensaje para darse de baja", None),
            ("Para no recibir más mensajes, responda STOP", None),
            ("Cancele su suscripción respondiendo STOP", None),
            ("Responda HELP para obtener ayuda", None),
            ("Responda YES para recibir nuestros avisos", None),
            // Words of no answer.
            ("Thanks for texting. Yes, we are open.", None),
            ("Stop texting, info is at the desk.", None),
            ("By replying you agree to our terms. Yes, really.", None),
            ("We will cancel by sending you a message.", None),
            ("Reply to this text to cancel.", None),
        ] {
            assert_eq!(words(text), expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn the_place_is_quoted_with_a_way_out() {
        let found =
            collisions("Hi Ana! Reply \"Cancel\" to cancel your cleaning on Friday at 3 pm with Dr. Lee. See you!");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].quote, "Reply \"Cancel\" to cancel your cleaning on Friday");
        assert!(found[0].why.contains("opt-out") && found[0].suggestion.contains("Reply X"));
        let problem = check(&[("answer_en", "Reply YES to confirm")], &[("name", "Help")]).expect_err("refused");
        assert_eq!((problem.code, problem.errors.len()), (Code::CarrierKeyword, 2));
        assert_eq!((problem.errors[0].field.as_str(), problem.errors[1].field.as_str()), ("answer_en", "name"));
        assert!(check(&[("answer_en", "Reply C to confirm")], &[("name", "Help with forms")]).is_ok());
    }

    #[test]
    fn names_that_are_nothing_but_a_keyword() {
        for name in ["Stop", "CANCEL", " help ", "Info", "Yes", "Quit", "Baja", "Opt out", "Start", "Sí"] {
            assert!(name_collision(name).is_some(), "{name}");
        }
        for name in ["Stop smoking", "Consultation", "Help with forms", "Start-up visit", "Info session", ""] {
            assert_eq!(name_collision(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,300}") {
            for c in collisions(&text) {
                prop_assert!(text.contains(&c.quote));
            }
            let _ = name_collision(&text);
        }

        /// Case and quotes around the word do not hide it.
        #[test]
        fn dress_does_not_hide_it(
            word in prop::sample::select(vec!["cancel", "CANCEL", "Cancel", "yes", "YES", "Quit"]),
            (open, close) in prop::sample::select(vec![("", ""), ("\"", "\""), ("“", "”"), ("'", "'"), ("*", "*")]),
            verb in prop::sample::select(vec!["Reply", "reply with", "Text back", "Responda", "respond with the word"]),
        ) {
            let text = format!("{verb} {open}{word}{close} to confirm your visit");
            prop_assert_eq!(collisions(&text).len(), 1, "{}", text);
        }
    }
}
