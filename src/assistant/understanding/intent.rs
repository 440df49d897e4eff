//! One intent for a text in its conversation.  What is structural is decided by rule, the first that applies: a reply
//! key, an opt-out, a bare "cancel", nothing but symbols, a choice among options, another time than the one put forward.
//! Everything else is left to what was learned from examples (see `classifier`).  The ground is given in `why`.

use std::sync::LazyLock;

use super::choice;
use super::classifier::{INTENTS, Likelihoods, MODEL};
use super::cues::{self, CueSet};
use super::details;
use super::features::features;
use super::opt_out;
use super::pattern::{Pattern, Words};
use super::text::{Kind, Text};
use super::when::When;
use super::words::Meaning;
use super::{Asked, Certainty, Context, Intent, OptOut};

/// An intent with its grounds.
pub(super) struct Decision {
    pub(super) intent: Intent,
    pub(super) confidence: f32,
    pub(super) why: &'static str,
    pub(super) choice: Option<usize>,
    pub(super) opt_out: Option<OptOut>,
}

impl Decision {
    fn new(intent: Intent, confidence: f32, why: &'static str) -> Self {
        Self { intent, confidence, why, choice: None, opt_out: None }
    }

    fn opt_out(found: OptOut, confidence: f32, why: &'static str) -> Self {
        Self { opt_out: Some(found), ..Self::new(Intent::OptOut, confidence, why) }
    }
}

/// "please don't cancel", "no need to cancel it"
const KEEPING: &[&str] =
    &["dont|didnt|not|never|no|without ?need ?want ?mean ?wish ?have ?to ?you ?please ?be <cancel>"];

static NOT_CANCEL: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| KEEPING.iter().filter_map(|source| Pattern::parse(source)).collect());

pub(super) fn decide(text: &Text<'_>, when: Option<&When>, ctx: &Context<'_>) -> Decision {
    if let Some(decision) = keypress(text, ctx) {
        return decision;
    }
    if let Some(found) = opt_out::keyword(text) {
        return Decision::opt_out(found, 0.99, "opt-out keyword");
    }
    if let Some(found) = opt_out::bare_cancel(text) {
        return bare_cancel(found, ctx);
    }
    if let Some(decision) = symbols(text, ctx) {
        return decision;
    }
    let words = Words::new(text);
    let features = features(&words, when, ctx);
    let likely = MODEL.likelihoods(&features);
    if let Some(found) = opt_out::find(&words, &features, &likely) {
        let learned = likely.of(Intent::OptOut).max(likely.opt_out);
        let confidence = if found.certainty == Certainty::Certain { learned.max(0.9) } else { learned.min(0.8) };
        return Decision::opt_out(found, confidence, "asks for no more texts");
    }
    if let Some(decision) = chosen(text, when, ctx, &likely) {
        return decision;
    }
    let decided = plain_word(text, ctx.asked)
        .or_else(|| short_answer(text, when, ctx))
        .unwrap_or_else(|| learned(&words, when, ctx, &likely));
    Decision { opt_out: opt_out::hint(&words), ..decided }
}

/// One of the options, unless the text is about something else that happens to name one.
fn chosen(text: &Text<'_>, when: Option<&When>, ctx: &Context<'_>, likely: &Likelihoods) -> Option<Decision> {
    const SURE: f32 = 0.7;
    if ctx.options.is_empty() || likely.of(Intent::Human) > SURE || likely.of(Intent::Cancel) > SURE {
        return None;
    }
    if choice::turns_all_down(text) && when.is_none() {
        return Some(Decision::new(Intent::Availability, 0.75, "turns all options down"));
    }
    let index = choice::find(text, when, ctx)?;
    Some(Decision { choice: Some(index), ..Decision::new(Intent::ChooseOption, 0.92, "names an option") })
}

