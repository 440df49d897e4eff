//! What an answer is asked for, and whether the carrier does just that with it. Pure.

use super::{Class, GERUNDS, TEXT, Token, ask_before};

/// Say when, not what for.
const WHENEVER: &[&str] = &["at", "any", "time", "anytime", "now", "en", "cualquier", "momento", "or", "and", "o", "y"];

/// What the answer is for. The text that is answered says nothing of that ("to this text"), and where nothing follows the word, what
/// precedes the verb does: "To opt out, reply STOP", "Cancel by texting CANCEL".
pub(super) fn aim<'a>(tokens: &'a [Token], at: usize, class: Class, purpose: &[&'a str]) -> Vec<&'a str> {
    let mut aim = purpose;
    loop {
        let rest = match aim {
            ["to" | "at", number, rest @ ..] if number.bytes().all(|b| b.is_ascii_digit()) => rest,
            ["to" | "by" | "a" | "via", "this" | "the" | "our" | "any" | "este" | "text", noun, rest @ ..]
            | ["al" | "por" | "by" | "via", noun, rest @ ..]
                if TEXT.contains(noun) =>
            {
                rest
            }
            _ => break,
        };
        aim = rest;
    }
    let mut aim = aim.to_vec();
    if class != Class::Help
        && aim.iter().all(|word| WHENEVER.contains(word))
        && let Some(ask) = ask_before(tokens, at)
    {
        aim.extend(lead(tokens, ask));
    }
    aim
}

/// The part of the sentence before the verb at `ask` that says what for.
fn lead(tokens: &[Token], ask: usize) -> impl Iterator<Item = &str> {
    let start = (0..=ask).rev().find(|n| *n == 0 || tokens[*n].begins_sentence()).unwrap_or(ask);
    let clause = |n: &usize| *n == start || tokens[*n].before.contains([',', ':', '-', '–', '—']);
    let aims = |n: &usize| ["to", "if", "for", "para", "si"].contains(&tokens[*n].folded.as_str());
    let from = if GERUNDS.contains(&tokens[ask].folded.as_str()) || tokens[ask].folded.ends_with("ndo") {
        (start..ask).rev().find(clause)
    } else {
        (start..ask).rev().find(|n| clause(n) && aims(n))
    };
    tokens[from.unwrap_or(ask)..ask].iter().map(|t| t.folded.as_str())
}

/// What one opts out of or in to.
const TEXTS: &[&str] = &[
    "text",
    "texts",
    "messages",
    "message",
    "msgs",
    "messaging",
    "texting",
    "alerts",
    "notifications",
    "reminders",
    "updates",
    "subscription",
    "sms",
    "promotions",
    "mensajes",
    "mensaje",
    "textos",
    "suscripcion",
    "avisos",
    "recordatorios",
    "alertas",
    "notificaciones",
];

/// "stop all texts", "end these messages": one of `verbs`, and texts within the next few words.
fn with_texts(aim: &[&str], verbs: &[&str]) -> bool {
    let verbs = aim.iter().enumerate().filter(|(_, word)| verbs.contains(word));
    verbs.into_iter().any(|(n, _)| aim[n + 1..].iter().take(5).any(|word| TEXTS.contains(word)))
}

/// The answer is to end texts.
fn leads_out(aim: &[&str]) -> bool {
    const OUT: &[&str] = &[
        " opt out ",
        " optout ",
        " opt ",
        " unsubscribe",
        " stop receiving ",
        " stop getting ",
        " be removed ",
        " revoke ",
        " hear from us ",
        " wrong number ",
        " baja ",
        " no recibir ",
        " dejar de recibir ",
        " no recibira ",
        " numero equivocado ",
    ];
    const ENDS: &[&str] = &[
        "stop", "end", "cancel", "quit", "leave", "more", "longer", "receive", "parar", "cancelar", "cancele",
        "cancela", "terminar", "mas",
    ];
    let text = format!(" {} ", aim.join(" "));
    let matter = about_matters(&text) && !aim.iter().any(|word| TEXTS.contains(word));
    let negative = !aim.contains(&"receive") || aim.iter().any(|word| ["not", "don't", "stop", "no"].contains(word));
    (OUT.iter().any(|part| text.contains(part)) || negative && with_texts(aim, ENDS)) && !matter
}

/// The answer is to get texts.
fn leads_in(aim: &[&str]) -> bool {
    const IN: &[&str] =
        &[" opt in ", " optin ", " subscribe ", " resubscribe ", " resume ", " consent ", " suscribir", " restart "];
    const GETS: &[&str] = &[
        "receive",
        "get",
        "join",
        "agree",
        "start",
        "continue",
        "keep",
        "want",
        "recibir",
        "recibiendo",
        "volver",
        "acepta",
        "aceptar",
    ];
    let text = format!(" {} ", aim.join(" "));
    let matter = about_matters(&text) && !aim.iter().any(|word| TEXTS.contains(word));
    (IN.iter().any(|part| text.contains(part)) || with_texts(aim, GETS)) && !matter
}

/// What a business and its customers agree on, which no carrier knows of.
fn about_matters(text: &str) -> bool {
    const MATTERS: &[&str] = &[
        " appointment",
        " booking",
        " visit",
        " reservation",
        " order ",
        " cita",
        " reserva",
        " turno ",
        " class ",
        " session ",
        " slot ",
        " spot ",
        " haircut",
        " cleaning",
        " waiting ",
        " waitlist ",
        " queue ",
        " espera ",
        " pedido ",
        " clase ",
    ];
    MATTERS.iter().any(|part| text.contains(part))
}

/// Whether the carrier does with the word what the text says it is for.
pub(super) fn fits(class: Class, aim: &[&str]) -> bool {
    let all_of = |words: &[&str]| aim.iter().all(|word| words.contains(word) || WHENEVER.contains(word));
    match class {
        Class::Stop => {
            let bare = ["to", "para", "by", "stop", "end", "quit", "cancel", "cancelar", "parar", "all", "terminar"];
            all_of(&bare) || leads_out(aim)
        }
        Class::Ending => leads_out(aim),
        Class::Yes => leads_in(aim),
        Class::Start => aim.is_empty() || leads_in(aim),
        Class::Help => {
            const ITS: &[&str] = &[
                "for",
                "to",
                "get",
                "help",
                "more",
                "info",
                "information",
                "support",
                "assistance",
                "para",
                "ayuda",
                "obtener",
                "mas",
                "informacion",
            ];
            all_of(ITS)
        }
    }
}
