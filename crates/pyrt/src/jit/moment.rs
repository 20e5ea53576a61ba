//! A clock that is read for little: to some milliseconds.

use std::time::Duration;

/// A point in time. Reading [`std::time::Instant`] takes several times as long, which shows where each new loop does it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Duration);

impl Moment {
    /// Now.
    pub(crate) fn now() -> Moment {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: there is room for the time.
        unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) };
        Moment(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
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