/// A text that is a time, a number or a service and nothing else.
fn short_answer(text: &Text<'_>, when: Option<&When>, ctx: &Context<'_>) -> Option<Decision> {
    let only = |fits: &dyn Fn(usize) -> bool| (0..text.len()).all(|at| is_filler(text, at) || fits(at));
    let asks = asks(text);
    if when.is_some() && only(&|at| names_time(text, at)) {
        // "Morning!" says hello, unless we asked when.
        if text.spoken() == 1 && matches!(text.meaning(0), Meaning::Part(_)) && ctx.asked == Asked::Nothing && !asks {
            return None;
        }
        return Some(match ctx.asked {
            Asked::Confirm => Decision::new(Intent::Reschedule, 0.75, "a time in answer to a proposal"),
            Asked::Nothing | Asked::Choice if asks => Decision::new(Intent::Availability, 0.7, "asks about a time"),
            _ => Decision::new(Intent::Book, 0.7, "names a time"),
        });
    }
    // "100%" is a yes.
    let numbers = |at: usize| matches!(text.kind(at), Some(Kind::Number { .. })) && !text.is_mark(at + 1, '%');
    if when.is_none() && (0..text.len()).any(numbers) && only(&numbers) {
        return Some(Decision::new(Intent::Other, 0.3, "a number that stands for nothing"));
    }
    let mut spoken = (0..text.len()).filter(|at| !matches!(text.kind(*at), Some(Kind::Mark(_) | Kind::Emoji(_))));
    let letter = spoken.next().filter(|at| spoken.next().is_none() && text.said(*at, at + 1).len() == 1);
    if letter.is_some() && when.is_none() {
        return Some(Decision::new(Intent::Other, 0.3, "a letter that stands for nothing"));
    }
    if text.spoken() <= 4
        && !asks
        && details::service(text, ctx).is_some()
        && only(&|at| details::names_service(text, at, ctx))
    {
        return Some(Decision::new(Intent::Book, 0.7, "names a service"));
    }
    None
}

/// A text of nothing but yes, no or thanks, whatever was asked.
fn plain_word(text: &Text<'_>, asked: Asked) -> Option<Decision> {
    let class = |name: &str| cues::class(name).unwrap_or_default();
    let all = |allowed: CueSet, besides: &[&str]| {
        let fits = |at: usize| text.tokens()[at].cues.meets(allowed) || text.is_one_of(at, besides);
        (0..text.len()).all(|at| matches!(text.kind(at), Some(Kind::Mark(_))) && !text.is_mark(at, '?') || fits(at))
    };
    let [yes, no, thanks] = [class("yes"), class("no"), class("thanks")];
    let says = |wanted: CueSet| text.tokens().iter().any(|token| token.cues.meets(wanted));
    if says(yes) && !says(no) && all(yes, &["please", "oh", "um", "uh", "sir", "maam"]) {
        return Some(Decision::new(Intent::Confirm, 0.95, "a plain yes"));
    }
    let pleased = class("good");
    if asked == Asked::Confirm
        && says(yes.or(pleased))
        && all(yes.or(pleased).or(thanks), &["you", "so", "much", "please"])
    {
        return Some(Decision::new(Intent::Confirm, 0.9, "agrees and thanks"));
    }
    if says(no) && !says(yes) && all(no.or(thanks), &["you", "oh", "um", "uh", "sir", "maam", "sorry"]) {
        return Some(Decision::new(Intent::Deny, 0.95, "a plain no"));
    }
    if says(thanks) && all(thanks, &["you", "so", "much", "very", "a", "lot", "many"]) {
        return Some(Decision::new(Intent::Thanks, 0.95, "plain thanks"));
    }
    None
}

/// Words that add nothing to a bare answer, and marks.
fn is_filler(text: &Text<'_>, at: usize) -> bool {
    const FILLERS: &[&str] = &[
        "at", "on", "in", "the", "a", "an", "by", "for", "to", "of", "from", "or", "and", "please", "then", "ok",
        "okay", "maybe", "around", "about", "after", "before", "between", "until", "next", "this", "just", "um", "hmm",
    ];
    matches!(text.kind(at), Some(Kind::Mark(_))) || text.is_one_of(at, FILLERS)
}

