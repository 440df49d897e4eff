//! Opt-out, opt-in and help words. Pure. Sources: 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe),
//! Twilio's default keyword lists (REVOKE and OPTOUT since May 2025), CTIA's HELP.

/// What a whole text says when it is a keyword and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    Stop,
    /// No more promotions; other texts are welcome.
    StopMarketing,
    /// CANCEL: an opt-out by law, an appointment's end by intent. Whoever reads it must look at the conversation.
    Cancel,
    Start,
    /// YES: an opt-in word at the carrier, an answer where a question is open.
    Yes,
    Help,
}

/// Reads a text that is only a keyword: any case, spaces and punctuation around it, "opt out" in its spellings, Spanish forms.
pub fn keyword(body: &str) -> Option<Keyword> {
    let words = squeezed(body)?;
    if is_no_promotions(&words) {
        return Some(Keyword::StopMarketing);
    }
    Some(match words.as_str() {
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

/// Whether the words ask for no more promotions and say nothing else: "stop marketing", "no more promos please". A closed list on both
/// sides. Whatever says more than this is read in the usual way, where an opt-out is one from everything.
fn is_no_promotions(words: &str) -> bool {
    const OUT: [&str; 19] = [
        "stop",
        "stop the",
        "stop all",
        "stop sending",
        "stop sending me",
        "no",
        "no more",
        "end",
        "quit",
        "cancel",
        "unsubscribe",
        "unsubscribe from",
        "unsubscribe me from",
        "opt out of",
        "optout",
        "remove me from",
        "no mas",
        "no más",
        "alto",
    ];
    const PROMOTIONS: [&str; 17] = [
        "marketing",
        "marketing texts",
        "marketing messages",
        "promo",
        "promos",
        "promotion",
        "promotions",
        "promo texts",
        "promotional texts",
        "promotional messages",
        "ads",
        "offers",
        "deals",
        "promociones",
        "publicidad",
        "ofertas",
        "anuncios",
    ];
    let words = words.strip_prefix("please ").unwrap_or(words);
    let words = words.strip_suffix(" please").unwrap_or(words);
    PROMOTIONS
        .iter()
        .any(|what| words.strip_suffix(what).is_some_and(|out| OUT.contains(&out.trim_end()) && out.ends_with(' ')))
}

/// Whether the carrier takes this text for an opt-in and ends its block of the sender by itself: one word, exactly.
pub fn carrier_opt_in(body: &str) -> bool {
    let word = body.trim();
    ["START", "YES", "UNSTOP"].iter().any(|k| word.eq_ignore_ascii_case(k))
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
    fn promotions_can_be_stopped_alone() {
        for text in [
            "STOP PROMOS",
            "stop marketing",
            "No more promotions!",
            "no more promos please",
            "Please stop sending me promotions",
            "unsubscribe from marketing",
            "opt-out of offers",
            "NO MÁS PROMOCIONES",
            "no mas publicidad",
        ] {
            assert_eq!(keyword(text), Some(Keyword::StopMarketing), "{text}");
        }
        // What may mean more, or less, or something else, is not read here.
        for text in [
            "stop with the marketing and everything else",
            "no more texts",
            "stop promos or I sue",
            "promos",
            "no more promos today?",
            "dont stop promos",
            "is there no promo",
            "stoppromos",
        ] {
            assert_ne!(keyword(text), Some(Keyword::StopMarketing), "{text}");
        }
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
        assert!(carrier_opt_in(" start ") && carrier_opt_in("Unstop") && !carrier_opt_in("subscribe"));
        assert!(!carrier_keyword("opt out") && !carrier_keyword("stop.") && !carrier_keyword("please stop"));
    }
}
