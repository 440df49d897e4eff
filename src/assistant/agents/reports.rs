//! Contacts who report something, complain in so many words, or ask what became of it. Only plain words count: "report a problem",
//! "make a complaint", "quiero hacer una queja". A complaint without them stays with whoever answered it before, and no language model
//! opens a report: it would be one that nobody asked for.

use serde_json::Value;

use super::{Agent, Claim, Proposal, Rejection, Scene};
use crate::assistant::{
    dialogue::{Action, Key, State},
    knowledge::answering,
    llm::Tool,
    understanding::Intent,
    words,
};

pub(super) struct Reports;

impl Agent for Reports {
    fn brief(&self) -> &'static str {
        ""
    }

    fn tools(&self, _: &Scene<'_>) -> Vec<Tool> {
        Vec::new()
    }

    fn claim(&self, scene: &Scene<'_>) -> Option<Claim> {
        // A person who is asked for in words goes first; that a text complains is no such wish.
        let wants_person = scene.action() == Action::HandOver && has(scene.body, PEOPLE);
        if scene.cues.reaction || wants_person || scene.cues.command.is_some() {
            return None;
        }
        let claim = |proposals, why: &str| Some(Claim { proposals, sure: true, why: why.to_owned() });
        match read(scene.body) {
            Some(Said::Report(subject)) => {
                let mut proposals = vec![Proposal::OpenReport { subject }];
                // "… and book me for Tuesday at 10" asks for two things.
                if wishes_to_book(scene) {
                    proposals.push(Proposal::Read(Box::new(scene.heard.clone())));
                }
                claim(proposals, "reports something")
            }
            Some(Said::WantsToReport) => claim(vec![Proposal::AskForReport], "wants to report something"),
            Some(Said::AsksAfter(number)) => {
                if scene.heard.question && !answering(scene.body, scene.knowledge).is_empty() {
                    return None;
                }
                claim(vec![Proposal::TellOfReports { number }], "asks what became of a report")
            }
            None if *scene.state == State::AwaitingReport => match in_answer(scene) {
                Answer::Report => {
                    let subject = scene.body.trim().to_owned();
                    claim(vec![Proposal::OpenReport { subject }], "says what to report")
                }
                Answer::Nothing => claim(vec![Proposal::AskForReport], "wants to report, and has not said what"),
                Answer::Else => None,
            },
            None => None,
        }
    }

    fn accept(&self, _: &str, _: &Value, _: &Scene<'_>) -> Option<Result<Claim, Rejection>> {
        None
    }
}

/// What a text says of reports by its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// What is wrong, in their words.
    Report(String),
    /// That there is something, but not what.
    WantsToReport,
    /// What became of a report, perhaps of this number.
    AsksAfter(Option<i64>),
}

/// What a text is, where it was asked what to report.
enum Answer {
    Report,
    /// A yes, a nod, a sign: no report yet.
    Nothing,
    /// Something else than a report.
    Else,
}

fn in_answer(scene: &Scene<'_>) -> Answer {
    let cues = scene.cues;
    let spoken = words::folded(scene.body);
    let text = spoken.join(" ");
    if LETS_BE.iter().any(|phrase| text.starts_with(phrase)) {
        return Answer::Else;
    }
    if cues.command.is_some() || cues.arriving || cues.waitlist || matches!(cues.key, Some(Key::Drop)) {
        return Answer::Else;
    }
    if cues.plain_yes || cues.small_talk || cues.answer || spoken.iter().all(|w| w.chars().count() < 3) {
        return Answer::Nothing;
    }
    let talk = matches!(
        scene.heard.intent,
        Intent::Thanks
            | Intent::Goodbye
            | Intent::Greeting
            | Intent::Help
            | Intent::Human
            | Intent::Deny
            | Intent::Lookup
    );
    // A report may well begin with a greeting or hold a no.
    if talk && spoken.len() <= 4 {
        return Answer::Else;
    }
    let of_appointments = matches!(
        scene.heard.intent,
        Intent::Book | Intent::Availability | Intent::Reschedule | Intent::Cancel | Intent::Lookup
    );
    let bare_wish = scene.heard.when.is_some() && spoken.len() <= 4;
    let wish = spoken.len() <= 14 && has(scene.body, WISHES) && has(scene.body, WANTS);
    if of_appointments && (bare_wish || wish) {
        return Answer::Else;
    }
    if scene.heard.question && !answering(scene.body, scene.knowledge).is_empty() {
        return Answer::Else;
    }
    Answer::Report
}

