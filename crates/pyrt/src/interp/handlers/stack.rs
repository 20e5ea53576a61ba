//! Constants, locals, cells, and the value stack.

use pyrt_cpython::api;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyCellObject, PyObject};

use super::{release, unbound_local};
use crate::interp::errors;
use crate::interp::regs::{Regs, become_op, error, leaf_op, next, next_checked, op};

/// Pushes a local, or fails. `$start` is where the instruction began: for a pair of
/// fused ones CPython blames the first half.
macro_rules! push_local {
    ($r:ident, $index:expr) => {{
        let start = $r;
        push_local!($r, $index, start)
    }};
    ($r:ident, $index:expr, $start:ident) => {{
        let index = $index;
        let value = *$r.local(index);
        if value.is_null() {
            $start.save_ip();
            become_op!($r, index, unbound_local);
        }
        incref(value);
        $r.push(value);
    }};
}

/// The second half of a pair of fused instructions: its argument.
#[inline(always)]
unsafe fn second(r: &mut Regs) -> usize {
    // SAFETY: a fused instruction is followed by its second half.
    unsafe {
        let oparg = (*r.ip >> 8) as usize;
        r.ip = r.ip.add(1);
        oparg
    }
}

/// Ends an instruction by popping a value into a local.
macro_rules! store {
    ($r:ident, $index:expr) => {{
        let slot = $r.local($index);
        let old = *slot;
        *slot = $r.pop();
        if old.is_null() {
            next!($r)
        }
        release!($r, old)
    }};
}

#[inline(always)]
unsafe fn replace_local(r: Regs, index: usize, value: *mut PyObject) {
    // SAFETY: the old value dies after it is out of the frame, which it may see.
    unsafe {
        let slot = r.local(index);
        let old = *slot;
        *slot = value;
        xdecref(old);
    }
}

leaf_op! {
    fn NOP(r, _) {
        next!(r)
    }

    fn LOAD_FAST(r, oparg) {
        push_local!(r, oparg);
        next!(r)
    }

    fn LOAD_CONST(r, oparg) {
        r.push(new_ref(r.constant(oparg)));
        next!(r)
    }

    fn LOAD_FAST__LOAD_FAST(r, oparg) {
        let start = r;
        push_local!(r, oparg);
        let oparg = second(&mut r);
        push_local!(r, oparg, start);
        next!(r)
    }

    fn LOAD_FAST__LOAD_CONST(r, oparg) {
        push_local!(r, oparg);
        let oparg = second(&mut r);
        r.push(new_ref(r.constant(oparg)));
        next!(r)
    }

    fn LOAD_CONST__LOAD_FAST(r, oparg) {
        let start = r;
        r.push(new_ref(r.constant(oparg)));
        let oparg = second(&mut r);
        push_local!(r, oparg, start);
        next!(r)
    }

    fn PUSH_NULL(r, _) {
        r.push(core::ptr::null_mut());
        next!(r)
    }

    fn COPY(r, oparg) {
        r.push(new_ref(r.peek(oparg)));
        next!(r)
    }

    fn SWAP(r, oparg) {
        let top = r.peek(1);
        r.set_peek(1, r.peek(oparg));
        r.set_peek(oparg, top);
        next!(r)
    }

    fn LOAD_ASSERTION_ERROR(r, _) {
        r.push(new_ref(api::PyExc_AssertionError));
        next!(r)
    }

    /// Adds eight bits to the argument of the next instruction. The next one runs
    /// untraced, as in CPython.
    fn EXTENDED_ARG(r, oparg) {
        let unit = *r.ip;
        let handler = r.table.handler(api::_PyOpcode_Deopt[(unit & 255) as usize]);
        return handler(r.ip.add(1), r.sp, r.frame, r.ts, oparg << 8 | (unit >> 8) as usize, r.table);
    }

    fn EXTENDED_ARG_QUICK(r, oparg) {
        let unit = *r.ip;
        let handler = r.table.handler(unit as u8);
        return handler(r.ip.add(1), r.sp, r.frame, r.ts, oparg << 8 | (unit >> 8) as usize, r.table);
    }
}

