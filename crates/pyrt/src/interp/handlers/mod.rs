//! The instructions, a file per family.
//!
//! Handlers are written with the macros of [`super::regs`] and say what
//! `Python/ceval.c` and the `dis` module's documentation say of their opcodes;
//! comments here explain what is not evident from those.

pub(crate) mod arith;
pub(crate) mod attr;
pub(super) mod build;
pub(crate) mod call;
pub(crate) mod compare;
pub(super) mod exception;
pub(super) mod function;
pub(crate) mod generator;
pub(crate) mod jump;
pub(super) mod name;
pub(crate) mod precall;
pub(crate) mod stack;
pub(crate) mod subscr;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PyObject};
use pyrt_spec::opcodes::OPCODES;

use super::regs::{become_op, error, leaf_op, next, next_checked, op};

/// Bits of an adaptive counter that hold the backoff exponent (`pycore_code.h`).
pub(super) const ADAPTIVE_BACKOFF_BITS: u16 = 4;
/// `adaptive_counter_start()`.
const ADAPTIVE_COUNTER_START: u16 = 31 << ADAPTIVE_BACKOFF_BITS | 5;

/// `adaptive! { fn NAME => GENERIC(r, oparg) specialize }`: an adaptive form that
/// counts down while it runs the generic form, and asks the specialiser at zero.
/// `specialize` gets the instruction's address and is true unless it raised.
macro_rules! adaptive {
    ($($(#[$meta:meta])* fn $name:ident => $generic:path, |$r:ident, $oparg:ident, $instr:ident| $specialize:expr;)*) => {
        $crate::interp::regs::op! {
            $(
                $(#[$meta])*
                fn $name($r, $oparg) {
                    let counter = $r.ip.cast_mut();
                    if *counter >= 1 << $crate::interp::handlers::ADAPTIVE_BACKOFF_BITS {
                        *counter -= 1 << $crate::interp::handlers::ADAPTIVE_BACKOFF_BITS;
                        $crate::interp::regs::become_op!($r, $oparg, $generic)
                    }
                    let $instr = $r.ip.sub(1).cast_mut();
                    if !$specialize {
                        $crate::interp::regs::error!($r)
                    }
                    $crate::interp::regs::again!($r, $oparg)
                }
            )*
        }
    };
}
pub(in crate::interp) use adaptive;

// Objects that die at the end of an instruction.
//
// A handler that calls nothing on its usual path needs no registers saved; what is
// rarely called is therefore called from another function, which goes on from there.

/// Ends an instruction that gives up a reference.
macro_rules! release {
    ($r:ident, $object:expr) => {{
        let object = $object;
        if pyrt_cpython::inline::count_down(object) {
            $crate::interp::regs::become_op!(
                $r,
                object as usize,
                $crate::interp::handlers::dealloc_then_next
            )
        }
        $crate::interp::regs::next!($r)
    }};
}
pub(in crate::interp) use release;

/// Ends an instruction that gives up two references, the first one first. The slot above
/// the stack is free for one of them.
macro_rules! release_pair {
    ($r:ident, $first:expr, $second:expr) => {{
        let (first, second) = ($first, $second);
        if pyrt_cpython::inline::count_down(first) {
            *$r.sp = second;
            $crate::interp::regs::become_op!(
                $r,
                first as usize,
                $crate::interp::handlers::dealloc_then_release
            )
        }
        $crate::interp::handlers::release!($r, second)
    }};
}
pub(in crate::interp) use release_pair;

/// As [`release_pair!`], of exact ints.
macro_rules! release_ints {
    ($r:ident, $first:expr, $second:expr) => {{
        let (first, second) = ($first, $second);
        if pyrt_cpython::inline::count_down(first) && !pyrt_cpython::inline::int_to_pool(first) {
            *$r.sp = second;
            $crate::interp::regs::become_op!(
                $r,
                first as usize,
                $crate::interp::handlers::dealloc_any_then_release
            )
        }
        if pyrt_cpython::inline::count_down(second) && !pyrt_cpython::inline::int_to_pool(second) {
            $crate::interp::regs::become_op!(
                $r,
                second as usize,
                $crate::interp::handlers::dealloc_any_then_next
            )
        }
        $crate::interp::regs::next!($r)
    }};
}
pub(in crate::interp) use release_ints;

leaf_op! {
    /// Frees the object `dead`, which has no references, then dispatches the next instruction.
    fn dealloc_then_next(r, dead) {
        if dealloc_inline(r.ts, dead as *mut PyObject) {
            next!(r)
        }
        become_op!(r, dead, dealloc_any_then_next)
    }

    /// The same for an object of any type.
    fn dealloc_any_then_next(r, dead) {
        dealloc(dead as *mut PyObject);
        next_checked!(r)
    }

    /// As [`dealloc_then_next`], and gives up the reference above the stack, too.
    fn dealloc_then_release(r, dead) {
        if dealloc_inline(r.ts, dead as *mut PyObject) {
            release!(r, *r.sp);
        }
        become_op!(r, dead, dealloc_any_then_release)
    }

    /// The same for an object of any type.
    fn dealloc_any_then_release(r, dead) {
        dealloc(dead as *mut PyObject);
        decref(*r.sp);
        next_checked!(r)
    }
}

/// The opcode of which `opcode` is a specialised form.
pub(crate) fn generic(opcode: u8) -> u8 {
    OPCODES[opcode as usize].map_or(opcode, |info| info.base)
}

leaf_op! {
    /// A specialised form whose assumption failed: runs the generic form, and after
    /// enough misses makes the instruction adaptive again.
    #[cold]
    fn miss(r, oparg) {
        let instr = r.ip.sub(1).cast_mut();
        let generic = generic(*instr as u8);
        let counter = r.ip.cast_mut();
        *counter = (*counter).wrapping_sub(1);
        if *counter == 0 {
            *instr = *instr & 0xff00 | u16::from(api::_PyOpcode_Adaptive[generic as usize]);
            *counter = ADAPTIVE_COUNTER_START;
        }
        become_op!(r, oparg, r.table.handler(generic))
    }
}

op! {
    /// An opcode that CPython does not have.
    #[cold]
    fn unknown(r, _) {
        r.save_ip();
        api::PyErr_SetString(api::PyExc_SystemError, c"unknown opcode".as_ptr());
        error!(r)
    }
}

leaf_op! {
    /// `UnboundLocalError` for the local `oparg`.
    #[cold]
    fn unbound_local(r, oparg) {
        super::errors::unbound_local(r.code(), oparg);
        error!(r)
    }
}

/// `_PyList_AppendTakeRef` to a list with room; else false, and nothing is done.
#[inline(always)]
unsafe fn list_append(list: *mut PyObject, item: *mut PyObject) -> bool {
    // SAFETY: a live list and an owned item.
    unsafe {
        let list: *mut PyListObject = list.cast();
        let length = (*list).ob_base.ob_size;
        if (*list).allocated > length {
            *(*list).ob_item.offset(length) = item;
            (*list).ob_base.ob_size = length + 1;
            return true;
        }
        false
    }
}

/// Gives up two references if neither is an object's last one; else false, and nothing is
/// given up.
#[inline(always)]
pub(crate) unsafe fn drop_living(first: *mut PyObject, second: *mut PyObject) -> bool {
    // SAFETY: the caller owns them.
    unsafe {
        let living = (*first).ob_refcnt > 1 && (*second).ob_refcnt > 1 && first != second;
        if living {
            decref_no_dealloc(first);
            decref_no_dealloc(second);
        }
        living
    }
}

/// Drops `count` values from `values` on.
#[inline(always)]
pub(in crate::interp) unsafe fn drop_values(values: *mut *mut PyObject, count: usize) {
    // SAFETY: the caller owns them.
    unsafe {
        for i in 0..count {
            decref(*values.add(i));
        }
    }
}
