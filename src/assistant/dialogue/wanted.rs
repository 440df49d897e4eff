//! From what was said about time to the stretch of days that is searched, and from what is open there to the few times offered.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::state::Offer;
use crate::{assistant::understanding::When, booking::TimeWindow, platform::ids::ProviderId};

/// Times offered at once: few enough to read on a phone.
const OFFERS: usize = 4;
/// How far ahead a wish without an end is searched.
pub const HORIZON_DAYS: u64 = 28;

fn plus(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

/// What was said of time, kept until it is known what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// First day and the day after the last, where any was named.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The window of the day, end exclusive.
    pub from: Option<NaiveTime>,
    pub to: Option<NaiveTime>,
    /// The very time.
    pub exact: Option<NaiveTime>,
}

impl Wish {
    /// Days gone by are left out.
    pub fn read(when: &When, today: NaiveDate) -> Self {
        let days = when.date_bounds().map(|(from, until)| {
            let from = from.unwrap_or(today).max(today);
            (from, until.unwrap_or_else(|| plus(from, HORIZON_DAYS)).max(plus(from, 1)))
        });
        let exact = when.time();
        let (from, to) = match when.time_bounds() {
            _ if exact.is_some() => (None, None),
            // A window that runs past midnight, or over several days, says little about the time of day.
            Some((Some(a), Some(b))) if b <= a && b != NaiveTime::MIN => (Some(a), None),
            Some((a, b)) => (a, b.filter(|b| *b != NaiveTime::MIN)),
            None => (None, None),
        };
        Self { days, from, to, exact }
    }

    /// Whether an appointment that starts then is at the day and time named.
    pub fn fits(&self, start: NaiveDateTime) -> bool {
        let time = start.time();
        self.days.is_none_or(|(from, until)| (from..until).contains(&start.date()))
            && self.exact.is_none_or(|exact| same_minute(exact, time))
            && self.from.is_none_or(|from| from <= time)
            && self.to.is_none_or(|to| time < to)
    }

    /// The day it names, if it names exactly one.
    pub fn day(&self) -> Option<NaiveDate> {
        self.days.filter(|(from, until)| plus(*from, 1) == *until).map(|(from, _)| from)
    }

    /// A wish that names no day means `day` where the dialogue is about one, otherwise the first day that has it.
    pub fn on(&self, day: Option<NaiveDate>, today: NaiveDate) -> Wanted {
        let (from, until) = self.days.unwrap_or_else(|| match day {
            Some(day) => (day, plus(day, 1)),
            None => (today, plus(today, HORIZON_DAYS)),
        });
        let from = from.max(today);
        Wanted {
            from,
            until: until.max(plus(from, 1)),
            window: TimeWindow { from: self.from, to: self.to },
            exact: self.exact,
            ..Wanted::soonest(today)
        }
    }
}

/// A stretch of days with a window of the day, on the contact's wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub from: NaiveDate,
    /// Exclusive.
    pub until: NaiveDate,
    pub window: TimeWindow,
    /// The very time asked for, within the stretch.
    pub exact: Option<NaiveTime>,
    /// Another that will do as well ("3 or 4").
    pub or: Option<Box<Wanted>>,
    /// Of what is open, that which is nearest to this part of the day, where nothing is open within it.
    pub near: Option<TimeWindow>,
    /// Only times later than this, where earlier ones of the first day were seen already.
    pub later_than: Option<NaiveDateTime>,
    /// Only times earlier than this.
    pub earlier_than: Option<NaiveDateTime>,
    /// Only with this provider.
    pub provider_id: Option<ProviderId>,
    /// Rather with this provider, whose the appointment is so far.
    pub rather: Option<ProviderId>,
    /// The very time was not said, but is the one there was.
    pub kept: bool,
    /// The first that is open, and no more.
    pub first: bool,
    pub except: Except,
}

/// What was ruled out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Except {
    pub provider_id: Option<ProviderId>,
    /// From Monday on.
    pub weekdays: [bool; 7],
    /// A time that was refused.
    pub at: Option<NaiveDateTime>,
}

impl Except {
    fn rules_out(&self, day: NaiveDate) -> bool {
        self.weekdays[day.weekday().num_days_from_monday() as usize]
    }
}

