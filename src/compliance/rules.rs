//! Opt-out, opt-in and help words. Pure. Sources: 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe),
//! Twilio's default keyword lists (REVOKE and OPTOUT since May 2025), CTIA's HELP.

/// What a whole text says when it is a keyword and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    Stop,
    /// CANCEL: an opt-out by law, an appointment's end by intent. Whoever reads it must look at the conversation.
    Cancel,
    Start,
    /// YES: an opt-in word at the carrier, an answer where a question is open.
    Yes,
    Help,
}

/// Reads a text that is only a keyword: any case, spaces and punctuation around it, "opt out" in its spellings, Spanish forms.
pub fn keyword(body: &str) -> Option<Keyword> {
    Some(match squeezed(body)?.as_str() {
        "stop"
        | "stopall"
        | "stop all"
        | "unsubscribe"
        | "end"
        | "quit"
        | "revoke"
        | "optout"
        | "opt out"
        | "remove"
        | "remove me"
        | "stop texting me"
        | "please stop"
        | "please stop texting me"
        | "stop please"
        | "unsubscribe me"
        | "arret"
        | "alto"
        | "parar"
        | "baja"
        | "detener" => Keyword::Stop,
        "cancel" => Keyword::Cancel,
        "start" | "unstop" | "opt in" | "optin" | "subscribe" | "resume" => Keyword::Start,
        "yes" => Keyword::Yes,
        "help" | "info" | "ayuda" => Keyword::Help,
        _ => return None,
    })
}

/// Whether the carrier takes this text for an opt-out and blocks the number by itself: one word, exactly.
pub fn carrier_keyword(body: &str) -> bool {
    let word = body.trim();
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
        .iter()
        .any(|k| word.eq_ignore_ascii_case(k))
}

/// Lower case, only letters, single spaces. None for what is too long to be a keyword.
fn squeezed(body: &str) -> Option<String> {
    if body.len() > 64 {
        return None;
    }
    let mut out = String::with_capacity(body.len());
    for c in body.chars().flat_map(char::to_lowercase) {
        match c {
            'é' | 'ê' => out.push('e'),
            _ if c.is_alphanumeric() => out.push(c),
            // "opt-out", "STOP." and "stop!!" are the words without their marks; "don't" keeps together.
            '\'' | '’' => {}
            _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
            _ => {}
        }
    }
    let out = out.trim_end().to_owned();
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_text_keywords_in_any_dress() {
        for text in [
            "STOP", "stop", " Stop. ", "Stop!!", "\"STOP\"", "OPT-OUT", "opt out", "OptOut", "REVOKE", "Stop all",
            "Arrêt", "ALTO",
        ] {
            assert_eq!(keyword(text), Some(Keyword::Stop), "{text}");
        }
        for text in ["START", "unstop", "Opt in"] {
            assert_eq!(keyword(text), Some(Keyword::Start), "{text}");
        }
        assert_eq!(keyword("Help?"), Some(Keyword::Help));
        assert_eq!(keyword("Cancel"), Some(Keyword::Cancel));
        assert_eq!(keyword("YES"), Some(Keyword::Yes));
    }

    #[test]
    fn sentences_are_not_keywords() {
        for text in [
            "don't stop",
            "can you stop by at 3",
            "cancel my 3pm",
            "what time do you end?",
            "",
            "!!!",
            "helpful",
            "yes please",
            "🛑",
        ] {
            assert_eq!(keyword(text), None, "{text}");
        }
        assert_eq!(keyword(&"stop ".repeat(100)), None);
    }

    #[test]
    fn the_carrier_blocks_on_single_words_only() {
        assert!(carrier_keyword(" stop\n") && carrier_keyword("Cancel") && carrier_keyword("optout"));
        assert!(!carrier_keyword("opt out") && !carrier_keyword("stop.") && !carrier_keyword("please stop"));
    }
}
