//! Does the sender want no more texts?  Tuned to be right when it says yes: "don't stop", "could I stop by",
//! "cancel my 3 pm" and "what time do you stop" are none.  Words named in 47 CFR 64.1200(a)(10) count on their own.

use std::sync::LazyLock;

use super::pattern::{Pattern, Words};
use super::text::{Kind, Text};
use super::{Certainty, OptOut};

/// One of these, alone but for politeness, is an opt-out whatever was asked.
const KEYWORDS: &[&str] =
    &["stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "parar", "alto", "baja", "arret", "remove"];

/// Words that leave a keyword standing alone.
const POLITE: &[&str] = &[
    "please",
    "now",
    "all",
    "already",
    "thanks",
    "thank",
    "you",
    "ok",
    "okay",
    "just",
    "no",
    "stop",
    "out",
    "immediately",
    "everything",
    "and",
    "end",
    "quit",
    "unsubscribe",
    "to",
    "me",
    "hey",
    "omg",
    "seriously",
    "fucking",
    "sorry",
    "hi",
    "hello",
    "again",
    "yes",
];

const CERTAIN: &[&str] = &[
    "<stop> ..1 all|any ..2 <texts>",
    "<stop> ..4 <texts>",
    "stop|quit|cease ..2 <texting>|sending|contact|calling ?and ..1 me|us|this|my|here",
    "^ ?please ?ok ?just <stop> <texting>|sending|calling",
    "no more ..4 <texts>",
    "no|not more ?of|with ..2 <texts>",
    "no <texts> ?please $",
    "no longer ..8 <texts>|texted",
    "not|dont|never ..1 want|wish|like|need|interested|consent|agree|care ..9 <texts>",
    "dont|not|never ?ever ?please text|message|contact|texting|messaging|contacting|spam ?to me|us|this|my|again|anymore|any|ever",
    "dont|not|never ?ever ?please text|message|texting|messaging ?please $",
    "^ ?please ?just stop|stopall|unsubscribe ?it ?now ?please ?already $",
    "already|interested|person|people|number|enough|please ?so ?just stop ?please $$",
    "stop receiving|getting",
    "no want ..3 messages",
    "dont|not|never ..1 send ..4 <texts>|anything|stuff|anymore|these|this",
    "<remove>|want|need|please <me>|my|this|number|phone|cell ..4 off|from|of|out !<service> ..5 <list>|<texts>|number|phone|contacts",
    "<remove> <me>|my ..1 ?number ?cell ?phone off|out $",
    "<remove> my ..2 number|phone|cell|info|contact ..6",
    "<remove> this number ..4",
    "<remove> <me> ?please ?now $",
    "want|get|need|be|how ..4 off|out|removed ..1 this|your|the|of ..3 <list>",
    "unsubscribe|unsub",
    "unenroll|deregister|unregister",
    "opt|opting ?me ?us out",
    "want|like to optout",
    "optout ?me ?of ?please",
    "lose|delete|forget|erase|block ?out my|this ?cell ?phone number",
    "leave <me> ?the ?hell alone",
    "block|blacklist <me>",
    "dnc|dncl",
    "do not|dont call|contact|text list",
    "revoke|withdraw|retract|rescind ..3 consent|permission|authorization|opt",
    "cancel|end|stop ..4 subscription|enrollment|<texts>",
    "turn|switch|shut ?all ?these ?the off ..4 <texts>",
    "turn|switch|shut ..4 <texts> off",
    "disable|deactivate|mute ..4 <texts>",
    "<texts> off ?please $",
    "tired|sick of ..4 <texts>",
    "stop ..3 subscribing|subscription",
    "didnt|never|not ..2 sign|signed|subscribe|subscribed|ask|asked|consent ..4 <texts>|this|these",
    "wrong ..1 number ..6 <stop>|remove|dont|unsubscribe",
    "<stop> bothering|harassing|spamming|annoying ?me ?us",
    "take <me>|my|this ..3 off $",
    "not|no ..3 send ..3 messages",
    "dar|darme|dame|denme|quiero ..1 of|de baja",
    "not|dont ..1 write|escriban|escribir ..1 me|more",
    "stop 2|to|and end|stop|quit|unsubscribe",
    "spam ..3 <stop>|report|reported",
    "report|reporting ..3 spam",
];

const DOUBTFUL: &[&str] = &[
    "^^ ?please ?just <stop> it|this|that|doing ?that ?please $$",
    "wrong number",
    "who is this ..3 stop",
    "this|its is spam|harassment",
    "go away",
];

/// What looks like the above and means the opposite, or something else.
const EXCUSED: &[&str] = &[
    "dont|didnt|never|not ..2 stop|end|quit <texting>|<texts>|sending|the",
    "dont|didnt|not ..1 unsubscribe|unsub|optout|revoke",
    "dont|didnt|not ..1 <remove> <me>|my",
    "dont|not want to ..1 opt|unsubscribe|stop",
    "mean|meant ..4 stop|unsubscribe|optout|out|quit|end",
    "by|on accident|mistake",
    "accidentally",
    "opt ?me ?us ?back in",
    "back on ..3 <texts>",
    "<texts> ..2 back",
    "again|still|why|did ..4 i|we ?not get|getting|receive|receiving|got|stop ..4 <texts>",
    "not|never|didnt|havent ..1 get|getting|got|receive|received|receiving|see ..4 <texts>",
    "keep <texting>|sending",
    "dont|not want|need ..2 stop <texts>",
    "dont|not need|want ..6 appointment|visit|reservation ..2 reminder",
    "instead of <texting>",
    "text ..1 instead|only",
    "not|dont|no need|have ..2 stop",
    "remove that|the|this one|option|time|slot",
    "email ..3 instead",
    "call ..4 instead",
    "did|was|were ..3 stop|unsubscribe|optout",
    "opt|opting out of !<texts>|<list>|this|these|your|the|all|it|everything|receiving|any|further|future|me|us",
];

static CERTAIN_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(CERTAIN));
static DOUBTFUL_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(DOUBTFUL));
static EXCUSED_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(EXCUSED));

