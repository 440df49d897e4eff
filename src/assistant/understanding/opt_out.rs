//! Does the sender want no more texts?  Tuned to be right when it says yes: "don't stop", "could I stop by",
//! "cancel my 3 pm" and "what time do you stop" are none.  Words named in 47 CFR 64.1200(a)(10) count on their own.

use std::sync::LazyLock;

use super::pattern::{Pattern, Words};
use super::text::{Kind, Text};
use super::words;
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

/// Somebody ends it, wants out, refuses, withdraws consent, or threatens: each with its object, the messages or the
/// list.  A verb without that object is not enough.
const CERTAIN: &[&str] = &[
    // An end to the messages.
    "<stop> ..1 all|any ..2 <texts>",
    "<stop> ..4 <texts>",
    "<stop> ..2 <texting>|sending|contact|calling ?and ..1 <me>|here|people",
    "^ ?please ?ok ?just ?now <stop> <texting>|sending|calling",
    "stop receiving|getting",
    "<texts> ..2 <stop>",
    "make ..3 stop ?please ?now $",
    "<texts> ..2 have ?got to|must go|stop|end",
    "no more ..4 <texts>",
    "no|not more ?of|with ..2 <texts>",
    "no <texts> ?please $",
    "no <texts> to|on|at ..3 phone|number|cell|me",
    "<fed_up> with|of|by|about ..3 <texts>|<texting>",
    "enough ?already ?of ?with ?the ?these <texts>",
    "too many ..2 <texts>",
    "<texts> off ?please $",
    "turn|switch|shut ?all ?these ?the off ..4 <texts>",
    "turn|switch|shut ..4 <texts> off",
    "disable|deactivate|mute|silence|kill ..4 <texts>",
    "^ mute|silence|block these|this|them|it|you",
    "cancel|end|stop ..4 subscription|enrollment|<texts>",
    "stop ..3 subscribing|subscription",
    // Refusals.
    "no longer ..8 <texts>|texted",
    "not|dont|never|hate|refuse ..1 want|wish|like|need|interested|consent|agree|care|prefer ..9 <texts>",
    "prefer|rather|like not ?to ..4 <texts>|texted|contacted",
    "prefer|rather|like not to get|receive|have ..6",
    "dont|not|never|no ?ever ?please <contact> ?to me|us|this|my|again|anymore|any|ever|here",
    "dont|not|never ?ever ?please text|message|texting|messaging ?please $",
    "dont|not|never ..1 send ..4 <texts>|anything|stuff|anymore|these|this",
    "no ?ya me|nos text|send|texting|message ..2",
    "not|no ..3 send ..3 messages",
    "no want ..3 messages",
    "not|dont|no ..1 <want> ..1 get|getting|receive|receiving these|this|those|them|any ..3",
    "cease ..2 <texts>",
    "not|dont ..1 write ..1 me|more",
    "email|mail only|instead ..6 no <texts>",
    // Off the list.
    "^ ?please ?just stop|stopall|unsubscribe ?it ?now ?please ?already $",
    "already|interested|person|people|number|enough|please ?so ?just stop ?please $$",
    "said|told|say|asked|texted|typed|replied ?you ?to stop ..9",
    "<remove>|withdraw|want|need|please <me>|her|him|my|this|number|phone|cell ..4 off|from|of|out !<service>|<visit> ..5 <list>|<texts>|number|phone|contacts|text",
    "<remove> from ..2 <list>",
    "take|remove|strike|pull|scrub|wipe <me>|my|our ?number ?cell ?phone off|out $",
    "take|remove|get <me> off ..1 whatever|this|these|it ..2 $",
    "<remove> my|this ..2 number|phone|cell|info|contact ..6",
    "<remove> <me> ?please ?now $",
    "want|get|need|be|how|let|count ..4 off|out|removed ..1 this|your|the|of ..3 <list>",
    "<texts> ..3 want out",
    "i want out ?please $",
    "want out of this|these|here|it $",
    "take me|us|this|my ?cell ?phone ?number off $",
    "unsubscribe|unsub",
    "unenroll|deregister|unregister",
    "opt|opting ?me ?us out",
    "want|like to optout",
    "optout ?me ?of ?please",
    "lose|delete|forget|erase|block|remove ?out my|this ?cell ?phone number",
    "leave <me> ?the ?hell alone",
    "block|blacklist <me>",
    "dar|darme|dame|denme|den|quiero|want ..2 of baja",
    "stop 2|to|and end|stop|quit|unsubscribe",
    "not|dont want|like|wish to ..1 be ?being contacted|texted|messaged|bothered ..3",
    "youre|are|is harassing|spamming <me>",
    "<stop> bothering|harassing|spamming|annoying|pestering|hounding|blowing ?me ?us",
    // Consent and the law.
    "dnc|dncl",
    "do not|dont call|contact|text list|registry",
    "revoke|revoking|withdraw|withdrawing|retract|rescind ..3 <consent>|opt",
    "didnt|never|not ..2 sign|signed|subscribe|subscribed|ask|asked|consent|consented|agree|agreed|gave|give ..6 <texts>|this|these|<texting>",
    "never|didnt|not ..2 gave|give|have ..3 <consent> ..6",
    "without ..1 <consent>",
    "cease and desist",
    "<law> ..9 if ..6 <these>|continue|<texts>|keep|text",
    "if ..9 <texts>|<these>|text|texting ..6 <law>",
    "<law> ..6 <texts>|spam|<texting>",
    "spam ..3 <stop>|report|reported",
    "wrong ..1 number ..6 <stop>|remove|dont|unsubscribe|delete|lose",
    "number wrong ..6 no|stop|send|text",
];

