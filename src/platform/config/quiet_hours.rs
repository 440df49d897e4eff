//! Hours in which the operator of the installation wants no marketing to go out.

use chrono::NaiveTime;

use super::Reader;

/// From `from` until `until`, on the recipient's clock. Organizations may set their own instead; laws hold besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl QuietHours {
    /// Both settings, or neither.
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let mut time = |name: &str| {
            r.parsed(name, "a time of day such as 20:00", |t| {
                NaiveTime::parse_from_str(t, "%H:%M").ok().filter(|_| t.len() == 5)
            })
        };
        let (from, until) = (time("DEFAULT_QUIET_HOURS_START"), time("DEFAULT_QUIET_HOURS_END"));
        if r.text("DEFAULT_QUIET_HOURS_START").is_some() != r.text("DEFAULT_QUIET_HOURS_END").is_some() {
            r.problems
                .push("DEFAULT_QUIET_HOURS_START and DEFAULT_QUIET_HOURS_END belong together: set both".to_owned());
        }
        Some(Self { from: from?, until: until? })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Config, *};

    #[test]
    fn both_or_neither() {
        let read = |start: Option<&str>, end: Option<&str>| {
            Config::read(&|name| match name {
                "DEFAULT_QUIET_HOURS_START" => start.map(str::to_owned),
                "DEFAULT_QUIET_HOURS_END" => end.map(str::to_owned),
                _ => None,
            })
        };
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("time");
        assert_eq!(read(None, None).expect("defaults").quiet_hours, None);
        let hours = read(Some("20:00"), Some("09:00")).expect("valid").quiet_hours;
        assert_eq!(hours, Some(QuietHours { from: at(20), until: at(9) }));
        for (start, end) in
            [(Some("20:00"), None), (None, Some("09:00")), (Some("8 pm"), Some("09:00")), (Some("24:00"), Some("9:00"))]
        {
            assert!(read(start, end).is_err(), "{start:?} {end:?}");
        }
    }
}