fn compile(sources: &[&'static str]) -> Vec<Pattern> {
    sources.iter().filter_map(|source| Pattern::parse(source)).collect()
}

/// The opt-out in `words`, bare "cancel" aside: that one depends on the conversation (see `bare_cancel`).
pub(super) fn find(words: &Words<'_, '_>) -> Option<OptOut> {
    let text = words.text;
    if let Some(keyword) = keyword(text) {
        return Some(opt_out(Certainty::Certain, text.said(keyword, keyword + 1)));
    }
    if EXCUSED_PATTERNS.iter().any(|pattern| pattern.occurs(words)) {
        return None;
    }
    let said = |patterns: &[Pattern]| {
        patterns.iter().find_map(|pattern| pattern.find(words)).map(|(first, end)| text.said(first, end))
    };
    if let Some(evidence) = said(&CERTAIN_PATTERNS) {
        return Some(opt_out(Certainty::Certain, evidence));
    }
    said(&DOUBTFUL_PATTERNS).map(|evidence| opt_out(Certainty::Doubtful, evidence))
}

/// Whether the text is "cancel" and nothing more.
pub(super) fn bare_cancel(text: &Text<'_>) -> Option<OptOut> {
    let mut spoken = spoken(text);
    let (index, word) = spoken.next()?;
    let rest_is_polite = spoken.all(|(_, word)| matches!(word, "please" | "pls" | "thanks"));
    (word == "cancel" && rest_is_polite).then(|| opt_out(Certainty::Doubtful, text.said(index, index + 1)))
}

fn opt_out(certainty: Certainty, evidence: &str) -> OptOut {
    OptOut { certainty, evidence: evidence.to_owned() }
}

fn spoken<'t>(text: &'t Text<'_>) -> impl Iterator<Item = (usize, &'t str)> {
    let marks = |kind| matches!(kind, Kind::Mark(_) | Kind::Emoji(_));
    text.tokens()
        .iter()
        .enumerate()
        .filter(move |(_, token)| !marks(token.kind))
        .map(|(index, _)| (index, text.word(index)))
}

/// The keyword that stands alone in the text, as a token index.
fn keyword(text: &Text<'_>) -> Option<usize> {
    let (keyword, _) = spoken(text).find(|(_, word)| KEYWORDS.contains(word))?;
    let politeness_only = spoken(text).all(|(index, word)| {
        index == keyword || POLITE.contains(&word) || matches!(text.kind(index), Some(Kind::Number { value: 2, .. }))
    });
    // "no end" and "yes quit" are too short to tell; "stop" and its kin are not.
    let first_is_answer = spoken(text).next().is_some_and(|(_, word)| matches!(word, "to" | "yes"));
    (politeness_only && !first_is_answer && spoken(text).count() <= 5).then_some(keyword)
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    [CERTAIN, DOUBTFUL, EXCUSED].concat().into_iter().filter(|source| Pattern::parse(source).is_none()).collect()
}
