//! Which texts ask something.

use super::super::understand;
use super::context;

#[test]
fn questions_with_and_without_their_mark() {
    for text in [
        "what time do you open",
        "how much for a haircut",
        "do you take insurance",
        "cuánto cuesta",
        "a que hora abren",
        "hi, is there parking",
        "any openings friday",
        "wondering if you have anything on the 3rd",
        "ok but where are you",
        "friday?",
        "¿tienen algo mañana?",
    ] {
        assert!(understand(text, &context()).question, "{text}");
    }
}

#[test]
fn statements() {
    for text in [
        "friday at 3",
        "yes please",
        "I'd like an appointment",
        "cancel my 3pm",
        "thanks!",
        "ok",
        "running late",
        "no that won't do",
        "call me when you can",
        "",
    ] {
        assert!(!understand(text, &context()).question, "{text}");
    }
}
