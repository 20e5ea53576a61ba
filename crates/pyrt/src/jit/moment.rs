//! A clock that is read for little: to some milliseconds.

use std::time::Duration;

use crate::clock;

/// A point in time. Reading [`std::time::Instant`] takes several times as long, which shows where each new loop does it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Duration);

impl Moment {
    /// Now.
    pub(crate) fn now() -> Moment {
        Moment(clock::read(libc::CLOCK_MONOTONIC_COARSE))
    }

    /// The time since then.
    pub(crate) fn elapsed(self) -> Duration {
        Moment::now().0.saturating_sub(self.0)
    }
}

impl core::ops::AddAssign<Duration> for Moment {
    fn add_assign(&mut self, later: Duration) {
        self.0 += later;
    }
}
