//! Days and times a text tells of without meaning them: what is over ("I was there monday"), what is liked or hated
//! ("mondays suck"), meals ("lunch was great"), names ("Dawn will call").  Part of the sifting.

use super::compose::Composer;
use super::moments::{Item, What};
use super::sifting::only_fillers;
use super::text::Kind;
use super::when::PartOfDay;
use super::words::Meaning;

/// Past tenses that no wish is made of.  Regular ones are known by their ending.
const DONE: &[&str] = &[
    "came",
    "went",
    "saw",
    "left",
    "met",
    "fell",
    "ran",
    "broke",
    "hurt",
    "ate",
    "drank",
    "drove",
    "flew",
    "gave",
    "took",
    "sent",
    "paid",
    "bought",
    "sold",
    "spent",
    "lost",
    "won",
    "slept",
    "woke",
    "wrote",
    "read",
    "spoke",
    "felt",
    "grew",
    "brought",
    "caught",
    "taught",
    "threw",
    "tore",
    "wore",
    "quit",
    "froze",
    "hit",
    "cost",
    "died",
    "stung",
    "bit",
    "blew",
    "burnt",
    "overslept",
    "sat",
    "stood",
    "sprained",
    "forgot",
    "tore",
    "did",
];

/// Regular past tenses that make or speak of a wish ("I wanted friday", "we talked about thursday").
const WISHED: &[&str] = &[
    "wanted",
    "needed",
    "asked",
    "hoped",
    "planned",
    "preferred",
    "booked",
    "scheduled",
    "rescheduled",
    "moved",
    "changed",
    "confirmed",
    "offered",
    "supposed",
    "talked",
    "agreed",
    "signed",
    "interested",
    "requested",
    "reserved",
    "discussed",
    "mentioned",
    "picked",
    "switched",
    "pushed",
    "wished",
    "intended",
    "selected",
    "suggested",
    "liked",
    "arranged",
    "promised",
    "texted",
    "emailed",
    "messaged",
    "excited",
    "decided",
    "noticed",
    "realized",
    "realised",
    "figured",
    "assumed",
    "guessed",
    "checked",
];

const PERSONS: &[&str] = &[
    "i", "we", "you", "he", "she", "they", "it", "someone", "somebody", "nobody", "guys", "who", "both", "all", "just",
];

/// Words that begin another clause.
const CLAUSES: &[&str] = &[
    "but", "so", "can", "could", "would", "will", "please", "if", "is", "are", "how", "what", "hoping", "need", "want",
    "do", "does", "have", "lets", "should", "may", "then", "instead", "cant", "when",
];

