//! Reading dates and times, between the two steps: which of the phrases found count.  Drops what is over, numbers that
//! nothing marks as times, greetings and wishes, and what is turned down.

use super::Asked;
use super::bounds::Bound;
use super::compose::Composer;
use super::moments::{Item, Shade, What};
use super::text::{Kind, Text};
use super::words::Meaning;

impl Composer<'_, '_, '_> {
    /// Leaves the phrases that say when.
    pub(super) fn sift(&mut self) {
        self.drop_past();
        self.drop_doubtful_numbers();
        self.drop_greeting();
        self.drop_wishes();
        self.drop_tellings();
    }

    /// "yesterday at 3": what stands beside a day that is over belongs to it.
    fn drop_past(&mut self) {
        let over = |item: &&Item| item.what == What::Past || self.is_over(item);
        let past: Vec<(usize, usize)> = self.items.iter().filter(over).map(|item| (item.first, item.end)).collect();
        let reader = self.reader;
        let beside = |item: &Item| {
            past.iter().any(|(first, end)| {
                item.first >= *end && only_fillers(reader.text, *end, item.first)
                    || item.end <= *first && only_fillers(reader.text, item.end, *first)
            })
        };
        self.items.retain(|item| {
            let hour = matches!(item.what, What::Clock { .. } | What::Window { .. } | What::Part(..));
            // "this morning was great" is read as today and its morning.
            let this = reader.text.is(item.first, "this") && past.iter().any(|(first, _)| *first == item.end);
            !(past.contains(&(item.first, item.end)) || hour && beside(item) || this)
        });
    }

    /// A bare number is a time only next to a day or a part of the day, or as the answer to "what time?".
    fn drop_doubtful_numbers(&mut self) {
        let mut keep: Vec<bool> = (0..self.items.len())
            .map(|index| match self.items[index].what {
                What::Void => false,
                _ => !is_doubtful(&self.items[index]) || self.is_told_as_time(index),
            })
            .collect();
        // In "3 or 4 on friday" the 3 is as much a time as the 4.
        let text = self.reader.text;
        for index in (1..self.items.len()).rev() {
            let (item, next) = (&self.items[index - 1], &self.items[index]);
            let joint = item.end;
            let alternatives = next.first == joint + 1
                && (text.is_one_of(joint, &["or", "and"]) || text.is_mark(joint, '/') || text.is_mark(joint, ','));
            keep[index - 1] |= is_doubtful(item) && is_doubtful(next) && keep[index] && alternatives;
        }
        let mut keep = keep.into_iter();
        self.items.retain(|_| keep.next().unwrap_or(false));
    }

    /// Whether the bare number at `index` is told to be a time by what stands around it.
    fn is_told_as_time(&self, index: usize) -> bool {
        const BEFORE_A_WINDOW: &[&str] =
            &["weekdays", "weekday", "daily", "everyday", "free", "available", "off", "do"];
        let text = self.reader.text;
        let item = &self.items[index];
        let window = matches!(item.what, What::Window { .. });
        let stands_alone = window
            && (item.first == 0 && item.end >= text.len()
                || self.items.iter().any(|other| matches!(other.what, What::Day { .. }))
                || item.first > 0 && text.is_one_of(item.first - 1, BEFORE_A_WINDOW));
        let replaces =
            index > 0 && self.gives_way(&self.items[index - 1]) && self.items[index - 1].end + 1 == item.first;
        if replaces || self.answers_what_time(item) || text.is(item.end, "instead") || stands_alone {
            return true;
        }
        if self.counts_guests(item) || self.is_labelled(item) {
            return false;
        }
        // A time said outright leaves a bare number no part, unless "on" ties the number to its day.
        let sure_by_day =
            (0..self.items.len()).any(|other| is_sure(&self.items[other]) && self.is_beside_anchor(other));
        // Of numbers set against each other ("5 not 4", "3.. actually 4") each is a time.
        let clocks = self.items.iter().filter(|other| matches!(other.what, What::Clock { .. })).count();
        let contrasted = clocks > 1
            && self.items.len() == clocks
            && (0..text.len()).any(|at| {
                text.is_one_of(at, &["not", "no", "instead", "rather", "actually", "wait", "cant", "cannot"])
            });
        let sure = |other: &Item| is_sure(other) && !self.is_rejected(other);
        let told_elsewhere = sure_by_day || self.items.iter().any(sure) && !self.is_tied(item);
        contrasted || self.bound(item) != Bound::Exactly || self.is_beside_anchor(index) && (window || !told_elsewhere)
    }

    /// "6 on tuesday", "so 530 thurs": tied to the day beside it by more than standing there.
    fn is_tied(&self, item: &Item) -> bool {
        let text = self.reader.text;
        text.is(item.end, "on") || item.first > 0 && text.is_one_of(item.first - 1, &["so", "or", "then"])
    }

    /// "court 2 on friday": a number right after a noun names one of its kind; "with tina 2 on friday" does not.
    fn is_labelled(&self, item: &Item) -> bool {
        let text = self.reader.text;
        let Some(noun) = item.first.checked_sub(1) else { return false };
        let person = text.said(noun, item.first).starts_with(char::is_uppercase)
            || noun > 0 && text.is_one_of(noun - 1, &["with", "see", "dr", "for", "by", "to"]);
        let spoken = text.is_one_of(noun, &["say", "think", "meet", "guess", "suppose", "reckon", "meeting", "round"]);
        let in_phrase = self
            .items
            .iter()
            .any(|other| other.end == item.first || other.first == item.end && matches!(other.what, What::Part(..)));
        text.kind(noun) == Some(Kind::Word) && self.reader.counts_a_noun(noun) && !(person || spoken || in_phrase)
    }

    /// Whether a day or a part of the day stands next to the phrase at `index`.
    fn is_beside_anchor(&self, index: usize) -> bool {
        let text = self.reader.text;
        let is_anchor = |item: &Item| matches!(item.what, What::Day { .. } | What::Days { .. } | What::Part(..));
        let item = &self.items[index];
        let before = index.checked_sub(1).map(|before| &self.items[before]);
        let after = self.items.get(index + 1);
        before.is_some_and(|other| is_anchor(other) && only_fillers(text, other.end, item.first))
            || after.is_some_and(|other| is_anchor(other) && only_fillers(text, item.end, other.first))
    }

    /// In "change it from 2 to 4" the 2 gives way.
    fn gives_way(&self, item: &Item) -> bool {
        matches!(item.what, What::Clock { .. })
            && self.reader.is_moved_from(item.first)
            && self.reader.text.is(item.end, "to")
    }

    fn counts_guests(&self, item: &Item) -> bool {
        let text = self.reader.text;
        item.first > 0
            && text.is(item.first - 1, "for")
            && !self.items.iter().any(|other| matches!(other.what, What::Part(..)) && other.first == item.end)
    }

    fn answers_what_time(&self, item: &Item) -> bool {
        let text = self.reader.text;
        matches!(self.reader.asked, Asked::When | Asked::Time) && text.spoken() <= 6 && !self.counts_guests(item)
            || item.first >= 2
                && text.is_one_of(item.first - 1, &["it", "that"])
                && text.is_one_of(item.first - 2, &["make", "do", "say", "move", "change", "push", "book"])
            || item.first >= 2
                && text.is(item.first - 1, "do")
                && text.is_one_of(item.first - 2, &["you", "i", "we", "can", "could"])
                && !self.items.iter().any(is_sure)
    }

    /// "Good morning" and "Morning!" greet.
    fn drop_greeting(&mut self) {
        let text = self.reader.text;
        let singular = !text.said(0, 1).ends_with('s');
        let alone = singular
            && text.spoken() <= 2
            && !text.is(1, "please")
            && !text.is(2, "please")
            && self.items.len() == 1
            && !matches!(self.reader.asked, Asked::When | Asked::Time | Asked::Choice);
        let last = self.items.len();
        self.items.retain(|item| {
            if !matches!(item.what, What::Part(_, Shade::Whole)) {
                return true;
            }
            let first = item.first;
            let good = first > 0 && (text.is(first - 1, "good") || text.spanish && text.is(first - 1, "hello"));
            let last_night = first > 0 && text.is(first - 1, "last");
            let opens = first == 0
                && !matches!(text.meaning(0), Meaning::Tonight)
                && item.end == 1
                && last > 1
                && (matches!(text.kind(1), Some(Kind::Mark('!' | ',' | '.')))
                    || text.is_one_of(1, &["can", "i", "do", "any"]));
            !(good
                || last_night
                || opens
                || alone && item.end - first == 1 && first == 0 && text.meaning(0) != Meaning::Tonight)
        });
    }

    /// "happy friday", "have a great weekend", "enjoy your evening" wish something.
    fn drop_wishes(&mut self) {
        const WISHES: &[&str] = &["have", "enjoy", "hope", "wish", "wishing", "hows", "how", "had"];
        const KIND: &[&str] = &[
            "good",
            "great",
            "nice",
            "lovely",
            "wonderful",
            "blessed",
            "safe",
            "fantastic",
            "amazing",
            "beautiful",
            "fun",
            "relaxing",
            "happy",
            "your",
            "awesome",
            "pleasant",
            "restful",
        ];
        let text = self.reader.text;
        self.items.retain(|item| {
            let whole = matches!(item.what, What::Day { .. } | What::Days { .. } | What::Part(..));
            let first = self.reader.skip_back(item.first, &["the", "rest", "of", "a", "an"]);
            let Some(before) = first.checked_sub(1).filter(|_| whole) else { return true };
            let greets = text.is_one_of(before, &["happy", "merry", "blessed"])
                || text.is_one_of(item.first, &["happy", "merry"]);
            let alone =
                whole && before == 0 && text.is_one_of(before, &["nice", "great", "lovely", "wonderful", "beautiful"]);
            let wished = alone
                || text.is_one_of(before, KIND)
                    && (before.saturating_sub(4)..before).any(|at| text.is_one_of(at, WISHES));
            !(greets || wished || text.is(before, "enjoy"))
        });
    }

    pub(super) fn is_rejected(&self, item: &Item) -> bool {
        let text = self.reader.text;
        let mut at = item.first;
        while at > 0
            && text.is_one_of(
                at - 1,
                &["on", "at", "the", "for", "do", "make", "it", "come", "be", "there", "this", "in", "around", "my"],
            )
        {
            at -= 1;
        }
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        let turned_down = match before(1) {
            "not" => !matches!(before(2), "why" | "if" | "or" | "whether" | "couldnt" | "cant" | "cannot" | "wouldnt"),
            "cant" | "cannot" | "except" | "besides" | "wont" => true,
            "cancel" | "skip" => self.items.len() > 1 && text.is(text.len() - 1, "instead"),
            "but" => before(2).starts_with("any") || before(2) == "everything" || before(3) == "any",
            "of" => matches!(before(2), "instead" | "out"),
            "than" => matches!(before(2), "rather" | "other") || before(3) == "rather",
            "to" => before(2) == "unable" || before(2) == "able" && matches!(before(3), "not" | "wont" | "be"),
            _ => false,
        };
        let moved = self.gives_way(item) && self.items.iter().any(|other| other.first > item.end);
        // "not this friday but the next" has turned to the next one already.
        let turned_already =
            text.is(item.first, "this") && text.is_one_of(item.end - 1, &["next", "following", "after"]);
        let turned_down = turned_down && !turned_already;
        // "not on monday, tuesday" turns monday down; "can't before 3" is a bound, not a refusal.
        let bound = self.bound(item) != Bound::Exactly;
        let after = text.is_one_of(item.end, &["doesnt", "wont", "isnt", "didnt"])
            || text.is_one_of(item.end, &["does", "is", "will"]) && text.is(item.end + 1, "not")
            || text.is(self.reader.skip(item.end, &["is"]), "no")
                && text.is_one_of(self.reader.skip(item.end, &["is", "no"]), &["good", "go", "use", "longer"]);
        moved || (turned_down && !bound) || (after && self.items.len() > 1)
    }
}

fn is_doubtful(item: &Item) -> bool {
    matches!(item.what, What::Clock { sure: false, .. } | What::Window { sure: false, .. })
}

fn is_sure(item: &Item) -> bool {
    matches!(item.what, What::Clock { sure: true, .. } | What::Window { sure: true, .. })
}

/// Whether only small words and marks stand between two phrases.
pub(super) fn only_fillers(text: &Text<'_>, from: usize, to: usize) -> bool {
    const FILLERS: &[&str] = &[
        "at", "on", "this", "in", "the", "around", "about", "like", "maybe", "for", "of", "then", "say", "round",
        "same", "time", "ish", "but",
    ];
    to <= from + 5
        && (from..to).all(|index| {
            text.is_one_of(index, FILLERS) || matches!(text.kind(index), Some(Kind::Mark(',' | '@' | '~' | '-' | '.')))
        })
}
