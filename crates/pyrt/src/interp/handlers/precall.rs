//! Calls of builtins: specialised forms of `PRECALL` that do the whole call and
//! skip the `CALL` that follows.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::{call, precall};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{
    PyCFunction, PyCFunctionFast, PyCFunctionFastWithKeywords, PyCFunctionObject,
    PyMethodDescrObject, PyObject, PyTypeObject, flags, meth,
};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::opcodes;

use super::call::{is_method_call, take_kwnames};
use super::{drop_values, list_append, release_pair};
use crate::interp::args::count_of;
use crate::interp::ranges::{is_range_class, new_range};
use crate::interp::regs::{become_op, deopt_if, error, next_checked, next_polled, op};
use crate::interp::{attributes, stand_in, text};

/// What C code is told when the recursion limit is hit in a builtin.
const PLACE: &core::ffi::CStr = c" while calling a Python object";

/// From a PRECALL to the instruction after its CALL.
const SKIP_CALL: isize = (precall::LEN + 1 + call::LEN) as isize;

/// Ends a call: drops callable and arguments, pushes the result.
macro_rules! finish {
    ($r:ident, $callable:expr, $arguments:expr, $count:expr, $below:expr, $result:expr) => {{
        let result = $result;
        drop_values($arguments, $count);
        $r.sp = $arguments.sub($below);
        $r.push(result);
        decref($callable);
        if result.is_null() {
            error!($r)
        }
        next_polled!($r)
    }};
}

/// As [`finish!`] for a method with its receiver in front, which dies last.
macro_rules! finish_method {
    ($r:ident, $callable:expr, $arguments:expr, $count:expr, $below:expr, $result:expr) => {{
        let result = $result;
        drop_values($arguments.add(1), $count - 1);
        decref(*$arguments);
        $r.sp = $arguments.sub($below);
        $r.push(result);
        decref($callable);
        if result.is_null() {
            error!($r)
        }
        next_polled!($r)
    }};
}

/// The C function of a builtin whose flags say that it has the convention `flags`.
#[inline(always)]
unsafe fn builtin_of(
    callable: *mut PyObject,
    convention: i32,
) -> Option<(*mut core::ffi::c_void, *mut PyObject)> {
    // SAFETY: live callable.
    unsafe {
        if !is_cfunction(callable) {
            return None;
        }
        let object: *mut PyCFunctionObject = callable.cast();
        let def = (*object).m_ml;
        ((*def).ml_flags == convention).then(|| ((*def).ml_meth, (*object).m_self))
    }
}

/// The C function of a method descriptor of that convention, for an exact receiver.
#[inline(always)]
unsafe fn method_of(
    callable: *mut PyObject,
    convention: i32,
    receiver: *mut PyObject,
) -> Option<*mut core::ffi::c_void> {
    // SAFETY: live operands.
    unsafe {
        if !is_method_descr(callable) {
            return None;
        }
        let object: *mut PyMethodDescrObject = callable.cast();
        let def = (*object).d_method;
        ((*def).ml_flags == convention && type_of(receiver) == (*object).d_type)
            .then(|| (*def).ml_meth)
    }
}

/// Calls a builtin as the specialised forms below do, which count recursion less than a call by
/// `PyObject_Vectorcall`; `None` for callables that have no such form.
#[inline(always)]
pub(crate) unsafe fn call_c(
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    arguments: *const *mut PyObject,
    (total, names): (usize, *mut PyObject),
) -> Option<*mut PyObject> {
    // SAFETY: live callable and arguments, keyword values last.
    unsafe {
        let positional = total - count_of(names);
        let (def, receiver, arguments, positional) = if is_cfunction(callable) {
            let object: *mut PyCFunctionObject = callable.cast();
            ((*object).m_ml, (*object).m_self, arguments, positional)
        } else if is_method_descr(callable) && positional > 0 {
            let object: *mut PyMethodDescrObject = callable.cast();
            if type_of(*arguments) != (*object).d_type {
                return None;
            }
            let receiver = *arguments;
            (
                (*object).d_method,
                receiver,
                arguments.add(1),
                positional - 1,
            )
        } else if is_range_class(callable) && names.is_null() {
            return new_range(ts, core::slice::from_raw_parts(arguments, total));
        } else if is_str_class(callable) && total == 1 && names.is_null() {
            return Some(text::str_of(ts, *arguments));
        } else {
            return None;
        };
        let function = (*def).ml_meth;
        if (*def).ml_flags == meth::FASTCALL | meth::KEYWORDS {
            let function: PyCFunctionFastWithKeywords = core::mem::transmute(function);
            return Some(function(receiver, arguments, positional as isize, names));
        }
        if !names.is_null() {
            return None;
        }
        match ((*def).ml_flags, positional) {
            (meth::FASTCALL, _) => {
                let function: PyCFunctionFast = core::mem::transmute(function);
                Some(function(receiver, arguments, positional as isize))
            }
            (meth::O, 1) if callable == *PyInterpreterState::callable_len((*ts).interp) => {
                let function: PyCFunction = core::mem::transmute(function);
                Some(function(receiver, *arguments))
            }
            (meth::O, 1) => Some(call_counted(ts, function, receiver, *arguments)),
            (meth::NOARGS, 0) if is_method_descr(callable) => {
                Some(call_counted(ts, function, receiver, core::ptr::null_mut()))
            }
            _ => None,
        }
    }
}