impl Composer<'_, '_, '_> {
    /// Drops what is only told of.
    pub(super) fn drop_tellings(&mut self) {
        let items = std::mem::take(&mut self.items);
        let told = |item: &Item| {
            let reader = self.reader;
            reader.is_given_name(item.first, item.end) || self.is_opinion(item) || self.is_meal(item)
        };
        self.items = items.iter().copied().filter(|item| !told(item)).collect();
    }

    /// "since monday", "I came in on monday", "my dog died tuesday": days and times that are over.
    pub(super) fn is_over(&self, item: &Item) -> bool {
        let text = self.reader.text;
        let dated = match item.what {
            What::Day { weekday, date } => {
                weekday.is_some() || item.inferred.month || item.inferred.year || date == self.reader.today
            }
            What::Days { .. } | What::Part(..) | What::Clock { sure: true, .. } => true,
            _ => false,
        };
        if !dated {
            return false;
        }
        // "this morning was great"
        const FELT: &[&str] =
            &["good", "great", "fun", "awful", "nice", "bad", "nuts", "rough", "crazy", "lovely", "amazing"];
        if text.is_one_of(item.end, &["was", "were"]) && text.is_one_of(item.end + 1, FELT) {
            return true;
        }
        let first = self.reader.skip_back(item.first, &["the", "this", "on", "in", "at"]);
        let hour = matches!(item.what, What::Part(..) | What::Clock { .. });
        if first > 0 && text.is(first - 1, "since") && !hour {
            return true;
        }
        // "back in march", but not "I'm back in march"
        const RETURNS: &[&str] =
            &["be", "get", "come", "coming", "im", "am", "is", "are", "go", "were", "move", "push"];
        if matches!(item.what, What::Days { .. })
            && first > 0
            && text.is(first - 1, "back")
            && text.is_one_of(item.first - usize::from(item.first > first), &["in"])
            && !(first > 1 && text.is_one_of(first - 2, RETURNS))
        {
            return true;
        }
        // The hour of a day goes with the day.
        let of_day = |other: &Item| {
            matches!(other.what, What::Day { .. })
                && other.end <= item.first
                && only_fillers(text, other.end, item.first)
        };
        if hour && self.items.iter().any(of_day) {
            return false;
        }
        // "a text about friday", "the reminder for tuesday"
        if first > 0 && text.is_one_of(first - 1, &["for", "about", "of"]) {
            return false;
        }
        (first.saturating_sub(6)..first)
            .rev()
            .take_while(|at| text.kind(*at) == Some(Kind::Word) && !text.is_one_of(*at, CLAUSES))
            .any(|at| self.tells_of_the_past(at, item) || self.thanks_for(at))
    }

    /// Whether the word at `at` is a past tense with its subject before it; `item` is what it is told of.
    fn tells_of_the_past(&self, at: usize, item: &Item) -> bool {
        const PLACES: &[&str] = &[
            "there", "here", "at", "in", "sick", "out", "late", "busy", "closed", "off", "gone", "ill", "away", "able",
            "home", "great", "fun",
        ];
        const GOT: &[&str] = &["my", "the", "it", "home", "back", "sick", "hurt", "married", "our", "here", "there"];
        const NOT_TELLING: &[&str] =
            &["are", "is", "am", "be", "get", "getting", "need", "want", "have", "like", "having", "got", "did"];
        const WITH_OBJECT: &[&str] = &["saw", "took", "gave", "sent", "lost", "spent", "got", "had"];
        const NOT_DONE: &[&str] = &["a", "an", "appointment", "booked", "scheduled", "planned", "it", "me", "us"];
        let (text, until) = (self.reader.text, item.first);
        let subject = at.checked_sub(1);
        // "are you closed monday", "I need it fixed friday"
        let by_person = subject.is_some_and(|before| {
            text.is_one_of(before, PERSONS) && !(before > 0 && text.is_one_of(before - 1, NOT_TELLING))
        });
        let by_thing =
            subject.is_some_and(|before| text.kind(before) == Some(Kind::Word) && self.reader.counts_a_noun(before));
        let verb = text.word(at);
        let regular =
            verb.len() > 4 && verb.ends_with("ed") && !WISHED.contains(&verb) && text.meaning(at) == Meaning::None;
        let opens = at == 0 && !text.raw.contains('?');
        let adjacent = self.reader.skip(at + 1, &["on", "the", "this", "in", "at"]) >= until;
        match verb {
            "was" | "were" if adjacent => {
                let last = (at.saturating_sub(3)..at).any(|at| text.is(at, "last"));
                last || by_thing || text.is(at + 1, "in") && text.is_one_of(at + 2, &["on", "this"])
            }
            "had" => opens && !adjacent && !text.is_one_of(at + 1, NOT_DONE),
            "was" | "were" if opens => text.is_one_of(at + 1, PLACES),
            "was" | "were" => (by_person || by_thing) && at + 1 < until && text.is_one_of(at + 1, PLACES),
            "got" => (by_person || at == 0) && text.is_one_of(at + 1, GOT) && at + 1 < until,
            // "I saw tuesday was open", "I took friday off"
            _ if at + 1 == until && matches!(item.what, What::Day { .. }) && WITH_OBJECT.contains(&verb) => false,
            _ if opens => regular || DONE.contains(&verb) && !matches!(verb, "hit" | "read" | "cost" | "bit"),
            _ => (by_person && (regular || DONE.contains(&verb))) || by_thing && DONE.contains(&verb),
        }
    }

    /// "thanks for squeezing me in monday": what was done for the sender, at the word after "for".
    fn thanks_for(&self, at: usize) -> bool {
        const ARRANGED: &[&str] =
            &["booking", "scheduling", "moving", "changing", "confirming", "rescheduling", "offering", "checking"];
        let text = self.reader.text;
        let done = text.word(at).ends_with("ing") && text.meaning(at) == Meaning::None && !text.is_one_of(at, ARRANGED);
        done && at >= 2 && text.is(at - 1, "for") && text.is_one_of(at - 2, &["thanks", "you", "appreciate"])
    }

    /// "I hate mondays", "mondays suck", "sundays are for football".
    fn is_opinion(&self, item: &Item) -> bool {
        const FEEL: &[&str] = &["hate", "hates", "hated", "despise", "dislike", "loathe", "dread", "detest"];
        const LIKE: &[&str] = &["work", "love", "stand", "adore", "miss", "enjoy", "loves"];
        const JUDGED: &[&str] = &["suck", "sucks", "stink", "stinks", "blow", "rock", "rule", "amirite", "ugh"];
        const FINE: &[&str] = &[
            "good",
            "great",
            "best",
            "better",
            "fine",
            "ok",
            "okay",
            "free",
            "open",
            "available",
            "perfect",
            "ideal",
            "easier",
            "easiest",
            "preferred",
            "also",
            "usually",
            "my",
            "always",
            "possible",
            "works",
        ];
        let text = self.reader.text;
        let name = item.end - 1;
        if !matches!(item.what, What::Day { weekday: Some(_), .. }) {
            return false;
        }
        let before = self.reader.skip_back(item.first, &["these", "those", "all", "this", "such", "the"]);
        let plural = text.said(name, name + 1).to_ascii_lowercase().ends_with("days");
        let disliked = before > 1
            && text.is(before - 1, "like")
            && text.is_one_of(before - 2, &["dont", "didnt", "never", "not", "doesnt"]);
        let felt = plural && disliked
            || before > 0 && text.is_one_of(before - 1, FEEL)
            || plural
                && before > 0
                && text.is_one_of(before - 1, LIKE)
                && !(before > 1 && text.is_one_of(before - 2, &["would", "id", "wed"]));
        let are = text.is_one_of(item.end, &["are", "were", "be"])
            && !(item.end + 1..item.end + 4).any(|at| text.is_one_of(at, FINE));
        felt || plural && (text.is_one_of(item.end, JUDGED) || are && !text.raw.contains('?'))
    }

    /// "lunch was great", "what's for lunch", "spring for lunch": the meal, not its hour.
    fn is_meal(&self, item: &Item) -> bool {
        const EATEN: &[&str] =
            &["ate", "eat", "eating", "had", "having", "skip", "skipped", "bring", "buy", "order", "made", "make"];
        let text = self.reader.text;
        if !matches!(item.what, What::Part(PartOfDay::Lunch, _)) {
            return false;
        }
        let name = (item.first..item.end)
            .find(|at| text.meaning(*at) == Meaning::Part(PartOfDay::Lunch))
            .unwrap_or(item.first);
        let before = self.reader.skip_back(name, &["my", "our", "the", "some", "for"]);
        let verb = before.checked_sub(1).map_or("", |at| text.word(at));
        let bought = before < name && matches!(verb, "spring" | "pay" | "paid" | "whats" | "what" | "thanks");
        EATEN.contains(&verb)
            || bought
            || text.is_one_of(item.end, &["was", "tasted"])
            || text.is(item.end, "is") && text.is(item.end + 1, "on")
    }
}
