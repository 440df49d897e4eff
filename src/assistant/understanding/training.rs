//! Trains the models of `classifier` on the example texts in `examples/`.  Only built with the tests, which check that
//! `weights.bin` is what the examples give, byte for byte.
//!
//! **To teach it something**: add lines to `examples/<intent>.txt` in your own words, then run
//!
//! ```text
//! cargo test --release --lib understanding::tests::training::write_the_weights -- --ignored
//! ```
//!
//! and commit both.  The same is due after a change to the lexicon, the cue classes, the opt-out patterns or the
//! features: all of them change what an example looks like.
//!
//! A line is a text, or what was asked before it, a tab and the text.  What was asked is the name of an `Asked`
//! ("confirm", "anything_else") or a message of ours, from which it is read.
//!
//! The model is a multinomial logistic regression, the one for opt-outs a binary one, both fitted by AdaGrad in a fixed
//! order.  Each example also counts, for less, with a slip of the keys, and, where that leaves its meaning alone, in
//! answer to other questions than its own.  No arithmetic is used that differs between machines.

use super::classifier::{INTENTS, SIZE, logistic, share, softmax};
use super::features::{BUCKETS, Feature, features};
use super::pattern::Words;
use super::text::Text;
use super::{Asked, Context, Intent, compose};

/// A text with what it means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Example {
    pub(super) intent: Intent,
    /// What our message before it asked.
    pub(super) asked: Asked,
    pub(super) text: &'static str,
}

/// The examples as they lie in the folder.
const FILES: [(Intent, &str); INTENTS.len()] = [
    (Intent::Book, include_str!("examples/book.txt")),
    (Intent::Availability, include_str!("examples/availability.txt")),
    (Intent::Reschedule, include_str!("examples/reschedule.txt")),
    (Intent::Cancel, include_str!("examples/cancel.txt")),
    (Intent::Lookup, include_str!("examples/lookup.txt")),
    (Intent::Confirm, include_str!("examples/confirm.txt")),
    (Intent::Deny, include_str!("examples/deny.txt")),
    (Intent::ChooseOption, include_str!("examples/choose_option.txt")),
    (Intent::Greeting, include_str!("examples/greeting.txt")),
    (Intent::Thanks, include_str!("examples/thanks.txt")),
    (Intent::Goodbye, include_str!("examples/goodbye.txt")),
    (Intent::Help, include_str!("examples/help.txt")),
    (Intent::Human, include_str!("examples/human.txt")),
    (Intent::OptOut, include_str!("examples/opt_out.txt")),
    (Intent::OptIn, include_str!("examples/opt_in.txt")),
    (Intent::Other, include_str!("examples/other.txt")),
];

/// All examples, in the order of the files.
pub(super) fn examples() -> Vec<Example> {
    let lines = FILES.iter().flat_map(|(intent, file)| file.lines().map(move |line| (*intent, line)));
    lines
        .map(|(intent, line)| match line.split_once('\t') {
            Some((asked, text)) => Example { intent, asked: question(asked), text },
            None => Example { intent, asked: Asked::Nothing, text: line },
        })
        .collect()
}

/// The question named, or the one that a message of ours asks.
fn question(asked: &str) -> Asked {
    match asked {
        "confirm" => Asked::Confirm,
        "choice" => Asked::Choice,
        "offer" => Asked::Offer,
        "failed" => Asked::Failed,
        "when" => Asked::When,
        "service" => Asked::Service,
        "anything_else" => Asked::AnythingElse,
        message => Asked::from_text(message),
    }
}

/// A fixed sequence of numbers without pattern (Knuth's MMIX generator).
pub(super) struct Sequence(pub(super) u64);

impl Sequence {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

/// `text` with one letter inside a word dropped, doubled or swapped with the next.
pub(super) fn slip(text: &str, sequence: &mut Sequence) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    let inside = |at: &usize| letters[at - 1..=at + 1].iter().all(|c| c.is_alphabetic());
    let spots: Vec<usize> = (1..letters.len().saturating_sub(1)).filter(inside).collect();
    let at = *spots.get(sequence.below(spots.len()))?;
    match sequence.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    Some(letters.into_iter().collect()).filter(|slipped| slipped != text)
}

/// Questions after which an example asked nothing means the same.
fn indifferent_to(intent: Intent) -> &'static [Asked] {
    use Asked::{AnythingElse, Choice, Confirm, Failed, Offer, Other, Service, When};
    match intent {
        Intent::OptOut | Intent::OptIn | Intent::Human | Intent::Help | Intent::Cancel | Intent::Lookup => {
            &[Confirm, Choice, AnythingElse, Offer, Failed, When, Service, Other]
        }
        Intent::Other => &[Confirm, Choice, AnythingElse, Offer, Failed, When, Service, Other],
        Intent::Availability => &[Choice, AnythingElse, Offer, Failed, When, Service],
        Intent::Book => &[AnythingElse, Failed, When, Service, Offer],
        Intent::Reschedule => &[Confirm, AnythingElse, Choice],
        Intent::Thanks | Intent::Goodbye => &[Offer, Failed, When, Service],
        Intent::Greeting => &[Confirm, When, Choice, Service],
        Intent::Confirm | Intent::Deny => &[Confirm, Offer, Failed, When, Service],
        Intent::ChooseOption => &[],
    }
}

/// What is learned from.
pub(super) struct Lesson {
    pub(super) features: Vec<Feature>,
    /// Of the intent meant.
    pub(super) column: usize,
    /// How much it counts.
    pub(super) weight: f32,
    /// Index of the example it comes from.
    pub(super) example: usize,
}

