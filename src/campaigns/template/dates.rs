//! Days and times in texts: what is read as one, and how it is written. A closed set of specifiers, so that nothing can be asked that has
//! no answer; names of days and months in the languages that texts are written in, inside the GSM alphabet.

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;

/// How a day or time is written, in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Format(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Field(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Weekday,
    ShortWeekday,
    Month,
    ShortMonth,
    /// Two digits.
    Day,
    PlainDay,
    MonthNumber,
    PlainMonthNumber,
    Year,
    ShortYear,
    Hour24,
    PlainHour24,
    Hour12,
    PlainHour12,
    Minute,
    /// AM or PM.
    Half,
    LowerHalf,
}

impl Field {
    fn is_of_day(self) -> bool {
        !matches!(
            self,
            Self::Hour24
                | Self::PlainHour24
                | Self::Hour12
                | Self::PlainHour12
                | Self::Minute
                | Self::Half
                | Self::LowerHalf
        )
    }
}

/// What `date` and `time` write where nothing is said.
pub(super) const USUAL_DATE: &str = "%A, %B %-d";
pub(super) const USUAL_TIME: &str = "%-I:%M %p";

impl Format {
    /// Reads a format as strftime writes it. The error is the piece that is not known.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut plain) = (Vec::new(), String::new());
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            if c != '%' {
                plain.push(c);
                continue;
            }
            let (unpadded, letter) = match characters.next() {
                Some('-') => (true, characters.next()),
                letter => (false, letter),
            };
            let field = match (unpadded, letter) {
                (false, Some('%')) => {
                    plain.push('%');
                    continue;
                }
                (false, Some('A')) => Field::Weekday,
                (false, Some('a')) => Field::ShortWeekday,
                (false, Some('B')) => Field::Month,
                (false, Some('b')) => Field::ShortMonth,
                (false, Some('d')) => Field::Day,
                (true, Some('d')) | (false, Some('e')) => Field::PlainDay,
                (false, Some('m')) => Field::MonthNumber,
                (true, Some('m')) => Field::PlainMonthNumber,
                (false, Some('Y')) => Field::Year,
                (false, Some('y')) => Field::ShortYear,
                (false, Some('H')) => Field::Hour24,
                (true, Some('H')) => Field::PlainHour24,
                (false, Some('I')) => Field::Hour12,
                (true, Some('I')) => Field::PlainHour12,
                (false, Some('M')) => Field::Minute,
                (false, Some('p')) => Field::Half,
                (false, Some('P')) => Field::LowerHalf,
                (dash, letter) => {
                    let letter = letter.map(String::from).unwrap_or_default();
                    return Err(format!("%{}{letter}", if dash { "-" } else { "" }));
                }
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            pieces.push(Piece::Field(field));
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain.into()));
        }
        Ok(Self(pieces))
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(*field),
            Piece::Text(_) => None,
        })
    }

    /// Writes the moment. False: it lacks what the format asks for, such as the time of a day.
    pub(super) fn write(&self, moment: Moment, spanish: bool, out: &mut String) -> bool {
        let (day, time) = (moment.day, moment.time);
        if self.fields().any(|f| if f.is_of_day() { day.is_none() } else { time.is_none() }) {
            return false;
        }
        let (day, time) = (day.unwrap_or_default(), time.unwrap_or_default());
        for piece in &self.0 {
            // Writing into a String cannot fail.
            let _ = match piece {
                Piece::Text(text) => out.write_str(text),
                Piece::Field(field) => write_field(*field, day, time, spanish, out),
            };
        }
        true
    }
}

fn write_field(field: Field, day: NaiveDate, time: NaiveTime, spanish: bool, out: &mut String) -> std::fmt::Result {
    let weekday = day.weekday().num_days_from_monday() as usize;
    let month = day.month0() as usize;
    let (afternoon, hour12) = time.hour12();
    match field {
        Field::Weekday => out.write_str(if spanish { WEEKDAYS_ES[weekday] } else { WEEKDAYS_EN[weekday] }),
        Field::ShortWeekday => out.write_str(&(if spanish { WEEKDAYS_ES } else { WEEKDAYS_EN })[weekday][..3]),
        Field::Month => out.write_str(if spanish { MONTHS_ES[month] } else { MONTHS_EN[month] }),
        Field::ShortMonth => out.write_str(&(if spanish { MONTHS_ES } else { MONTHS_EN })[month][..3]),
        Field::Day => write!(out, "{:02}", day.day()),
        Field::PlainDay => write!(out, "{}", day.day()),
        Field::MonthNumber => write!(out, "{:02}", day.month()),
        Field::PlainMonthNumber => write!(out, "{}", day.month()),
        Field::Year => write!(out, "{}", day.year()),
        Field::ShortYear => write!(out, "{:02}", day.year().rem_euclid(100)),
        Field::Hour24 => write!(out, "{:02}", time.hour()),
        Field::PlainHour24 => write!(out, "{}", time.hour()),
        Field::Hour12 => write!(out, "{hour12:02}"),
        Field::PlainHour12 => write!(out, "{hour12}"),
        Field::Minute => write!(out, "{:02}", time.minute()),
        Field::Half => out.write_str(if afternoon { "PM" } else { "AM" }),
        Field::LowerHalf => out.write_str(if afternoon { "pm" } else { "am" }),
    }
}

const WEEKDAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Without á, which is outside the alphabet of SMS; é would be inside, but its third letter is cut in a short name.
const WEEKDAYS_ES: [&str; 7] = ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// A day, a time of day, or both, as the recipient's clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub day: Option<NaiveDate>,
    pub time: Option<NaiveTime>,
}

impl Moment {
    pub(super) fn at(instant: DateTime<Utc>, zone: Tz) -> Self {
        // Instants at the end of the calendar have no local time everywhere.
        let Some(local) = instant.naive_utc().checked_add_offset(offset(instant, zone)) else {
            return Self { day: Some(instant.date_naive()), time: Some(instant.time()) };
        };
        local.into()
    }

    /// Reads what is kept of a contact: an instant (`2026-12-01T15:30:00Z`), which is turned to the zone, or a day, a time or both, which
    /// are taken as they stand.
    pub(super) fn read(text: &str, zone: Tz) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::at(instant.to_utc(), zone));
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return sensible(day).then_some(Self { day: Some(day), time: None });
        }
        for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
            if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
                return sensible(local.date()).then_some(local.into());
            }
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
        time.ok().map(|time| Self { day: None, time: Some(time) })
    }
}

fn sensible(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

fn offset(instant: DateTime<Utc>, zone: Tz) -> chrono::FixedOffset {
    use chrono::{Offset, TimeZone};
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix()
}

impl From<NaiveDateTime> for Moment {
    fn from(local: NaiveDateTime) -> Self {
        Self { day: Some(local.date()), time: Some(local.time()) }
    }
}
