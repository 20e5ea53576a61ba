//! Recording jumps, loops, and iteration over ranges.

use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyFloatObject, PyObject, PyRangeIterObject};
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{InsRef, ObjKind, Op, Place, RangeField, ReadAs, Region, Type, Width};

use super::{Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::spread::CALL_SPREAD;
use crate::jit::anchors::Kind;

impl Recorder {
    /// Records what may change the flow of control.
    pub(super) unsafe fn control(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the registers are those of the recorded frame.
        unsafe {
            match opcode {
                opcodes::JUMP_FORWARD => {
                    self.at.next += oparg as u32;
                    Ok(Flow::Continue)
                }
                opcodes::JUMP_BACKWARD => {
                    let depth = self.at.depth;
                    self.back_edge(r.offset() - oparg, depth)
                }
                opcodes::POP_JUMP_FORWARD_IF_FALSE | opcodes::POP_JUMP_FORWARD_IF_TRUE => {
                    let truth = self.branch(r)?;
                    let jumps = truth == (opcode == opcodes::POP_JUMP_FORWARD_IF_TRUE);
                    self.pop_condition(jumps, oparg)
                }
                opcodes::POP_JUMP_FORWARD_IF_NONE | opcodes::POP_JUMP_FORWARD_IF_NOT_NONE => {
                    let is_none = self.none_branch(r)?;
                    let jumps = is_none == (opcode == opcodes::POP_JUMP_FORWARD_IF_NONE);
                    self.pop_condition(jumps, oparg)
                }
                opcodes::POP_JUMP_BACKWARD_IF_NONE | opcodes::POP_JUMP_BACKWARD_IF_NOT_NONE => {
                    let is_none = self.none_branch(r)?;
                    let jumps = is_none == (opcode == opcodes::POP_JUMP_BACKWARD_IF_NONE);
                    if jumps {
                        let depth = self.at.depth;
                        return self.back_edge_popping(r.offset() - oparg, depth, 1);
                    }
                    self.pop_condition(false, 0)
                }
                opcodes::POP_JUMP_BACKWARD_IF_FALSE | opcodes::POP_JUMP_BACKWARD_IF_TRUE => {
                    self.backward_branch(r, opcode, r.offset() - oparg)
                }
                opcodes::JUMP_IF_FALSE_OR_POP | opcodes::JUMP_IF_TRUE_OR_POP => {
                    let truth = self.branch(r)?;
                    if truth == (opcode == opcodes::JUMP_IF_FALSE_OR_POP) {
                        return self.pop_condition(false, 0);
                    }
                    self.at.next += oparg as u32;
                    Ok(Flow::Continue)
                }
                opcodes::FOR_ITER => self.for_iter(r, oparg),
                opcodes::CALL_FUNCTION_EX if self.call_spread(r, oparg)? => {
                    Ok(Flow::Nested(CALL_SPREAD))
                }
                opcodes::CALL_FUNCTION_EX => Err(AbortReason::Call),
                opcodes::RETURN_VALUE if self.may_stop() => {
                    let cleared = self.clear_root(r).map(Flow::Finish);
                    cleared.or(Err(AbortReason::Return))
                }
                opcodes::RETURN_VALUE => Err(AbortReason::Return),
                opcodes::YIELD_VALUE if self.is_worthwhile() && !self.root.first => {
                    let yielded = self.yield_root(r).map(Flow::Finish);
                    yielded.or(Err(AbortReason::Yield))
                }
                opcodes::YIELD_VALUE => Err(AbortReason::Yield),
                opcodes::JUMP_BACKWARD_NO_INTERRUPT => {
                    self.at.next -= oparg as u32;
                    Ok(Flow::Continue)
                }
                opcodes::RAISE_VARARGS => self.raise(r, oparg),
                opcodes::RERAISE => self.reraise(r, oparg),
                _ => Err(AbortReason::UnsupportedOpcode),
            }
        }
    }

    /// Guards that the value on the stack is as true as it is now, which it returns.
    unsafe fn branch(&mut self, r: Regs) -> Recorded<bool> {
        let depth = self.at.depth;
        // SAFETY: the condition is on the stack.
        unsafe {
            let (condition, truth) = match self.peek_number(r, 1)? {
                Some(value) => (self.truth(value)?, number_truth(r.peek(1))?),
                None => self.truth_of_object(r)?,
            };
            let exit = self.exit(ExitReason::Branch, depth);
            let guard = if truth { Op::GuardTrue } else { Op::GuardFalse };
            built(self.builder.op_exit(guard, &[condition], exit))?;
            Ok(truth)
        }
    }

    /// The truth of an object that is no number: None, or a container with a length.
    pub(super) unsafe fn truth_of_object(&mut self, r: Regs) -> Recorded<(InsRef, bool)> {
        // SAFETY: the object is on the stack.
        unsafe {
            let object = r.peek(1);
            let value = self.peek(r, 1)?;
            if object == none() {
                self.guard_kind(value, ObjKind::None)?;
                return Ok((self.builder.const_bool(false), false));
            }
            let (kind, offset, region) = if is_list(object) {
                (ObjKind::List, layout::PyVarObject::ob_size, Region::Lists)
            } else if is_tuple(object) {
                (ObjKind::Tuple, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_str(object) {
                (ObjKind::Str, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_bytes(object) {
                (ObjKind::Bytes, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_dict(object) {
                (ObjKind::Dict, layout::PyDictObject::ma_used, Region::Dicts)
            } else {
                return self.truth_of_instance(value, object);
            };
            let value = self.guard_kind(value, kind)?;
            let size = self.field(value, offset, Width::I64, region)?;
            let now = *object.cast::<u8>().add(offset).cast::<isize>();
            Ok((self.op(Op::I64IsTrue, &[size])?, now != 0))
        }
    }

    /// Guards that the value on the stack is None, or that it is not, as it is now.
    unsafe fn none_branch(&mut self, r: Regs) -> Recorded<bool> {
        let depth = self.at.depth;
        // SAFETY: the value is on the stack.
        unsafe {
            let value = self.peek(r, 1)?;
            let is_none = r.peek(1) == none();
            if self.ty(value) != Type::Obj {
                return Ok(false);
            }
            let none = self.object_constant(none());
            let guard = if is_none {
                Op::GuardSame
            } else {
                Op::GuardNotSame
            };
            self.checked(guard, &[value, none], ExitReason::Branch, depth)?;
            Ok(is_none)
        }
    }

    /// Pops a condition that has been guarded, before the jump that it decides.
    fn pop_condition(&mut self, jumps: bool, distance: usize) -> Recorded<Flow> {
        if jumps {
            self.at.next += distance as u32;
        }
        self.replace(1, &[])?;
        Ok(Flow::Continue)
    }

    unsafe fn backward_branch(&mut self, r: Regs, opcode: u8, target: usize) -> Recorded<Flow> {
        let depth = self.at.depth;
        // SAFETY: as for `branch`.
        let truth = unsafe { self.branch(r)? };
        let jumps = truth == (opcode == opcodes::POP_JUMP_BACKWARD_IF_TRUE);
        if jumps {
            // An exit of the poll executes the whole instruction again.
            return self.back_edge_popping(target, depth, 1);
        }
        self.pop_condition(false, 0)
    }

    fn back_edge(&mut self, target: usize, depth: u16) -> Recorded<Flow> {
        self.back_edge_popping(target, depth, 0)
    }

    /// A jump backward to `target`, with `popped` values fewer than before it.
    fn back_edge_popping(&mut self, target: usize, depth: u16, popped: u16) -> Recorded<Flow> {
        let is_loop = self.root.kind == Kind::Loop;
        let is_header = is_loop && target as u32 == self.header && self.chain.len() == 1;
        // A side trace may go around an outer loop, which begins before the header and ends after it, on
        // its way back; any other loop is one of its own.
        let around = (target as u32) < self.header && self.header < self.at.ip;
        let outer = is_loop && self.parent.is_some() && self.chain.len() == 1 && around;
        let exit = self.exit(ExitReason::Poll, depth);
        built(self.builder.op_exit(Op::Poll, &[], exit))?;
        self.at.next = target as u32;
        if popped > 0 {
            self.replace(popped, &[])?;
        }
        if self.in_generator() {
            return self.generator_round(target as u32);
        }
        if outer {
            return Ok(Flow::Continue);
        }
        if !is_header {
            return self.inner_edge(target as u32);
        }
        if self.at.depth != self.builder.tree().header().depth {
            return Err(AbortReason::FrameChanged);
        }
        if self.root.first {
            self.at.ip = self.header;
            let depth = self.at.depth;
            return Ok(Flow::Finish(self.exit(ExitReason::Leave, depth)));
        }
        Ok(Flow::Close)
    }

    /// The next number of a range.
    unsafe fn for_iter(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            if is_generator(object) {
                return self.for_generator(r, oparg);
            }
            if !is_range_iter(object) {
                return self.for_sequence(r, oparg);
            }
            if self.chain.len() > 1 && !self.sole_iterator(r)? {
                return self.for_any(r, oparg);
            }
            let range: *mut PyRangeIterObject = object.cast();
            let slot = self.top(1);
            let virtual_index = self.builder.current(Place::RangeIndex(slot)).is_some();
            let in_header = slot < self.locals + self.builder.tree().header().depth;
            let carried = self.builder.tree().param_of(Place::RangeIndex(slot));
            // The position is in a register, or can be: it is not known yet where the header has it.
            let in_memory = self.builder.is_in_memory(Place::RangeIndex(slot))
                || self.builder.tree().in_memory.contains(&slot);
            let carriable = in_header && carried.is_none() && !in_memory && !self.replaced(slot);
            let known = virtual_index || carriable;
            if self.chain.len() == 1 && !known {
                // The header must not come to have it in a register for other traces.
                self.builder.keep_in_memory(slot);
            }
            if self.chain.len() > 1 || !known {
                return self.for_range_in_memory(r, oparg);
            }
            let ends = is_at_end(object);
            if ends && self.leaves_header() {
                return Err(AbortReason::LeftLoop);
            }
            let depth = self.at.depth;
            let iterator = built(
                self.builder
                    .read(Place::Slot(slot), ReadAs::Kind(ObjKind::RangeIter)),
            )?;
            let iterator = self.guard_kind(iterator, ObjKind::RangeIter)?;
            let index_place = Place::RangeIndex(slot);
            let index = built(self.builder.read(index_place, ReadAs::Int))?;
            let len = built(self.builder.load_range_field(iterator, RangeField::Len))?;
            let more = self.op(Op::LtI64, &[index, len])?;
            let exit = self.exit(ExitReason::LoopEnd, depth);
            if ends {
                built(self.builder.op_exit(Op::GuardFalse, &[more], exit))?;
                return self.loop_ends(oparg);
            }
            built(self.builder.op_exit(Op::GuardTrue, &[more], exit))?;
            let value = self.range_value((*range).step, iterator, index, depth)?;
            let one = self.builder.const_i64(1);
            let next = self.op(Op::AddWrap, &[index, one])?;
            self.builder.write(
                index_place,
                Slot {
                    value: Some(next),
                    held: Held::Owned,
                    memory: Memory::Stale,
                },
            );
            self.push(value, Held::Owned);
            Ok(Flow::Continue)
        }
    }

    /// Whether the loop that ends here is the recorded one, and the root is being recorded: then there
    /// is nothing to come back to.
    pub(super) fn leaves_header(&self) -> bool {
        self.parent.is_none()
            && self.chain.len() == 1
            && self.at.depth <= self.builder.tree().header().depth
    }

    /// Whether the trace has put another object into a slot than it found there.
    fn replaced(&self, slot: u16) -> bool {
        let tree = self.builder.tree();
        let now = self.builder.current(Place::Slot(slot));
        let param = tree
            .param_of(Place::Slot(slot))
            .map(|at| tree.params[at].value);
        now.is_some() && now.and_then(|slot| slot.value) != param
    }

    /// `start + index * step`, which cannot overflow; a step of 1, the usual one, is
    /// guarded instead of multiplied.
    pub(super) fn range_value(
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

/// The truth of an object that a trace may carry as a number.
unsafe fn number_truth(object: *mut PyObject) -> Recorded<bool> {
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
