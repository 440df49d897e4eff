//! From what was said about time to the stretch of days that is searched, and from what is open there to the few times offered.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::state::Offer;
use crate::{assistant::understanding::When, booking::TimeWindow, platform::ids::ProviderId};

/// Times offered at once: few enough to read on a phone.
const OFFERS: usize = 4;
/// How far ahead a wish without an end is searched.
pub const HORIZON_DAYS: u64 = 28;

/// A stretch of days with a window of the day, on the contact's wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub from: NaiveDate,
    /// Exclusive.
    pub until: NaiveDate,
    pub window: TimeWindow,
    /// The very time asked for, within the stretch.
    pub exact: Option<NaiveTime>,
    /// Only times later than this, where earlier ones of the first day were seen already.
    pub later_than: Option<NaiveDateTime>,
    /// Only with this provider.
    pub provider_id: Option<ProviderId>,
}

fn plus(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

impl Wanted {
    /// Whatever is open soonest.
    pub fn soonest(today: NaiveDate) -> Self {
        Self {
            from: today,
            until: plus(today, HORIZON_DAYS),
            window: TimeWindow::default(),
            exact: None,
            later_than: None,
            provider_id: None,
        }
    }

    /// Whatever is open on one day.
    pub fn on(day: NaiveDate) -> Self {
        Self { until: plus(day, 1), ..Self::soonest(day) }
    }

    /// Reads a wish. A time without a day means `day` where the dialogue is about one, otherwise the first day that has it.
    pub fn read(when: &When, now: NaiveDateTime, day: Option<NaiveDate>) -> Self {
        let today = now.date();
        let (from, until) = match when.date_bounds() {
            Some((from, until)) => {
                let from = from.unwrap_or(today).max(today);
                (from, until.unwrap_or_else(|| plus(from, HORIZON_DAYS)))
            }
            None => match day {
                Some(day) => (day, plus(day, 1)),
                None => (today, plus(today, HORIZON_DAYS)),
            },
        };
        let exact = when.time();
        let window = match when.time_bounds() {
            // A window that runs past midnight, or over several days, says little about the time of day.
            Some((Some(a), Some(b))) if exact.is_none() && b <= a && b != NaiveTime::MIN => {
                TimeWindow { from: Some(a), to: None }
            }
            Some((a, b)) if exact.is_none() => TimeWindow { from: a, to: b.filter(|b| *b != NaiveTime::MIN) },
            _ => TimeWindow::default(),
        };
        Self { from, until: until.max(plus(from, 1)), window, exact, later_than: None, provider_id: None }
    }

    /// What comes next when nothing fits: the same time of day on later days, anything later, anything at all.
    pub fn widened(&self, today: NaiveDate) -> [Self; 3] {
        let later = Self { until: plus(self.from, HORIZON_DAYS), ..self.clone() };
        let anything = Self { window: TimeWindow::default(), exact: None, ..later.clone() };
        [later, anything, Self { provider_id: self.provider_id, ..Self::soonest(today) }]
    }

    /// Only the very minute asked for, where one was.
    pub fn only_exact(&self) -> Option<Self> {
        let time = self.exact?;
        let window = TimeWindow { from: Some(time), to: Some(time.overflowing_add_signed(TimeDelta::minutes(1)).0) };
        Some(Self {
            window: if window.to > window.from { window } else { TimeWindow { from: Some(time), to: None } },
            ..self.clone()
        })
    }
}

/// The few to offer of what is open (sorted by start). An exact wish that is open is offered alone; otherwise its nearest. A single
/// day is spread over; several days show their first times.
pub fn choose_offers(open: &[Offer], wanted: &Wanted, tz: Tz) -> Vec<Offer> {
    let local = |o: &Offer| o.start_time.with_timezone(&tz).naive_local();
    if let Some(time) = wanted.exact {
        if let Some(hit) = open.iter().find(|o| same_minute(local(o).time(), time)) {
            return vec![hit.clone()];
        }
        let Some(first_day) = open.first().map(|o| local(o).date()) else {
            return Vec::new();
        };
        let target = first_day.and_time(time);
        let mut nearest: Vec<&Offer> = open.iter().filter(|o| local(o).date() == first_day).collect();
        nearest.sort_by_key(|o| (local(o) - target).abs());
        nearest.truncate(OFFERS);
        nearest.sort_by_key(|o| o.start_time);
        return nearest.into_iter().cloned().collect();
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

/// Searched as instants: `[start of from, start of until)` on the wall clock of `tz`.
pub fn instants(wanted: &Wanted, tz: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let midnight = |date: NaiveDate| crate::platform::clock::resolve_local(tz, date.and_time(NaiveTime::MIN));
    let from = midnight(wanted.from);
    let after = wanted.later_than.map(|at| crate::platform::clock::resolve_local(tz, at) + TimeDelta::minutes(1));
    (after.map_or(from, |after| after.max(from)), midnight(wanted.until))
}
