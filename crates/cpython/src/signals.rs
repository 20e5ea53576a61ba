//! Whether a signal waits to be handled, without the questions that CPython asks first.
//!
//! The flag is private to CPython's `signalmodule.c`; the build makes it global, see `build.rs`.

#[cfg(pyrt_signals)]
use core::sync::atomic::{AtomicI32, Ordering};

#[cfg(pyrt_signals)]
unsafe extern "C" {
    /// `is_tripped`, which the handler of C sets.
    static pyrt_is_tripped: AtomicI32;
}

/// Whether a signal has come in that nobody has handled yet. Where that cannot be told, one may have.
#[inline(always)]
pub fn may_wait() -> bool {
    #[cfg(pyrt_signals)]
    // SAFETY: an int of CPython's that is used by atomic operations alone.
    return unsafe { pyrt_is_tripped.load(Ordering::SeqCst) } != 0;
    #[cfg(not(pyrt_signals))]
    true
}
