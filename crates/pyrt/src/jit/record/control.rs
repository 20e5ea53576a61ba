//! Recording jumps, loops, and iteration over ranges.

use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyFloatObject, PyObject, PyRangeIterObject};
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{InsRef, ObjKind, Op, Place, RangeField, ReadAs};

use super::{Flow, Recorded, Recorder, built};
use crate::interp::Regs;

impl Recorder {
    /// Records what may change the flow of control.
    pub(super) unsafe fn control(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the registers are those of the recorded frame.
        unsafe {
            match opcode {
                opcodes::JUMP_FORWARD => Ok(Flow::Continue),
                opcodes::JUMP_BACKWARD => {
                    let depth = self.at.depth;
                    self.back_edge(r.offset() - oparg, depth)
                }
                opcodes::POP_JUMP_FORWARD_IF_FALSE | opcodes::POP_JUMP_FORWARD_IF_TRUE => {
                    let truth = object_truth(r.peek(1))?;
                    self.branch(r, truth)?;
                    self.at.depth -= 1;
                    Ok(Flow::Continue)
                }
                opcodes::POP_JUMP_BACKWARD_IF_FALSE | opcodes::POP_JUMP_BACKWARD_IF_TRUE => {
                    let truth = object_truth(r.peek(1))?;
                    self.backward_branch(r, truth, opcode, r.offset() - oparg)
                }
                opcodes::JUMP_IF_FALSE_OR_POP | opcodes::JUMP_IF_TRUE_OR_POP => {
                    let truth = object_truth(r.peek(1))?;
                    self.branch(r, truth)?;
                    if truth == (opcode == opcodes::JUMP_IF_FALSE_OR_POP) {
                        self.at.depth -= 1;
                    }
                    Ok(Flow::Continue)
                }
                opcodes::FOR_ITER => self.for_iter(r),
                opcodes::PRECALL
                | opcodes::CALL
                | opcodes::CALL_FUNCTION_EX
                | opcodes::KW_NAMES
                | opcodes::LOAD_METHOD => Err(AbortReason::Call),
                opcodes::RETURN_VALUE => Err(AbortReason::Return),
                opcodes::YIELD_VALUE | opcodes::SEND => Err(AbortReason::Yield),
                opcodes::PUSH_EXC_INFO | opcodes::RAISE_VARARGS | opcodes::RERAISE => {
                    Err(AbortReason::Exception)
                }
                _ => Err(AbortReason::UnsupportedOpcode),
            }
        }
    }

    /// Guards that the value on the stack is as true as it is now.
    unsafe fn branch(&mut self, r: Regs, truth: bool) -> Recorded {
        let depth = self.at.depth;
        // SAFETY: the condition is on the stack.
        let value = unsafe { self.peek(r, 1)? };
        let condition = self.truth(value)?;
        let exit = self.exit(ExitReason::Branch, depth);
        let guard = if truth { Op::GuardTrue } else { Op::GuardFalse };
        built(self.builder.op_exit(guard, &[condition], exit))?;
        Ok(())
    }

    unsafe fn backward_branch(
        &mut self,
        r: Regs,
        truth: bool,
        opcode: u8,
        target: usize,
    ) -> Recorded<Flow> {
        let depth = self.at.depth;
        // SAFETY: as for `branch`.
        unsafe { self.branch(r, truth)? };
        let jumps = truth == (opcode == opcodes::POP_JUMP_BACKWARD_IF_TRUE);
        if jumps {
            // An exit of the poll executes the whole instruction again.
            return self.back_edge_popping(target, depth, 1);
        }
        self.at.depth -= 1;
        Ok(Flow::Continue)
    }

    fn back_edge(&mut self, target: usize, depth: u16) -> Recorded<Flow> {
        self.back_edge_popping(target, depth, 0)
    }

    /// A jump backward to `target`, with `popped` values fewer than before it.
    fn back_edge_popping(&mut self, target: usize, depth: u16, popped: u16) -> Recorded<Flow> {
        let is_header = target as u32 == self.header;
        if !is_header && self.parent.is_none() {
            return Err(AbortReason::InnerLoop);
        }
        let exit = self.exit(ExitReason::Poll, depth);
        built(self.builder.op_exit(Op::Poll, &[], exit))?;
        self.at.depth = depth - popped;
        if !is_header {
            // A side trace may go around an outer loop on its way back.
            return Ok(Flow::Continue);
        }
        if self.at.depth != self.builder.tree().header().depth {
            return Err(AbortReason::FrameChanged);
        }
        Ok(Flow::Close)
    }

    /// The next number of a range.
    unsafe fn for_iter(&mut self, r: Regs) -> Recorded<Flow> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            if !is_range_iter(object) {
                return Err(AbortReason::UnsupportedIterator);
            }
            let range: *mut PyRangeIterObject = object.cast();
            if (*range).index >= (*range).len {
                return Err(AbortReason::LeftLoop);
            }
            let depth = self.at.depth;
            let slot = self.locals + depth - 1;
            let iterator = built(
                self.builder
                    .read(Place::Slot(slot), ReadAs::Kind(ObjKind::RangeIter)),
            )?;
            let index_place = Place::RangeIndex(slot);
            let index = built(self.builder.read(index_place, ReadAs::Int))?;
            let len = built(self.builder.load_range_field(iterator, RangeField::Len))?;
            let more = self.op(Op::LtI64, &[index, len])?;
            let exit = self.exit(ExitReason::LoopEnd, depth);
            built(self.builder.op_exit(Op::GuardTrue, &[more], exit))?;
            let value = self.range_value((*range).step, iterator, index, depth)?;
            let one = self.builder.const_i64(1);
            let next = self.op(Op::AddWrap, &[index, one])?;
            self.builder.write(index_place, Some(next));
            self.push(value);
            Ok(Flow::Continue)
        }
    }

    /// `start + index * step`, which cannot overflow; a step of 1, the usual one, is
    /// guarded instead of multiplied.
    fn range_value(
        &mut self,
        step_now: i64,
        iterator: InsRef,
        index: InsRef,
        depth: u16,
    ) -> Recorded<InsRef> {
        let start = built(self.builder.load_range_field(iterator, RangeField::Start))?;
        let step = built(self.builder.load_range_field(iterator, RangeField::Step))?;
        let distance = if step_now == 1 {
            let one = self.builder.const_i64(1);
            let is_one = self.op(Op::EqI64, &[step, one])?;
            let exit = self.exit(ExitReason::Type, depth);
            built(self.builder.op_exit(Op::GuardTrue, &[is_one], exit))?;
            index
        } else {
            self.op(Op::MulWrap, &[index, step])?
        };
        self.op(Op::AddWrap, &[start, distance])
    }
}

/// The truth of an object that a trace may carry.
unsafe fn object_truth(object: *mut PyObject) -> Recorded<bool> {
    // SAFETY: a live object.
    unsafe {
        if is_bool(object) {
            Ok(object == true_())
        } else if is_int(object) {
            Ok(size_of(object) != 0)
        } else if is_float(object) {
            Ok((*object.cast::<PyFloatObject>()).ob_fval != 0.0)
        } else {
            Err(AbortReason::UnsupportedType)
        }
    }
}
