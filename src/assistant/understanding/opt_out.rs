//! Does the sender want no more texts?  Tuned to be right when it says yes: "don't stop", "could I stop by",
//! "cancel my 3 pm" and "what time do you stop" are none.
//!
//! Three kinds of evidence count.  Words named in 47 CFR 64.1200(a)(10) count on their own.  Patterns (see `pattern`) name
//! the ways of asking that leave no doubt.  The score of `classifier`, learned from examples, finds what no pattern
//! foresaw, and has a say in what the patterns find.

use std::sync::LazyLock;

use super::classifier::{Likelihoods, MODEL};
use super::features::Feature;
use super::pattern::{Pattern, Words};
use super::text::{Kind, Text};
use super::words;
use super::{Certainty, Intent, OptOut};

/// One of these, alone but for politeness, is an opt-out whatever was asked.
const KEYWORDS: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "unsub",
    "end",
    "quit",
    "revoke",
    "optout",
    "parar",
    "paren",
    "pare",
    "alto",
    "baja",
    "basta",
    "detener",
    "arret",
    "remove",
];

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

/// Keywords that are known by a slip of them.
const SLIPPED: &[&str] = &["stop", "unsubscribe", "optout"];

const CERTAIN: &[&str] = &[
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
    "<remove> <me>|my ?number ?cell ?phone ?name off|out $",
    "<remove> my ..2 number|phone|cell|info|contact ..6",
    "<remove> this number ..4",
    "^ ?please ?just <remove> <me> ?please ?now $",
    "want|get|need|be|how ..4 off|out|removed ..1 this|your|the|of ..3 <list>",
    "unsubscribe|unsub",
    "unenroll|deregister|unregister",
    "opt|opting ?me ?us out",
    "optout ?me ?of ?please",
    "lose|delete|forget|erase|block ?out my|this ?cell ?phone number",
    "leave <me> ?the ?hell alone",
    "dnc|dncl",
    "do not|dont call|contact|text list",
    "revoke|withdraw|retract|rescind ..3 consent|permission|authorization|opt",
    "turn|switch|shut ?all ?these ?the off ..4 <texts>",
    "turn|switch|shut ..4 <texts> off",
    "disable|deactivate|mute|cancel ?the ?your ?my ?all <texts>|subscription|enrollment",
    "<texts> off ?please $",
    "tired|sick of ..4 <texts>",
    "didnt|never|not ..2 sign|signed|subscribe|subscribed|ask|asked|consent ..4 <texts>|this|these",
    "<stop> bothering|harassing|spamming|annoying me|us",
    "not|no ..3 send ..3 messages",
    "stop 2|to|and end|stop|quit|unsubscribe",
    "spam ..3 <stop>|report|reported",
    "report|reporting ..3 spam",
    "not|dont want|like|wish to ..1 be ?being contacted|texted|messaged|bothered",
    "without ..1 <consent>",
    "never|didnt|not ..1 gave|give ..3 <consent>",
    "cease and desist",
];

/// What looks like the above and means the opposite, or speaks of it.
const EXCUSED: &[&str] = &[
    "dont|didnt|never|not|no ?ever ?want ?need ?mean ?meant ?to ?text ?send ?you stop|quit|end|unsubscribe|unsub|optout",
    "dont|didnt|never|not ?ever ?you ?please <remove> <me>|my",
    "dont|not want|need ?to opt|unsubscribe|stop|quit",
    "mean|meant ..4 stop|unsubscribe|optout|out|quit|end",
    "undo|reverse|ignore|cancel|back ?that ?the ?my ?last ?a stop|unsubscribe|opt|optout",
    "stop|unsubscribe ..2 by|on accident|mistake",
    "opt ?me ?us ?back in",
    "back on ..3 <texts>",
    "<texts> ..2 back",
    "if i|we ?text|reply|say|send|type|texted ?the ?word stop|quit|unsubscribe",
    "did|was|were ..3 stop|unsubscribe|optout",
    "im|were|am|are not getting ..2 <texts>",
    "i|we ?still didnt|never|havent get|got|gotten|receive|received ..3 <texts>",
    "un stop",
    "what|why|whats ..4 say|says|mean|means|do|does|thing ..3 stop|unsubscribe",
    "what|why|whats ..3 stop|unsubscribe ..6 mean|means|do|say|for",
    "opt|opting out of ?the !<texts>|<list>|this|these|your|all|it|everything|whatever|receiving|any|further|future|me|us",
];

/// A stranger may not want our texts, and may not have said so.
const STRANGER: &[&str] = &["wrong number !for", "wrong person $"];

/// Complaints of our texts that fall short of asking for their end.
const ANNOYED: &[&str] = &[
    "enough ..3 <texts>",
    "too|so many|much ..4 <texts>",
    "<texts> ..3 annoying|excessive|ridiculous",
    "go away",
    "this|its is ?just ?such spam|harassment",
];

/// A question about us, not a wish.
const ASKED: &[&str] = &["how|where ..3 get|got|find|found|have my number|cell|info|contact|name"];

/// Above this the score alone makes an opt-out certain, with a pattern `BACKED` does.
const SURE: f32 = 0.8;
const BACKED: f32 = 0.15;
/// Above this the score makes an opt-out worth a person's look.
const LIKELY: f32 = 0.4;
/// The same for one word or two, of which there is little to go by.
const LIKELY_OF_FEW: f32 = 0.6;

static CERTAIN_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(CERTAIN));
static STRANGER_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(STRANGER));
static ANNOYED_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(ANNOYED));
static ASKED_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(ASKED));
static EXCUSED_PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(EXCUSED));

