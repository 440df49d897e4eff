//! Live updates: what a transaction changed is told to the browsers of its organization once it is committed, never before.
//!
//! Told is which rows changed, and nothing of what stands in them: whoever shows them asks for them anew, and sees what they may see. The
//! way is commit → [`Publisher`] → Redis (a capped stream per organization to resume from, and a channel) → [`Hub`] of every process →
//! its connections. All of it is liveness: without Redis work goes on, and who may have missed something is told so (`reset`).

mod hub;
mod note;
mod publisher;
mod stream;

pub use hub::{Full, Heard, Hub, Limits, Member, Seat};
pub use note::{Kind, Note};
pub(super) use note::{Told, of_event};
pub use publisher::{Publisher, publisher, spawn_publisher};
pub use stream::{Position, Since};
