//! The only source of time. Everything that asks "when" takes a [`Clock`], so that tests and the simulator can set it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// A cheap handle on a source of time. Instants are cut to microseconds, as Postgres keeps them.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System,
    Manual(Mutex<DateTime<Utc>>),
}

impl Clock {
    /// The time of this machine.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands at `at` until moved.
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Source::Manual(Mutex::new(at.trunc_subsecs(6)))))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match &*self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(at) => *at.lock().expect("clock lock"),
        }
    }

    /// Moves a manual clock forward (or back, for a negative duration). A system clock does not move.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &*self.0 {
            *at.lock().expect("clock lock") += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_until_moved() {
        let start = "2026-03-08T09:59:59Z".parse().expect("time");
        let clock = Clock::manual(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::seconds(2));
        assert_eq!(clock.now() - start, Duration::seconds(2));
    }
}
