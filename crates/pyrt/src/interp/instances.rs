//! Calls of objects whose classes define `__call__` in Python.
//!
//! ```text
//!   NULL object args…     before the call, and while __call__ runs, which is noted in its frame as its purpose
//!   result                after it
//! ```

use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, flags};
use pyrt_cpython::state::runtime;
use pyrt_spec::Purpose;

use super::handlers::call;
use super::regs::{become_op, op, start_frame};
use super::{constructor, methods, results};

/// The `__call__` of an object, if it is a function in Python. That depends on the object's type alone.
pub(crate) unsafe fn find(callable: *mut PyObject) -> Option<*mut PyFunctionObject> {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(callable);
        if (*class).tp_flags & flags::HAVE_VECTORCALL != 0 {
            return None;
        }
        methods::method(class, runtime::id___call__())
    }
}

op! {
    /// `CALL` of an object that calls its `__call__` in this evaluation.
    fn CALL_INSTANCE(r, total) {
        let (start, object) = (r.peek(total + 2), r.peek(total + 1));
        let known = start.is_null() && total <= constructor::MOST_ARGUMENTS;
        let Some(function) = find(object).filter(|_| known && methods::run_here(r.ts)) else {
            become_op!(r, total, call::CALL)
        };
        let names = core::ptr::replace(r.kwnames(), core::ptr::null_mut());
        let purpose = Purpose::Instance;
        if methods::enter_operation(r.ts, purpose) {
            r.save_sp();
            return results::fail(purpose, r.frame, r.ts, r.table);
        }
        let arguments = (r.sp.sub(total + 1).cast_const(), total + 1);
        let frame = methods::push(r.ts, purpose, function, arguments, names);
        r.save_sp();
        if frame.is_null() {
            return results::after_failure(purpose, r.frame, r.ts, r.table);
        }
        start_frame!(r, frame)
    }
}