/// Whether a callable is the class `str`, of which a call with one argument has a specialised form.
#[inline(always)]
fn is_str_class(callable: *mut PyObject) -> bool {
    callable == (&raw mut api::PyUnicode_Type).cast()
}

/// Calls what a specialised form of `PRECALL` would call, and as that does; `None` if it would not.
unsafe fn call_by_form(
    form: u8,
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    arguments: *const *mut PyObject,
    (total, names): (usize, *mut PyObject),
) -> Option<*mut PyObject> {
    // SAFETY: live callable and arguments, keyword values last.
    unsafe {
        match form {
            opcodes::PRECALL_NO_KW_LIST_APPEND => {
                let appends = callable == *PyInterpreterState::callable_list_append((*ts).interp)
                    && total == 2
                    && has_flag(*arguments, flags::LIST_SUBCLASS);
                appends.then(|| match api::PyList_Append(*arguments, *arguments.add(1)) {
                    0 => new_ref(none()),
                    _ => core::ptr::null_mut(),
                })
            }
            opcodes::PRECALL_NO_KW_STR_1
            | opcodes::PRECALL_NO_KW_BUILTIN_O
            | opcodes::PRECALL_NO_KW_BUILTIN_FAST
            | opcodes::PRECALL_BUILTIN_FAST_WITH_KEYWORDS
            | opcodes::PRECALL_NO_KW_LEN
            | opcodes::PRECALL_NO_KW_ISINSTANCE
            | opcodes::PRECALL_NO_KW_METHOD_DESCRIPTOR_O
            | opcodes::PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS
            | opcodes::PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST
            | opcodes::PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS => {
                call_c(ts, callable, arguments, (total, names))
            }
            _ => None,
        }
    }
}

/// Calls a one-argument C function, counting recursion as CPython promises to.
#[inline(always)]
unsafe fn call_counted(
    ts: *mut PyThreadState,
    function: *mut core::ffi::c_void,
    receiver: *mut PyObject,
    arg: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: METH_O and METH_NOARGS functions have this signature.
    unsafe {
        let function: PyCFunction = core::mem::transmute(function);
        if enter_recursive_call(ts, PLACE) {
            return core::ptr::null_mut();
        }
        let result = function(receiver, arg);
        leave_recursive_call(ts);
        result
    }
}

/// As [`call_c`], where a generator is the only argument and the builtin may have a stand-in.
pub(crate) unsafe fn call_with_generator(
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    arguments: *mut *mut PyObject,
    (total, names): (usize, *mut PyObject),
) -> Option<*mut PyObject> {
    // SAFETY: as for `call_c`.
    unsafe {
        if total != 1 || !names.is_null() || !is_generator(*arguments) || !is_cfunction(callable) {
            return None;
        }
        match (*(*callable.cast::<PyCFunctionObject>()).m_ml).ml_flags {
            meth::O => Some(call_generator_counted(ts, callable, arguments)),
            _ => stand_in::call(ts, callable, arguments),
        }
    }
}

/// [`call_counted`] of a builtin with a generator, which may have a stand-in.
unsafe fn call_generator_counted(
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    argument: *mut *mut PyObject,
) -> *mut PyObject {
    // SAFETY: a METH_O function.
    unsafe {
        if enter_recursive_call(ts, PLACE) {
            return core::ptr::null_mut();
        }
        let result = stand_in::call(ts, callable, argument).unwrap_or_else(|| {
            let object: *mut PyCFunctionObject = callable.cast();
            let function: PyCFunction = core::mem::transmute((*(*object).m_ml).ml_meth);
            function((*object).m_self, *argument)
        });
        leave_recursive_call(ts);
        result
    }
}

