//! What Twilio's error codes mean, and what follows: one dated table, the same for an error in place of an answer and for one that is
//! reported later. Pure.

use std::time::Duration;

/// When the table was last compared with <https://www.twilio.com/docs/api/errors>.
pub const COMPARED: &str = "2026-11-21";

/// Kinds of errors, by what may be done about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The number can never be reached on this channel.
    BadNumber,
    /// The person stopped this sender.
    OptedOut,
    /// The carrier took offence at the words.
    Filtered,
    /// The sender is not registered for what it does.
    Unregistered,
    /// The account or the sender itself is out of order: nothing leaves from it until somebody acts.
    Account,
    /// The account may not text this number or country yet: others still can be.
    NotPermitted,
    /// Counted and not processed.
    RateLimited,
    /// Queues are full: later it may go.
    Congested,
    /// The handset could not be reached, or nobody knows why not.
    Unreachable,
    /// Nobody knows whether it was taken.
    Ambiguous,
    /// A rule of Twilio or of the carrier kept it back.
    KeptBack,
    /// WhatsApp's day to answer is over: only templates may go.
    WindowClosed,
    /// Twilio could not reach our own webhook.
    Webhook,
    /// Wrong in itself: it would be refused again.
    Invalid,
}

/// One code.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    pub code: u32,
    pub class: ErrorClass,
    /// What happened, for staff.
    pub sentence: &'static str,
    /// What they can do.
    pub advice: &'static str,
}

use ErrorClass as C;

const fn m(code: u32, class: ErrorClass, sentence: &'static str, advice: &'static str) -> Meaning {
    Meaning { code, class, sentence, advice }
}

