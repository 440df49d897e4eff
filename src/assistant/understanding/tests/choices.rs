//! Choosing among offered options.

use super::super::{Asked, Choice, Context, Intent, understand};
use super::context;

fn pick(labels: &[&str], text: &str) -> Option<usize> {
    let options: Vec<Choice<'_>> = labels.iter().map(|label| Choice { label, start: None }).collect();
    let got = understand(text, &Context { asked: Asked::Choice, options: &options, ..context() });
    assert_eq!(got.choice.is_some(), got.intent == Intent::ChooseOption, "{text}");
    got.choice
}

#[test]
fn slots() {
    let slots = ["Thu Sep 17 9:00 AM", "Thu Sep 17 3:00 PM", "Fri Sep 18 11:30 AM"];
    for (text, wanted) in [
        ("1", Some(0)),
        ("#2", Some(1)),
        ("the third one", Some(2)),
        ("option 2 please", Some(1)),
        ("last", Some(2)),
        ("the 3 pm one", Some(1)),
        ("3pm", Some(1)),
        ("11:30 works", Some(2)),
        ("friday", Some(2)),
        ("thursday morning", Some(0)),
        ("not the 1st, the 2nd", Some(1)),
        ("ill take 2", Some(1)),
        ("the 3rd", Some(2)),
        ("sept 18th", Some(2)),
        ("the earliest", Some(0)),
        ("thursday", None),
        ("at 2:00", None),
        ("march 3", None),
        ("none of those", None),
    ] {
        assert_eq!(pick(&slots, text), wanted, "{text}");
    }
}

#[test]
fn names() {
    let names = ["1) Maria", "2) Jess", "3) Cut and color"];
    assert_eq!(pick(&names, "jess please"), Some(1));
    assert_eq!(pick(&names, "color n cut"), Some(2));
    assert_eq!(pick(&names, "somebody else"), None);
    assert_eq!(pick(&["A) Monday", "B) Tuesday"], "b"), Some(1));
}

#[test]
fn in_short() {
    let names = ["Gel polish", "Manicure", "Gel polish and manicure"];
    assert_eq!(pick(&names, "only the mani please"), Some(1));
    assert_eq!(pick(&names, "both of them, so 3"), Some(2));
    assert_eq!(pick(&names, "ok 2 then"), Some(1));
    assert_eq!(pick(&names, "the last 1"), Some(2));
    assert_eq!(pick(&names, "numero 2 por favor"), Some(1));
    assert_eq!(pick(&["martes 9:00", "jueves 15:30"], "el jueves está bien"), Some(1));
}

#[test]
fn none_of_them() {
    let options = [Choice { label: "Mon 9:00 AM", start: None }, Choice { label: "Tue 9:00 AM", start: None }];
    let ctx = Context { asked: Asked::Choice, options: &options, ..context() };
    for (text, wanted) in [
        ("none of those", Intent::Availability),
        ("any others?", Intent::Availability),
        ("7", Intent::Other),
        ("friday at 2", Intent::Book),
        ("can I talk to a person", Intent::Human),
    ] {
        let got = understand(text, &ctx);
        assert_eq!((got.intent, got.choice), (wanted, None), "{text}");
    }
}