op! {
    /// `STORE_FAST__LOAD_FAST` where the value that is replaced dies.
    fn store_load_dropping(r, oparg) {
        let start = r;
        let slot = r.local(oparg);
        if !dealloc_inline(r.ts, *slot) {
            become_op!(r, oparg, store_load_freeing)
        }
        *slot = r.pop();
        let oparg = second(&mut r);
        push_local!(r, oparg, start);
        next!(r)
    }

    /// `STORE_FAST__STORE_FAST` after its first half, whose old value has no references.
    fn store_store_dropping(r, dead) {
        if !dealloc_inline(r.ts, dead as *mut PyObject) {
            dealloc(dead as *mut PyObject);
        }
        let oparg = second(&mut r);
        store!(r, oparg)
    }

    fn store_load_freeing(r, oparg) {
        let start = r;
        let slot = r.local(oparg);
        let old = *slot;
        *slot = r.pop();
        decref_no_dealloc(old);
        dealloc(old);
        let oparg = second(&mut r);
        push_local!(r, oparg, start);
        next_checked!(r)
    }
}

op! {
    fn STORE_FAST(r, oparg) {
        store!(r, oparg)
    }

    fn STORE_FAST__LOAD_FAST(r, oparg) {
        let start = r;
        let slot = r.local(oparg);
        let old = *slot;
        if !old.is_null() {
            if (*old).ob_refcnt == 1 {
                become_op!(r, oparg, store_load_dropping)
            }
            decref_no_dealloc(old);
        }
        *slot = r.pop();
        let oparg = second(&mut r);
        push_local!(r, oparg, start);
        next!(r)
    }

    fn STORE_FAST__STORE_FAST(r, oparg) {
        let slot = r.local(oparg);
        let old = *slot;
        *slot = r.pop();
        if !old.is_null() && count_down(old) {
            become_op!(r, old as usize, store_store_dropping)
        }
        let oparg = second(&mut r);
        store!(r, oparg)
    }

    fn POP_TOP(r, _) {
        let value = r.pop();
        release!(r, value)
    }

    fn DELETE_FAST(r, oparg) {
        if (*r.local(oparg)).is_null() {
            become_op!(r, oparg, unbound_local);
        }
        replace_local(r, oparg, core::ptr::null_mut());
        next_checked!(r)
    }

    fn LOAD_CLOSURE(r, oparg) {
        push_local!(r, oparg);
        next!(r)
    }

    fn MAKE_CELL(r, oparg) {
        let cell = api::PyCell_New(*r.local(oparg));
        if cell.is_null() {
            error!(r)
        }
        replace_local(r, oparg, cell);
        next_checked!(r)
    }

    fn LOAD_DEREF(r, oparg) {
        let value = (*(*r.local(oparg)).cast::<PyCellObject>()).ob_ref;
        if value.is_null() {
            errors::unbound_cell(r.code(), oparg);
            error!(r)
        }
        r.push(new_ref(value));
        next!(r)
    }

    fn STORE_DEREF(r, oparg) {
        let cell: *mut PyCellObject = (*r.local(oparg)).cast();
        let value = r.pop();
        let old = (*cell).ob_ref;
        (*cell).ob_ref = value;
        xdecref(old);
        next_checked!(r)
    }

    fn DELETE_DEREF(r, oparg) {
        let cell: *mut PyCellObject = (*r.local(oparg)).cast();
        let old = (*cell).ob_ref;
        if old.is_null() {
            errors::unbound_cell(r.code(), oparg);
            error!(r)
        }
        (*cell).ob_ref = core::ptr::null_mut();
        decref(old);
        next_checked!(r)
    }

    fn COPY_FREE_VARS(r, oparg) {
        copy_free_vars(r.frame, oparg);
        next!(r)
    }
}

/// Makes the cells of a function's closure, of which there are so many, the last variables of its frame.
#[inline(always)]
pub(crate) unsafe fn copy_free_vars(frame: *mut PyInterpreterFrame, count: usize) {
    // SAFETY: a frame of such a function, that has just begun.
    unsafe {
        let closure = (*(*frame).f_func).func_closure;
        let first = (*(*frame).f_code).co_nlocalsplus as usize - count;
        let slots = locals(frame).add(first);
        for i in 0..count {
            *slots.add(i) = new_ref(tuple_item(closure, i));
        }
    }
}