/// Every code with a meaning of its own, in order. Each is described below <https://www.twilio.com/docs/api/errors/> by its number.
#[rustfmt::skip]
pub const TABLE: &[Meaning] = &[
    m(11200, C::Webhook,      "Twilio could not deliver to our webhook.", "See that PUBLIC_URL is right and reached from outside. What was missed is fetched."),
    m(11205, C::Webhook,      "Twilio could not connect to our webhook.", "See that PUBLIC_URL is right and reached from outside. What was missed is fetched."),
    m(20003, C::Account,      "Twilio does not accept the credentials.", "Check the account SID and the auth token. The text waits until then."),
    m(20005, C::Account,      "The Twilio account is not active.", "Look for open bills or a suspension in Twilio's console. The text waits until then."),
    m(20404, C::Account,      "Twilio knows no such account.", "Check the account SID. The text waits until then."),
    m(20429, C::RateLimited,  "Twilio was asked too often.", "Nothing to do: it is sent a little later."),
    m(20500, C::Ambiguous,    "Twilio failed while it took the text.", "Nothing to do: it is looked up at Twilio before it is sent again."),
    m(20503, C::Ambiguous,    "Twilio was not available.", "Nothing to do: it is looked up at Twilio before it is sent again."),
    m(21211, C::BadNumber,    "The number does not exist.", "Ask for the right number."),
    m(21212, C::Account,      "The sender's number is not valid.", "Correct the sender. Texts from it wait until then."),
    m(21408, C::NotPermitted, "The Twilio account may not text this country.", "Allow the country under Messaging, Geo permissions in Twilio's console. The text waits a while."),
    m(21606, C::Account,      "The sender's number is not the account's, or cannot send texts.", "Correct the sender or its credentials. Texts from it wait until then."),
    m(21608, C::NotPermitted, "A Twilio trial account may text verified numbers only.", "Upgrade the account, or verify the number in Twilio's console. The text waits a while."),
    m(21610, C::OptedOut,     "They replied STOP to this sender, and the carrier blocks it.", "They can text START to hear from it again."),
    m(21611, C::Congested,    "The sender has more texts waiting at Twilio than it can send in ten hours.", "Nothing to do: it is sent later. Spread texts over more senders."),
    m(21612, C::Invalid,      "The number cannot be reached from this sender.", "Text them from another sender."),
    m(21614, C::BadNumber,    "The number is not a mobile number.", "Ask for a mobile number."),
    m(21617, C::Invalid,      "The text is longer than 1,600 characters.", "Shorten it."),
    m(21635, C::BadNumber,    "The number is a landline.", "Ask for a mobile number."),
    m(21659, C::Account,      "The sender's number is not the account's.", "Correct the sender or its credentials. Texts from it wait until then."),
    m(21660, C::Account,      "The sender's number belongs to another account.", "Correct the sender or its credentials. Texts from it wait until then."),
    m(21703, C::Account,      "The messaging service has no number to send from.", "Add a number to the service in Twilio's console. Texts from it wait until then."),
    m(30001, C::Congested,    "Twilio's queue was full.", "Nothing to do: it is sent again later. Spread texts over more senders."),
    m(30002, C::Account,      "The Twilio account was suspended.", "Settle it with Twilio. Texts wait until then."),
    m(30003, C::Unreachable,  "The phone could not be reached: off, without signal, or blocking texts.", "It is tried again hours later, at most twice."),
    m(30004, C::KeptBack,     "The carrier blocked the text, or the person blocks such texts.", "Reach them another way."),
    m(30005, C::BadNumber,    "Nobody has this number (any more).", "Ask for the right number."),
    m(30006, C::BadNumber,    "The number is a landline, or its carrier takes no texts.", "Ask for a mobile number."),
    m(30007, C::Filtered,     "The carrier took the text for spam.", "Change the words: no link shorteners, say who writes. See Twilio's messaging policy."),
    m(30008, C::Unreachable,  "The carrier did not say why the text was not delivered.", "It is tried again hours later, at most twice."),
    m(30022, C::Congested,    "The carrier takes no more texts from this campaign for the moment.", "Nothing to do: it is sent again later, more slowly."),
    m(30023, C::Congested,    "The day's limit of this campaign is reached.", "It is sent again later; the limit is lifted at midnight, Pacific time."),
    m(30024, C::Unregistered, "The carrier does not know the sender (yet).", "Check the sender's registration in Twilio's console. Newly registered numbers take a while."),
    m(30032, C::Unregistered, "The toll-free number is not verified.", "Verify it in Twilio's console."),
    m(30034, C::Unregistered, "The number is not registered for A2P 10DLC.", "Register it with a campaign in Twilio's console."),
    m(30036, C::KeptBack,     "The text waited at Twilio until it expired.", "Write again if it still matters."),
    m(30047, C::KeptBack,     "Twilio's Compliance Toolkit could not put the text off to a time at which it may go.", "Write again within the day."),
    m(30450, C::KeptBack,     "Twilio blocked the text as SMS pumping fraud.", "If the number is genuine, allow it in Twilio's console."),
    m(30500, C::Congested,    "Twilio failed while it sent the text.", "Nothing to do: it is sent again."),
    m(30610, C::KeptBack,     "Twilio's Compliance Toolkit kept the text back.", "See the text in Twilio's logs, and the Toolkit's settings."),
    m(30640, C::KeptBack,     "Twilio's Compliance Toolkit kept the text back.", "See the text in Twilio's logs, and the Toolkit's settings."),
    m(30882, C::Unregistered, "The sender's registration was rejected.", "Correct the registration in Twilio's console and submit it again."),
    m(30896, C::Unregistered, "The sender's registration was rejected.", "Correct the registration in Twilio's console and submit it again."),
    m(30908, C::Unregistered, "The sender's registration was rejected.", "Correct the registration in Twilio's console and submit it again."),
    m(63003, C::BadNumber,    "The number has no WhatsApp.", "Text them by SMS."),
    m(63014, C::OptedOut,     "The person blocks this sender.", "They can unblock it and write to it again."),
    m(63016, C::WindowClosed, "WhatsApp allows only templates once a day has passed since they last wrote.", "Send a template."),
    m(63017, C::Congested,    "The account sends faster than Twilio takes texts.", "Nothing to do: it is sent again later, more slowly."),
    m(63018, C::Congested,    "The sender reached its limit on WhatsApp.", "Nothing to do: it is sent again later. Its quality rating decides the limit."),
];

/// The meaning of a code, if it has one of its own.
pub fn meaning(code: &str) -> Option<&'static Meaning> {
    let code: u32 = code.parse().ok()?;
    TABLE.binary_search_by_key(&code, |m| m.code).ok().map(|at| &TABLE[at])
}

/// A message's `error_message`: what the table says, else the provider's own words.
pub fn explained(code: &str, words: Option<&str>) -> Option<String> {
    match meaning(code) {
        Some(m) => Some(format!("{} {}", m.sentence, m.advice)),
        None => {
            note_stranger(code);
            words.map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned)
        }
    }
}

/// When the provider says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// In place of taking the text.
    Instead,
    /// After it took the text: by a callback, when asked, or in the answer that took it.
    Afterwards,
}

