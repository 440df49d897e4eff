//! From speech acts and the state of the conversation to one intent.  A ladder: the first step that applies decides,
//! and says so in `why`.

use super::acts::{Act, Acts};
use super::choice;
use super::cues;
use super::opt_out;
use super::pattern::Words;
use super::text::{Kind, Text, Token};
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
}

pub(super) fn decide(text: &Text<'_>, when: Option<&When>, ctx: &Context<'_>) -> Decision {
    let words = Words::new(text);
    if let Some(decision) = keypress(text, ctx) {
        return decision;
    }
    let opt_out = opt_out::find(&words);
    let acts = Acts::of(&words);
    if let Some(found) = opt_out {
        let certain = found.certainty == Certainty::Certain;
        if certain || acts.is_empty() || !acts.has_any(&[Act::Book, Act::Move, Act::Human, Act::FreeTimes]) {
            let confidence = if certain { 0.98 } else { 0.6 };
            return Decision { opt_out: Some(found), ..Decision::new(Intent::OptOut, confidence, "opt-out") };
        }
    }
    if let Some(found) = opt_out::bare_cancel(text) {
        return bare_cancel(found, ctx);
    }
    if let Some(decision) = symbols(text, ctx) {
        return decision;
    }
    if acts.has(Act::OptIn) {
        return Decision::new(Intent::OptIn, 0.9, acts.why(Act::OptIn));
    }
    if !acts.has_any(&[Act::Human, Act::Cancel])
        && let Some(index) = choice::find(text, when, ctx)
    {
        return Decision { choice: Some(index), ..Decision::new(Intent::ChooseOption, 0.92, "names an option") };
    }
    if (is_for_others(&words) || acts.has(Act::ForOthers)) && !acts.has(Act::Human) {
        return Decision::new(Intent::Other, 0.6, "asks for what others do");
    }
    // "That's all for today" names no date to book.
    let when = when.filter(|when| !(acts.has(Act::Closing) && matches!(when.said(), "today")));
    let scene = Scene { acts: &acts, when, ctx, text };
    // Many words the lexicon does not know may hold something else.
    let doubt = 0.05 * scene.unfamiliar().saturating_sub(1).min(4) as f32;
    let decision = scene.decide();
    Decision { confidence: decision.confidence - doubt, ..decision }
}

/// Whether the text speaks of flights, songs or bank accounts and not of appointments.
fn is_for_others(words: &Words<'_, '_>) -> bool {
    let class = |name| cues::class(name).unwrap_or_default();
    let (elsewhere, ours) = (class("elsewhere"), class("visit").or(class("service")));
    words.speaks_of(elsewhere) && !words.speaks_of(ours)
}

/// "C", "R", "X", "Y", "N" and so on as the whole answer.
fn keypress(text: &Text<'_>, ctx: &Context<'_>) -> Option<Decision> {
    let mut spoken = (0..text.len()).filter(|at| !matches!(text.kind(*at), Some(Kind::Mark(_) | Kind::Emoji(_))));
    let only = spoken.next().filter(|_| spoken.next().is_none())?;
    let key = match text.meaning(only) {
        Meaning::Count(1) => "1",
        Meaning::Count(2) => "2",
        Meaning::Count(3) => "3",
        _ => text.said(only, only + 1),
    };
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

struct Scene<'s> {
    acts: &'s Acts,
    when: Option<&'s When>,
    ctx: &'s Context<'s>,
    text: &'s Text<'s>,
}

