//! From a committed transaction to the pusher: a bounded in-process channel. What does not fit is left to the relay.

use std::time::Duration;

use tokio::sync::mpsc;

use super::model::Queue;
use crate::platform::ids::JobId;

/// "This job can run, after `delay`."
#[derive(Clone, Copy, Debug)]
pub struct Wake {
    pub queue: Queue,
    pub id: JobId,
    pub delay: Duration,
}

/// Hands wakes to the pusher of this process. A lost wake costs time, never work: the relay finds the job.
#[derive(Clone)]
pub struct Dispatcher(Option<mpsc::Sender<Wake>>);

/// Where the pusher takes wakes from.
pub type Wakes = mpsc::Receiver<Wake>;

/// A dispatcher and its other end.
pub fn dispatcher() -> (Dispatcher, Wakes) {
    let (sender, receiver) = mpsc::channel(8192);
    (Dispatcher(Some(sender)), receiver)
}

impl Dispatcher {
    /// For processes that run no workers and push nothing (commands, tests that run jobs by hand).
    pub const fn silent() -> Self {
        Self(None)
    }

    pub(crate) fn wake(&self, wakes: Vec<Wake>) {
        let Some(sender) = &self.0 else { return };
        for wake in wakes {
            if sender.try_send(wake).is_err() {
                metrics::counter!("frontdesk_job_wakes_left_to_relay").increment(1);
                break;
            }
        }
    }
}
