//! What our last message asked, so that a short answer can be understood.

use std::sync::LazyLock;

use super::pattern::{Pattern, Words};
use super::text::Text;

/// What the last message to the contact asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Asked {
    /// There was no message, or it asked nothing.
    #[default]
    Nothing,
    /// Day and time.
    When,
    Day,
    Time,
    /// Which of some options.
    Choice,
    /// A yes or no to something we put forward.
    Confirm,
    Service,
    Name,
    AnythingElse,
    /// Something was suggested or stated that can be taken or left.
    Offer,
    /// We could not do what was wanted.
    Failed,
    Other,
}

const QUESTIONS: &[(Asked, &[&str])] = &[
    // Reports of something done.
    (
        Asked::Nothing,
        &[
            "successfully|booked|successful",
            "has|is|been|have|was ..1 booked|confirmed|scheduled|added|made|created|set|placed",
            "added|put ?it ?the ..3 to|on ..2 calendar",
            "confirmed your|the",
        ],
    ),
    (
        Asked::AnythingElse,
        &[
            "anything|something|what|how else",
            "<help> ..3 with ?something ?anything else|further|more|today",
            "further|more|additional|other assistance|help|questions|information|details",
            "need|want|require ..2 more|further|anything|something|other|additional",
            "<help>|assist ..1 you ..2 ?with ?in ?any ?other ?way ?today ?further ?again ?more $",
            "<help>|assist ..1 you ..3 again|further|more",
            "can|could|may|shall i ..1 <help>|assist|do ..6 else|further|more|again|you",
            "anything ..6 <help>|assist|need|want|do",
            "what|how ..1 may|can|else i ..3 <help>|do|accomplish|assist",
        ],
    ),
    (
        Asked::Failed,
        &[
            "unable|failed|couldnt|cannot|cant|fail|wasnt|sorry|unfortunately|apologize|apologies ..9 <book>|<make>|<visit>|available",
            "not|no ..4 able|available|booked|made|success|successful ..2",
        ],
    ),
    (
        Asked::Confirm,
        &[
            "<confirm> ..2",
            "<confirm> ?the ?following ?details",
            "is|are|was|does|do ..3 that|this|it|these|everything|all ..3 correct|right|ok|okay|good|work|accurate|fine",
            "correct|right|ok|okay|yes $$",
            "reply ..1 c|y|yes ..2",
            "you ..3 want|like|wish|need|prefer ..5 <book>|<make>|<visit>|schedule|add|going|go",
            "shall|should|can|may i ..3",
            "do|would you ..1 want|like|wish|prefer ..3",
            "want me to",
            "ill|im|i ?will ?am ..3 <book>|<make>|scheduling|adding|add|try",
            "please verify|check|review",
            "does that|this|it work|suit",
            "^ ?so ?and is|are|do|does|shall|should|would|will ..12 $$",
            "appointment|visit|reservation|event|booking ..9 <time>",
            "<time> ..9 appointment|visit|reservation|event",
            "right|correct $$",
        ],
    ),
    (Asked::Choice, &["which|what ..1 one|option|works|work|suits|would|do", "pick|choose one"]),
    (Asked::Time, &["what|which|at ..3 time|hour", "time ..6 prefer|like|want|would|for|should"]),
    (Asked::Day, &["what|which|on ..2 day|date|days", "specify ..2 date|day"]),
    (Asked::When, &["when", "what|which ..2 day|date ..4 time", "time and|or date|day", "date|day and|or time"]),
    (Asked::Name, &["name|called", "who ..4 for|speaking"]),
    (
        Asked::Service,
        &["what|which ..2 service|treatment|type|kind|doctor|dentist|salon|stylist|therapist|city|area|place"],
    ),
    (
        Asked::Offer,
        &[
            "how|what about",
            "there|theres ?is ?are ?a ?an ?another",
            "found|suggest|recommend|located|located",
            "try|like|think",
            "is|in a|an|one|located|called",
        ],
    ),
];

static OPEN_QUESTION: LazyLock<Vec<Pattern>> = LazyLock::new(|| Pattern::parse("<wh>").into_iter().collect());

static COMPILED: LazyLock<Vec<(Asked, Vec<Pattern>)>> = LazyLock::new(|| {
    let compile = |sources: &[&'static str]| sources.iter().filter_map(|source| Pattern::parse(source)).collect();
    QUESTIONS.iter().map(|(asked, sources)| (*asked, compile(sources))).collect()
});

impl Asked {
    /// What `message`, one of ours, asks.  For callers that keep no record of it.
    pub fn from_text(message: &str) -> Self {
        let text = Text::new(message);
        let words = Words::new(&text);
        let asks = |wanted: Self| {
            COMPILED.iter().any(|(asked, patterns)| *asked == wanted && patterns.iter().any(|one| one.occurs(&words)))
        };
        if asks(Self::AnythingElse) {
            return if asks(Self::Failed) { Self::Failed } else { Self::AnythingElse };
        }
        if asks(Self::Failed) && !message.contains('?') {
            return Self::Failed;
        }
        let question = message.contains('?');
        if !question && asks(Self::Nothing) {
            return Self::Nothing;
        }
        let order = [Self::When, Self::Time, Self::Day, Self::Choice, Self::Confirm, Self::Name, Self::Service];
        let asked = order.into_iter().find(|asked| asks(*asked) && (question || *asked == Self::Confirm));
        match asked {
            Some(Self::Time) if asks(Self::Day) => Self::When,
            Some(asked) => asked,
            None if asks(Self::Offer) => Self::Offer,
            // A question that is no open one can be answered with yes or no.
            None if question && !OPEN_QUESTION.iter().any(|pattern| pattern.occurs(&words)) => Self::Confirm,
            None if question => Self::Other,
            None => Self::Nothing,
        }
    }

    /// Whether a yes or no would answer it.
    pub(super) fn is_open_question(self) -> bool {
        matches!(self, Self::Confirm | Self::Offer | Self::Failed)
    }
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    let sources = QUESTIONS.iter().flat_map(|(_, sources)| sources.iter().copied());
    sources.filter(|source| Pattern::parse(source).is_none()).collect()
}
