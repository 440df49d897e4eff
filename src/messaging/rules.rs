//! Pure rules on texts: how statuses move, how many parts a text has.

use chrono::{DateTime, Utc};

use super::model::{MessageStatus, Mode};
use crate::compliance::Receipt;

/// Who answers at `now`: a person's hold on a conversation ends by itself.
pub fn effective_mode(stored: Mode, human_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Mode {
    if stored == Mode::Human && human_until.is_some_and(|until| until > now) { Mode::Human } else { Mode::Bot }
}

/// The status an outbound text has after hearing `heard`. Callbacks come late, twice and out of order: only forward counts, and
/// the ends are final, except that a delivered text may turn out to be read.
pub fn advance(current: MessageStatus, heard: MessageStatus) -> MessageStatus {
    use MessageStatus as S;
    let rank = |status| match status {
        S::Received | S::Queued => 1,
        S::Sending => 2,
        S::Sent => 3,
        S::Delivered => 4,
        S::Read => 5,
        S::Failed | S::Undelivered | S::Canceled => 6,
    };
    match (current, heard) {
        (S::Received | S::Failed | S::Undelivered | S::Canceled | S::Read, _) => current,
        (S::Delivered, S::Read) => S::Read,
        (S::Delivered, _) => current,
        (_, heard) if rank(heard) > rank(current) => heard,
        _ => current,
    }
}

/// What became of an outbound text, in one sentence.
pub fn receipt_sentence(status: MessageStatus, last: Option<&Receipt>, error: Option<&str>) -> String {
    use MessageStatus as S;
    let decided = last.map(|receipt| receipt.sentence.as_str());
    match (status, error, decided) {
        (S::Failed | S::Undelivered, Some(error), _) => format!("Not delivered: {error}"),
        (S::Failed | S::Undelivered, None, _) => "Not delivered.".to_owned(),
        (S::Canceled, Some(error), _) => error.to_owned(),
        (_, _, Some(decided)) => decided.to_owned(),
        (S::Queued, _, None) => "Waits to be sent.".to_owned(),
        (_, _, None) => "Sent before decisions were kept.".to_owned(),
    }
}

/// Twilio's word for a status. None for words that do not exist (yet).
pub fn status_from_twilio(word: &str) -> Option<MessageStatus> {
    use MessageStatus as S;
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => S::Sending,
        "sent" => S::Sent,
        "delivered" => S::Delivered,
        "read" => S::Read,
        "failed" => S::Failed,
        "undelivered" => S::Undelivered,
        "canceled" => S::Canceled,
        _ => return None,
    })
}

/// Parts a text is sent and charged as: GSM-7 160 alone and 153 each of several, otherwise UCS-2 70 and 67 UTF-16 units. An empty
/// text is one part.
pub fn segments(text: &str) -> u16 {
    let (units, single, multi) = match gsm7_septets(text) {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if units <= single { 1 } else { u16::try_from(units.div_ceil(multi)).unwrap_or(u16::MAX) }
}

/// Septets of a text in the GSM 03.38 basic set, extension characters counting two. None where a character is in neither.
fn gsm7_septets(text: &str) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    text.chars()
        .map(|c| match c {
            '^' | '{' | '}' | '\\' | '[' | ']' | '~' | '|' | '€' | '\u{c}' => Some(2),
            c if c.is_ascii_alphanumeric() || c == ' ' || BASIC.contains(c) => Some(1),
            _ => None,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_status() -> impl Strategy<Value = MessageStatus> {
        prop::sample::select(MessageStatus::ALL)
    }

    proptest! {
        /// Whatever the order and repetition of callbacks, the end is never left and never depends on what came after it.
        #[test]
        fn ends_are_final(heard in prop::collection::vec(any_status(), 0..20)) {
            use MessageStatus as S;
            let mut status = S::Queued;
            for h in heard {
                let next = advance(status, h);
                if matches!(status, S::Failed | S::Undelivered | S::Canceled | S::Read) {
                    prop_assert_eq!(next, status);
                }
                if status == S::Delivered {
                    prop_assert!(matches!(next, S::Delivered | S::Read));
                }
                status = next;
            }
        }

        #[test]
        fn hearing_twice_changes_nothing(a in any_status(), b in any_status()) {
            let once = advance(a, b);
            prop_assert_eq!(advance(once, b), once);
        }

        #[test]
        fn more_text_never_means_fewer_segments(text in ".{0,400}", c in any::<char>()) {
            let longer = format!("{text}{c}");
            prop_assert!(segments(&longer) >= segments(&text));
        }
    }

    #[test]
    fn callbacks_out_of_order() {
        use MessageStatus as S;
        assert_eq!(advance(S::Delivered, S::Sent), S::Delivered);
        assert_eq!(advance(S::Sending, S::Delivered), S::Delivered);
        assert_eq!(advance(S::Sent, S::Undelivered), S::Undelivered);
        assert_eq!(advance(S::Undelivered, S::Delivered), S::Undelivered);
        assert_eq!(advance(S::Received, S::Delivered), S::Received);
    }

    #[test]
    fn segment_edges() {
        assert_eq!(segments(""), 1);
        assert_eq!(segments(&"a".repeat(160)), 1);
        assert_eq!(segments(&"a".repeat(161)), 2);
        assert_eq!(segments(&"a".repeat(306)), 2);
        assert_eq!(segments(&"a".repeat(307)), 3);
        assert_eq!(segments(&"€".repeat(80)), 1);
        assert_eq!(segments(&"€".repeat(81)), 2);
        assert_eq!(segments(&"ç".repeat(70)), 1, "ç is not in the basic set: UCS-2");
        assert_eq!(segments(&"👍".repeat(35)), 1);
        assert_eq!(segments(&"👍".repeat(36)), 2);
    }
}
