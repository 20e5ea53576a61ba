//! Raising, catching, re-raising.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::flags;

use crate::interp::regs::{become_op, error, next_checked, op};
use crate::interp::{errors, support, unwind};

op! {
    fn RAISE_VARARGS(r, oparg) {
        let cause = if oparg == 2 { r.pop() } else { core::ptr::null_mut() };
        let exc = if oparg >= 1 { r.pop() } else { core::ptr::null_mut() };
        if support::raise(r.ts, exc, cause) {
            become_op!(r, 0, unwind::unwind)
        }
        error!(r)
    }

    fn POP_EXCEPT(r, _) {
        let item = (*r.ts).exc_info;
        let handled = (*item).exc_value;
        (*item).exc_value = r.pop();
        xdecref(handled);
        next_checked!(r)
    }

    fn PUSH_EXC_INFO(r, _) {
        let value = r.peek(1);
        let item = (*r.ts).exc_info;
        let outer = (*item).exc_value;
        r.set_peek(1, if outer.is_null() { new_ref(none()) } else { outer });
        r.push(new_ref(value));
        (*item).exc_value = value;
        next_checked!(r)
    }

    /// With an argument, the traceback is to show the instruction that raised first.
    fn RERAISE(r, oparg) {
        if oparg != 0 {
            let lasti = r.peek(oparg + 1);
            if !has_flag(lasti, flags::LONG_SUBCLASS) {
                api::PyErr_SetString(api::PyExc_SystemError, c"lasti is not an int".as_ptr());
                error!(r)
            }
            (*r.frame).prev_instr = first_instr(r.code()).offset(api::PyLong_AsLong(lasti) as isize);
        }
        let value = r.pop();
        support::restore_exception(value);
        become_op!(r, 0, unwind::unwind)
    }

    fn PREP_RERAISE_STAR(r, _) {
        let raised = r.pop();
        let original = r.pop();
        let value = api::_PyExc_PrepReraiseStar(original, raised);
        decref(raised);
        decref(original);
        if value.is_null() {
            error!(r)
        }
        r.push(value);
        next_checked!(r)
    }

    fn END_ASYNC_FOR(r, _) {
        let value = r.pop();
        if api::PyErr_GivenExceptionMatches(value, api::PyExc_StopAsyncIteration) == 0 {
            support::restore_exception(value);
            become_op!(r, 0, unwind::unwind)
        }
        decref(value);
        let iterator = r.pop();
        decref(iterator);
        next_checked!(r)
    }

    fn CHECK_EXC_MATCH(r, _) {
        let types = r.pop();
        if !errors::check_except_type(types) {
            decref(types);
            error!(r)
        }
        let matches = api::PyErr_GivenExceptionMatches(r.peek(1), types);
        decref(types);
        r.push(new_ref(bool_(matches != 0)));
        next_checked!(r)
    }

    /// `[exception]` becomes `[rest, matched]`, or `[exception, None]`.
    fn CHECK_EG_MATCH(r, _) {
        let types = r.pop();
        if !errors::check_except_star_type(types) {
            decref(types);
            error!(r)
        }
        let exc = r.peek(1);
        let split = support::match_group(exc, types);
        decref(types);
        if split.matched.is_null() || split.rest.is_null() {
            error!(r)
        }
        if split.matched == none() {
            r.push(split.matched);
            decref(split.rest);
        } else {
            r.set_peek(1, split.rest);
            r.push(split.matched);
            api::PyErr_SetExcInfo(core::ptr::null_mut(), new_ref(split.matched), core::ptr::null_mut());
            decref(exc);
        }
        next_checked!(r)
    }
}
