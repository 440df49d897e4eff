//! What may become of a report. Pure.

use super::model::ReportStatus;

/// What staff does with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Start,
    Resolve,
    Reopen,
}

/// The step does not fit the state the report is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrongState;

impl ReportStatus {
    /// The state after the step. What is small may be resolved without having been started.
    pub(super) const fn after(self, step: Step) -> Result<Self, WrongState> {
        match (self, step) {
            (Self::Open, Step::Start) => Ok(Self::InProgress),
            (Self::Open | Self::InProgress, Step::Resolve) => Ok(Self::Resolved),
            (Self::Resolved, Step::Reopen) => Ok(Self::Open),
            (Self::InProgress | Self::Resolved, Step::Start)
            | (Self::Resolved, Step::Resolve)
            | (Self::Open | Self::InProgress, Step::Reopen) => Err(WrongState),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_step_fits_the_states_it_is_for() {
        use ReportStatus::{InProgress, Open, Resolved};
        assert_eq!(Open.after(Step::Start), Ok(InProgress));
        assert_eq!(InProgress.after(Step::Start), Err(WrongState));
        assert_eq!(Open.after(Step::Resolve), Ok(Resolved));
        assert_eq!(InProgress.after(Step::Resolve), Ok(Resolved));
        assert_eq!(Resolved.after(Step::Resolve), Err(WrongState));
        assert_eq!(Resolved.after(Step::Start), Err(WrongState));
        assert_eq!(Resolved.after(Step::Reopen), Ok(Open));
        assert_eq!(Open.after(Step::Reopen), Err(WrongState));
    }

    proptest! {
        /// Whatever is done in whatever order: no step works twice running, and resolved is left only by reopening.
        #[test]
        fn no_step_works_twice_running(steps in proptest::collection::vec(0..3usize, 0..40)) {
            let mut status = ReportStatus::Open;
            for step in steps.into_iter().map(|n| [Step::Start, Step::Resolve, Step::Reopen][n]) {
                if let Ok(next) = status.after(step) {
                    prop_assert_ne!(next, status);
                    prop_assert!(status != ReportStatus::Resolved || step == Step::Reopen);
                    prop_assert_eq!(next.after(step), Err(WrongState));
                    status = next;
                }
            }
        }
    }
}