impl Wanted {
    /// Whatever is open soonest.
    pub fn soonest(today: NaiveDate) -> Self {
        Self {
            from: today,
            until: plus(today, HORIZON_DAYS),
            window: TimeWindow::default(),
            exact: None,
            or: None,
            near: None,
            later_than: None,
            earlier_than: None,
            provider_id: None,
            rather: None,
            kept: false,
            first: false,
            except: Except::default(),
        }
    }

    /// Whatever is open on one day.
    pub fn on(day: NaiveDate) -> Self {
        Self { until: plus(day, 1), ..Self::soonest(day) }
    }

    /// Earlier on the same day.
    pub fn before(at: NaiveDateTime) -> Self {
        Self { earlier_than: Some(at), ..Self::on(at.date()) }
    }

    /// From the day after `day` on.
    pub fn after_day(day: NaiveDate) -> Self {
        Self::soonest(plus(day, 1))
    }

    /// Reads a wish. A time without a day means `day` where the dialogue is about one, otherwise the first day that has it.
    pub fn read(when: &When, now: NaiveDateTime, day: Option<NaiveDate>) -> Self {
        Wish::read(when, now.date()).on(day, now.date())
    }

    /// Where it names another day than `at` and nothing else: the time is to be the same.
    pub fn keeping(self, at: NaiveDateTime) -> Self {
        let day_alone = self.exact.is_none() && self.window == TimeWindow::default();
        let other_day = plus(self.from, 1) >= self.until && self.from != at.date();
        if day_alone && other_day { Self { exact: Some(at.time()), kept: true, ..self } } else { self }
    }

    /// Without what is ruled out; where that is the very day, any other.
    pub fn except(self, except: Except, today: NaiveDate) -> Self {
        let one_day = plus(self.from, 1) >= self.until;
        let (from, until) = match one_day && except.rules_out(self.from) {
            true => (today, plus(today, HORIZON_DAYS)),
            false => (self.from, self.until),
        };
        Self { from, until, except, ..self }
    }

    /// Whether a time that is open is not ruled out.
    pub fn admits(&self, start: NaiveDateTime, provider_id: ProviderId) -> bool {
        !self.except.rules_out(start.date())
            && self.except.at != Some(start)
            && self.except.provider_id != Some(provider_id)
    }

    /// First with the provider it should rather be with, then with anybody.
    pub fn by_preference(&self) -> Vec<Self> {
        let anybody = Self { rather: None, ..self.clone() };
        let theirs = self.rather.map(|provider| anybody.clone().with_provider(Some(provider)));
        theirs.into_iter().chain([anybody]).collect()
    }

    pub fn with_provider(self, provider_id: Option<ProviderId>) -> Self {
        let or = self.or.map(|or| Box::new(or.with_provider(provider_id)));
        Self { provider_id, or, ..self }
    }

    /// What comes next when nothing fits, ever wider: the same time of day on later days, that day at the nearest time, anything later,
    /// anything at all, and with anybody. For something earlier: the days before.
    pub fn widened(&self, today: NaiveDate) -> Vec<Self> {
        if self.earlier_than.is_some() {
            let before = Self { from: today, until: self.from, ..self.clone() };
            return if before.from < before.until { vec![before] } else { Vec::new() };
        }
        let one = Self { or: None, ..self.clone() };
        let later = Self { until: plus(self.from, HORIZON_DAYS), ..one.clone() };
        let near = (one.window != TimeWindow::default()).then_some(one.window);
        let that_day = Self { window: TimeWindow::default(), exact: None, near, ..one };
        let anything = Self { until: later.until, ..that_day.clone() };
        let soonest = Self { except: self.except.clone(), rather: self.rather, ..Self::soonest(today) };
        let theirs = Self { provider_id: self.provider_id, ..soonest.clone() };
        vec![later, that_day, anything, theirs, soonest]
    }

    /// The very minutes asked for, where any was.
    pub fn minutes(&self) -> Vec<Self> {
        let minute = |wanted: &Self| {
            let time = wanted.exact?;
            let end = time.overflowing_add_signed(TimeDelta::minutes(1)).0;
            let window = TimeWindow { from: Some(time), to: (end > time).then_some(end) };
            Some(Self { window, ..wanted.clone() })
        };
        let mut minutes: Vec<Self> = minute(self).into_iter().chain(self.or.as_deref().and_then(minute)).collect();
        minutes.sort_by_key(|wanted| (wanted.from, wanted.exact));
        minutes
    }