impl Scene<'_> {
    fn decide(&self) -> Decision {
        self.firm_requests()
            .or_else(|| self.answer())
            .or_else(|| self.asks())
            .or_else(|| self.small_talk())
            .unwrap_or_else(|| self.by_time_alone())
    }

    fn has(&self, act: Act) -> bool {
        self.acts.has(act)
    }

    fn as_act(&self, act: Act, intent: Intent, confidence: f32) -> Option<Decision> {
        self.has(act).then(|| Decision::new(intent, confidence, self.acts.why(act)))
    }

    fn is_question(&self) -> bool {
        self.text.tokens().iter().any(|token| token.kind == Kind::Mark('?'))
    }

    /// What is meant the same in every conversation.
    fn firm_requests(&self) -> Option<Decision> {
        let plans = self.when.is_some() && self.acts.has_any(&[Act::Book, Act::FreeTimes]);
        if self.has(Act::Advice) && !plans && !self.acts.has_any(&[Act::Move, Act::Human, Act::Help]) {
            return self.as_act(Act::Advice, Intent::Other, 0.7);
        }
        if self.has(Act::Keep) && self.has(Act::Yes) && self.ctx.asked != Asked::Confirm && !self.has(Act::Move) {
            return self.as_act(Act::Yes, Intent::Confirm, 0.75);
        }
        if self.has(Act::HowAreYou)
            && !self.acts.has_any(&[Act::Book, Act::Move, Act::Cancel, Act::Thanks])
            && self.when_is_only_greeting()
        {
            return self.as_act(Act::HowAreYou, Intent::Greeting, 0.85);
        }
        if self.has(Act::Keep) {
            return self
                .as_act(Act::Move, Intent::Reschedule, 0.8)
                .or_else(|| self.as_act(Act::Keep, Intent::Deny, 0.75));
        }
        if self.has(Act::Human) && !self.acts.has_any(&[Act::Help, Act::Status]) {
            return self.as_act(Act::Human, Intent::Human, 0.9);
        }
        if self.has(Act::Lookup) && !(self.has(Act::Book) && self.when.is_some()) {
            return self.as_act(Act::Lookup, Intent::Lookup, 0.8);
        }
        if self.has(Act::Cancel) && !self.has(Act::Help) {
            // "yes, cancel the second one", asked whether to.
            if self.ctx.asked == Asked::Confirm && self.has(Act::Yes) && self.prior_says("cancel") {
                return self.as_act(Act::Yes, Intent::Confirm, 0.85);
            }
            // "cancel it, can we do thursday instead"
            let moved = self.has(Act::Move) && self.when.is_some();
            if self.ctx.asked == Asked::Confirm && self.has(Act::No) && !self.ctx.has_booking {
                return self.as_act(Act::No, Intent::Deny, 0.8);
            }
            return if moved {
                self.as_act(Act::Move, Intent::Reschedule, 0.75)
            } else {
                self.as_act(Act::Cancel, Intent::Cancel, 0.9)
            };
        }
        if self.has(Act::Hours) && !self.acts.has_any(&[Act::Book, Act::Move]) {
            return self.as_act(Act::Hours, Intent::Other, 0.75);
        }
        if self.has(Act::Status)
            && !self.acts.has_any(&[Act::No, Act::NotNow])
            && !self.acts.has_any(&[Act::Book, Act::Move, Act::FreeTimes, Act::Greeting])
        {
            return self.as_act(Act::Status, Intent::Other, 0.7);
        }
        None
    }

    fn opens_with_no(&self) -> bool {
        self.ctx.asked == Asked::AnythingElse
            || self.text.is_one_of(0, &["no", "nope", "nah"]) && self.text.spoken() <= 5
    }

    fn prior_says(&self, word: &str) -> bool {
        let prior = self.ctx.prior.map(Text::new);
        prior.is_some_and(|prior| (0..prior.len()).any(|at| prior.is(at, word)))
    }

    fn when_is_only_greeting(&self) -> bool {
        self.when.is_none_or(|when| matches!(when.said(), "today"))
    }

    /// The text names another date or time than the one put forward.
    fn corrects_proposal(&self) -> bool {
        let Some(when) = self.when else { return false };
        matches!((when.time(), self.ctx.prior_time), (Some(said), Some(settled)) if said != settled)
            || matches!((when.date(), self.ctx.prior_date), (Some(said), Some(settled)) if said != settled)
    }

    /// What answers the question that is open.
    fn answer(&self) -> Option<Decision> {
        let ends = self.has(Act::Closing) && self.acts.has_any(&[Act::Thanks, Act::Bye]);
        if ends && self.when.is_none() && !self.has(Act::Question) && !self.acts.has_any(&[Act::Book, Act::Move]) {
            return match self.ctx.asked {
                Asked::AnythingElse | Asked::Nothing if self.has(Act::No) && self.opens_with_no() => {
                    self.as_act(Act::No, Intent::Deny, 0.85)
                }
                _ => self
                    .as_act(Act::Thanks, Intent::Thanks, 0.85)
                    .or_else(|| self.as_act(Act::Bye, Intent::Goodbye, 0.85)),
            };
        }
        let asks_fact = self.has(Act::Fact) && !self.acts.has_any(&[Act::Book, Act::FreeTimes, Act::No]);
        if asks_fact && self.when.is_none() {
            return self.as_act(Act::Fact, Intent::Other, 0.75);
        }
        match self.ctx.asked {
            Asked::Confirm => self.answer_to_confirm(),
            Asked::AnythingElse => self.answer_to_anything_else(),
            Asked::Offer => self.answer_to_offer(),
            _ => None,
        }
    }

    fn answer_to_confirm(&self) -> Option<Decision> {
        let refuses = self.acts.has_any(&[Act::No, Act::Disapprove]);
        if self.has(Act::NotNow) && self.when.is_none() {
            return self.as_act(Act::NotNow, Intent::Deny, 0.85);
        }
        if self.corrects_proposal() {
            return Some(Decision::new(Intent::Reschedule, 0.85, "another time than the one proposed"));
        }
        if self.has(Act::Alternatives) && self.when.is_none() && !self.has(Act::Closing) {
            return self.as_act(Act::Alternatives, Intent::Availability, 0.75);
        }
        if self.has(Act::Move) && self.when.is_some() || self.has(Act::Move) && !self.has(Act::Yes) {
            return self.as_act(Act::Move, Intent::Reschedule, 0.85);
        }
        let agrees = self.acts.has_any(&[Act::Yes, Act::Approve]) && !refuses;
        if self.when.is_some() && !agrees && !self.has(Act::Help) {
            return Some(Decision::new(Intent::Reschedule, 0.75, "another time in answer to a proposal"));
        }
        if self.has(Act::Question) && self.is_question() && !self.has(Act::Book) {
            return self.as_act(Act::Question, Intent::Other, 0.7);
        }
        if agrees {
            let corrects = self.when.is_some() && self.has(Act::Book);
            let yes = self
                .as_act(Act::Yes, Intent::Confirm, 0.9)
                .or_else(|| self.as_act(Act::Approve, Intent::Confirm, 0.85));
            return if corrects { self.as_act(Act::Book, Intent::Book, 0.7) } else { yes };
        }
        if refuses {
            return self
                .as_act(Act::No, Intent::Deny, 0.9)
                .or_else(|| self.as_act(Act::Disapprove, Intent::Deny, 0.85));
        }
        None
    }

    fn answer_to_anything_else(&self) -> Option<Decision> {
        let wants_more = self.acts.has_any(&[Act::Book, Act::FreeTimes, Act::Alternatives, Act::Move]);
        let done =
            self.acts.has_any(&[Act::Closing, Act::Thanks]) && self.has(Act::Alternatives) && !self.is_question();
        if (wants_more && !done) || self.when.is_some() {
            return None;
        }
        if self.has(Act::Question) && self.is_question() {
            return self.as_act(Act::Question, Intent::Other, 0.7);
        }
        if self.acts.has_any(&[Act::No, Act::Closing]) {
            return self.as_act(Act::No, Intent::Deny, 0.85).or_else(|| self.as_act(Act::Closing, Intent::Deny, 0.8));
        }
        None
    }

    fn answer_to_offer(&self) -> Option<Decision> {
        let takes = self.has(Act::Take) && !self.acts.has_any(&[Act::Alternatives, Act::No, Act::Disapprove]);
        if takes && self.when.is_none() && !self.is_question() {
            return self.as_act(Act::Take, Intent::Confirm, 0.8);
        }
        if self.acts.has_any(&[Act::No, Act::Disapprove]) && !self.has(Act::Alternatives) {
            return self
                .as_act(Act::No, Intent::Deny, 0.8)
                .or_else(|| self.as_act(Act::Disapprove, Intent::Deny, 0.75));
        }
        let wants =
            self.acts.has_any(&[Act::Book, Act::Alternatives, Act::FreeTimes, Act::Question, Act::Move, Act::Thanks]);
        if wants || self.when.is_some() {
            return None;
        }
        self.as_act(Act::Approve, Intent::Confirm, 0.8).or_else(|| self.as_act(Act::Yes, Intent::Confirm, 0.8))
    }

    /// Requests and questions.
    fn asks(&self) -> Option<Decision> {
        let after_failure = self.ctx.asked == Asked::Failed;
        if self.has(Act::HowToBook) && !self.has(Act::Help) {
            return self.as_act(Act::HowToBook, Intent::Book, 0.7);
        }
        if self.has(Act::NotNow)
            && !self.has(Act::Help)
            && self.when.is_none()
            && !self.is_question()
            && !self.acts.has_any(&[Act::Thanks, Act::Closing])
        {
            return self.as_act(Act::NotNow, Intent::Deny, 0.75);
        }
        if self.has(Act::Help) && !self.acts.has_any(&[Act::FreeTimes, Act::Alternatives]) && !self.has(Act::Thanks) {
            let wants = self.has(Act::Book) && !self.acts.why(Act::Help).starts_with("how do");
            return if wants {
                self.as_act(Act::Book, Intent::Book, 0.7)
            } else {
                self.as_act(Act::Help, Intent::Help, 0.8)
            };
        }
        if self.has(Act::Move) && !after_failure {
            return self.as_act(Act::Move, Intent::Reschedule, 0.8);
        }
        let done = self.acts.has_any(&[Act::Closing, Act::Thanks]) && !self.is_question();
        if self.has(Act::Alternatives) && self.when.is_none() && !done {
            return self.as_act(Act::Alternatives, Intent::Availability, 0.75);
        }
        if done && self.has(Act::Thanks) && self.when.is_none() && !self.has(Act::Question) && !self.has(Act::Approve) {
            return None;
        }
        if self.has(Act::FreeTimes) && self.has(Act::Calendar) {
            return self.as_act(Act::Calendar, Intent::Availability, 0.8);
        }
        if self.has(Act::Needs) && !self.is_question() && !after_failure {
            return self.as_act(Act::Needs, Intent::Book, 0.8);
        }
        if self.ctx.prior.is_some()
            && self.has(Act::Take)
            && self.when.is_none()
            && !self.acts.has_any(&[Act::Question, Act::FreeTimes, Act::No])
        {
            return self.as_act(Act::Take, Intent::Confirm, 0.75);
        }
        let yes_and_book = self.has(Act::Book) && self.acts.has_any(&[Act::Yes, Act::Approve]);
        if self.has(Act::FreeTimes) && !yes_and_book {
            return self.as_act(Act::FreeTimes, Intent::Availability, 0.75);
        }
        if self.has(Act::Book) && (!self.has(Act::Question) || self.when.is_some() || yes_and_book) {
            return self.as_act(Act::Book, Intent::Book, 0.8);
        }
        if self.has(Act::Question)
            && (self.is_question() || !self.acts.has_any(&[Act::Thanks, Act::Approve, Act::Closing]))
        {
            return self.as_act(Act::Question, Intent::Other, 0.6);
        }
        self.as_act(Act::Book, Intent::Book, 0.7).or_else(|| self.as_act(Act::Wants, Intent::Book, 0.7))
    }

    /// Thanks, yes and no, hello and goodbye.
    fn small_talk(&self) -> Option<Decision> {
        if self.when.is_some() && !self.acts.has_any(&[Act::Thanks, Act::Bye, Act::Yes, Act::No, Act::Closing]) {
            return None;
        }
        if self.has(Act::Farewell) && self.ctx.asked != Asked::Confirm && !self.has(Act::No) {
            return self.as_act(Act::Farewell, Intent::Goodbye, 0.85);
        }
        if self.has(Act::Bye) && !self.has(Act::Yes) {
            return self.as_act(Act::Bye, Intent::Goodbye, 0.85);
        }
        if self.has(Act::Thanks) {
            let declines = self.has(Act::No) && !self.has(Act::Closing);
            return if declines {
                self.as_act(Act::No, Intent::Deny, 0.75)
            } else {
                self.as_act(Act::Thanks, Intent::Thanks, 0.85)
            };
        }
        if self.has(Act::No) && self.when.is_some() {
            return Some(Decision::new(Intent::Reschedule, 0.6, "no, and another time"));
        }
        if self.ctx.asked == Asked::Nothing && self.text.spoken() > 9 {
            // In a long text out of the blue, "right" and "that's all" are part of something else.
            return self.as_act(Act::Greeting, Intent::Greeting, 0.6);
        }
        self.as_act(Act::Disapprove, Intent::Deny, 0.8)
            .or_else(|| self.as_act(Act::No, Intent::Deny, 0.8))
            .or_else(|| self.as_act(Act::Greeting, Intent::Greeting, 0.85).filter(|_| !self.has(Act::Yes)))
            .or_else(|| self.as_act(Act::Yes, Intent::Confirm, 0.8))
            .or_else(|| self.as_act(Act::Take, Intent::Confirm, 0.75))
            .or_else(|| self.as_act(Act::Closing, Intent::Goodbye, 0.6))
            .or_else(|| self.as_act(Act::Approve, Intent::Confirm, 0.75))
    }

    /// Whether a word of the class called `name` occurs.
    fn says(&self, name: &str) -> bool {
        let class = cues::class(name).unwrap_or_default();
        self.text.tokens().iter().any(|token| token.cues.meets(class))
    }

    /// How many words of the text the lexicon does not know.
    fn unfamiliar(&self) -> usize {
        let unknown = |token: &&Token| {
            token.kind == Kind::Word && token.meaning == Meaning::None && token.cues.of_meaning().is_empty()
        };
        self.text.tokens().iter().filter(unknown).count()
    }

    /// Nothing but a date or time was understood, or nothing at all.
    fn by_time_alone(&self) -> Decision {
        if self.when.is_none() {
            return Decision::new(Intent::Other, 0.3, "no cue");
        }
        // Out of the blue, a date among many other words is part of some other story.
        if matches!(self.ctx.asked, Asked::Nothing | Asked::AnythingElse)
            && self.unfamiliar() >= 3
            && !self.says("want")
        {
            return Decision::new(Intent::Other, 0.4, "a time among other things");
        }
        if matches!(self.ctx.asked, Asked::Nothing | Asked::Choice) && self.is_question() {
            return Decision::new(Intent::Availability, 0.5, "asks about a time");
        }
        Decision::new(Intent::Book, 0.55, "names a time")
    }
}