fn has(body: &str, list: &[&str]) -> bool {
    words::folded(body).iter().any(|w| list.contains(&w.as_str()))
}

/// Whether the text asks what became of a report and says nothing that could be meant for our texts. Such a one is no doubtful opt-out:
/// the word "report" alone makes a text look like one.
pub fn asks_after_report(body: &str) -> bool {
    const CONSENT: &[&str] = &[
        "stop",
        "text",
        "texts",
        "texting",
        "message",
        "messages",
        "number",
        "contact",
        "contacting",
        "list",
        "remove",
        "unsubscribe",
        "more",
        "quit",
        "end",
        "cancel",
        "leave",
        "alone",
        "off",
        "out",
        "dont",
        "do",
        "not",
        "no",
        "never",
        "block",
        "blocked",
        "alto",
        "mensajes",
        "mensaje",
        "numero",
        "baja",
        "lista",
        "parar",
        "paren",
        "escribir",
        "escriban",
    ];
    matches!(read(body), Some(Said::AsksAfter(_)))
        && words::folded(body).len() <= 8
        && !has(body, CONSENT)
        && !has(body, ELSEWHERE)
}

/// Who is asked for where a person is.
const PEOPLE: &[&str] = &[
    "person",
    "people",
    "human",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "agent",
    "representative",
    "rep",
    "manager",
    "owner",
    "supervisor",
    "boss",
    "operator",
    "receptionist",
    "staff",
    "talk",
    "speak",
    "persona",
    "alguien",
    "hablar",
    "encargado",
    "encargada",
    "gerente",
    "dueno",
    "duena",
    "supervisora",
    "recepcionista",
    "agente",
    "humano",
];
/// What makes a wish of a text about appointments.
const WANTS: &[&str] = &[
    "book",
    "schedule",
    "reschedule",
    "reserve",
    "cancel",
    "move",
    "want",
    "need",
    "like",
    "can",
    "could",
    "please",
    "is",
    "are",
    "any",
    "when",
    "what",
    "quiero",
    "quisiera",
    "necesito",
    "puedo",
    "podria",
    "reservar",
    "agendar",
    "cancelar",
    "mover",
    "cambiar",
    "hay",
    "cuando",
];

/// How a text begins that lets it be, whatever reason follows.
const LETS_BE: &[&str] = &[
    "no thanks",
    "no thank you",
    "never mind",
    "nevermind",
    "forget it",
    "no gracias",
    "olvidelo",
    "olvidalo",
    "dejelo",
    "ya no",
];

/// Verbs and nouns of wishes for an appointment.
const WISHES: &[&str] = &[
    "book",
    "booking",
    "schedule",
    "reschedule",
    "reserve",
    "appointment",
    "appt",
    "appointments",
    "slot",
    "opening",
    "openings",
    "available",
    "availability",
    "cancel",
    "move",
    "reservar",
    "agendar",
    "cita",
    "citas",
    "turno",
    "cancelar",
    "mover",
    "cambiar",
    "disponible",
    "hueco",
];

fn wishes_to_book(scene: &Scene<'_>) -> bool {
    const VERBS: &[&str] = &["book", "schedule", "reserve", "reservar", "agendar"];
    matches!(scene.heard.intent, Intent::Book | Intent::Availability)
        && scene.heard.when.is_some()
        && has(scene.body, VERBS)
}

