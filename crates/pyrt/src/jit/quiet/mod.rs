//! Operations of C that run no code of the program: quiet helpers.
//!
//! The frames are behind while these run, so they must not do what anybody could look at a frame from: run
//! the collector, compare or hash objects of the program's classes, give up last references to what has
//! finalizers, warn, tell `tracemalloc` of a new object, or look for signals. The last is why hardly anything
//! here computes with int objects: their division, multiplication and conversion to decimal look for signals.
//! Where that would happen they do nothing and say so, and the interpreter executes the instruction. The same
//! goes for exceptions: the interpreter raises them again, with all frames as they have to be. So nothing here
//! fails half-way. Families are in [`calls`], [`characters`], [`classes`], [`keys`], [`sequences`], [`text`], [`new`], [`iterators`] with [`next`], and
//! [`numbers`].

mod calls;
pub(super) mod characters;
mod classes;
mod iterators;
mod keys;
mod next;
mod numbers;
mod pairs;
mod sequences;
mod text;

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState, collector_is_due};
use pyrt_trace::Helper;

use crate::interp::handlers::precall;
pub(super) use iterators::{ITER_DEPTH, is_quiet_iter};
pub(super) use keys::{dict_item, may_be_key};
pub(super) use next::viewed;
pub(super) use text::formats_quietly;

type Obj = *mut PyObject;
type Thread = *mut PyThreadState;

/// The address of a quiet helper.
pub(super) fn address(helper: Helper) -> usize {
    let families = [
        calls::address,
        characters::address,
        classes::address,
        keys::address,
        sequences::address,
        text::address,
        iterators::address,
        numbers::address,
    ];
    let found = families.iter().find_map(|family| family(helper));
    found.expect("the runtime has the others") as usize
}

/// What [`quiet_next`] returns where the interpreter has to take the item. Its address counts.
static LEAVE: u64 = 0;

/// The object that says that the interpreter has to take the next item.
pub(super) fn leave() -> u64 {
    (&raw const LEAVE).addr() as u64
}

/// Computes an object while the collector rests, because exceptions and temporary tuples are containers, too. Also says whether
/// it would have run: what may come from a free list does not count, so that shows afterwards only.
#[inline(always)]
unsafe fn undisturbed(ts: Thread, compute: impl FnOnce() -> Obj) -> (Obj, bool) {
    // SAFETY: the current thread's state.
    unsafe {
        let enabled = PyInterpreterState::gc_enabled((*ts).interp);
        let count = PyInterpreterState::gc_count((*ts).interp);
        let (before, count_before) = (core::mem::replace(&mut *enabled, 0), *count);
        let result = compute();
        *enabled = before;
        (result, *count > count_before && collector_is_due(ts, 0))
    }
}

/// Computes an object, which may be a new container: null, without an exception, where that fails or is not quiet.
unsafe fn quietly(ts: Thread, containers: bool, compute: impl FnOnce() -> Obj) -> Obj {
    // SAFETY: the current thread's state.
    unsafe {
        if traces_memory() {
            return null_mut();
        }
        let (result, due) = undisturbed(ts, compute);
        if result.is_null() {
            api::PyErr_Clear();
        } else if containers && due {
            decref(result);
            return null_mut();
        }
        result
    }
}

/// Calls a callable of C as the interpreter does: null with an exception, or [`leave`] where that was not quiet.
#[inline(always)]
unsafe fn call<const N: usize>(
    ts: Thread,
    containers: i64,
    callable: Obj,
    arguments: [Obj; N],
) -> Obj {
    // SAFETY: live objects.
    unsafe {
        if traces_memory() {
            return leave() as Obj;
        }
        let arguments = arguments.as_ptr();
        let (result, due) = undisturbed(ts, || {
            precall::call_c(ts, callable, arguments, (N, null_mut()))
                .unwrap_or_else(|| api::PyObject_Vectorcall(callable, arguments, N, null_mut()))
        });
        if result.is_null() {
            if !due && err_occurred(ts) {
                return result;
            }
            api::PyErr_Clear();
        } else if containers != 0 && due {
            decref(result);
        } else {
            return result;
        }
        leave() as Obj
    }
}

/// Clears the exception of a computation that makes no containers.
unsafe fn or_clear(object: Obj) -> Obj {
    if object.is_null() {
        // SAFETY: the GIL is held. A MemoryError is all that there can be, and that is made beforehand.
        unsafe { api::PyErr_Clear() };
    }
    object
}
