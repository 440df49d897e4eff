//! From Redis to the connections of this process: one subscription for all of them, however many there are. It is made when the first
//! connection comes, made again when it is lost, and catches up from the streams then. What is heard is laid into a ring per
//! organization, which each of its connections reads at its own speed; who falls behind by the whole ring is told to look anew.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt;
use redis::aio::{PubSub, PubSubSink};
use tokio::{
    sync::{broadcast, mpsc},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    note::Note,
    stream::{self, Entry, Position, Since, Stream, StreamError},
};
use crate::platform::{crypto, ids::OrganizationId, jobs::Transport};

/// Redis that is slower than this is away.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the subscription is asked whether it is there: a connection may die without a word.
const PULSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Channels subscribed to in one command.
const AT_ONCE: usize = 500;

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Between two heartbeats. Whoever misses two is let go, and who they are is asked again at each.
    pub beat: Duration,
    /// A browser that takes nothing for so long is let go.
    pub send_within: Duration,
    /// After this long a connection is ended, so that others are made where there is room.
    pub lasts: Duration,
    /// Entries a connection may be behind.
    pub behind: usize,
    /// Connections of one user or key.
    pub per_subject: usize,
    /// Connections of this process.
    pub per_process: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(25),
            send_within: Duration::from_secs(10),
            lasts: Duration::from_secs(4 * 3600),
            behind: 64,
            per_subject: 30,
            per_process: 10_000,
        }
    }
}

/// What an organization's connections are told.
#[derive(Debug)]
pub enum Heard {
    Notes {
        at: Position,
        notes: Vec<Note>,
    },
    /// Something may have been missed.
    Reset(Position),
    /// All there is will be heard from here on.
    Live(Position),
    /// Redis is away: nothing will be heard for a while.
    Paused,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Of the one who asks.
    Subject,
    Process,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    client: redis::Client,
    stream: Stream,
    limits: Limits,
    rooms: Mutex<HashMap<OrganizationId, Room>>,
    /// Organizations whose rooms were opened or left.
    looks: mpsc::UnboundedSender<OrganizationId>,
    looked: Mutex<Option<mpsc::UnboundedReceiver<OrganizationId>>>,
    /// How many each subject has.
    seats: Mutex<HashMap<Uuid, usize>>,
    stopping: CancellationToken,
    connections: TaskTracker,
}

/// The connections of one organization.
struct Room {
    out: broadcast::Sender<Arc<Heard>>,
    members: usize,
    /// Subscribed, and caught up with.
    live: bool,
    /// The last entry heard.
    at: Option<Position>,
}

/// A connection's place in its organization's room. Dropping it leaves.
pub struct Member {
    hub: Hub,
    organization: OrganizationId,
    pub heard: broadcast::Receiver<Arc<Heard>>,
}

/// The leave to have a connection. Dropping it gives it back.
pub struct Seat {
    hub: Hub,
    subject: Uuid,
}

impl Hub {
    /// Hears nothing until [`Hub::run`].
    pub fn new(transport: &Transport, limits: Limits) -> Self {
        let (looks, looked) = mpsc::unbounded_channel();
        Self(Arc::new(Inner {
            client: transport.client(),
            stream: Stream::new(transport.connection()),
            limits,
            rooms: Mutex::default(),
            looks,
            looked: Mutex::new(Some(looked)),
            seats: Mutex::default(),
            stopping: CancellationToken::new(),
            connections: TaskTracker::new(),
        }))
    }

    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Cancelled when connections should end.
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// Follows the connection to its end, which the process waits for.
    pub async fn follow(&self, connection: impl Future<Output = ()>) {
        self.0.connections.track_future(connection).await;
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<OrganizationId, Room>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave for one more connection of the user or key.
    pub fn seat(&self, subject: Uuid) -> Result<Seat, Full> {
        let mut seats = self.seats();
        let all: usize = seats.values().sum();
        if all >= self.0.limits.per_process {
            return Err(Full::Process);
        }
        let own = seats.entry(subject).or_default();
        if *own >= self.0.limits.per_subject {
            return Err(Full::Subject);
        }
        *own += 1;
        metrics::gauge!("frontdesk_live_connections").increment(1);
        Ok(Seat { hub: self.clone(), subject })
    }

    /// A place in the organization's room. What is heard from now on waits for whoever has it.
    pub fn join(&self, organization: OrganizationId) -> Member {
        let mut rooms = self.rooms();
        let room = rooms.entry(organization).or_insert_with(|| Room {
            out: broadcast::Sender::new(self.0.limits.behind),
            members: 0,
            live: false,
            at: None,
        });
        room.members += 1;
        if room.members == 1 {
            self.0.looks.send(organization).ok();
        }
        Member { hub: self.clone(), organization, heard: room.out.subscribe() }
    }

    /// Keeps the subscription until `stop`; returns when all connections have ended then.
    pub async fn run(self, stop: CancellationToken) {
        let looked = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(looked) = looked {
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.listen(looked) => {}
            }
        }
        self.0.stopping.cancel();
        self.0.connections.close();
        self.0.connections.wait().await;
    }

