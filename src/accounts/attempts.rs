//! Tries to prove who one is: counted before they are looked at, and let through ever more slowly once too many failed.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    service::AccountError,
    store::failures::{self, Failures},
};
use crate::platform::{http::Core, ids::RowId};

/// Failures that cost nothing, and how long they are remembered: per user name and address, per address, per user name. Behind one address
/// may sit a whole office, so that it is forgiven sooner.
const RULES: [(i64, TimeDelta); 3] = [(5, TimeDelta::hours(24)), (25, TimeDelta::hours(1)), (50, TimeDelta::hours(24))];

const LONGEST: TimeDelta = TimeDelta::hours(1);

/// A try under way. Dropped, it counts as failed.
pub(super) struct Attempt {
    subjects: [String; 3],
    ids: Vec<RowId>,
}

/// Begins a try of `login` from `ip`, unless it has to wait.
pub(super) async fn begin(core: &Core, login: &str, ip: &str) -> Result<Attempt, AccountError> {
    let now = core.clock.now();
    let name = login.to_lowercase();
    let subjects = [format!("{name}@{ip}"), format!("address {ip}"), format!("user {name}")];
    let ids: Vec<RowId> = subjects.iter().map(|_| RowId::new(&core.clock)).collect();
    let mut tx = core.db.system().await?;
    // Counted before the password is looked at and one at a time, so that many tries at once are no way around the limit. Always in this
    // order, so that no two wait for each other.
    failures::lock_subject(&mut tx, &subjects[1]).await?;
    failures::lock_subject(&mut tx, &subjects[2]).await?;
    let since = RULES.map(|(_, memory)| now - memory);
    let failed = failures::lately(&mut tx, &subjects, &since).await?;
    let wait = failed.iter().zip(RULES).filter_map(|(failed, (free, _))| wait(failed, free, now)).max();
    if let Some(wait) = wait {
        return Err(AccountError::TooManyAttempts(wait));
    }
    failures::record(&mut tx, &ids, &subjects, now).await?;
    tx.commit().await?;
    Ok(Attempt { subjects, ids })
}

impl Attempt {
    /// It was who they said: all that this user got wrong from this address is forgotten.
    pub(super) async fn succeeded(&self, c: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
        failures::withdraw(c, &self.ids).await?;
        failures::forget(c, &self.subjects[0]).await
    }

    /// Right as far as it went: neither a failure nor a success.
    pub(super) async fn withdrawn(&self, c: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
        failures::withdraw(c, &self.ids).await
    }
}

/// How long still to wait: a minute after the last failure that was free, then twice as long with each one, up to an hour.
fn wait(failed: &Failures, free: i64, now: DateTime<Utc>) -> Option<TimeDelta> {
    let beyond = failed.count - free;
    if beyond < 0 {
        return None;
    }
    let doubled = TimeDelta::minutes(1 << beyond.min(6));
    let until = failed.last_at? + doubled.min(LONGEST);
    (until > now).then(|| until - now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait_up_to_an_hour() {
        let now: DateTime<Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        let minutes = |count| wait(&Failures { count, last_at: Some(now) }, 5, now).map_or(0, |w| w.num_minutes());
        assert_eq!([0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1000].map(minutes), [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        let earlier = Failures { count: 6, last_at: Some(now - TimeDelta::seconds(90)) };
        assert_eq!(wait(&earlier, 5, now), Some(TimeDelta::seconds(30)));
        let long_ago = Failures { count: 6, last_at: Some(now - TimeDelta::minutes(2)) };
        assert_eq!(wait(&long_ago, 5, now), None);
    }
}