    /// How far a time of day is from what was wished for; none where all are as good.
    fn distance(&self, time: NaiveTime) -> Option<TimeDelta> {
        if let Some(exact) = self.exact {
            return Some((time - exact).abs());
        }
        let TimeWindow { from, to } = self.near?;
        let early = from.map(|from| from - time);
        let late = to.map(|to| time - to);
        Some(early.into_iter().chain(late).max().unwrap_or_default().max(TimeDelta::zero()))
    }
}

/// The few to offer of what is open (sorted by start). An exact wish that is open is offered alone; otherwise its nearest. A single
/// day is spread over; several days show their first times.
pub fn choose_offers(open: &[Offer], wanted: &Wanted, tz: Tz) -> Vec<Offer> {
    let local = |o: &Offer| o.start_time.with_timezone(&tz).naive_local();
    if let Some(hit) = wanted.exact.and_then(|time| open.iter().find(|o| same_minute(local(o).time(), time))) {
        return vec![hit.clone()];
    }
    if wanted.first {
        return open.first().cloned().into_iter().collect();
    }
    if wanted.exact.is_some() || wanted.near.is_some() {
        return nearest(open, wanted, tz);
    }
    let mut days: Vec<NaiveDate> = open.iter().map(|o| local(o).date()).collect();
    days.dedup();
    let one_day_asked = plus(wanted.from, 1) >= wanted.until;
    match days.as_slice() {
        [] => Vec::new(),
        [_] => spread(open),
        // "This week", "mornings": two days, two times each; "whatever is next": the first day, then a glimpse of the second.
        [first, second, ..] if !one_day_asked => {
            let of_day =
                |day: NaiveDate| open.iter().filter(move |o| local(o).date() == day).cloned().collect::<Vec<_>>();
            let mut offers = two_of(&of_day(*first));
            offers.extend(two_of(&of_day(*second)));
            offers
        }
        [..] => spread(open),
    }
}

/// Of the first day that has any, the few nearest to the time wished for, in order of time.
pub fn nearest(open: &[Offer], wanted: &Wanted, tz: Tz) -> Vec<Offer> {
    let local = |o: &Offer| o.start_time.with_timezone(&tz).naive_local();
    let Some(first_day) = open.first().map(|o| local(o).date()) else {
        return Vec::new();
    };
    let mut nearest: Vec<&Offer> = open.iter().filter(|o| local(o).date() == first_day).collect();
    nearest.sort_by_key(|o| wanted.distance(local(o).time()));
    nearest.truncate(OFFERS);
    nearest.sort_by_key(|o| o.start_time);
    nearest.into_iter().cloned().collect()
}

fn same_minute(a: NaiveTime, b: NaiveTime) -> bool {
    (a.hour(), a.minute()) == (b.hour(), b.minute())
}

fn two_of(open: &[Offer]) -> Vec<Offer> {
    match open {
        [] => Vec::new(),
        [one] => vec![one.clone()],
        [first, ..] => {
            let later = open
                .iter()
                .find(|o| o.start_time - first.start_time >= TimeDelta::hours(2))
                .unwrap_or(&open[open.len() - 1]);
            vec![first.clone(), later.clone()]
        }
    }
}

/// Evenly over what is open, first and last included.
fn spread(open: &[Offer]) -> Vec<Offer> {
    if open.len() <= OFFERS {
        return open.to_vec();
    }
    (0..OFFERS).map(|n| open[n * (open.len() - 1) / (OFFERS - 1)].clone()).collect()
}

/// Searched as instants, end exclusive: the wanted days on the wall clock of `tz`, without what is too early or too late.
pub fn instants(wanted: &Wanted, tz: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let instant = |at: NaiveDateTime| crate::platform::clock::resolve_local(tz, at);
    let midnight = |date: NaiveDate| instant(date.and_time(NaiveTime::MIN));
    let (from, until) = (midnight(wanted.from), midnight(wanted.until));
    let after = wanted.later_than.map(|at| instant(at) + TimeDelta::minutes(1));
    let before = wanted.earlier_than.map(instant);
    (after.map_or(from, |after| after.max(from)), before.map_or(until, |before| before.min(until)))
}
