//! Objects that are not made, because the next instruction takes them apart again: slices of which a part of a sequence is made,
//! and ranges that are iterated over.
//!
//! Their parts stay where they are on the stack, and exits of the next instruction go back to the one that has been put off.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_spec::{ExitReason, opcodes};
use pyrt_trace::{Helper, InsRef, ObjKind};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::interp::ranges::is_range_class;
use crate::jit::record::{Recorded, Recorder, generic};

use ObjKind::{Bytes, Int, List, None as NoneKind, Str, Tuple};

/// An object that is not made.
pub(in crate::jit::record) struct Deferred {
    /// Offset of the instruction that would have made it.
    pub(in crate::jit::record) ip: u32,
    /// How many values are on the stack in its place.
    pub(in crate::jit::record) parts: u16,
    what: What,
}

/// What it would be.
enum What {
    /// A slice, which is below its sequence, of this kind.
    Slice {
        kind: ObjKind,
        sequence: InsRef,
        start: InsRef,
        stop: InsRef,
    },
    /// A range.
    Range {
        start: InsRef,
        stop: InsRef,
        step: InsRef,
    },
}

impl Recorder {
    /// Whether this is the next instruction.
    unsafe fn is_followed_by(&self, r: Regs, opcode: u8) -> bool {
        // SAFETY: the code is running, and does not end here.
        unsafe { generic(*first_instr(r.code()).add(self.at.next as usize) as u8) == opcode }
    }

    /// If `BUILD_SLICE` is for the next instruction alone, which takes that part of a sequence of CPython's own, leaves
    /// its operands where they are: there is no slice then.
    pub(super) unsafe fn defer_slice(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the parts are on the stack, and below them may be a sequence.
        unsafe {
            let kind = kind_now(r.peek(3));
            let Some(kind @ (Str | Bytes | List | Tuple)) = kind else {
                return Ok(false);
            };
            if !self.is_followed_by(r, opcodes::BINARY_SUBSCR) {
                return Ok(false);
            }
            let sequence = self.guarded(r, 3)?;
            let (Some(start), Some(stop)) = (self.bound(r, 2, 0)?, self.bound(r, 1, i64::MAX)?)
            else {
                return Ok(false);
            };
            self.defer(
                2,
                What::Slice {
                    kind,
                    sequence,
                    start,
                    stop,
                },
            );
            Ok(true)
        }
    }

    /// An end of a slice that is a number, or this one for `None`.
    unsafe fn bound(&mut self, r: Regs, n: u16, missing: i64) -> Recorded<Option<InsRef>> {
        // SAFETY: it is on the stack.
        unsafe {
            if r.peek(usize::from(n)) != none() {
                return self.peek_number(r, n);
            }
            self.operand(r, n, NoneKind)?;
            Ok(Some(self.builder.const_i64(missing)))
        }
    }

    fn defer(&mut self, parts: u16, what: What) {
        let ip = self.at.ip;
        self.deferred = Some(Deferred { ip, parts, what });
    }

    /// If a call of `range`, which takes `n` values on the stack, is iterated over by the next instruction, leaves its
    /// operands where they are.
    pub(super) unsafe fn defer_range(&mut self, r: Regs, total: usize, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            if !is_range_class(r.peek(total + 1))
                || !(1..=3).contains(&total)
                || !(1..=total).all(|at| kind_now(r.peek(at)) == Some(Int))
                || !self.is_followed_by(r, opcodes::GET_ITER)
            {
                return Ok(false);
            }
            // Making it would compare its numbers.
            self.guard_recursion()?;
            self.callee_is(r, n, &raw mut api::PyRange_Type)?;
            let mut parts = Vec::new();
            for at in (1..=total as u16).rev() {
                let Some(part) = self.peek_number(r, at)? else {
                    return Ok(false);
                };
                parts.push(part);
            }
            let [zero, one] = [0, 1].map(|number| self.builder.const_i64(number));
            let (start, stop, step) = match parts[..] {
                [stop] => (zero, stop, one),
                [start, stop] => (start, stop, one),
                [start, stop, step] => (start, stop, step),
                _ => return Ok(false),
            };
            self.defer(n, What::Range { start, stop, step });
            Ok(true)
        }
    }

    /// An instruction for whose operand the last one was put off.
    pub(in crate::jit::record) fn take_deferred(&mut self, deferred: &Deferred) -> Recorded {
        match deferred.what {
            What::Slice {
                kind,
                sequence,
                start,
                stop,
            } => {
                let new = matches!(kind, List | Tuple);
                let containers = self.builder.const_i64(i64::from(new));
                let operands = [self.thread()?, containers, sequence, start, stop];
                let result = self.call_helper(Helper::GetRange, &operands)?;
                let reason = match new {
                    true => ExitReason::Memory,
                    false => ExitReason::Missing,
                };
                self.finish_quiet(deferred.parts + 1, result, Gives::Kind(kind), reason)
            }
            What::Range { start, stop, step } => {
                let iterator = self.call_helper(Helper::NewRangeIter, &[start, stop, step])?;
                let reason = ExitReason::Memory;
                self.finish_quiet(deferred.parts, iterator, Gives::Object, reason)
            }
        }
    }
}
