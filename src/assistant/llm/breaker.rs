//! Leaves a failing endpoint alone for a while, so that nobody waits for what will fail again.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

/// When a circuit opens and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Circuit {
    /// Failures in a row that open it.
    pub failures: u32,
    pub first_rest: Duration,
    /// Each failed probe doubles the rest, up to this.
    pub longest_rest: Duration,
    /// After what will not pass by itself: a refused key, no credit, an unknown model.
    pub rest_until_mended: Duration,
}

impl Default for Circuit {
    fn default() -> Self {
        Self {
            failures: 3,
            first_rest: Duration::from_secs(30),
            longest_rest: Duration::from_secs(300),
            rest_until_mended: Duration::from_secs(600),
        }
    }
}

/// What a try says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It works, whatever it answered.
    Works,
    Failed,
    /// It will fail for so long.
    Rest(Duration),
    /// Nothing was learnt.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Breaker {
    circuit: Circuit,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// In a row.
    failures: u32,
    open: Option<Open>,
    /// One request is finding out whether an open circuit may close.
    probing: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    until: Instant,
    rest: Duration,
}

impl Breaker {
    pub(super) fn new(circuit: Circuit) -> Self {
        Self { circuit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("circuit state")
    }

    /// None while the circuit is open. Once its rest is over, one request at a time may probe.
    pub(super) fn admit(&self) -> Option<Pass<'_>> {
        let mut state = self.state();
        let probe = match state.open {
            None => false,
            Some(open) if Instant::now() < open.until || state.probing => return None,
            Some(_) => true,
        };
        state.probing |= probe;
        Some(Pass { breaker: self, probe })
    }

    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.failures == 0 && state.open.is_none()
    }
}

/// Leave for one try. Dropped without a verdict (the asker went away), it leaves things as they were.
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Pass<'_> {
    pub(super) fn settle(self, verdict: Verdict) {
        let circuit = self.breaker.circuit;
        let mut state = self.breaker.state();
        let rest = match verdict {
            Verdict::Unknown => return,
            Verdict::Works => {
                (state.failures, state.open) = (0, None);
                return;
            }
            Verdict::Rest(rest) => rest,
            Verdict::Failed => match state.open {
                Some(open) if self.probe => (open.rest * 2).min(circuit.longest_rest),
                // Another request opened it while this one was under way.
                Some(_) => return,
                None => {
                    state.failures += 1;
                    if state.failures < circuit.failures {
                        return;
                    }
                    circuit.first_rest
                }
            },
        };
        state.open = Some(Open { until: Instant::now() + rest, rest });
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.state().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn settle(breaker: &Breaker, verdict: Verdict) {
        breaker.admit().expect("closed, or time for a probe").settle(verdict);
    }

    async fn rests_for(breaker: &Breaker, seconds: u64) {
        assert!(breaker.admit().is_none(), "open at once");
        advance(Duration::from_secs(seconds) - Duration::from_millis(1)).await;
        assert!(breaker.admit().is_none(), "open until {seconds} s are over");
        advance(Duration::from_millis(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn three_failures_in_a_row_open_it_and_each_failed_probe_doubles_the_rest() {
        let breaker = Breaker::new(Circuit::default());
        for verdict in [Verdict::Failed, Verdict::Failed, Verdict::Works, Verdict::Failed, Verdict::Failed] {
            settle(&breaker, verdict);
        }
        settle(&breaker, Verdict::Failed);
        for seconds in [30, 60, 120, 240, 300, 300] {
            rests_for(&breaker, seconds).await;
            settle(&breaker, Verdict::Failed);
        }
        rests_for(&breaker, 300).await;
        settle(&breaker, Verdict::Works);
        assert!(breaker.is_idle());
        settle(&breaker, Verdict::Failed);
        assert!(breaker.admit().is_some(), "counting starts anew");
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_and_a_forgotten_one_gives_way() {
        let breaker = Breaker::new(Circuit::default());
        settle(&breaker, Verdict::Rest(Duration::from_secs(600)));
        rests_for(&breaker, 600).await;
        let probe = breaker.admit().expect("a probe");
        assert!(breaker.admit().is_none(), "the others wait for it");
        drop(probe);
        let probe = breaker.admit().expect("another probe");
        probe.settle(Verdict::Unknown);
        settle(&breaker, Verdict::Works);
        assert!(breaker.is_idle());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_were_under_way_when_it_opened_do_not_lengthen_the_rest() {
        let breaker = Breaker::new(Circuit::default());
        let passes: Vec<_> = (0..6).map(|_| breaker.admit().expect("closed")).collect();
        for pass in passes {
            pass.settle(Verdict::Failed);
        }
        rests_for(&breaker, 30).await;
        assert!(breaker.admit().is_some());
    }
}