/// What becomes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays unsent, with the reason.
    End,
    /// It was not processed: it waits and is handed over again, after so long or as told.
    Wait { after: Duration },
    /// It was not processed, and none of this sender would be: it waits for somebody to act.
    Hold { after: Duration },
    /// It was taken and certainly not delivered: another try after so long, at most so many of them.
    Again { after: Duration, most: i16 },
    /// Nobody knows: it is looked up before anything else.
    LookUp,
}

/// What is learned beyond this one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    Nothing,
    /// The number is no good for this channel.
    BadNumber,
    /// This sender may not text this number.
    Stop,
    /// Somebody should look at the sender; `halt`: nothing leaves from it until then.
    SenderTrouble {
        halt: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    pub then: Then,
    pub lesson: Lesson,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// What follows from a kind of error.
pub fn consequence(class: ErrorClass, said: Said) -> Consequence {
    use Said::{Afterwards, Instead};
    let (then, lesson) = match (class, said) {
        (C::BadNumber, _) => (Then::End, Lesson::BadNumber),
        (C::OptedOut, _) => (Then::End, Lesson::Stop),
        // One text may be at fault; many make the sender's health bad, which is where it is paused.
        (C::Filtered, _) => (Then::End, Lesson::SenderTrouble { halt: false }),
        (C::Unregistered, _) => (Then::End, Lesson::SenderTrouble { halt: true }),
        (C::Account, Instead) => (Then::Hold { after: MINUTE }, Lesson::SenderTrouble { halt: true }),
        (C::Account, Afterwards) => (Then::Again { after: 15 * MINUTE, most: 2 }, Lesson::SenderTrouble { halt: true }),
        // One number abroad must not silence the business: only its own text waits, and staff is told.
        (C::NotPermitted, Instead) => (Then::Wait { after: 15 * MINUTE }, Lesson::SenderTrouble { halt: false }),
        (C::NotPermitted, Afterwards) => (Then::End, Lesson::SenderTrouble { halt: false }),
        // 429 is never processed (https://www.twilio.com/docs/api/errors/20429).
        (C::RateLimited, Instead) => (Then::Wait { after: SECOND }, Lesson::Nothing),
        (C::RateLimited, Afterwards) => (Then::Again { after: MINUTE, most: 2 }, Lesson::Nothing),
        (C::Congested, Instead) => (Then::Wait { after: 5 * MINUTE }, Lesson::Nothing),
        (C::Congested, Afterwards) => (Then::Again { after: 10 * MINUTE, most: 2 }, Lesson::Nothing),
        (C::Unreachable, Instead) => (Then::End, Lesson::Nothing),
        (C::Unreachable, Afterwards) => (Then::Again { after: 3 * HOUR, most: 2 }, Lesson::Nothing),
        (C::Ambiguous, Instead) => (Then::LookUp, Lesson::Nothing),
        // It was taken: what became of it is what it says.
        (C::Ambiguous, Afterwards) => (Then::End, Lesson::Nothing),
        (C::KeptBack | C::WindowClosed | C::Webhook | C::Invalid, _) => (Then::End, Lesson::Nothing),
    };
    Consequence { then, lesson }
}

/// Says in the log that the table is behind, so that somebody looks the code up.
fn note_stranger(code: &str) {
    if code.parse::<u32>().is_ok() {
        tracing::info!(provider.code = code, table.compared = COMPARED, "delivery.code_without_meaning");
    }
}

/// What follows from a code reported after the text was taken. Without a code, or with one that is not in the table, it ends there.
pub fn afterwards(code: Option<&str>) -> Consequence {
    code.and_then(meaning)
        .map_or(Consequence { then: Then::End, lesson: Lesson::Nothing }, |m| consequence(m.class, Said::Afterwards))
}

/// The kind of an answer that is not 2xx. The code decides where it is known; what Twilio's server fails with (5xx, 408) leaves the
/// outcome unknown whatever it says.
pub fn class_of(status: u16, code: Option<u32>) -> ErrorClass {
    let known = code.and_then(|code| meaning(&code.to_string()));
    match (status, known) {
        (408 | 500.., _) => C::Ambiguous,
        // Not processed, whatever the limit.
        (429, Some(m)) if m.class == C::Congested => C::Congested,
        (429, _) => C::RateLimited,
        (_, Some(m)) => m.class,
        (401 | 403, None) => C::Account,
        (_, None) => C::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_speaks_plainly() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        for m in TABLE {
            assert!(m.sentence.ends_with('.') && m.advice.ends_with('.'), "{}", m.code);
            assert!(m.sentence.len() + m.advice.len() < 300, "{}", m.code);
            assert_eq!(meaning(&m.code.to_string()).map(|found| found.code), Some(m.code));
        }
        assert!(meaning("99999").is_none() && meaning("gave_up").is_none());
        assert_eq!(explained("99999", Some(" odd ")).as_deref(), Some("odd"));
        assert_eq!(explained("99999", Some("")), None);
        assert!(explained("30006", Some("x")).expect("known").starts_with("The number is a landline"));
    }

    /// Written from Twilio's error dictionary by hand: (code, when created, when reported afterwards).
    #[test]
    fn every_code_has_its_consequence() {
        use Lesson::{BadNumber, Nothing, SenderTrouble, Stop};
        let (halt, flag) = (SenderTrouble { halt: true }, SenderTrouble { halt: false });
        let expected: &[(&[u32], &str, &str, Lesson)] = &[
            (&[21211, 21614, 21635, 30005, 30006, 63003], "end", "end", BadNumber),
            (&[21610, 63014], "end", "end", Stop),
            (&[30007], "end", "end", flag),
            (&[30034, 30024, 30032, 30882, 30896, 30908], "end", "end", halt),
            (&[30002, 20003], "hold", "again", halt),
            (&[21608, 21408], "wait", "end", flag),
            (&[20429], "wait", "again", Nothing),
            (&[30001, 21611, 30022, 30500, 63017, 63018], "wait", "again", Nothing),
            (&[30003, 30008], "end", "again", Nothing),
            (&[20500], "look up", "end", Nothing),
            (&[30004, 30036, 30450, 30610, 30640, 30047], "end", "end", Nothing),
            (&[63016], "end", "end", Nothing),
            (&[11200, 11205], "end", "end", Nothing),
        ];
        let name = |then: Then| match then {
            Then::End => "end",
            Then::Wait { .. } => "wait",
            Then::Hold { .. } => "hold",
            Then::Again { .. } => "again",
            Then::LookUp => "look up",
        };
        for (codes, now, later, lesson) in expected {
            for code in *codes {
                let class = meaning(&code.to_string()).unwrap_or_else(|| panic!("{code} is not in the table")).class;
                let (instead, afterwards) = (consequence(class, Said::Instead), consequence(class, Said::Afterwards));
                assert_eq!((name(instead.then), name(afterwards.then)), (*now, *later), "{code}");
                assert_eq!((instead.lesson, afterwards.lesson), (*lesson, *lesson), "{code}");
            }
        }
    }

    #[test]
    fn nothing_is_tried_again_without_end() {
        for m in TABLE {
            if let Then::Again { after, most } = consequence(m.class, Said::Afterwards).then {
                assert!((1..=2).contains(&most) && after >= MINUTE, "{}", m.code);
            }
        }
        // Hours later, for a phone that was off.
        assert_eq!(afterwards(Some("30003")).then, Then::Again { after: 3 * HOUR, most: 2 });
    }

    #[test]
    fn the_status_decides_where_the_code_is_silent() {
        let then = |status, code| consequence(class_of(status, code), Said::Instead).then;
        assert_eq!(then(500, None), Then::LookUp);
        assert_eq!(then(503, Some(20503)), Then::LookUp);
        assert_eq!(then(500, Some(21211)), Then::LookUp, "a failing server is not believed");
        assert_eq!(then(408, None), Then::LookUp);
        assert_eq!(then(429, None), Then::Wait { after: SECOND });
        assert_eq!(then(429, Some(63017)), Then::Wait { after: 5 * MINUTE });
        assert_eq!(then(429, Some(99999)), Then::Wait { after: SECOND });
        assert_eq!(then(401, None), Then::Hold { after: MINUTE });
        assert_eq!(then(401, Some(20003)), Then::Hold { after: MINUTE });
        assert_eq!(then(403, Some(21610)), Then::End);
        assert_eq!(then(400, Some(99999)), Then::End);
        assert_eq!(then(404, Some(20404)), Then::Hold { after: MINUTE });
    }

    #[test]
    fn without_a_code_nothing_is_tried_again() {
        assert_eq!(afterwards(None).then, Then::End);
        assert_eq!(afterwards(Some("99999")), Consequence { then: Then::End, lesson: Lesson::Nothing });
    }
}