op! {
    /// `CALL` after a `PRECALL` of which the generic form was executed, for the recorder's sake. If it has been specialised
    /// for a builtin, that is called as the specialised form does: calls may go as deep as without a recorder.
    fn CALL_AFTER_PRECALL(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let arguments = r.sp.sub(total);
        let callable = *arguments.sub(1);
        // A prefix would be between the two.
        let form = match oparg {
            0..=0xff => *r.ip.sub(precall::LEN + 2) as u8,
            _ => opcodes::PRECALL,
        };
        let Some(result) = call_by_form(form, r.ts, callable, arguments, (total, *r.kwnames())) else {
            become_op!(r, oparg, super::call::CALL)
        };
        take_kwnames(r);
        r.jump(call::LEN as isize);
        finish!(r, callable, arguments, total, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_TYPE_1(r, oparg) {
        deopt_if!(r, oparg, is_method_call(r, 1));
        let (callable, object) = (r.peek(2), r.peek(1));
        deopt_if!(r, oparg, callable != (&raw mut api::PyType_Type).cast());
        r.jump(SKIP_CALL);
        let result = new_ref(type_of(object).cast());
        decref(callable);
        decref(object);
        r.shrink(2);
        r.set_peek(1, result);
        next_checked!(r)
    }

    fn PRECALL_NO_KW_STR_1(r, oparg) {
        deopt_if!(r, oparg, is_method_call(r, 1));
        let callable = r.peek(2);
        deopt_if!(r, oparg, callable != (&raw mut api::PyUnicode_Type).cast());
        r.jump(SKIP_CALL);
        finish!(r, callable, r.sp.sub(1), 1, 2, text::str_of(r.ts, r.peek(1)))
    }

    fn PRECALL_NO_KW_TUPLE_1(r, oparg) {
        deopt_if!(r, oparg, is_method_call(r, 1));
        let callable = r.peek(2);
        deopt_if!(r, oparg, callable != (&raw mut api::PyTuple_Type).cast());
        r.jump(SKIP_CALL);
        finish!(r, callable, r.sp.sub(1), 1, 2, api::PySequence_Tuple(r.peek(1)))
    }

    fn PRECALL_BUILTIN_CLASS(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let callable = r.peek(total + 1);
        deopt_if!(r, oparg, !has_flag(callable, flags::TYPE_SUBCLASS));
        let Some(vectorcall) = (*callable.cast::<PyTypeObject>()).tp_vectorcall else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let kwnames = take_kwnames(r);
        let arguments = r.sp.sub(total);
        let result = if is_range_class(callable)
            && kwnames.is_null()
            && let Some(range) = new_range(r.ts, core::slice::from_raw_parts(arguments, total))
        {
            range
        } else {
            vectorcall(callable, arguments, total - count_of(kwnames), kwnames)
        };
        finish!(r, callable, arguments, total, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_BUILTIN_O(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        deopt_if!(r, oparg, total != 1);
        let callable = r.peek(2);
        let Some((function, receiver)) = builtin_of(callable, meth::O) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        if is_generator(r.peek(1)) {
            become_op!(r, is_meth, consume_counted)
        }
        let result = call_counted(r.ts, function, receiver, r.peek(1));
        finish!(r, callable, r.sp.sub(1), 1, 2 - is_meth, result)
    }

    /// `PRECALL_NO_KW_BUILTIN_O` with a generator.
    fn consume_counted(r, is_meth) {
        let callable = r.peek(2);
        let result = call_generator_counted(r.ts, callable, r.sp.sub(1));
        finish!(r, callable, r.sp.sub(1), 1, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_BUILTIN_FAST(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let callable = r.peek(total + 1);
        let Some((function, receiver)) = builtin_of(callable, meth::FASTCALL) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let function: PyCFunctionFast = core::mem::transmute(function);
        let arguments = r.sp.sub(total);
        let result = function(receiver, arguments, total as isize);
        finish!(r, callable, arguments, total, 2 - is_meth, result)
    }

    fn PRECALL_BUILTIN_FAST_WITH_KEYWORDS(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let callable = r.peek(total + 1);
        let Some((function, receiver)) = builtin_of(callable, meth::FASTCALL | meth::KEYWORDS) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let function: PyCFunctionFastWithKeywords = core::mem::transmute(function);
        let kwnames = take_kwnames(r);
        let arguments = r.sp.sub(total);
        let result = if total == 1
            && kwnames.is_null()
            && is_generator(*arguments)
            && let Some(result) = stand_in::call(r.ts, callable, arguments)
        {
            result
        } else {
            function(receiver, arguments, (total - count_of(kwnames)) as isize, kwnames)
        };
        finish!(r, callable, arguments, total, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_LEN(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        deopt_if!(r, oparg, oparg + is_meth != 1);
        let callable = r.peek(2);
        deopt_if!(r, oparg, callable != *PyInterpreterState::callable_len((*r.ts).interp));
        r.jump(SKIP_CALL);
        let object = r.peek(1);
        let length = api::PyObject_Size(object);
        if length < 0 {
            error!(r)
        }
        let result = api::PyLong_FromSsize_t(length);
        r.shrink(2 - is_meth);
        r.set_peek(1, result);
        decref(callable);
        decref(object);
        if result.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn PRECALL_NO_KW_ISINSTANCE(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        deopt_if!(r, oparg, oparg + is_meth != 2);
        let callable = r.peek(3);
        deopt_if!(r, oparg, callable != *PyInterpreterState::callable_isinstance((*r.ts).interp));
        r.jump(SKIP_CALL);
        let class = r.pop();
        let object = r.peek(1);
        let answer = attributes::is_instance(object, class);
        if answer < 0 {
            decref(class);
            error!(r)
        }
        r.shrink(2 - is_meth);
        r.set_peek(1, new_ref(bool_(answer != 0)));
        decref(object);
        decref(class);
        decref(callable);
        next_checked!(r)
    }

    /// `list.append(x)` as a statement: skips the POP_TOP, too.
    fn PRECALL_NO_KW_LIST_APPEND(r, oparg) {
        let callable = r.peek(3);
        deopt_if!(r, oparg, callable != *PyInterpreterState::callable_list_append((*r.ts).interp));
        let list = r.peek(2);
        deopt_if!(r, oparg, !has_flag(list, flags::LIST_SUBCLASS));
        if !list_append(list, r.peek(1)) {
            become_op!(r, oparg, append_resizing)
        }
        r.shrink(3);
        r.jump(SKIP_CALL + 1);
        release_pair!(r, list, callable)
    }

    /// `PRECALL_NO_KW_LIST_APPEND` to a list that has to grow.
    fn append_resizing(r, _) {
        let (callable, list) = (r.peek(3), r.peek(2));
        let item = r.pop();
        if api::_PyList_AppendTakeRefListResize(list.cast(), item) < 0 {
            error!(r)
        }
        r.shrink(2);
        r.jump(SKIP_CALL + 1);
        release_pair!(r, list, callable)
    }

    fn PRECALL_NO_KW_METHOD_DESCRIPTOR_O(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        deopt_if!(r, oparg, oparg + is_meth != 2);
        let (callable, receiver) = (r.peek(3), r.peek(2));
        let Some(function) = method_of(callable, meth::O, receiver) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let result = call_counted(r.ts, function, receiver, r.peek(1));
        finish!(r, callable, r.sp.sub(2), 2, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        deopt_if!(r, oparg, oparg + is_meth != 1);
        let (callable, receiver) = (r.peek(2), r.peek(1));
        let Some(function) = method_of(callable, meth::NOARGS, receiver) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let result = call_counted(r.ts, function, receiver, core::ptr::null_mut());
        finish!(r, callable, r.sp.sub(1), 1, 2 - is_meth, result)
    }

    fn PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let callable = r.peek(total + 1);
        let arguments = r.sp.sub(total);
        let Some(function) = method_of(callable, meth::FASTCALL, *arguments) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let function: PyCFunctionFast = core::mem::transmute(function);
        let result = function(*arguments, arguments.add(1), total as isize - 1);
        finish_method!(r, callable, arguments, total, 2 - is_meth, result)
    }

    fn PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS(r, oparg) {
        let is_meth = usize::from(is_method_call(r, oparg));
        let total = oparg + is_meth;
        let callable = r.peek(total + 1);
        let arguments = r.sp.sub(total);
        let Some(function) = method_of(callable, meth::FASTCALL | meth::KEYWORDS, *arguments) else {
            become_op!(r, oparg, super::miss)
        };
        r.jump(SKIP_CALL);
        let function: PyCFunctionFastWithKeywords = core::mem::transmute(function);
        let kwnames = take_kwnames(r);
        let result = function(*arguments, arguments.add(1), (total - 1 - count_of(kwnames)) as isize, kwnames);
        finish_method!(r, callable, arguments, total, 2 - is_meth, result)
    }
}