fn names_time(text: &Text<'_>, at: usize) -> bool {
    matches!(text.kind(at), Some(Kind::Number { .. } | Kind::Nth(_) | Kind::Clock { .. }))
        || text.meaning(at) != Meaning::None
        || text.is_one_of(at, &["early", "late", "end", "middle", "half", "quarter", "past", "oclock", "weekend"])
}

fn asks(text: &Text<'_>) -> bool {
    text.tokens().iter().any(|token| token.kind == Kind::Mark('?'))
}

/// What the examples say, in the light of the question.
fn learned(words: &Words<'_, '_>, when: Option<&When>, ctx: &Context<'_>, likely: &Likelihoods) -> Decision {
    /// Below this no example is like the text.
    const FAINT: f32 = 0.35;
    const WEAK: f32 = 0.5;
    let text = words.text;
    let keeps = NOT_CANCEL.iter().any(|pattern| pattern.occurs(words));
    // What `opt_out` found to be no opt-out is none, and a refusal to cancel no cancellation, however alike they sound.
    let ruled_out = |intent: Intent| intent == Intent::OptOut || keeps && intent == Intent::Cancel;
    let (intent, confidence) = likely.best(|intent| !ruled_out(intent));
    let left: f32 = INTENTS.into_iter().filter(|intent| !ruled_out(*intent)).map(|intent| likely.of(intent)).sum();
    let confidence = confidence / left.max(confidence);
    if ctx.asked == Asked::Confirm && when.is_some_and(|when| answers_otherwise(when, intent, ctx)) {
        return Decision::new(Intent::Reschedule, confidence.max(0.75), "another time than the one proposed");
    }
    let (intent, why) = match intent {
        Intent::ChooseOption if ctx.options.is_empty() => (Intent::Confirm, "takes what was put forward"),
        Intent::ChooseOption if when.is_some() => (Intent::Book, "a time that is none of the options"),
        Intent::ChooseOption if (0..text.len()).any(|at| counts(text, at)) => (Intent::Other, "none of the options"),
        Intent::ChooseOption => (Intent::Confirm, "takes what was put forward"),
        Intent::Book | Intent::Availability => (intent, "like the examples"),
        _ if confidence < WEAK && when.is_some() && ctx.asked != Asked::Confirm => {
            let asks = matches!(ctx.asked, Asked::Nothing | Asked::Choice) && asks(text);
            (if asks { Intent::Availability } else { Intent::Book }, "names a time")
        }
        _ if confidence < FAINT => (Intent::Other, "like no example"),
        _ => (intent, "like the examples"),
    };
    Decision::new(intent, confidence, why)
}

/// Whether the token is a place in a list: "7", "third", "the later".
fn counts(text: &Text<'_>, at: usize) -> bool {
    matches!(text.kind(at), Some(Kind::Number { .. } | Kind::Nth(_)))
        || matches!(text.meaning(at), Meaning::Nth(_) | Meaning::Count(2..))
        || text.is_one_of(at, &["later", "earlier", "other", "last", "next"])
}

/// Whether a text that seems to mean `intent` puts another time in the place of the one put forward.
fn answers_otherwise(when: &When, intent: Intent, ctx: &Context<'_>) -> bool {
    let differs = matches!((when.time(), ctx.prior_time), (Some(said), Some(settled)) if said != settled)
        || matches!((when.date(), ctx.prior_date), (Some(said), Some(settled)) if said != settled);
    match intent {
        Intent::Availability => true,
        Intent::Book | Intent::Confirm | Intent::Deny | Intent::ChooseOption | Intent::Lookup | Intent::Other => {
            differs
        }
        _ => false,
    }
}