/// Of whom it is no use to open a report here: they speak of our texts, or of taking us to others.
const ELSEWHERE: &[&str] = &[
    "spam",
    "scam",
    "fcc",
    "ftc",
    "attorney",
    "lawyer",
    "lawsuit",
    "sue",
    "suing",
    "police",
    "bbb",
    "tcpa",
    "texts",
    "texting",
    "texted",
    "phishing",
    "harassment",
    "harassing",
    "unsubscribe",
    "acoso",
    "abogado",
    "policia",
    "fiscalia",
    "demanda",
    "demandar",
    "mensajes",
    "textos",
    "profeco",
];
/// Before the verb: nothing is reported.
const NOT: &[&str] = &[
    "not", "no", "dont", "never", "nothing", "without", "didnt", "cant", "wont", "nada", "ningun", "ninguna", "nunca",
    "sin",
];
/// What may stand right before a verb that says what one wants.
const BEFORE_VERB: &[&str] = &[
    "to", "please", "pls", "i", "can", "could", "must", "wanna", "gotta", "need", "and", "me", "ill", "also", "id",
    "lets", "hi", "hello", "hey", "quiero", "quisiera", "necesito", "puedo", "podria", "deseo", "para", "a", "favor",
    "gustaria", "queria", "hola", "buenas", "y",
];
/// Verbs that go with [`PAPERS`].
const FILES: &[&str] = &[
    "file",
    "make",
    "open",
    "submit",
    "lodge",
    "register",
    "log",
    "raise",
    "create",
    "have",
    "got",
    "send",
    "leave",
    "hacer",
    "poner",
    "presentar",
    "levantar",
    "dejar",
    "registrar",
    "meter",
    "abrir",
    "mandar",
    "interponer",
    "tengo",
];
const PAPERS: &[&str] = &["complaint", "report", "ticket", "queja", "reclamo", "reclamacion", "reporte", "denuncia"];
const REPORTS: &[&str] = &["report", "reportar"];
const COMPLAINS: &[&str] = &["complain", "quejarme"];
const ARTICLES: &[&str] = &[
    "a", "an", "the", "some", "my", "another", "this", "one", "un", "una", "el", "la", "otro", "otra", "mi", "unos",
    "unas",
];
/// Things that say nothing yet of what is wrong.
const THINGS: &[&str] = &[
    "problem",
    "problems",
    "issue",
    "issues",
    "incident",
    "concern",
    "something",
    "error",
    "bug",
    "problema",
    "problemas",
    "incidente",
    "algo",
    "asunto",
];
/// Things that do.
const MATTERS: &[&str] = &[
    "leak",
    "damage",
    "accident",
    "theft",
    "noise",
    "fault",
    "defect",
    "outage",
    "mess",
    "hazard",
    "smell",
    "break",
    "fuga",
    "gotera",
    "dano",
    "danos",
    "averia",
    "accidente",
    "robo",
    "ruido",
    "falla",
    "olor",
    "desperfecto",
];
/// Words between a thing and what it is.
const LINKS: &[&str] =
    &["that", "about", "with", "is", "regarding", "que", "sobre", "con", "de", "es", "por", "favor", "please"];
/// Said out of politeness, and no report.
const POLITE: &[&str] =
    &["please", "pls", "thanks", "thank", "you", "por", "favor", "gracias", "hi", "hello", "hola", "ok", "now", "here"];

/// A word of the text and where it stands.
struct Word {
    folded: String,
    start: usize,
    end: usize,
}

