//! Binary operators and comparisons of strs, and of numbers that are not in registers.

use pyrt_cpython::inline::*;
use pyrt_spec::{ExitReason, opcodes};
use pyrt_trace::frames::{Held, origin};
use pyrt_trace::{Helper, ObjKind, Op, Place};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::jit::quiet;
use crate::jit::record::{Recorded, Recorder, built, generic};

use ObjKind::{Bool, Bytes, Float, Int, List, Str, Tuple};

impl Recorder {
    /// `s += t` and `s = s + t` of strs in a local variable, which gives its reference up before, so that the
    /// str can grow where it is; false if it is not that.
    unsafe fn append_str(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack, the next instruction follows.
        unsafe {
            let next = *first_instr(r.code()).add(self.at.next as usize);
            if !oparg.is_multiple_of(13) || generic(next as u8) != opcodes::STORE_FAST {
                return Ok(false);
            }
            let local = next >> 8;
            let left = self.peek(r, 2)?;
            let Some(slot) = self.builder.current(Place::Slot(local)) else {
                return Ok(false);
            };
            let Some(held) = slot
                .value
                .filter(|_| slot.held == Held::Owned && local < self.locals)
            else {
                return Ok(false);
            };
            let on_stack = self.builder.current(Place::Slot(self.top(2)));
            let lent = on_stack.is_some_and(|slot| slot.held != Held::Owned);
            let tree = self.builder.tree();
            let object = origin(tree, left);
            let frames = self.builder.frames().all().iter();
            let slots = frames.flat_map(|frame| frame.slots.values());
            let sharing = slots
                .filter_map(|slot| slot.value)
                .filter(|value| origin(tree, *value) == object)
                .count();
            if !lent || origin(tree, held) != object || sharing != 2 {
                return Ok(false);
            }
            let left = self.operand(r, 2, Str)?;
            let right = self.operand(r, 1, Str)?;
            let text = self.call_helper(Helper::StrAppend, &[left, right])?;
            let depth = self.at.depth;
            let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
            self.checked(Op::GuardNotSame, &[text, leave], ExitReason::Memory, depth)?;
            self.drop_place(self.top(2));
            self.drop_place(local);
            let dead = self.drop_place(self.top(1));
            self.at.depth -= 2;
            let (ip, depth) = (self.at.op + 1, self.at.depth);
            let exit = self
                .builder
                .exit_pending(ExitReason::Raise, ip, depth, dead.clone());
            let text = built(self.builder.op_exit(Op::GuardObj, &[text], exit))?;
            self.push(text, Held::Owned);
            self.release(dead)?;
            Ok(true)
        }
    }

    /// A binary operator on strs; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_binary(
        &mut self,
        r: Regs,
        oparg: usize,
    ) -> Recorded<bool> {
        const ADD: usize = 0;
        const MULTIPLY: usize = 5;
        const REMAINDER: usize = 6;
        const IN_PLACE: usize = 13;
        // SAFETY: the operands are on the stack.
        unsafe {
            let (Some(a), Some(b)) = (kind_now(r.peek(2)), kind_now(r.peek(1))) else {
                return Ok(false);
            };
            let quiet = match (oparg % IN_PLACE, a, b) {
                (ADD, Str, Str) | (ADD, Bytes, Bytes) => true,
                (MULTIPLY, Str | Bytes, Int) | (MULTIPLY, Int, Str | Bytes) => true,
                // In place a list changes.
                (ADD, List, List) | (MULTIPLY, List, Int) => oparg < IN_PLACE,
                (ADD, Tuple, Tuple) | (MULTIPLY, Tuple, Int) | (MULTIPLY, Int, List | Tuple) => {
                    true
                }
                (REMAINDER, Str, Str | Float) => quiet::formats_quietly(r.peek(2), r.peek(1)),
                (REMAINDER, Str, Tuple) => quiet::formats_quietly(r.peek(2), r.peek(1)),
                // What there is no instruction for.
                (op, Float, Float | Int | Bool) | (op, Int | Bool, Float) => {
                    !matches!(op, 1 | 3 | 4 | 7 | 9 | 12)
                }
                // Big ones: `+`, `-`, bits and shifts, in whose midst nobody looks for signals.
                (op, Int, Int) => matches!(op, 0 | 1 | 3 | 7 | 9 | 10 | 12),
                _ => false,
            };
            if !quiet || self.is_refused() {
                return Ok(false);
            }
            if a == Str && b == Str && self.append_str(r, oparg)? {
                return Ok(true);
            }
            let left = self.operand(r, 2, a)?;
            let right = self.operand(r, 1, b)?;
            let (result, gives) = if oparg % IN_PLACE == ADD && a == Str {
                (
                    self.call_helper(Helper::StrConcat, &[left, right])?,
                    Gives::Kind(Str),
                )
            } else {
                let number = self.builder.const_i64(oparg as i64);
                let thread = self.thread()?;
                let operands = [thread, left, right, number];
                if let Some(kind) = [a, b].into_iter().find(|kind| matches!(kind, List | Tuple))
                    && !matches!(a, Str)
                {
                    let result = self.call_helper(Helper::NewSequence, &operands)?;
                    self.finish_quiet(2, result, Gives::Kind(kind), ExitReason::Memory)?;
                    return Ok(true);
                }
                if a == Int && b == Int {
                    let result = self.call_helper(Helper::QuietBinary, &operands)?;
                    return self.finish_big(2, result);
                }
                let gives = match (a, b) {
                    (Str, _) | (_, Str) => Gives::Kind(Str),
                    (Bytes, _) | (_, Bytes) => Gives::Kind(Bytes),
                    _ => Gives::Object,
                };
                (self.call_helper(Helper::QuietBinary, &operands)?, gives)
            };
            self.finish_quiet(2, result, gives, ExitReason::Domain)?;
            Ok(true)
        }
    }

    /// `<` and the like of objects of one kind, whose order a helper knows.
    pub(in crate::jit::record) unsafe fn order(
        &mut self,
        r: Regs,
        (kind, helper): (ObjKind, Helper),
        order: Op,
    ) -> Recorded {
        // SAFETY: the operands are on the stack.
        unsafe {
            let left = self.operand(r, 2, kind)?;
            let right = self.operand(r, 1, kind)?;
            let found = self.call_helper(helper, &[left, right])?;
            let zero = self.builder.const_i64(0);
            let result = self.op(order, &[found, zero])?;
            self.replace_by(2, result)
        }
    }
}
