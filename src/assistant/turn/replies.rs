//! From all the replies of a turn to the texts that are sent. Pure.

use crate::{
    assistant::dialogue::{LONGEST, Reply, ReplyKind},
    compliance::Purpose,
};

/// All that a turn has to say: every fact, and the last question; small talk only where there is nothing else. Usually one text; what
/// does not fit into one goes out as several, in order.
pub(super) fn combined(replies: &[(Reply, Purpose)]) -> Vec<(String, Purpose)> {
    let substance = replies.iter().any(|(r, _)| r.kind != ReplyKind::Filler);
    let last_prompt = replies.iter().rposition(|(r, _)| r.kind == ReplyKind::Prompt);
    let mut texts: Vec<(String, Purpose)> = Vec::new();
    for (n, (reply, purpose)) in replies.iter().enumerate() {
        let said = match reply.kind {
            ReplyKind::Fact => replies[..n].iter().all(|(earlier, _)| earlier.text != reply.text),
            ReplyKind::Prompt => Some(n) == last_prompt,
            ReplyKind::Filler => !substance && n + 1 == replies.len(),
        };
        if !said {
            continue;
        }
        match texts.last_mut() {
            Some((text, p)) if p == purpose && text.chars().count() + 1 + reply.text.chars().count() <= LONGEST => {
                text.push('\n');
                text.push_str(&reply.text);
            }
            _ => texts.push((reply.text.clone(), *purpose)),
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(kind: ReplyKind, text: &str) -> (Reply, Purpose) {
        (Reply { kind, text: text.to_owned() }, Purpose::Conversational)
    }

    #[test]
    fn a_turn_says_facts_and_its_last_question() {
        let replies = [
            reply(ReplyKind::Filler, "Hi!"),
            reply(ReplyKind::Prompt, "Which day?"),
            reply(ReplyKind::Fact, "You're booked."),
            reply(ReplyKind::Prompt, "Which time?"),
            reply(ReplyKind::Filler, "You're welcome."),
        ];
        let said =
            |replies: &[(Reply, Purpose)]| combined(replies).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(said(&replies), ["You're booked.\nWhich time?"]);
        assert_eq!(said(&replies[..1]), ["Hi!"]);
        assert!(said(&[]).is_empty());
    }

    #[test]
    fn what_does_not_fit_into_one_text_is_said_in_two() {
        let (long, question) = ("x".repeat(300), "y".repeat(300));
        let replies =
            [reply(ReplyKind::Fact, &long), reply(ReplyKind::Prompt, &question), reply(ReplyKind::Filler, "Welcome!")];
        let texts: Vec<String> = combined(&replies).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, [long, question]);
    }
}