fn compile(sources: &[&'static str]) -> Vec<Pattern> {
    sources.iter().filter_map(|source| Pattern::parse(source)).collect()
}

/// The opt-out in `words`, bare "cancel" aside: that one depends on the conversation (see `bare_cancel`).
pub(super) fn find(words: &Words<'_, '_>, features: &[Feature], likely: &Likelihoods) -> Option<OptOut> {
    let text = words.text;
    if EXCUSED_PATTERNS.iter().any(|pattern| pattern.occurs(words)) {
        return None;
    }
    let score = score(likely);
    let found = |patterns: &'static [Pattern]| patterns.iter().filter_map(|pattern| pattern.find(words));
    let asked = found(&ASKED_PATTERNS).next();
    // "How did you get my number" holds "get my number", which is none of the question's business.
    let apart = |(first, end): &(usize, usize)| asked.is_none_or(|(from, to)| *end <= from || *first >= to);
    let (certainty, (first, end)) = match (found(&CERTAIN_PATTERNS).find(apart), found(&ANNOYED_PATTERNS).next()) {
        (Some(place), _) if score >= BACKED => (Certainty::Certain, place),
        _ if asked.is_some_and(|(from, to)| text.spoken() <= to - from + 2) => return None,
        (_, Some(place)) if score >= BACKED => (Certainty::Doubtful, place),
        _ if score >= SURE => (Certainty::Certain, carriers(text, features)),
        _ if score >= if text.spoken() > 2 { LIKELY } else { LIKELY_OF_FEW } => {
            (Certainty::Doubtful, carriers(text, features))
        }
        _ => return None,
    };
    Some(opt_out(certainty, text.said(first, end)))
}

/// What may be an opt-out although the text as a whole says something else: to be looked at by a person.
pub(super) fn hint(words: &Words<'_, '_>) -> Option<OptOut> {
    let hints = STRANGER_PATTERNS.iter().chain(&*ANNOYED_PATTERNS);
    let (first, end) = hints.into_iter().find_map(|pattern| pattern.find(words))?;
    Some(opt_out(Certainty::Doubtful, words.text.said(first, end)))
}

/// How likely it is an opt-out: the mean of what the two models say.
fn score(likely: &Likelihoods) -> f32 {
    (likely.opt_out + likely.of(Intent::OptOut)) / 2.0
}

/// The tokens that carried the score: the run of them whose features add most to it.
fn carriers(text: &Text<'_>, features: &[Feature]) -> (usize, usize) {
    let mut worth = vec![0i32; text.len()];
    for feature in features.iter().filter(|feature| feature.first < feature.end) {
        let tokens = usize::from(feature.first)..usize::from(feature.end).min(text.len());
        let each = MODEL.opt_out_weight(*feature) * 16 / tokens.len().max(1) as i32;
        worth[tokens].iter_mut().for_each(|worth| *worth += each);
    }
    let (mut best, mut best_sum) = ((0, text.len()), 0);
    let (mut start, mut sum) = (0, 0);
    for (at, worth) in worth.into_iter().enumerate() {
        if sum <= 0 {
            (start, sum) = (at, 0);
        }
        sum += worth;
        if sum > best_sum {
            (best, best_sum) = ((start, at + 1), sum);
        }
    }
    best
}

/// Reports each pattern the text meets: 0 for those of an opt-out and 1 for those of an excuse, its number, its tokens.
pub(super) fn patterns_met(words: &Words<'_, '_>, mut met: impl FnMut(u8, u8, (usize, usize))) {
    for (list, patterns) in [&*CERTAIN_PATTERNS, &*EXCUSED_PATTERNS].into_iter().enumerate() {
        for (number, pattern) in patterns.iter().enumerate() {
            if let Some(place) = pattern.find(words) {
                met(list as u8, number as u8, place);
            }
        }
    }
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

/// The opt-out of a keyword that stands alone in the text, be it spelt out or a slip away.
pub(super) fn keyword(text: &Text<'_>) -> Option<OptOut> {
    if let Some(spelt) = spelt_out(text) {
        return Some(spelt);
    }
    let alone = spoken(text).nth(1).is_none();
    let slip = |word: &str| alone && SLIPPED.iter().any(|known| words::is_slip_of(word, known));
    let (keyword, _) = spoken(text).find(|(_, word)| KEYWORDS.contains(word) || slip(word))?;
    let politeness_only = spoken(text).all(|(index, word)| {
        index == keyword || POLITE.contains(&word) || matches!(text.kind(index), Some(Kind::Number { value: 2, .. }))
    });
    // "no end" and "yes quit" are too short to tell; "stop" and its kin are not.
    let first_is_answer = spoken(text).next().is_some_and(|(_, word)| matches!(word, "to" | "yes"));
    (politeness_only && !first_is_answer && spoken(text).count() <= 5)
        .then(|| opt_out(Certainty::Certain, text.said(keyword, keyword + 1)))
}

/// "S T O P", "s.t.o.p."
fn spelt_out(text: &Text<'_>) -> Option<OptOut> {
    let mut letters = spoken(text).map(|(_, word)| word);
    let spelt =
        ["s", "t", "o", "p"].into_iter().all(|letter| letters.next() == Some(letter)) && letters.next().is_none();
    spelt.then(|| opt_out(Certainty::Certain, text.said(0, text.len())))
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    [CERTAIN, STRANGER, ANNOYED, ASKED, EXCUSED]
        .concat()
        .into_iter()
        .filter(|source| Pattern::parse(source).is_none())
        .collect()
}
