//! What the eval breaker asks for: signals, pending calls, giving up the GIL,
//! exceptions set by other threads (`eval_frame_handle_pending` in `ceval.c`).

use core::sync::atomic::Ordering::Relaxed;

use pyrt_cpython::api;
use pyrt_cpython::inline::decref;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};

use super::regs::{error, leaf_op, next_checked};

leaf_op! {
    /// Serves the eval breaker, then dispatches the instruction at `ip`.
    #[cold]
    fn handle(r, _) {
        if !serve(r.ts) {
            error!(r)
        }
        next_checked!(r)
    }
}

/// Serves the eval breaker; false when one of the served raised.
///
/// # Safety
/// The current thread's state, the GIL held, all frames true.
pub(crate) unsafe fn serve(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state, GIL held.
    unsafe {
        let interp = (*ts).interp;
        // Signals first, then pending calls: it does nothing where there are none.
        if api::Py_MakePendingCalls() != 0 {
            return false;
        }
        if (*PyInterpreterState::gil_drop_request(interp)).load(Relaxed) != 0 {
            api::PyEval_RestoreThread(api::PyEval_SaveThread());
        }
        let exc = (*ts).async_exc;
        if !exc.is_null() {
            (*ts).async_exc = core::ptr::null_mut();
            *PyInterpreterState::pending_async_exc(interp) = 0;
            // Taking the GIL anew recomputes the eval breaker.
            api::PyEval_RestoreThread(api::PyEval_SaveThread());
            api::PyErr_SetNone(exc);
            decref(exc);
            return false;
        }
        true
    }
}