    async fn listen(&self, mut looked: mpsc::UnboundedReceiver<OrganizationId>) {
        let mut failed = 0_u32;
        loop {
            // No connection to Redis for nobody.
            let nobody = self.rooms().is_empty();
            if nobody && looked.recv().await.is_none() {
                return;
            }
            let lost = match timeout(PATIENCE, self.0.client.get_async_pubsub()).await {
                Ok(Ok(pubsub)) => self.serve(pubsub, &mut looked, &mut failed).await.to_string(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no connection in time".to_owned(),
            };
            tracing::warn!(error = %lost, "live.subscription_lost");
            self.pause();
            failed = (failed + 1).min(8);
            let pause = (Duration::from_millis(100) * 2_u32.pow(failed)).min(LONGEST_PAUSE);
            tokio::time::sleep(pause.mul_f64(0.5 + crypto::jitter() / 2.0)).await;
        }
    }

    /// Hears until the subscription is lost, and says how it was.
    async fn serve(
        &self,
        pubsub: PubSub,
        looked: &mut mpsc::UnboundedReceiver<OrganizationId>,
        failed: &mut u32,
    ) -> StreamError {
        let (mut sink, mut messages) = pubsub.split();
        let mut subscribed = HashSet::new();
        let there: Vec<OrganizationId> = self.rooms().keys().copied().collect();
        if let Err(error) = self.subscribe(&mut sink, &mut subscribed, &there).await {
            return error;
        }
        *failed = 0;
        let mut pulse = tokio::time::interval(PULSE);
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                message = messages.next() => match message {
                    Some(message) => {
                        self.dispatch(&message);
                        Ok(())
                    }
                    None => Err(StreamError::Closed),
                },
                look = looked.recv() => match look {
                    Some(organization) => self.look(&mut sink, &mut subscribed, organization).await,
                    None => Err(StreamError::Closed),
                },
                _ = pulse.tick() => within(sink.ping::<redis::Value>()).await.map(drop),
            };
            if let Err(error) = done {
                return error;
            }
        }
    }

    /// Somebody entered the room, or the last one left.
    async fn look(
        &self,
        sink: &mut PubSubSink,
        subscribed: &mut HashSet<OrganizationId>,
        organization: OrganizationId,
    ) -> Result<(), StreamError> {
        let wanted = {
            let mut rooms = self.rooms();
            let wanted = rooms.get(&organization).is_some_and(|room| room.members > 0);
            if !wanted {
                rooms.remove(&organization);
            }
            wanted
        };
        match (wanted, subscribed.contains(&organization)) {
            (true, false) => self.subscribe(sink, subscribed, &[organization]).await,
            (false, true) => {
                subscribed.remove(&organization);
                within(sink.unsubscribe(stream::channel(organization))).await
            }
            // Left and entered again meanwhile: the room may be another one, that nobody has caught up with.
            (true, true) => self.catch_up(organization).await,
            (false, false) => Ok(()),
        }
    }

    async fn subscribe(
        &self,
        sink: &mut PubSubSink,
        subscribed: &mut HashSet<OrganizationId>,
        organizations: &[OrganizationId],
    ) -> Result<(), StreamError> {
        for some in organizations.chunks(AT_ONCE) {
            let channels: Vec<String> = some.iter().map(|o| stream::channel(*o)).collect();
            within(sink.subscribe(channels)).await?;
        }
        for organization in organizations {
            subscribed.insert(*organization);
            self.catch_up(*organization).await?;
        }
        Ok(())
    }

    /// Tells the room what it has missed, and that it is live. What is heard twice is passed over by its position.
    async fn catch_up(&self, organization: OrganizationId) -> Result<(), StreamError> {
        let known = {
            let rooms = self.rooms();
            let Some(room) = rooms.get(&organization) else { return Ok(()) };
            if room.live {
                return Ok(());
            }
            room.at.clone()
        };
        let Since { at, covered, entries } = self.0.stream.since(organization, known.as_ref()).await?;
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&organization) else { return Ok(()) };
        for entry in entries {
            room.tell(entry);
        }
        if known.is_some() && !covered {
            room.say(Heard::Reset(at.clone()));
        }
        room.at = Some(at.clone());
        room.live = true;
        room.say(Heard::Live(at));
        Ok(())
    }

    fn dispatch(&self, message: &redis::Msg) {
        let Some(organization) = stream::organization_of(message.get_channel_name()) else { return };
        let entry = message.get_payload::<String>().ok().and_then(|payload| stream::heard(&payload));
        let Some(entry) = entry else {
            tracing::warn!("live.odd_message");
            return;
        };
        let mut rooms = self.rooms();
        if let Some(room) = rooms.get_mut(&organization)
            && !room.at.as_ref().is_some_and(|at| entry.0.is_covered_by(at))
        {
            metrics::counter!("frontdesk_live_heard").increment(1);
            room.tell(entry);
        }
    }

    fn pause(&self) {
        for room in self.rooms().values_mut() {
            room.live = false;
            room.say(Heard::Paused);
        }
    }
}

