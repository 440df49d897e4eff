//! One connection, from the handshake to its end. It is never waited for: what it does not take in time it is not told, but that it
//! missed something.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde::Serialize;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use uuid::Uuid;

use super::{
    Topic,
    audience::{hears, is_about_staff},
};
use crate::{
    accounts::{Badge, Caller},
    platform::{
        crypto,
        http::Core,
        live::{Heard, Hub, Kind, Member, Note, Position, Seat},
        problem::StatusCode,
    },
};

/// Frames that somebody may send in the time between two heartbeats; nobody needs to send any.
const MOST_SENT: u32 = 100;
/// How long it is not known whether Redis is there before it counts as away.
const UNDECIDED: Duration = Duration::from_secs(2);
/// How long the other end has for its goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Rows of one kind that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LiveNote)]
pub struct Changed {
    kind: Kind,
    /// Left out: some, it is not known which.
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<Uuid>>,
}

/// What the server says. `at` is where one is in what was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = LiveFrame)]
pub enum Frame {
    /// All that changes is told from here on; what was missed since `after` follows.
    Live { at: String },
    /// These rows changed.
    Notes { at: String, notes: Vec<Changed> },
    /// Something may have been missed. All that changes is told from here on.
    Reset { at: String },
    /// Nothing is heard for a while; live or reset ends it.
    Paused,
    /// The connection is there.
    Beat {
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The other end is gone, or takes nothing.
    Gone,
    /// The process stops, or the connection has lasted long enough.
    Away,
    /// Too much was said.
    Noise,
    /// The caller is nobody any more.
    Nobody,
    /// The caller may do something else than when they came.
    Another,
    /// It cannot be found out who the caller is.
    Unknown,
}

impl End {
    const fn close(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone => None,
            Self::Away => Some((1001, "connect again")),
            Self::Noise => Some((1008, "nothing needs to be sent")),
            Self::Nobody => Some((4401, "sign in again")),
            Self::Another => Some((4403, "permissions changed")),
            Self::Unknown => Some((1013, "try again later")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Away => "away",
            Self::Noise => "noise",
            Self::Nobody => "nobody",
            Self::Another => "another",
            Self::Unknown => "unknown",
        }
    }
}

/// What a connection needs.
pub(super) struct Connection {
    pub core: Core,
    pub hub: Hub,
    pub seat: Seat,
    pub badge: Badge,
    pub caller: Arc<Caller>,
    pub topic: Topic,
}

/// Where a connection stands in what is told.
#[derive(Default)]
struct Standing {
    /// What was missed before it came is settled.
    begun: bool,
    /// Where the browser is, as far as we sent; where it says it was, until that is settled.
    at: Option<Position>,
    /// It said that it was somewhere, and where cannot be read.
    lost: bool,
    /// What it was told last of whether anything is heard.
    told: Option<Mood>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Live,
    Paused,
}

impl Connection {
    pub(super) async fn serve(self, mut socket: WebSocket, after: Option<String>) {
        let end = match self.run(&mut socket, after).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        metrics::counter!("frontdesk_live_closed", "why" => end.name()).increment(1);
        if let Some((code, reason)) = end.close() {
            let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
            let goodbye = async {
                if socket.send(close).await.is_ok() {
                    while let Some(Ok(_)) = socket.recv().await {}
                }
            };
            drop(timeout(GOODBYE, goodbye).await);
        }
        drop(self.seat);
    }