/// "C", "R", "X", "Y", "N" and so on as the whole answer.
fn keypress(text: &Text<'_>, ctx: &Context<'_>) -> Option<Decision> {
    let mut spoken = (0..text.len()).filter(|at| !matches!(text.kind(*at), Some(Kind::Mark(_) | Kind::Emoji(_))));
    let only = spoken.next().filter(|_| spoken.next().is_none())?;
    let key = text.said(only, only + 1);
    if let Some(intent) = ctx.prior.and_then(|prior| announced_key(prior, key)) {
        return Some(Decision::new(intent, 0.95, "reply key we announced"));
    }
    // With lettered options on the table a letter is one of them.
    if key.len() != 1 || ctx.asked == Asked::Choice || !ctx.options.is_empty() {
        return None;
    }
    let intent = match key.to_ascii_lowercase().as_bytes() {
        b"y" | b"c" | b"k" => Intent::Confirm,
        b"n" | b"x" => Intent::Deny,
        b"r" => Intent::Reschedule,
        _ => return None,
    };
    Some(Decision::new(intent, 0.95, "reply key"))
}

/// What our last message said `key` stands for: "Reply 1 to confirm, R to reschedule".
fn announced_key(prior: &str, key: &str) -> Option<Intent> {
    let message = Text::new(prior);
    (0..message.len()).filter(|at| message.said(*at, at + 1).eq_ignore_ascii_case(key)).find_map(|at| {
        let verb = if message.is_one_of(at + 1, &["to", "for"]) { at + 2 } else { at + 1 };
        match message.word(verb) {
            "confirm" | "yes" | "accept" => Some(Intent::Confirm),
            "cancel" => Some(Intent::Cancel),
            "reschedule" | "move" | "change" => Some(Intent::Reschedule),
            "decline" | "no" => Some(Intent::Deny),
            "help" => Some(Intent::Help),
            _ => None,
        }
    })
}

/// CANCEL is a carrier's opt-out word and also what people answer about an appointment.
fn bare_cancel(found: OptOut, ctx: &Context<'_>) -> Decision {
    let question_open = ctx.asked.is_open_question()
        || matches!(ctx.asked, Asked::When | Asked::Time | Asked::Day | Asked::Choice | Asked::Service | Asked::Name);
    let about_appointment = ctx.has_booking || question_open;
    let intent = if about_appointment { Intent::Cancel } else { Intent::OptOut };
    Decision { opt_out: Some(found), ..Decision::new(intent, 0.6, "bare cancel") }
}

/// Texts of nothing but emoji and marks.
fn symbols(text: &Text<'_>, ctx: &Context<'_>) -> Option<Decision> {
    let has = |wanted: &[char]| {
        text.tokens().iter().any(|token| matches!(token.kind, Kind::Emoji(c) | Kind::Mark(c) if wanted.contains(&c)))
    };
    if text.spoken() > 0 {
        return None;
    }
    if has(&['👍', '👌', '✅', '✔', '☑', '🆗', '💯']) {
        return Some(Decision::new(Intent::Confirm, 0.85, "emoji"));
    }
    if has(&['👎', '❌', '🚫', '🙅']) {
        return Some(Decision::new(Intent::Deny, 0.85, "emoji"));
    }
    if has(&['🙏', '❤', '💕', '😍', '🥰', '😘', '💖', '💙']) {
        return Some(Decision::new(Intent::Thanks, 0.8, "emoji"));
    }
    if has(&['👋']) {
        let leaving = matches!(ctx.asked, Asked::AnythingElse);
        return Some(Decision::new(if leaving { Intent::Goodbye } else { Intent::Greeting }, 0.7, "emoji"));
    }
    if has(&['?']) {
        return Some(Decision::new(Intent::Help, 0.7, "question mark"));
    }
    if has(&['🙂', '😊', '😀', '😃', '😄', '😁', '🎉', '🥳', '🙌', '👏']) && ctx.asked == Asked::Confirm
    {
        return Some(Decision::new(Intent::Confirm, 0.6, "emoji"));
    }
    Some(Decision::new(Intent::Other, 0.3, "no words"))
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    KEEPING.iter().copied().filter(|source| Pattern::parse(source).is_none()).collect()
}
