//! Calls: the general form, and calls of Python functions in this evaluation.
//!
//! Stack before a call of `n` arguments: `NULL, callable, args…` or
//! `method, self, args…`.

use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::code::cache::{call, precall};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyMethodObject, PyObject};
use pyrt_cpython::state::PyInterpreterState;

use super::{adaptive, drop_values};
use crate::interp::regs::{
    Regs, become_op, deopt_if, enter_function, error, leaf_op, next, next_polled, op, start_frame,
};
use crate::interp::support::VECTORCALL_ARGUMENTS_OFFSET;
use crate::interp::{args, constructor, errors, spread};
use crate::jit::nested;

/// Whether the call below `oparg` arguments has a `self`.
#[inline(always)]
pub(super) unsafe fn is_method_call(r: Regs, oparg: usize) -> bool {
    // SAFETY: the stack holds a call of `oparg` arguments.
    unsafe { !r.peek(oparg + 2).is_null() }
}

/// Keyword names of the call being prepared, borrowed or null; forgets them.
#[inline(always)]
pub(super) unsafe fn take_kwnames(r: Regs) -> *mut PyObject {
    // SAFETY: the running evaluation.
    unsafe {
        let slot = r.kwnames();
        core::ptr::replace(slot, core::ptr::null_mut())
    }
}

leaf_op! {
    fn KW_NAMES(r, oparg) {
        *r.kwnames() = r.constant(oparg);
        next!(r)
    }
}

/// Ends `CALL` by calling an object in its slot on the stack; the result replaces it, what is
/// above it, and so many slots below it.
macro_rules! call {
    ($r:ident, $callee:expr, $below:expr) => {{
        let callee = $callee;
        let arguments = callee.add(1);
        let kwnames = take_kwnames($r);
        let count = $r.sp.offset_from_unsigned(arguments) - args::count_of(kwnames);
        let flags = count | VECTORCALL_ARGUMENTS_OFFSET;
        let result = api::PyObject_Vectorcall(*callee, arguments, flags, kwnames);
        $r.jump(call::LEN as isize);
        // The callee dies first.
        let mut dropped = callee;
        while dropped < $r.sp {
            decref(*dropped);
            dropped = dropped.add(1);
        }
        $r.sp = callee.sub($below);
        $r.push(result);
        if result.is_null() {
            error!($r)
        }
        next_polled!($r)
    }};
}