/// The features of `text`, wherever the clock stands.
pub(super) fn read(text: &str, asked: Asked) -> Vec<Feature> {
    let ctx = Context { asked, ..Context::at(chrono::DateTime::UNIX_EPOCH.with_timezone(&chrono_tz::UTC)) };
    let tokens = Text::new(text);
    let when = compose::read(&tokens, &ctx);
    features(&Words::new(&tokens), when.as_ref(), &ctx)
}

/// Each example with its variants.
pub(super) fn lessons(examples: &[Example]) -> Vec<Lesson> {
    const VARIANT: f32 = 0.3;
    let mut sequence = Sequence(7);
    let mut lessons = Vec::with_capacity(examples.len() * 4);
    for (index, example) in examples.iter().enumerate() {
        let column = column(example.intent);
        let mut add = |text: &str, asked: Asked, weight: f32| {
            lessons.push(Lesson { features: read(text, asked), column, weight, example: index });
        };
        add(example.text, example.asked, 1.0);
        if let Some(slipped) = slip(example.text, &mut sequence) {
            add(&slipped, example.asked, VARIANT);
        }
        let others = indifferent_to(example.intent);
        if example.asked == Asked::Nothing && !others.is_empty() {
            for _ in 0..2 {
                add(example.text, others[sequence.below(others.len())], VARIANT);
            }
        }
    }
    lessons
}

pub(super) fn column(intent: Intent) -> usize {
    INTENTS.iter().position(|known| *known == intent).unwrap_or(INTENTS.len() - 1)
}

/// A weight with the sum of its squared gradients, by which AdaGrad shortens its steps.
#[derive(Clone, Copy)]
struct Weight {
    value: f32,
    squares: f32,
}

impl Weight {
    const NEW: Self = Self { value: 0.0, squares: 1e-3 };

    fn step(&mut self, gradient: f32) {
        const RATE: f32 = 0.5;
        const DECAY: f32 = 1e-5;
        let gradient = gradient + DECAY * self.value;
        self.squares += gradient * gradient;
        self.value -= RATE * gradient / self.squares.sqrt();
    }
}

/// The bytes of `weights.bin` for `lessons`.
pub(super) fn train(lessons: &[Lesson]) -> Box<[u8; SIZE]> {
    const ROUNDS: usize = 8;
    const COLUMNS: usize = INTENTS.len();
    /// A gradient this small moves nothing worth the time.
    const STILL: f32 = 1e-3;
    let kept = repeated(lessons);
    let opt_out = column(Intent::OptOut);
    let mut intents = vec![[Weight::NEW; COLUMNS]; BUCKETS];
    let mut opt_outs = vec![Weight::NEW; BUCKETS];
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut sequence = Sequence(42);
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            order.swap(at, sequence.below(at + 1));
        }
        for &at in &order {
            let lesson = &lessons[at];
            let share = share(lesson.features.len());
            let mut scores = [0.0f32; COLUMNS];
            let mut score = 0.0f32;
            for &bucket in &kept[at] {
                let row = &intents[usize::from(bucket)];
                for column in 0..COLUMNS {
                    scores[column] += row[column].value;
                }
                score += opt_outs[usize::from(bucket)].value;
            }
            let mut gradients = softmax(scores.map(|score| score * share));
            gradients[lesson.column] -= 1.0;
            let is_opt_out = if lesson.column == opt_out { 1.0 } else { 0.0 };
            let gradient = (logistic(score * share) - is_opt_out) * share * lesson.weight;
            for column in 0..COLUMNS {
                let gradient = gradients[column] * share * lesson.weight;
                if gradient.abs() > STILL {
                    kept[at].iter().for_each(|bucket| intents[usize::from(*bucket)][column].step(gradient));
                }
            }
            if gradient.abs() > STILL {
                kept[at].iter().for_each(|bucket| opt_outs[usize::from(*bucket)].step(gradient));
            }
        }
    }
    pack(&intents, &opt_outs)
}

/// The buckets of each lesson that more than one example has: what is said once teaches nothing about the rest.
fn repeated(lessons: &[Lesson]) -> Vec<Vec<u16>> {
    let mut seen = vec![(usize::MAX, false); BUCKETS];
    for lesson in lessons {
        for feature in &lesson.features {
            let (first, again) = &mut seen[usize::from(feature.bucket)];
            *again |= *first != usize::MAX && *first != lesson.example;
            *first = lesson.example;
        }
    }
    let kept = |lesson: &Lesson| {
        lesson.features.iter().map(|feature| feature.bucket).filter(|bucket| seen[usize::from(*bucket)].1).collect()
    };
    lessons.iter().map(kept).collect()
}

/// Weights as signed bytes behind their two scales.
fn pack(intents: &[[Weight; INTENTS.len()]], opt_outs: &[Weight]) -> Box<[u8; SIZE]> {
    let scale =
        |weights: &mut dyn Iterator<Item = &Weight>| weights.fold(1e-6f32, |most, w| most.max(w.value.abs())) / 127.0;
    let scales = [scale(&mut intents.iter().flatten()), scale(&mut opt_outs.iter())];
    let byte = |weight: &Weight, scale: f32| ((weight.value / scale).round() as i8) as u8;
    let mut bytes = Vec::with_capacity(SIZE);
    bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
    bytes.extend(intents.iter().flatten().map(|weight| byte(weight, scales[0])));
    bytes.extend(opt_outs.iter().map(|weight| byte(weight, scales[1])));
    bytes.into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([0; SIZE]))
}
