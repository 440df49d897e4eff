//! Who wants no more texts, and who only uses the same words.

use super::super::{Asked, Certainty, Context, Intent, understand};
use super::context;

#[test]
fn revocations() {
    let texts = [
        "STOP",
        "Stop.",
        "stoppp!!",
        "stopall",
        "UNSUBSCRIBE",
        "End",
        "quit",
        "Revoke",
        "optout",
        "opt out",
        "stop please",
        "please stop messaging me",
        "quit sending me reminders",
        "remove me from your list",
        "take me off this list",
        "delete my number",
        "no more messages",
        "I don't want any more texts",
        "never message me again",
        "opt me out",
        "I withdraw my consent",
        "unsubscribe me from this",
        "turn off text alerts",
        "leave me alone",
        "alto",
        "baja",
        "no me envíen más mensajes",
        "You have the wrong number. Stop.",
        "thanks but stop texting",
    ];
    for text in texts {
        let got = understand(text, &context());
        assert_eq!(got.intent, Intent::OptOut, "{text:?} because {}", got.why);
        let opt_out = got.opt_out.expect("evidence");
        assert_eq!(opt_out.certainty, Certainty::Certain, "{text}");
        assert!(!opt_out.evidence.is_empty() && text.contains(&opt_out.evidence), "{text}");
    }
}

#[test]
fn the_same_words_about_something_else() {
    let texts = [
        "don't stop",
        "can I stop by at 4",
        "I'll stop in around noon",
        "what time do you stop today",
        "when does the class end",
        "end of the month works",
        "cancel my 3pm",
        "please cancel my appointment",
        "the pain won't stop",
        "is there a bus stop",
        "don't unsubscribe me",
        "I didn't mean to text stop",
        "remove my appointment on friday",
        "text me when you can",
        "I never got a text",
        "call me instead of texting",
        "stop, can we do friday instead",
        "I quit smoking",
    ];
    for text in texts {
        let got = understand(text, &context());
        assert_ne!(got.intent, Intent::OptOut, "{text:?}");
        assert_eq!(got.opt_out, None, "{text:?}");
    }
}

#[test]
fn bare_cancel_depends_on_the_conversation() {
    let alone = understand("CANCEL", &context());
    assert_eq!(alone.intent, Intent::OptOut);
    let booked = understand("cancel", &Context { has_booking: true, ..context() });
    let asked = understand("Cancel please", &Context { asked: Asked::Confirm, ..context() });
    for got in [booked, asked, alone] {
        assert!(got.intent != Intent::OptOut || got.why == "bare cancel");
        assert_eq!(got.opt_out.map(|found| found.certainty), Some(Certainty::Doubtful));
    }
}

#[test]
fn opting_in() {
    for text in ["START", "unstop", "sign me back up for texts", "please turn the texts back on"] {
        assert_eq!(understand(text, &context()).intent, Intent::OptIn, "{text}");
    }
}