op! {
    /// Unpacks a bound method that was not loaded by `LOAD_METHOD`.
    fn PRECALL(r, oparg) {
        if !is_method_call(r, oparg) {
            let function = r.peek(oparg + 1);
            if is_method(function) {
                let method: *mut PyMethodObject = function.cast();
                r.set_peek(oparg + 1, new_ref((*method).im_self));
                r.set_peek(oparg + 2, new_ref((*method).im_func));
                decref(function);
            }
        }
        r.jump(precall::LEN as isize);
        // The call must follow before anything else happens.
        next!(r)
    }

    fn PRECALL_BOUND_METHOD(r, oparg) {
        deopt_if!(r, oparg, is_method_call(r, oparg));
        let function = r.peek(oparg + 1);
        deopt_if!(r, oparg, !is_method(function));
        let method: *mut PyMethodObject = function.cast();
        r.set_peek(oparg + 1, new_ref((*method).im_self));
        r.set_peek(oparg + 2, new_ref((*method).im_func));
        decref(function);
        r.jump(precall::LEN as isize);
        next!(r)
    }

    fn PRECALL_PYFUNC(r, oparg) {
        let function = r.peek(oparg + usize::from(is_method_call(r, oparg)) + 1);
        deopt_if!(r, oparg, !is_function(function));
        r.jump(precall::LEN as isize);
        next!(r)
    }

    fn CALL(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let function = r.peek(oparg + is_meth + 1);
        if is_function(function) {
            become_op!(r, oparg, call_function)
        }
        if is_class(function) {
            become_op!(r, oparg, call_class)
        }
        become_op!(r, oparg, call_any)
    }

    /// `CALL` of a Python function, in this evaluation.
    fn call_function(r, oparg) {
        if (*PyInterpreterState::eval_frame((*r.ts).interp)).is_some() {
            become_op!(r, oparg, call_any)
        }
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let func: *mut PyFunctionObject = r.peek(total + 1).cast();
        let kwnames = take_kwnames(r);
        let positional = total - args::count_of(kwnames);
        r.shrink(total);
        let frame = args::push_frame(r.ts, func, r.sp, positional, kwnames);
        r.shrink(2 - is_meth);
        if frame.is_null() {
            error!(r)
        }
        r.save_sp();
        r.jump(call::LEN as isize);
        r.save_ip();
        start_frame!(r, frame)
    }

    /// `CALL` of a class, whose `__init__` runs in this evaluation if possible.
    fn call_class(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        if is_meth == 0
            && total <= constructor::MOST_ARGUMENTS
            && constructor::init_of(r.peek(total + 1)).is_some()
            && (*PyInterpreterState::eval_frame((*r.ts).interp)).is_none()
        {
            become_op!(r, total, constructor::construct)
        }
        become_op!(r, oparg, call_any)
    }

    /// `CALL` of any object by its own means.
    fn call_any(r, oparg) {
        if is_method_call(r, oparg) {
            become_op!(r, r.sp.sub(oparg + 2) as usize, call_method)
        }
        become_op!(r, r.sp.sub(oparg + 1) as usize, call_object)
    }

    /// `CALL` of what is in the slot `callee`, with what is above it.
    fn call_object(r, callee) {
        call!(r, callee as *mut *mut PyObject, 1)
    }

    /// The same if there is nothing below it.
    fn call_method(r, callee) {
        call!(r, callee as *mut *mut PyObject, 0)
    }

    /// `CALL` of any object by its own means, in an evaluation of its own if it is a Python function.
    fn CALL_NESTED(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let function = r.peek(total + 1);
        if !is_function(function) {
            become_op!(r, oparg, call_any)
        }
        let kwnames = take_kwnames(r);
        r.jump(call::LEN as isize);
        // Where the caller of a function is that runs in the same evaluation.
        r.save_ip();
        let arguments = r.sp.sub(total);
        r.shrink(total + 2 - is_meth);
        let result = nested::call_function(r.ts, function.cast(), arguments, (total, kwnames));
        if result.is_null() {
            error!(r)
        }
        r.push(result);
        next_polled!(r)
    }

    fn CALL_PY_EXACT_ARGS(r, oparg) {
        deopt_if!(r, oparg, (*PyInterpreterState::eval_frame((*r.ts).interp)).is_some());
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let arguments = r.sp.sub(total);
        let function = *arguments.sub(1);
        deopt_if!(r, oparg, !is_function(function));
        let func: *mut PyFunctionObject = function.cast();
        deopt_if!(r, oparg, (*func).func_version != r.cache32(call::FUNC_VERSION));
        let code = (*func).func_code;
        deopt_if!(r, oparg, (*code).co_argcount as usize != total);
        let frame = take_frame_room(r.ts, frame_size(code));
        // The general form gets a new chunk of frame stack.
        deopt_if!(r, oparg, frame.is_null());
        r.sp = arguments.sub(2 - is_meth);
        r.jump(call::LEN as isize);
        enter_function!(r, frame, func, arguments, total)
    }

    fn CALL_PY_WITH_DEFAULTS(r, oparg) {
        deopt_if!(r, oparg, (*PyInterpreterState::eval_frame((*r.ts).interp)).is_some());
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let arguments = r.sp.sub(total);
        let function = *arguments.sub(1);
        deopt_if!(r, oparg, !is_function(function));
        let func: *mut PyFunctionObject = function.cast();
        deopt_if!(r, oparg, (*func).func_version != r.cache32(call::FUNC_VERSION));
        let code = (*func).func_code;
        let parameters = (*code).co_argcount as usize;
        let least = r.cache16(call::MIN_ARGS) as usize;
        deopt_if!(r, oparg, total > parameters || total < least);
        let frame = take_frame_room(r.ts, frame_size(code));
        // The general form gets a new chunk of frame stack.
        deopt_if!(r, oparg, frame.is_null());
        r.sp = arguments.sub(2 - is_meth);
        r.jump(call::LEN as isize);
        enter_function!(r, frame, func, arguments, total, |slots| for i in total..parameters {
            *slots.add(i) = new_ref(tuple_item((*func).func_defaults, i - least));
        })
    }

    fn CALL_FUNCTION_EX(r, oparg) {
        if let Some(call) = spread::find(r.sp, oparg) {
            let result = call.call(r.ts);
            let operands = 2 + (oparg & 1);
            r.shrink(operands);
            drop_values(r.sp, operands);
            r.set_peek(1, result);
            if result.is_null() {
                error!(r)
            }
            next_polled!(r);
        }
        let mut kwargs = core::ptr::null_mut();
        if oparg & 1 != 0 {
            kwargs = r.pop();
            if !is_dict(kwargs) {
                let dict = api::PyDict_New();
                if dict.is_null() {
                    decref(kwargs);
                    error!(r)
                }
                if api::_PyDict_MergeEx(dict, kwargs, 2) < 0 {
                    decref(dict);
                    errors::kwargs_error(r.peek(2), kwargs);
                    decref(kwargs);
                    error!(r)
                }
                decref(kwargs);
                kwargs = dict;
            }
        }
        let mut arguments = r.pop();
        let function = r.peek(1);
        if !is_tuple(arguments) {
            if !errors::check_args_iterable(function, arguments) {
                decref(arguments);
                xdecref(kwargs);
                error!(r)
            }
            let tuple = api::PySequence_Tuple(arguments);
            decref(arguments);
            if tuple.is_null() {
                xdecref(kwargs);
                error!(r)
            }
            arguments = tuple;
        }
        let result = api::PyObject_Call(function, arguments, kwargs);
        decref(function);
        decref(arguments);
        xdecref(kwargs);
        r.shrink(1);
        r.set_peek(1, result);
        if result.is_null() {
            error!(r)
        }
        next_polled!(r)
    }
}

adaptive! {
    fn PRECALL_ADAPTIVE => PRECALL, |r, oparg, instr| {
        let total = oparg + usize::from(is_method_call(r, oparg));
        api::_Py_Specialize_Precall(r.peek(total + 1), instr, total as c_int, *r.kwnames(), oparg as c_int) >= 0
    };

    fn CALL_ADAPTIVE => CALL, |r, oparg, instr| {
        let total = oparg + usize::from(is_method_call(r, oparg));
        api::_Py_Specialize_Call(r.peek(total + 1), instr, total as c_int, *r.kwnames()) >= 0
    };
}
