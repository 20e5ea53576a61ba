//! Other operations that classes define in Python: unary operators, storing an item, membership, length, truth, and
//! iteration.

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::runtime;
use pyrt_spec::{Purpose, opcodes};

use super::counted_handlers;
use super::handlers::generic;
use super::methods::{enter_method, method, run_here};
use super::regs::{next_checked, op};

/// The method that an instruction calls, if it is one in Python that the operand's type decides on.
pub(crate) struct Protocol {
    /// What its frame is for.
    pub(crate) purpose: Purpose,
    /// The method.
    pub(crate) function: *mut PyFunctionObject,
    /// Where the operands are that it gets, from the top of the stack.
    pub(crate) operands: &'static [u16],
}

/// The method that an instruction calls, in its generic form and with this argument, whose operands are on the stack
/// below `sp`. It depends on the type of the first of the method's operands, and of a call on what is called.
pub(crate) unsafe fn find(opcode: u8, oparg: usize, sp: *mut *mut PyObject) -> Option<Protocol> {
    let (purpose, name, operands): (_, _, &'static [u16]) = match opcode {
        opcodes::UNARY_NEGATIVE => (Purpose::Unary, runtime::id___neg__(), &[1]),
        opcodes::UNARY_POSITIVE => (Purpose::Unary, runtime::id___pos__(), &[1]),
        opcodes::UNARY_INVERT => (Purpose::Unary, runtime::id___invert__(), &[1]),
        opcodes::STORE_SUBSCR => (Purpose::Store, runtime::id___setitem__(), &[2, 1, 3]),
        opcodes::CONTAINS_OP => (Purpose::Membership, runtime::id___contains__(), &[1, 2]),
        opcodes::CALL => (Purpose::Length, runtime::id___len__(), &[1]),
        opcodes::UNARY_NOT => (Purpose::Truth, runtime::id___bool__(), &[1]),
        opcodes::POP_JUMP_FORWARD_IF_FALSE | opcodes::POP_JUMP_FORWARD_IF_TRUE => {
            (Purpose::Truth, runtime::id___bool__(), &[1])
        }
        opcodes::FOR_ITER => (Purpose::Next, runtime::id___next__(), &[1]),
        _ => return None,
    };
    // How the instruction goes on is read from its own argument.
    if oparg > 255 {
        return None;
    }
    // SAFETY: the operands are on the stack.
    let class = unsafe { type_of(*sp.sub(operands[0].into())) };
    // SAFETY: a live type. Where it has no `__bool__` of any kind, its length says what is true.
    let (purpose, function) = unsafe {
        match method(class, name) {
            Some(function) => (purpose, function),
            None if purpose == Purpose::Truth && api::_PyType_Lookup(class, name).is_null() => {
                (Purpose::Size, method(class, runtime::id___len__())?)
            }
            None => return None,
        }
    };
    Some(Protocol {
        purpose,
        function,
        operands,
    })
}

op! {
    /// An instruction that calls the method which [`find`] finds in this evaluation.
    fn protocol_method(r, oparg) {
        let opcode = generic(*r.ip.sub(1) as u8);
        let Some(protocol) = find(opcode, oparg, r.sp).filter(|_| run_here(r.ts)) else {
            let handler = counted_handlers().handler(opcode);
            return handler(r.ip, r.sp, r.frame, r.ts, oparg, r.table)
        };
        let (purpose, function) = (protocol.purpose, protocol.function);
        let argument = |at: usize| match protocol.operands.get(at) {
            Some(operand) => r.peek(usize::from(*operand)),
            None => core::ptr::null_mut(),
        };
        enter_method!(r, purpose, function, argument(0), argument(1), argument(2))
    }

    /// Continues a condition that is decided, and off the stack.
    fn decide(r, truth) {
        let truth = truth != 0;
        match generic(*r.ip.sub(1) as u8) {
            opcodes::UNARY_NOT => r.push(new_ref(bool_(!truth))),
            opcode => {
                if truth == (opcode == opcodes::POP_JUMP_FORWARD_IF_TRUE) {
                    r.jump(r.own_oparg() as isize);
                }
            }
        }
        next_checked!(r)
    }
}

/// What `in` or `not in` gives for what `__contains__` has returned, which is owned; null with an exception set.
pub(super) unsafe fn membership(value: *mut PyObject, inverted: bool) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        let truth = api::PyObject_IsTrue(value);
        decref(value);
        if truth < 0 {
            return core::ptr::null_mut();
        }
        new_ref(bool_((truth != 0) != inverted))
    }
}

/// What `len` gives for what `__len__` has returned (`slot_sq_length` in `Objects/typeobject.c`).
pub(super) unsafe fn length(value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        let index = api::PyNumber_Index(value);
        decref(value);
        if index.is_null() {
            return index;
        }
        if size_of(index) < 0 {
            decref(index);
            let message = c"__len__() should return >= 0".as_ptr();
            api::PyErr_SetString(api::PyExc_ValueError, message);
            return core::ptr::null_mut();
        }
        let length = api::PyNumber_AsSsize_t(index, api::PyExc_OverflowError);
        decref(index);
        if length < 0 {
            return core::ptr::null_mut();
        }
        api::PyLong_FromSsize_t(length)
    }
}

/// The truth of what `__len__` has returned, which is owned, but not counted; null with an exception set.
pub(super) unsafe fn size(value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object, and an int.
    unsafe {
        let length = length(value);
        if length.is_null() {
            return length;
        }
        let is_something = size_of(length) != 0;
        decref(length);
        bool_(is_something)
    }
}

/// The truth that `__bool__` has returned, which is owned, but not counted; null with an exception set.
pub(super) unsafe fn truth(value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        let is_bool = is_bool(value);
        if !is_bool {
            let message = c"__bool__ should return bool, returned %s".as_ptr();
            api::PyErr_Format(api::PyExc_TypeError, message, (*type_of(value)).tp_name);
        }
        decref(value);
        if is_bool {
            value
        } else {
            core::ptr::null_mut()
        }
    }
}