impl Room {
    fn tell(&mut self, (at, notes): Entry) {
        self.at = Some(at.clone());
        self.say(match notes {
            Some(notes) => Heard::Notes { at, notes },
            None => Heard::Reset(at),
        });
    }

    fn say(&self, heard: Heard) {
        // Nobody is there any more: the room is about to be closed.
        drop(self.out.send(Arc::new(heard)));
    }
}

impl Member {
    /// What was told since the position; for whoever comes back.
    pub async fn since(&self, after: Option<&Position>) -> Result<Since, StreamError> {
        self.hub.0.stream.since(self.organization, after).await
    }

    /// Whether all there is will be heard; otherwise [`Heard::Live`] will say so.
    pub fn is_live(&self) -> bool {
        self.hub.rooms().get(&self.organization).is_some_and(|room| room.live)
    }

    /// Passes over what waits, and says where that leads to; none where nothing is heard for a while.
    pub fn skip_to_end(&mut self) -> Option<Position> {
        let rooms = self.hub.rooms();
        self.heard = self.heard.resubscribe();
        let room = rooms.get(&self.organization).filter(|room| room.live)?;
        room.at.clone()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut rooms = self.hub.rooms();
        if let Some(room) = rooms.get_mut(&self.organization) {
            room.members -= 1;
            if room.members == 0 {
                self.hub.0.looks.send(self.organization).ok();
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.seats();
        if let Some(own) = seats.get_mut(&self.subject) {
            *own -= 1;
            if *own == 0 {
                seats.remove(&self.subject);
            }
        }
        metrics::gauge!("frontdesk_live_connections").decrement(1);
    }
}

async fn within<T>(call: impl Future<Output = redis::RedisResult<T>>) -> Result<T, StreamError> {
    Ok(timeout(PATIENCE, call).await.map_err(|_| StreamError::Slow)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(limits: Limits) -> Hub {
        Hub::new(&Transport::lazy("redis://127.0.0.1:1/").expect("URL"), limits)
    }

    #[tokio::test]
    async fn seats_are_counted_per_subject_and_in_all() {
        let hub = hub(Limits { per_subject: 2, per_process: 3, ..Limits::default() });
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = hub.seat(one).expect("seat");
        let _second = hub.seat(one).expect("seat");
        assert_eq!(hub.seat(one).err(), Some(Full::Subject));
        let _third = hub.seat(other).expect("seat");
        assert_eq!(hub.seat(other).err(), Some(Full::Process));
        drop(first);
        drop(hub.seat(one).expect("given back"));
    }

    #[tokio::test]
    async fn a_room_is_there_as_long_as_somebody_is_in_it() {
        let hub = hub(Limits::default());
        let organization = OrganizationId(Uuid::from_u128(1));
        let first = hub.join(organization);
        drop(hub.join(organization));
        drop(first);
        let mut looked = hub.0.looked.lock().expect("looked").take().expect("once");
        assert_eq!((looked.try_recv(), looked.try_recv()), (Ok(organization), Ok(organization)), "opened, left");
        assert!(looked.try_recv().is_err());
    }

    #[tokio::test]
    async fn who_does_not_read_holds_nobody_and_nothing() {
        let hub = hub(Limits { behind: 4, ..Limits::default() });
        let organization = OrganizationId(Uuid::from_u128(1));
        let (mut slow, mut quick) = (hub.join(organization), hub.join(organization));
        let position = |n: u64| format!("a-{n}-0").parse::<Position>().expect("position");
        for n in 1..=1000 {
            hub.rooms().get_mut(&organization).expect("room").tell((position(n), Some(Vec::new())));
            assert!(
                matches!(&*quick.heard.recv().await.expect("heard"), Heard::Notes { at, .. } if *at == position(n))
            );
        }
        assert!(matches!(slow.heard.recv().await, Err(broadcast::error::RecvError::Lagged(996))));
        assert_eq!(slow.skip_to_end(), None, "not caught up with");
        hub.rooms().get_mut(&organization).expect("room").live = true;
        assert_eq!(slow.skip_to_end(), Some(position(1000)));
        assert!(slow.heard.try_recv().is_err(), "all of it is passed over");
    }
}
