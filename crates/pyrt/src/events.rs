//! Events that the program listens to: what was compiled, what was given up, where compiled code was left.
//!
//! They are put into a queue where they happen, and given to the program's function when the eval breaker is
//! polled next, on the main thread: nothing of the program may run in the middle of the compiler's work.
//! Nothing happens while nobody listens.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;

use crate::json;

/// What may be listened to; the values are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Event {
    Compile = 1,
    Abort = 2,
    Deopt = 4,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Event::Compile => "compile",
            Event::Abort => "abort",
            Event::Deopt => "deopt",
        }
    }
}

/// More events at once are dropped.
const LONGEST_QUEUE: usize = 4096;

struct State {
    queue: Vec<String>,
    dropped: u64,
    /// The program's function, or null.
    listener: *mut PyObject,
}

struct Cell(UnsafeCell<State>);

// SAFETY: accessed with the GIL held.
unsafe impl Sync for Cell {}

static STATE: Cell = Cell(UnsafeCell::new(State {
    queue: Vec::new(),
    dropped: 0,
    listener: null_mut(),
}));

/// The bits of what is listened to.
static WANTED: AtomicU8 = AtomicU8::new(0);

/// Whether anybody listens.
#[inline]
pub(crate) fn are_wanted(event: Event) -> bool {
    WANTED.load(Relaxed) & event as u8 != 0
}

/// Somebody looks at what is counted of trees later on.
static OBSERVED: AtomicBool = AtomicBool::new(false);

/// Whether somebody looks at what is counted of trees later on.
#[inline]
pub(crate) fn are_observed() -> bool {
    OBSERVED.load(Relaxed)
}

/// Somebody will look at what is counted of trees, or does no more.
pub(crate) fn observe(on: bool) {
    OBSERVED.store(on, Relaxed);
}

/// Has a function called with events of these bits; null for none.
///
/// # Safety
/// A live object, or null; the GIL is held.
pub(crate) unsafe fn listen(listener: *mut PyObject, bits: u8) {
    // SAFETY: by the caller's promise. The old one is given up last, because that may run anything.
    unsafe {
        let state = STATE.0.get();
        if !listener.is_null() {
            incref(listener);
        }
        let before = core::mem::replace(&mut (*state).listener, listener);
        WANTED.store(if listener.is_null() { 0 } else { bits }, Relaxed);
        xdecref(before);
    }
}

/// Something has happened, if anybody wants to know; members are JSON.
pub(crate) fn note(event: Event, members: impl FnOnce() -> Vec<(&'static str, String)>) {
    if !are_wanted(event) {
        return;
    }
    // SAFETY: the GIL is held, and `members` does not come back here.
    unsafe {
        let state = &mut *STATE.0.get();
        if state.queue.len() >= LONGEST_QUEUE {
            state.dropped += 1;
            return;
        }
        let mut all = vec![("event", json::string(event.name()))];
        all.extend(members());
        state.queue.push(json::object(&all));
        if state.queue.len() == 1 {
            api::Py_AddPendingCall(deliver, null_mut());
        }
    }
}

/// Gives the program what is in the queue.
unsafe extern "C" fn deliver(_: *mut c_void) -> c_int {
    // SAFETY: CPython calls it with the GIL held.
    unsafe {
        let state = STATE.0.get();
        let (queue, listener) = (core::mem::take(&mut (*state).queue), (*state).listener);
        let dropped = core::mem::take(&mut (*state).dropped);
        if listener.is_null() || queue.is_empty() {
            return 0;
        }
        let text = json::object(&[
            ("events", json::array(queue)),
            ("dropped", dropped.to_string()),
        ]);
        let text = api::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize);
        incref(listener);
        let result = if text.is_null() {
            null_mut()
        } else {
            api::PyObject_CallOneArg(listener, text)
        };
        if result.is_null() {
            api::PyErr_WriteUnraisable(listener);
        }
        xdecref(text);
        xdecref(result);
        decref(listener);
        0
    }
}
