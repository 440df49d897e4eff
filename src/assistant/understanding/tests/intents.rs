//! What texts want, out of the blue and in answer to a question.

use proptest::prelude::*;

use super::super::{Asked, Choice, Context, Intent, Language, asked, cues, intent, opt_out, questions, understand};
use super::context;

fn check(wanted: Intent, ctx: &Context<'_>, texts: &[&str]) {
    for text in texts {
        let got = understand(text, ctx);
        assert_eq!(got.intent, wanted, "{text:?} because {}", got.why);
    }
}

#[test]
fn every_pattern_parses() {
    assert_eq!(intent::broken(), [""; 0]);
    assert_eq!(opt_out::broken(), [""; 0]);
    assert_eq!(asked::broken(), [""; 0]);
    assert_eq!(questions::broken(), [""; 0]);
}

#[test]
fn the_first_classes_are_the_ones_set_by_position() {
    assert_eq!(cues::class("time"), Some(cues::time()));
    assert_eq!(cues::class("opener"), Some(cues::opener()));
    assert_eq!(cues::class("leading"), Some(cues::leading()));
    assert_eq!(cues::class("trailing"), Some(cues::trailing()));
}

#[test]
fn out_of_the_blue() {
    let ctx = context();
    check(
        Intent::Book,
        &ctx,
        &["can i book a haircut for friday", "need an appt asap", "I'd like to come in for a cleaning thursday"],
    );
    check(
        Intent::Availability,
        &ctx,
        &["any openings on monday?", "are you free at 2", "which times are left tomorrow"],
    );
    check(
        Intent::Reschedule,
        &ctx,
        &["can we move my appointment to friday", "I need to reschedule", "could you push it back to 4"],
    );
    check(Intent::Cancel, &ctx, &["pls cancel my appt", "I have to cancel my cleaning", "cancel my 3pm"]);
    check(Intent::Lookup, &ctx, &["when is my next appointment?", "what time is my appointment"]);
    check(Intent::Human, &ctx, &["can I speak with a human", "have somebody call me", "let me talk to the manager"]);
    check(Intent::Help, &ctx, &["help", "what are you able to do", "I don't understand"]);
    check(Intent::Greeting, &ctx, &["hey", "good morning", "hi there, how are you"]);
    check(Intent::Thanks, &ctx, &["thx so much", "I really appreciate it"]);
    check(Intent::Goodbye, &ctx, &["bye", "see you later", "have a nice day"]);
    check(Intent::Confirm, &ctx, &["yep", "sounds good", "that works for me", "👍"]);
    check(Intent::Deny, &ctx, &["nope", "no thanks", "not right now"]);
    check(
        Intent::Other,
        &ctx,
        &["where are you located", "do you take insurance?", "I'm outside", "running 5 min late"],
    );
}

#[test]
fn in_answer_to_a_proposal() {
    let ctx = Context { asked: Asked::Confirm, ..context() };
    check(Intent::Confirm, &ctx, &["C", "yes", "y", "perfect", "go ahead", "that's right"]);
    check(Intent::Deny, &ctx, &["X", "n", "no", "perhaps some other day", "I don't want that"]);
    check(Intent::Reschedule, &ctx, &["R", "could you make it 4:30", "no, friday at 2", "how about the 20th instead"]);
}

#[test]
fn in_answer_to_anything_else() {
    let ctx = Context { asked: Asked::AnythingElse, ..context() };
    check(Intent::Deny, &ctx, &["no", "nothing else", "no, that is everything"]);
    check(Intent::Book, &ctx, &["yes, book me a facial for monday"]);
}

#[test]
fn keys_we_announced() {
    let ctx = Context { prior: Some("See you Friday at 2. Reply 1 to confirm or 2 to reschedule."), ..context() };
    check(Intent::Confirm, &ctx, &["1"]);
    check(Intent::Reschedule, &ctx, &["2."]);
}

#[test]
fn a_refusal_to_cancel_is_not_a_cancellation() {
    check(Intent::Deny, &context(), &["please don't cancel my appointment", "no need to cancel"]);
}

