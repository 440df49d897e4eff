//! Whether a text asks something, with or without a question mark.

use std::sync::LazyLock;

use super::pattern::{Pattern, Words};
use super::text::{Kind, Text};

/// How questions begin, or what turns a statement into one.
const QUESTIONS: &[&str] = &[
    "^ ?<hello> ?there ?and|so|but|also|then|ok|okay|yes|no|sorry|please ?just ?at|in|for|with|until|from <wh> !a|an|if ..1",
    "^ ?<hello> ?there ?and|so|but|also|then|ok|okay|yes|no|sorry when|whens do|does|is|are|can|will|would|should|could|did|was|have",
    "^ ?<hello> ?there ?and|so|but|also|then|ok|okay|yes|no|sorry do|does|did|is|are|was|were|am|can|could|will|would|should|shall|may|might|has|have|had|isnt|arent|dont|doesnt|cant|wont i|we|you|he|she|it|they|there|this|that|these|those|my|our|your|the|his|her|their|any|anyone|someone|everyone|dr|doctor|anything",
    "how much|many|long|far|late|early|soon|often|old",
    "<wh> time|day|date|kind|type|is|are|do|does|did|can|should|would|will ..2 you|your|the|there|it|my|i|we",
    "wondering|wonder|curious|know|ask|asking if|whether|when|what|how|where|who|about",
    "any chance|way|idea|availability|openings|openings|slots|spots",
    "^ ?still <open>",
];

static COMPILED: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| QUESTIONS.iter().filter_map(|source| Pattern::parse(source)).collect());

pub(super) fn asks(text: &Text<'_>) -> bool {
    let marked = text.raw.contains('¿') || text.tokens().iter().any(|token| token.kind == Kind::Mark('?'));
    marked || {
        let words = Words::new(text);
        COMPILED.iter().any(|pattern| pattern.occurs(&words))
    }
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    QUESTIONS.iter().copied().filter(|source| Pattern::parse(source).is_none()).collect()
}