const DOUBTFUL: &[&str] = &[
    "^^ ?please ?just <stop> it|this|that|doing ?that ?please $$",
    "^ ?please ?just make it|this|them stop",
    "wrong number",
    "number wrong",
    "who is|dis|this ..3 stop",
    "this|its ?is spam|harassment",
    "go away",
    "how ..2 you get|got my number",
    "^ cancel all ?please $",
];

/// What looks like the above and means the opposite, or something else.
const EXCUSED: &[&str] = &[
    // The other way round.
    "dont|didnt|never ?you ?ever ?please stop|end|quit <texting>|<texts>|sending|the",
    "dont|didnt|not ..1 unsubscribe|unsub|optout|revoke",
    "dont|didnt|not ..1 <remove> <me>|my|it|this|that",
    "dont|not want ?me to ..1 opt|unsubscribe|stop",
    "mean|meant|meaning ..4 stop|unsubscribe|optout|out|quit|end",
    "undo|reverse|ignore|disregard ..3 stop|unsubscribe|optout|out|that",
    "by|on accident|mistake",
    "accidentally",
    "oops|whoops ..6 stop|unsubscribe",
    "opt ?me ?us ?back in",
    "back on ..3 <texts>",
    "turn|start|resume|bring <texts>|them|it ..3 back|again",
    "<texts> ..2 back",
    "^ keep <texting>|sending",
    "please|so|but|can|just|and|want|yes keep <texting>|sending ?me !or|<law>",
    "dont|not ?you ?ever ?even stop",
    "not|dont|no need|have ?to ?you stop|to",
    "stop ..3 resume|restart|lol",
    // Questions about the messages, and about how STOP works.
    "again|still|why|whyd|did ..4 i|we|my|our|the ?not ?you get|getting|receive|receiving|got|stop|stopped ..4 <texts>|stop",
    "not|never|didnt|havent ..1 get|getting|got|receive|received|receiving|see ..4 <texts>",
    "what|why|whats ..4 stop|unsubscribe ..6 mean|do|say|for|thing",
    "what|why ..3 does|do|is|say ..9 stop",
    "if i|we ..2 reply|text|say|type|send|hit|press ..1 stop|unsubscribe ..9",
    "what happens|if ..4 stop|unsubscribe",
    "did|was|were ..3 stop|unsubscribe|optout",
    // Another way to be reached, for an appointment.
    "dont|not want|need ..2 stop <texts>",
    "dont|not need|want ..6 appointment|visit|reservation ..2 reminder",
    "instead of <texting>",
    "just text ..2",
    "call|calls|calling ..3 !or text|texting|texts is|are|me|us|only|instead|works|please ..2",
    "kid|son|daughter|toddler|baby|cat|dog ..2 typed|texted|sent|hit|said|pressed ..2 stop",
    "text ..1 instead|only",
    "dont|not call !or|list ..4 text|<texts>",
    "call ..4 instead",
    // Another thing to be removed from or to stop.
    "remove that|the|this one|option|time|slot",
    "<remove>|unsubscribe ..4 <visit>|class|waitlist|calendar|schedule|agenda|book|roster",
    "unsubscribe ..4 from|of !<list>|<texts>|this|these|your|the|all|it|everything|you|my",
    "unsubscribe ..3 <elsewhere>",
    "<stop>|cancel|unsubscribe ..4 <elsewhere>",
    "opt|opting out of !<texts>|<list>|this|these|your|the|all|it|everything|receiving|any|further|future|me|us|getting",
    "opt|opting out of the|your|this|my !<texts>|<list>|text ..1",
    "<stop> ..2 charging|billing|using|eating|drinking|taking|smoking|wearing|seeing|working|growing|being",
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

/// The keyword that stands alone in the text, as a token index.  The only word of a text may be a slip away from one.
fn keyword(text: &Text<'_>) -> Option<usize> {
    let alone = spoken(text).next().filter(|_| spoken(text).count() == 1);
    let (keyword, _) = spoken(text).find(|(_, word)| KEYWORDS.contains(word)).or_else(|| {
        alone.filter(|(_, word)| ["stop", "unsubscribe", "optout"].iter().any(|known| words::is_slip_of(word, known)))
    })?;
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