fn tokens(body: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut open: Option<usize> = None;
    for (at, c) in body.char_indices().chain([(body.len(), ' ')]) {
        let inside = c.is_alphanumeric() || matches!(c, '\'' | '’');
        match (inside, open) {
            (true, None) => open = Some(at),
            (false, Some(start)) => {
                let folded = words::folded(&body[start..at]).concat();
                if !folded.is_empty() {
                    found.push(Word { folded, start, end: at });
                }
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// What the text says of reports; none where it says nothing of them.
fn read(body: &str) -> Option<Said> {
    // Longer than any text; words are compared with lists.
    let body = body.char_indices().nth(1_600).map_or(body, |(end, _)| &body[..end]);
    let all = tokens(body);
    let has = |list: &[&str]| all.iter().any(|w| list.contains(&w.folded.as_str()));
    if let Some(number) = asks_after(&all, has) {
        return Some(Said::AsksAfter(number));
    }
    if has(ELSEWHERE) {
        return None;
    }
    let (from, says_what) = opening(body, &all)?;
    let rest: Vec<&Word> = all.iter().filter(|w| w.start >= from).collect();
    let rest: Vec<&&Word> = if says_what {
        rest.iter().collect()
    } else {
        rest.iter().skip_while(|w| LINKS.contains(&w.folded.as_str())).collect()
    };
    match rest.first() {
        Some(first) if says_what || rest.iter().any(|w| !POLITE.contains(&w.folded.as_str())) => {
            Some(Said::Report(body[first.start..].trim().to_owned()))
        }
        _ => Some(Said::WantsToReport),
    }
}

/// Where, in the text, what is reported begins, and whether it says what is wrong with its first word.
fn opening(body: &str, all: &[Word]) -> Option<(usize, bool)> {
    let word = |at: usize| all.get(at).map_or("", |w| w.folded.as_str());
    let is = |at: usize, list: &[&str]| list.contains(&word(at));
    // "Complaint: ..."
    if (is(0, PAPERS) || is(0, THINGS)) && body[all[0].end..].trim_start().starts_with(':') {
        return Some((all[0].end, false));
    }
    (0..all.len()).find_map(|at| {
        let wanted = at == 0 || is(at - 1, BEFORE_VERB);
        let denied = all[at.saturating_sub(4)..at].iter().any(|w| NOT.contains(&w.folded.as_str()));
        if !wanted || denied {
            return None;
        }
        let next = at + 1 + usize::from(is(at + 1, ARTICLES));
        let article = next > at + 1;
        // One adjective may stand before it: "a serious problem".
        let noun = [next, next + 1].into_iter().find(|n| is(*n, THINGS) || is(*n, MATTERS) || is(*n, PAPERS));
        if is(at, REPORTS) {
            if is(at + 1, &["that", "que"]) && at + 2 < all.len() {
                return Some((all[at + 1].end, false));
            }
            if !article && body[all[at].end..].trim_start().starts_with(':') {
                return Some((all[at].end, false));
            }
            let noun = noun?;
            return Some(if is(noun, MATTERS) { (all[at + 1].start, true) } else { (all[noun].end, false) });
        }
        if is(at, FILES) && article {
            let paper = noun.filter(|n| is(*n, PAPERS))?;
            return Some((all[paper].end, false));
        }
        (is(at, COMPLAINS) && (at + 1 == all.len() || is(at + 1, LINKS))).then(|| (all[at].end, false))
    })
}

/// "What about my report?", "status of my report #12", "report 12". Inside: the number, where one is named.
fn asks_after(all: &[Word], has: impl Fn(&[&str]) -> bool) -> Option<Option<i64>> {
    const MINE: &[&str] = &["my", "our", "the", "that", "mi", "nuestra", "nuestro", "el", "la", "ese", "esa"];
    const ABOUT: &[&str] = &[
        "status",
        "update",
        "updates",
        "news",
        "happened",
        "happening",
        "progress",
        "became",
        "going",
        "hows",
        "paso",
        "va",
        "estado",
        "novedad",
        "novedades",
        "noticias",
        "respuesta",
        "pasa",
        "quedo",
        "avance",
    ];
    let at = all.iter().position(|w| PAPERS.contains(&w.folded.as_str()))?;
    let number = all.get(at + 1).and_then(|w| w.folded.parse::<i64>().ok().filter(|_| w.folded.len() <= 9));
    let mine = at.checked_sub(1).is_some_and(|before| MINE.contains(&all[before].folded.as_str()));
    let text: Vec<&str> = all.iter().map(|w| w.folded.as_str()).collect();
    // "Report 12", and nothing else.
    if number.is_some() && all.len() <= 3 && (at == 0 || mine) {
        return Some(number);
    }
    let starts = |phrase: &[&str]| text.starts_with(phrase);
    let asks = has(ABOUT)
        || starts(&["what", "about"])
        || starts(&["how", "about"])
        || starts(&["how", "is"])
        || starts(&["y"]);
    ((mine || number.is_some()) && asks && all.len() <= 14).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Option<Said> {
        Some(Said::Report(text.to_owned()))
    }

    #[test]
    fn plain_words_open_a_report() {
        for (text, what) in [
            ("I want to report a problem: the door is stuck", "the door is stuck"),
            ("hi, i'd like to report an issue with the shower", "the shower"),
            ("Complaint: I waited 45 minutes", "I waited 45 minutes"),
            ("complaint : nobody came", "nobody came"),
            ("please report a leak in my room", "a leak in my room"),
            ("I need to report a serious problem, the lock is broken", "the lock is broken"),
            ("can I report that the heating is off", "the heating is off"),
            ("I want to complain about the noise", "the noise"),
            ("I'd like to make a complaint about Sam", "Sam"),
            ("Quiero hacer una queja: me cobraron dos veces", "me cobraron dos veces"),
            ("quisiera reportar un problema con la puerta", "la puerta"),
            ("Necesito reportar una fuga en el baño", "una fuga en el baño"),
            ("quiero reportar que no hay agua", "no hay agua"),
            ("Queja: el baño está sucio", "el baño está sucio"),
            ("quiero quejarme de la espera", "la espera"),
            ("tengo una queja sobre el servicio", "el servicio"),
        ] {
            assert_eq!(read(text), report(what), "{text}");
        }
        for text in [
            "I want to report a problem",
            "how do I report a problem?",
            "I have a complaint",
            "can i file a report please",
            "report a problem, thanks",
            "quiero hacer una queja",
            "quiero poner un reclamo por favor",
            "I want to complain",
        ] {
            assert_eq!(read(text), Some(Said::WantsToReport), "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_it_does_not() {
        for text in [
            "no problem",
            "I have a problem with tuesday, can we do wednesday?",
            "your last haircut was terrible and I waited 45 minutes",
            "do you report to the credit bureaus?",
            "I need a copy of my medical report",
            "I'm going to report you",
            "I will report this number as spam",
            "I'll file a complaint with the FCC if these texts don't stop",
            "reporting you to the attorney general",
            "nothing to report",
            "I don't want to report a problem",
            "no quiero hacer una queja",
            "is there a problem with my appointment?",
            "book me tuesday at 10",
            "my reporter friend wants a haircut",
            "do you have a complaint form",
            "sin problema",
            "STOP",
            "",
            ":",
            "'",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_became_of_it_is_asked_by_number_or_not() {
        for (text, number) in [
            ("what about my report?", None),
            ("Status of my report #12", Some(12)),
            ("any news on my complaint", None),
            ("what happened with my ticket 7?", Some(7)),
            ("report 12", Some(12)),
            ("¿Qué pasó con mi reporte?", None),
            ("cómo va mi queja", None),
            ("estado de mi reporte 3", Some(3)),
            ("reporte #3", Some(3)),
        ] {
            assert_eq!(read(text), Some(Said::AsksAfter(number)), "{text}");
        }
        assert_eq!(read("report 99999999999999999999"), None);
        assert_eq!(read("when will my blood test be ready"), None);
    }

    #[test]
    fn only_a_plain_question_after_a_report_is_no_opt_out() {
        for text in ["status of my report #1", "what about my report?", "report 12", "¿qué pasó con mi queja?"] {
            assert!(asks_after_report(text), "{text}");
        }
        for text in [
            "what about my report, stop texting me",
            "any news on the report I filed with the FCC",
            "report 12 and leave me alone",
            "status of my report to remove me from the list",
            "I reported you",
            "STOP",
        ] {
            assert!(!asks_after_report(text), "{text}");
        }
    }

    #[test]
    fn nothing_breaks_the_reading() {
        for text in
            ["report", "report a", "file a", "’’’ report", "🔥 report a 🔥", "report that", "queja", "mi reporte va"]
        {
            let _ = read(text);
        }
    }
}