#[test]
fn details() {
    let services = ["Deep tissue massage", "Haircut", "Beard trim"];
    let ctx = Context { services: &services, ..context() };
    let got = understand("hi this is Rosa, a haircut for 3 people asap", &ctx);
    assert_eq!(got.service, Some(1));
    assert_eq!(got.party_size, Some(3));
    assert!(got.urgent);
    let named = understand("my name is Ana Ruiz and I need a beard trim", &ctx);
    assert_eq!(named.name.as_deref(), Some("Ana Ruiz"));
    assert_eq!(named.service, Some(2));
    assert_eq!(understand("Ana", &Context { asked: Asked::Name, ..context() }).name.as_deref(), Some("Ana"));
}

#[test]
fn spanish_basics() {
    let ctx = context();
    check(Intent::Greeting, &ctx, &["hola"]);
    check(Intent::Thanks, &ctx, &["gracias"]);
    check(Intent::Confirm, &ctx, &["sí"]);
    check(Intent::Book, &ctx, &["quiero una cita el lunes"]);
    check(Intent::Cancel, &ctx, &["necesito cancelar mi cita"]);
    check(Intent::Help, &ctx, &["ayuda"]);
    assert_eq!(understand("quiero una cita", &ctx).language, Some(Language::Es));
    assert_eq!(understand("me and a friend, no rush", &ctx).language, Some(Language::En));
}

#[test]
fn what_our_messages_ask() {
    for (message, wanted) in [
        ("Is there anything else I can help you with?", Asked::AnythingElse),
        ("What time would you like to come in?", Asked::Time),
        ("Which day works for you?", Asked::Day),
        ("Please confirm: haircut on Friday at 2 pm.", Asked::Confirm),
        ("Shall I book it?", Asked::Confirm),
        ("Your appointment has been booked.", Asked::Nothing),
    ] {
        assert_eq!(Asked::from_text(message), wanted, "{message}");
    }
}

/// Every question there is to answer.
const QUESTIONS: [Asked; 12] = [
    Asked::Nothing,
    Asked::When,
    Asked::Day,
    Asked::Time,
    Asked::Choice,
    Asked::Confirm,
    Asked::Service,
    Asked::Name,
    Asked::AnythingElse,
    Asked::Offer,
    Asked::Failed,
    Asked::Other,
];

#[test]
fn plain_answers_are_understood_whatever_was_asked() {
    for asked in QUESTIONS {
        let ctx = Context { asked, ..context() };
        check(Intent::Confirm, &ctx, &["yes", "Yes please", "yep!", "ok", "sí"]);
        check(Intent::Deny, &ctx, &["no", "nope", "no thanks", "No, thank you", "no gracias"]);
        check(Intent::Help, &ctx, &["help", "HELP"]);
        check(Intent::OptOut, &ctx, &["stop", "unsubscribe me"]);
    }
}

#[test]
fn times_alone() {
    let nothing = context();
    check(Intent::Book, &nothing, &["friday at 2", "at 3", "tomorrow morning", "the 15th please", "el viernes"]);
    check(Intent::Availability, &nothing, &["tuesday?", "friday at 2?"]);
    let asked = Context { asked: Asked::When, ..context() };
    check(Intent::Book, &asked, &["3pm", "morning", "after 5", "9:30", "thursday or friday"]);
    let proposed = Context { asked: Asked::Confirm, ..context() };
    check(Intent::Reschedule, &proposed, &["4pm", "friday", "at 9:30 please"]);
}

#[test]
fn what_stands_for_nothing_is_not_guessed_at() {
    for text in ["7", "12345", "w", "Q"] {
        let got = understand(text, &context());
        assert!(got.intent == Intent::Other && got.confidence < 0.5, "{text}: {:?} {}", got.intent, got.confidence);
    }
}

#[test]
fn a_service_alone_is_a_wish_for_it() {
    let services = ["Haircut", "Beard trim"];
    check(Intent::Book, &Context { services: &services, ..context() }, &["haircut", "a beard trim please"]);
}

proptest! {
    #[test]
    fn any_characters_in_any_conversation_are_read_without_panic(text: String, asked in prop::sample::select(&QUESTIONS[..])) {
        let options = [Choice { label: &text, start: None }, Choice { label: "2) mañana", start: None }];
        let ctx = Context { asked, options: &options, services: &[&text], ..context() };
        for ctx in [ctx, Context { asked, ..context() }] {
            let got = understand(&text, &ctx);
            prop_assert!((0.0..=1.0).contains(&got.confidence), "{:?}", got.confidence);
            prop_assert!(got.opt_out.is_none_or(|found| text.contains(&found.evidence)));
            prop_assert!(got.choice.is_none_or(|index| index < ctx.options.len()));
        }
    }
}
