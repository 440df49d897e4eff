//! Pure rules on texts: how statuses move, who answers.

use chrono::{DateTime, Utc};

use super::model::{MessageStatus, Mode};
use crate::compliance::{Outcome, Receipt};

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
pub fn receipt_sentence(status: MessageStatus, unknown: bool, last: Option<&Receipt>, error: Option<&str>) -> String {
    use MessageStatus as S;
    let decided = last.map(|receipt| receipt.sentence.as_str());
    match (status, error, decided) {
        (S::Failed | S::Undelivered, Some(error), _) => format!("Not delivered: {error}"),
        (S::Failed | S::Undelivered, None, _) => "Not delivered.".to_owned(),
        (S::Canceled, Some(error), _) => error.to_owned(),
        // It had its leave, and did not go.
        (S::Queued, Some(error), Some(_)) if last.is_some_and(|receipt| receipt.outcome == Outcome::Send) => {
            format!("Not sent yet: {error}")
        }
        (S::Queued, None, Some(_)) if last.is_some_and(|receipt| receipt.outcome == Outcome::Send) => {
            "Not sent yet: it waits for its turn.".to_owned()
        }
        (S::Sending, _, Some(_)) if unknown => {
            "Handed over; whether the provider took it is being found out.".to_owned()
        }
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
}
