//! Calls with spread arguments, `f(*a)` and `f(*a, **k)`, of functions in Python and their bound methods.
//!
//! ```text
//!   NULL callable tuple [dict]    before the call, and while the function runs, which is noted in its frame as its purpose
//!   result                        after it
//! ```

use core::ptr::null_mut;

use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyDictObject, PyMethodObject, PyObject};
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::Purpose;

use super::handlers::call;
use super::regs::{become_op, op, start_frame};
use super::{methods, results};
use crate::jit::nested;

/// How many arguments such a call has at most.
const MOST_ARGUMENTS: usize = 16;

/// A call of a function that is given what is in a tuple, and nothing by name.
pub(crate) struct Spread {
    pub(crate) function: *mut PyFunctionObject,
    /// What comes before the items of the tuple: what a method is bound to, or null.
    pub(crate) this: *mut PyObject,
    pub(crate) tuple: *mut PyObject,
}

/// The call that `CALL_FUNCTION_EX` with this argument is about to make, if it is of this kind.
///
/// # Safety
/// The operands are on the stack below `sp`.
pub(crate) unsafe fn find(sp: *mut *mut PyObject, oparg: usize) -> Option<Spread> {
    // SAFETY: by the caller's promise.
    unsafe {
        let named = oparg & 1;
        if named != 0 {
            let names = *sp.sub(1);
            if !is_dict(names) || (*names.cast::<PyDictObject>()).ma_used != 0 {
                return None;
            }
        }
        let (tuple, callable) = (*sp.sub(named + 1), *sp.sub(named + 2));
        let (function, this) = match is_method(callable) {
            true => {
                let method: *mut PyMethodObject = callable.cast();
                ((*method).im_func, (*method).im_self)
            }
            false => (callable, null_mut()),
        };
        let fits = is_function(function) && is_tuple(tuple);
        (fits && size_of(tuple) < MOST_ARGUMENTS as isize).then_some(Spread {
            function: function.cast(),
            this,
            tuple,
        })
    }
}

impl Spread {
    /// How many arguments there are.
    pub(crate) fn count(&self) -> usize {
        // SAFETY: a live tuple.
        unsafe { size_of(self.tuple) as usize + usize::from(!self.this.is_null()) }
    }

    /// The arguments, one after the other.
    unsafe fn arguments(&self) -> [*mut PyObject; MOST_ARGUMENTS] {
        let mut arguments = [null_mut(); MOST_ARGUMENTS];
        let first = usize::from(!self.this.is_null());
        arguments[0] = self.this;
        // SAFETY: a live tuple, which is not that long.
        unsafe {
            for (at, argument) in arguments[first..self.count()].iter_mut().enumerate() {
                *argument = tuple_item(self.tuple, at);
            }
        }
        arguments
    }

    /// Makes the call in an evaluation of its own.
    ///
    /// # Safety
    /// `ts` is the current thread's state.
    #[inline(never)]
    pub(super) unsafe fn call(&self, ts: *mut PyThreadState) -> *mut PyObject {
        // SAFETY: live objects, of which the callee gets references of its own.
        unsafe {
            let (arguments, count) = (self.arguments(), self.count());
            arguments[..count].iter().for_each(|object| incref(*object));
            incref(self.function.cast());
            nested::call_function(ts, self.function, arguments.as_ptr(), (count, null_mut()))
        }
    }

    /// The frame for the call in the present evaluation; null with an exception set.
    #[inline(never)]
    unsafe fn push(&self, ts: *mut PyThreadState) -> *mut PyInterpreterFrame {
        // SAFETY: live objects.
        unsafe {
            let (arguments, count) = (self.arguments(), self.count());
            let given = (arguments.as_ptr(), count);
            methods::push(ts, Purpose::Spread, self.function, given, null_mut())
        }
    }
}

op! {
    /// `CALL_FUNCTION_EX` that calls a function in this evaluation.
    fn CALL_SPREAD(r, oparg) {
        let Some(spread) = find(r.sp, oparg).filter(|_| methods::run_here(r.ts)) else {
            become_op!(r, oparg, call::CALL_FUNCTION_EX)
        };
        let frame = spread.push(r.ts);
        r.save_sp();
        if frame.is_null() {
            return results::fail(Purpose::Spread, r.frame, r.ts, r.table);
        }
        start_frame!(r, frame)
    }
}