    async fn run(&self, socket: &mut WebSocket, after: Option<String>) -> Result<std::convert::Infallible, End> {
        let limits = self.hub.limits();
        let mut member = self.hub.join(self.caller.organization.id);
        let at: Option<Position> = after.as_deref().and_then(|after| after.parse().ok());
        let mut standing = Standing { lost: after.is_some() && at.is_none(), at, ..Standing::default() };
        if member.is_live() {
            self.begin(socket, &member, &mut standing).await?;
        }
        let mut beat = interval_at(Instant::now() + limits.beat, limits.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Not all of a deployment at one moment.
        let mut over = std::pin::pin!(sleep(limits.lasts.mul_f64(0.9 + crypto::jitter() / 5.0)));
        let mut undecided = std::pin::pin!(sleep(UNDECIDED));
        let (mut unanswered, mut sent) = (0, 0);
        loop {
            tokio::select! {
                () = self.hub.stopping().cancelled() => return Err(End::Away),
                () = &mut over => return Err(End::Away),
                () = &mut undecided, if standing.told.is_none() => self.pause(socket, &mut standing).await?,
                _ = beat.tick() => {
                    if unanswered >= 2 {
                        return Err(End::Gone);
                    }
                    (unanswered, sent) = (unanswered + 1, 0);
                    self.check().await?;
                    self.put(socket, Message::Ping(Vec::new().into())).await?;
                    self.say(socket, &Frame::Beat { at: standing.at.as_ref().map(Position::to_string) }).await?;
                    // It was live all the time, but Redis did not answer us.
                    if !standing.begun && member.is_live() {
                        self.begin(socket, &member, &mut standing).await?;
                    }
                }
                said = socket.recv() => {
                    match said {
                        Some(Ok(Message::Pong(_))) => unanswered = 0,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
                        Some(Ok(_)) => {}
                    }
                    sent += 1;
                    if sent > MOST_SENT {
                        return Err(End::Noise);
                    }
                }
                heard = member.heard.recv() => match heard {
                    Ok(heard) => self.hear(socket, &member, &mut standing, &heard).await?,
                    Err(RecvError::Lagged(entries)) => {
                        metrics::counter!("frontdesk_live_dropped", "where" => "connection").increment(entries);
                        match member.skip_to_end() {
                            Some(at) if standing.begun => self.reset(socket, &mut standing, at).await?,
                            Some(_) => self.begin(socket, &member, &mut standing).await?,
                            None => self.pause(socket, &mut standing).await?,
                        }
                    }
                    // The room outlives its members.
                    Err(RecvError::Closed) => return Err(End::Away),
                },
            }
        }
    }

    /// Tells whoever is new, or was away, where they are and what they missed. While Redis does not answer that waits.
    async fn begin(&self, socket: &mut WebSocket, member: &Member, standing: &mut Standing) -> Result<(), End> {
        let since = match member.since(standing.at.as_ref()).await {
            Ok(since) => since,
            Err(error) => {
                tracing::debug!(%error, "live.not_begun");
                return Ok(());
            }
        };
        if standing.lost || (standing.at.is_some() && !since.covered) {
            return self.reset(socket, standing, since.at).await;
        }
        let start = standing.at.take().unwrap_or_else(|| since.at.clone());
        self.live(socket, standing, start).await?;
        for (at, notes) in since.entries {
            match notes {
                Some(notes) => self.notes(socket, standing, at, &notes).await?,
                None => self.reset(socket, standing, at).await?,
            }
        }
        standing.at = Some(since.at);
        Ok(())
    }

    async fn hear(
        &self,
        socket: &mut WebSocket,
        member: &Member,
        standing: &mut Standing,
        heard: &Heard,
    ) -> Result<(), End> {
        match heard {
            Heard::Paused => self.pause(socket, standing).await,
            Heard::Live(_) if !standing.begun => self.begin(socket, member, standing).await,
            Heard::Live(_) if standing.told == Some(Mood::Live) => Ok(()),
            Heard::Live(at) => self.live(socket, standing, at.clone()).await,
            // Whoever has not begun is told of it when they do.
            Heard::Notes { .. } | Heard::Reset(_) if !standing.begun => Ok(()),
            Heard::Notes { at, .. } if standing.at.as_ref().is_some_and(|here| at.is_covered_by(here)) => Ok(()),
            Heard::Notes { at, notes } => self.notes(socket, standing, at.clone(), notes).await,
            Heard::Reset(at) => self.reset(socket, standing, at.clone()).await,
        }
    }

    async fn pause(&self, socket: &mut WebSocket, standing: &mut Standing) -> Result<(), End> {
        if standing.told == Some(Mood::Paused) {
            return Ok(());
        }
        standing.told = Some(Mood::Paused);
        self.say(socket, &Frame::Paused).await
    }

    async fn live(&self, socket: &mut WebSocket, standing: &mut Standing, at: Position) -> Result<(), End> {
        let frame = Frame::Live { at: at.to_string() };
        *standing = Standing { begun: true, at: Some(at), lost: false, told: Some(Mood::Live) };
        self.say(socket, &frame).await
    }

    async fn reset(&self, socket: &mut WebSocket, standing: &mut Standing, at: Position) -> Result<(), End> {
        let frame = Frame::Reset { at: at.to_string() };
        *standing = Standing { begun: true, at: Some(at), lost: false, told: Some(Mood::Live) };
        metrics::counter!("frontdesk_live_resets").increment(1);
        self.say(socket, &frame).await
    }

    /// Tells what of it the caller may hear and wants to; nothing, where that is nothing.
    async fn notes(
        &self,
        socket: &mut WebSocket,
        standing: &mut Standing,
        at: Position,
        notes: &[Note],
    ) -> Result<(), End> {
        if notes.iter().any(|note| is_about_staff(note.kind)) {
            self.check().await?;
        }
        let notes: Vec<Changed> =
            notes.iter().filter(|note| hears(&self.caller, note)).filter_map(|note| self.topic.of(note)).collect();
        let frame = Frame::Notes { at: at.to_string(), notes };
        standing.at = Some(at);
        match &frame {
            Frame::Notes { notes, .. } if notes.is_empty() => Ok(()),
            _ => self.say(socket, &frame).await,
        }
    }

    /// Whether they are still who they were when they came.
    async fn check(&self) -> Result<(), End> {
        match self.badge.look(&self.core).await {
            Ok(now) if now.organization.id != self.caller.organization.id => Err(End::Another),
            Ok(now) if now.permissions != self.caller.permissions => Err(End::Another),
            Ok(_) => Ok(()),
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => Err(End::Nobody),
            Err(problem) if problem.status.is_server_error() => Err(End::Unknown),
            Err(_) => Err(End::Another),
        }
    }

    async fn say(&self, socket: &mut WebSocket, frame: &Frame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|_| End::Gone)?;
        self.put(socket, Message::Text(text.into())).await?;
        metrics::counter!("frontdesk_live_frames").increment(1);
        Ok(())
    }

    async fn put(&self, socket: &mut WebSocket, message: Message) -> Result<(), End> {
        match timeout(self.hub.limits().send_within, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

impl Topic {
    /// The part of a note that is about it.
    fn of(self, note: &Note) -> Option<Changed> {
        match self {
            Self::Rows(kind) if kind != note.kind => None,
            Self::Everything | Self::Rows(_) => Some(Changed { kind: note.kind, ids: note.ids.clone() }),
            Self::Row(kind, id) => {
                let named = note.ids.as_ref().is_none_or(|ids| ids.contains(&id));
                (note.kind == kind && named).then(|| Changed { kind, ids: Some(vec![id]) })
            }
        }
    }
}
