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

/// Texts that were not among the examples; one in 25 may go to a person.
#[test]
fn hard_negatives() {
    let texts = [
        "can i stop by after lunch",
        "i'll stop at the front desk first",
        "please don't stop my treatment",
        "is this a bus stop nearby",
        "i need to stop taking the pills before surgery?",
        "stop being so nice lol",
        "i quit my job so my insurance changes",
        "end of the day works best",
        "cancel my 3pm",
        "cancel my haircut",
        "my husband will drop me off",
        "take my stitches off",
        "can you take my gel nails off",
        "remove my gel polish",
        "i want to remove a mole",
        "how much is tattoo removal",
        "tattoo removal appointment please",
        "do i have to stop eating before",
        "will the swelling stop",
        "when does the sale end",
        "what time does the class end",
        "the class ends at 4 right",
        "i want out of pain lol",
        "get me out of this pain",
        "take me off hold please",
        "take me off the waitlist",
        "take me off the schedule for friday",
        "remove me from the 5pm slot",
        "delete the appointment",
        "delete my 5pm",
        "cancel everything on friday",
        "end my membership?",
        "can i cancel my membership",
        "unsubscribe from the newsletter issue is with another company",
        "don't unsubscribe me please",
        "i never got your text",
        "why did i not get a text reminder",
        "did you text me?",
        "text me the address",
        "please text me instead of calling",
        "can you stop calling and just text",
        "please stop calling me, text is fine",
        "i don't want a call, text me",
        "no more appointments this week?",
        "no more coffee for me lol",
        "not interested in the color, just the cut",
        "i don't want the reminder call, a text is enough",
        "i'm tired of this tooth pain",
        "enough about that, see you at 3",
        "i'm done with my meds",
        "i'm out of town friday",
        "i opted out of the whitening",
        "can i opt out of fluoride for my daughter",
        "no need to remind me, i'll be there",
        "remind me again please",
        "you don't have to text me back",
        "what happens if i text stop",
        "is it true that replying STOP cancels my appointment",
        "how do i turn texts back on",
        "i said stop by accident",
        "sorry my kid typed stop",
        "STOP sign on the corner, turn left there",
        "i'll be there, just at a stop light",
        "can we stop the treatment for now",
        "quit smoking 3 years ago",
        "i am trying to quit vaping before the surgery",
        "non-stop cough since monday",
        "please stop by my house?",
        "my car stopped working, running late",
        "stop worrying i'm coming",
        "please end it at 4 so i can get my kids",
        "could we end early",
        "can you end my session by 5",
        "my subscription to the gym ended",
        "is the monthly plan a subscription",
        "i lost my number, i mean my card number",
        "i changed my number",
        "my number is 555-0123 remove the old one",
        "wrong time, i meant 4",
        "wrong day sorry",
        "wrong location! where are you",
        "you've got the wrong appointment for me",
        "stop the clock lol im running late",
        "revoke my last message, i can come",
        "report on my xrays?",
        "can you send me a report",
        "i want to report an allergy",
        "he told me to stop using retinol",
        "should i stop my blood thinners",
        "no texts came through",
        "i'm not getting your texts",
        "hey stop it you're too sweet",
        "this is the last stop on my list",
    ];
    let taken: Vec<&str> =
        texts.iter().copied().filter(|text| understand(text, &context()).intent == Intent::OptOut).collect();
    assert!(taken.len() * 25 <= texts.len(), "{}", taken.join("\n"));
}

#[test]
fn keywords_spelt_out_and_slipped() {
    for text in
        ["S T O P", "s.t.o.p", "stpo", "sttop", "unsubcribe", "STOP!!!", "please stop", "stop now", "Alto", "BAJA"]
    {
        let got = understand(text, &context());
        assert_eq!(got.opt_out.map(|found| found.certainty), Some(Certainty::Certain), "{text}");
    }
    for text in ["shop", "step", "top", "spot", "drop"] {
        assert_eq!(understand(text, &context()).opt_out, None, "{text}");
    }
}

#[test]
fn spanish() {
    for text in [
        "no me manden más mensajes",
        "quítenme de su lista de mensajes",
        "quiero darme de baja",
        "dejen de escribirme por favor",
    ] {
        assert_eq!(understand(text, &context()).intent, Intent::OptOut, "{text}");
    }
    for text in
        ["no me quiten de la lista", "quiero recibir los recordatorios otra vez", "quítenme de la agenda del viernes"]
    {
        assert_ne!(understand(text, &context()).intent, Intent::OptOut, "{text}");
    }
}

/// The opposite, in the same words, is never one.
#[test]
fn negated_requests() {
    for verb in [
        "stop texting me",
        "unsubscribe me",
        "remove me from the text list",
        "take me off the reminders",
        "stop the messages",
    ] {
        for not in ["don't", "please don't", "dont", "never", "do not"] {
            let text = format!("{not} {verb}");
            assert_ne!(understand(&text, &context()).intent, Intent::OptOut, "{text}");
        }
    }
}

#[test]
fn the_evidence_is_the_part_that_asks_for_it() {
    for (text, part) in [
        ("Thanks for the cut yesterday, it was lovely. Please stop sending me these reminders.", "stop"),
        ("I moved to Ohio last year so take me off your text list", "take me off"),
        ("honestly these messages of yours have got to go", "messages"),
    ] {
        let found = understand(text, &context()).opt_out.expect(text);
        assert!(found.evidence.contains(part) && found.evidence.len() < text.len(), "{:?} of {text:?}", found.evidence);
    }
}

#[test]
fn a_stranger_may_be_one() {
    let got = understand("you have the wrong number", &context());
    assert_ne!(got.intent, Intent::OptOut);
    assert_eq!(got.opt_out.map(|found| found.certainty), Some(Certainty::Doubtful));
}
