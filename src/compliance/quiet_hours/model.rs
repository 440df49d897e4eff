//! The words of hours: a time on the wall clock, a weekday, a window, a cap.

use std::fmt;

use chrono::{Datelike, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::platform::config::QuietHours;

/// A time on the wall clock, to the minute: "09:00". "24:00" is the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "09:00")]
pub struct WallTime(u16);

#[derive(Debug, thiserror::Error)]
#[error("not a time of day, such as 09:00")]
pub struct InvalidWallTime;

impl WallTime {
    pub const MIDNIGHT: Self = Self(0);
    pub const END_OF_DAY: Self = Self(24 * 60);

    /// Reads "HH:MM", 00:00 to 24:00.
    pub fn parse(text: &str) -> Result<Self, InvalidWallTime> {
        let (hours, minutes) = text.split_once(':').ok_or(InvalidWallTime)?;
        let number = |part: &str| -> Result<u16, InvalidWallTime> {
            let right = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if right { part.parse().map_err(|_| InvalidWallTime) } else { Err(InvalidWallTime) }
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let at = hours * 60 + minutes;
        if minutes < 60 && at <= 24 * 60 { Ok(Self(at)) } else { Err(InvalidWallTime) }
    }

    /// Since midnight, on the face of the clock.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl From<NaiveTime> for WallTime {
    /// Seconds are dropped.
    fn from(time: NaiveTime) -> Self {
        Self(u16::try_from(time.hour() * 60 + time.minute()).unwrap_or_default())
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for WallTime {
    type Error = InvalidWallTime;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<WallTime> for String {
    fn from(time: WallTime) -> Self {
        time.to_string()
    }
}

/// Day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    pub fn of(date: chrono::NaiveDate) -> Self {
        match date.weekday() {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }
}

/// Hours in which texts may arrive: from `from` up to, not including, `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuietHoursWindow)]
pub struct Window {
    /// 1 to 7 weekdays.
    #[schema(min_items = 1, max_items = 7)]
    pub days: Vec<Weekday>,
    pub from: WallTime,
    pub to: WallTime,
}

/// Whether windows make sense: each opens before it closes, on some day, and none overlaps another. Says what is wrong.
pub fn check_windows(windows: &[Window]) -> Result<(), &'static str> {
    for (at, window) in windows.iter().enumerate() {
        if window.days.is_empty() {
            return Err("each window needs a weekday");
        }
        if window.from >= window.to {
            return Err("a window must open before it closes; split one that goes past midnight in two");
        }
        let mut days = window.days.clone();
        days.sort();
        days.dedup();
        if days.len() != window.days.len() {
            return Err("a weekday is named twice in one window");
        }
        let overlaps = |other: &Window| {
            other.days.iter().any(|day| window.days.contains(day)) && other.from < window.to && window.from < other.to
        };
        if windows[..at].iter().any(overlaps) {
            return Err("two windows of one weekday overlap");
        }
    }
    Ok(())
}

/// At most so many texts of marketing to one person in so many hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FrequencyCap)]
pub struct Cap {
    pub texts: u32,
    pub hours: u32,
}

/// The installation's quiet hours for marketing, where its operator set them (`DEFAULT_QUIET_HOURS_START`, `DEFAULT_QUIET_HOURS_END`):
/// nothing goes from `quiet_from` until `quiet_until`. An organization's override goes before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HouseHours {
    pub quiet_from: WallTime,
    pub quiet_until: WallTime,
}

impl From<QuietHours> for HouseHours {
    fn from(hours: QuietHours) -> Self {
        Self { quiet_from: hours.from.into(), quiet_until: hours.until.into() }
    }
}

impl HouseHours {
    /// What is left of a weekly plan: each window cut to the waking hours. Quiet hours that begin and end at one time are none.
    pub fn cut(self, windows: &[Window]) -> Vec<Window> {
        let (from, until) = (self.quiet_from, self.quiet_until);
        let awake: Vec<(WallTime, WallTime)> = match from.cmp(&until) {
            std::cmp::Ordering::Equal => return windows.to_vec(),
            std::cmp::Ordering::Greater => vec![(until, from)],
            // Quiet within one day: what is before and what is after.
            std::cmp::Ordering::Less => vec![(WallTime::MIDNIGHT, from), (until, WallTime::END_OF_DAY)],
        };
        let cut = |window: &Window| {
            let (days, own) = (window.days.clone(), (window.from, window.to));
            awake.clone().into_iter().filter_map(move |(opens, closes)| {
                let (from, to) = (opens.max(own.0), closes.min(own.1));
                (from < to).then(|| Window { days: days.clone(), from, to })
            })
        };
        windows.iter().flat_map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[Weekday], from: &str, to: &str) -> Window {
        Window { days: days.to_vec(), from: WallTime::parse(from).expect(from), to: WallTime::parse(to).expect(to) }
    }

    #[test]
    fn times_of_day_are_read_strictly() {
        for good in ["00:00", "08:04", "23:59", "24:00"] {
            assert_eq!(WallTime::parse(good).expect(good).to_string(), good);
        }
        for bad in ["", "8:00", "08:60", "24:01", "25:00", "08:00:00", "-1:00", "+8:00", "٠٨:٠٠", "08h00"] {
            assert!(WallTime::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn windows_that_make_no_sense_are_named() {
        use Weekday::{Monday as Mon, Tuesday as Tue};
        assert!(check_windows(&[]).is_ok());
        assert!(check_windows(&[window(&[Mon], "09:00", "12:00"), window(&[Mon, Tue], "12:00", "20:00")]).is_ok());
        for bad in [
            vec![window(&[], "09:00", "12:00")],
            vec![window(&[Mon], "12:00", "12:00")],
            vec![window(&[Mon], "20:00", "08:00")],
            vec![window(&[Mon, Mon], "09:00", "12:00")],
            vec![window(&[Mon], "09:00", "12:00"), window(&[Tue, Mon], "11:59", "13:00")],
        ] {
            assert!(check_windows(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_operators_quiet_hours_cut_the_days() {
        let at = |text: &str| WallTime::parse(text).expect(text);
        let plan = [window(&[Weekday::Monday], "09:00", "20:00"), window(&[Weekday::Sunday], "12:00", "20:00")];
        let cut = |from: &str, until: &str| HouseHours { quiet_from: at(from), quiet_until: at(until) }.cut(&plan);
        assert_eq!(
            cut("19:00", "10:30"),
            [window(&[Weekday::Monday], "10:30", "19:00"), window(&[Weekday::Sunday], "12:00", "19:00")]
        );
        assert_eq!(cut("22:00", "07:00"), plan);
        assert_eq!(
            cut("13:00", "14:00"),
            [
                window(&[Weekday::Monday], "09:00", "13:00"),
                window(&[Weekday::Monday], "14:00", "20:00"),
                window(&[Weekday::Sunday], "12:00", "13:00"),
                window(&[Weekday::Sunday], "14:00", "20:00"),
            ]
        );
        assert_eq!(cut("08:00", "08:00"), plan);
    }
}
