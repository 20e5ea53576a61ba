//! Code objects that are kept alive.

use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::inline::{decref, incref};

/// A code object kept alive: a recording may outlive the frame that it watched.
pub(crate) struct LiveCode(pub(crate) *mut PyCodeObject, bool);

impl LiveCode {
    /// # Safety
    /// A live code object, the GIL held.
    pub(crate) unsafe fn new(code: *mut PyCodeObject) -> LiveCode {
        // SAFETY: by the caller's promise.
        unsafe { incref(code.cast()) };
        LiveCode(code, true)
    }

    /// Keeps the code alive no longer.
    pub(crate) fn let_go(&mut self) {
        if core::mem::take(&mut self.1) {
            // SAFETY: owned since `new`; the GIL is held.
            unsafe { decref(self.0.cast()) }
        }
    }
}

impl Clone for LiveCode {
    fn clone(&self) -> LiveCode {
        // SAFETY: kept alive by this one.
        unsafe { LiveCode::new(self.0) }
    }
}

impl Drop for LiveCode {
    fn drop(&mut self) {
        self.let_go();
    }
}
