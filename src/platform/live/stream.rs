//! The part of it that is in Redis: a capped stream per organization, and the channel of the same name. Two scripts, and what they answer.

use std::{fmt, str::FromStr, time::Duration};

use redis::{Script, aio::ConnectionManager};

use super::note::{self, Note, Notes};
use crate::platform::{crypto, ids::OrganizationId};

/// Entries a stream keeps, roughly: what a browser that was away can be told of.
const KEPT: usize = 1_000;
/// How long an organization's stream outlives its last entry, in seconds.
const KEPT_SECONDS: u32 = 15 * 60;
/// Entries given to somebody who comes back; after more it is cheaper to look at everything anew.
const MOST_MISSED: usize = 200;
/// Redis that is slower than this is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// A place in an organization's stream. The epoch tells one life of the stream from the next, whose ids may begin anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    epoch: String,
    ms: u64,
    seq: u64,
}

impl Position {
    /// In the same life of the stream, and not after the other.
    pub fn is_covered_by(&self, other: &Self) -> bool {
        self.epoch == other.epoch && (self.ms, self.seq) <= (other.ms, other.seq)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.epoch, self.ms, self.seq)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let (Some(epoch), Some(ms), Some(seq), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(());
        };
        if !(1..=32).contains(&epoch.len()) || !epoch.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(());
        }
        let (ms, seq) = (ms.parse().map_err(drop)?, seq.parse().map_err(drop)?);
        Ok(Self { epoch: epoch.to_owned(), ms, seq })
    }
}

/// One entry: what was told, or none where something was left out.
pub type Entry = (Position, Option<Vec<Note>>);

/// What was told since a position.
#[derive(Debug)]
pub struct Since {
    /// The last entry there is.
    pub at: Position,
    /// All of it is here. Otherwise something may have been missed.
    pub covered: bool,
    pub entries: Vec<Entry>,
}

#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Slow,
    #[error("an odd answer")]
    Odd,
    #[error("the connection was closed")]
    Closed,
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Stream {
    connection: ConnectionManager,
    tell: Script,
    since: Script,
}

pub(super) fn channel(organization: OrganizationId) -> String {
    format!("frontdesk_live:{organization}")
}

/// Whose channel it is.
pub(super) fn organization_of(channel: &str) -> Option<OrganizationId> {
    channel.strip_prefix("frontdesk_live:")?.parse().ok()
}

/// What is published: the position, a space, what was told.
pub(super) fn heard(payload: &str) -> Option<Entry> {
    let (at, notes) = payload.split_once(' ')?;
    Some((at.parse().ok()?, note::read(notes)))
}

impl Stream {
    pub fn new(connection: ConnectionManager) -> Self {
        let (tell, since) = (Script::new(include_str!("tell.lua")), Script::new(include_str!("since.lua")));
        Self { connection, tell, since }
    }

    /// Keys of the stream and of its epoch.
    fn keys(organization: OrganizationId) -> [String; 2] {
        [channel(organization), format!("frontdesk_live_epoch:{organization}")]
    }

    fn epoch() -> String {
        crypto::random_token(12).chars().filter(char::is_ascii_alphanumeric).collect()
    }

    pub async fn tell(&self, organization: OrganizationId, notes: &Notes) -> Result<(), StreamError> {
        let [stream, epoch] = Self::keys(organization);
        let mut call = self.tell.prepare_invoke();
        call.key(&stream).key(epoch).arg(Self::epoch()).arg(notes.write()).arg(KEPT).arg(KEPT_SECONDS).arg(&stream);
        let mut connection = self.connection.clone();
        let told: Result<i64, _> = within(call.invoke_async(&mut connection)).await?;
        told.map(drop).map_err(Into::into)
    }

    pub async fn since(&self, organization: OrganizationId, after: Option<&Position>) -> Result<Since, StreamError> {
        let [stream, epoch] = Self::keys(organization);
        let (known, id) = after.map_or_else(Default::default, |p| (p.epoch.clone(), format!("{}-{}", p.ms, p.seq)));
        let mut call = self.since.prepare_invoke();
        call.key(stream).key(epoch).arg(Self::epoch()).arg(known).arg(id).arg(MOST_MISSED).arg(KEPT_SECONDS);
        let mut connection = self.connection.clone();
        let answer: Result<Vec<String>, _> = within(call.invoke_async(&mut connection)).await?;
        let answer = answer?;
        let [at, covered, rest @ ..] = answer.as_slice() else { return Err(StreamError::Odd) };
        let entries =
            rest.chunks_exact(2).map(|e| Ok((e[0].parse().map_err(|()| StreamError::Odd)?, note::read(&e[1]))));
        Ok(Since {
            at: at.parse().map_err(|()| StreamError::Odd)?,
            covered: covered == "1",
            entries: entries.collect::<Result<_, StreamError>>()?,
        })
    }
}

async fn within<T>(call: impl Future<Output = T>) -> Result<T, StreamError> {
    tokio::time::timeout(PATIENCE, call).await.map_err(|_| StreamError::Slow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        let at: Position = "aB3-1763740800000-12".parse().expect("position");
        assert_eq!(at.to_string(), "aB3-1763740800000-12");
        for wrong in ["", "1-2", "a-1-2-3", "a-x-2", "-1-2", "a_b-1-2", "a-1--2", "a-99999999999999999999999-1"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn positions_of_two_lives_of_a_stream_cannot_be_compared() {
        let at = |text: &str| text.parse::<Position>().expect("position");
        assert!(at("a-5-1").is_covered_by(&at("a-5-1")));
        assert!(at("a-5-9").is_covered_by(&at("a-6-0")));
        assert!(!at("a-6-0").is_covered_by(&at("a-5-9")));
        assert!(!at("a-5-1").is_covered_by(&at("b-6-1")));
    }
}
