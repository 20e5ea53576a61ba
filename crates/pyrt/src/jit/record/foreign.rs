//! Recording what may run any code: a call of the runtime inside the trace.
//!
//! Before it all frames are made true; after it nothing that the trace has read from memory is taken
//! for granted, which the passes see to. Tracing may have been switched on meanwhile.

use pyrt_cpython::inline::is_function;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyObject;
use pyrt_spec::ExitReason;
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, Imm, InsRef, Op, Place, Region, Type, Width};

use super::generic::FREE;
use super::{Recorded, Recorder, built};
use crate::interp::Regs;

impl Recorder {
    /// The operands of a foreign call, `n` down to 1 from the top: boxed, and with the references that
    /// CPython's stack would have.
    unsafe fn foreign_operands(&mut self, r: Regs, n: u16) -> Recorded<Vec<InsRef>> {
        let mut operands = Vec::new();
        for at in (1..=n).rev() {
            // SAFETY: the operands are on the stack.
            let value = unsafe { self.peek_object(r, at)? };
            self.own_slot(self.top(at))?;
            operands.push(value);
        }
        Ok(operands)
    }

    /// Gives up references, whatever that runs, which the instruction before this offset would have done.
    pub(super) unsafe fn drop_all(
        &mut self,
        r: Regs,
        references: &[InsRef],
        next: u32,
    ) -> Recorded {
        // SAFETY: the registers are those of the innermost frame.
        unsafe { self.flush_at(r, next)? };
        for &reference in references {
            self.call_helper(Helper::Drop, &[reference])?;
        }
        self.guard_untraced()
    }

    /// Gives a slot of the innermost frame a reference of its own.
    pub(super) fn own_slot(&mut self, slot: u16) -> Recorded {
        let place = Place::Slot(slot);
        if let Some(mut slot) = self.builder.current(place)
            && let Some(value) = slot.value
            && slot.held != Held::Owned
            && self.ty(value) == Type::Obj
        {
            self.op(Op::Own, &[value])?;
            slot.held = Held::Owned;
            self.builder.write(place, slot);
        }
        Ok(())
    }

    /// Calls a helper with the `n` topmost values and perhaps one more, and replaces them by its
    /// result: an object.
    pub(super) unsafe fn foreign(
        &mut self,
        r: Regs,
        helper: Helper,
        n: u16,
        more: Option<InsRef>,
    ) -> Recorded {
        // SAFETY: the operands are on the stack.
        let mut operands = unsafe { self.foreign_operands(r, n)? };
        operands.extend(more);
        // SAFETY: as above.
        unsafe { self.flush(r)? };
        let result = self.call_helper(helper, &operands)?;
        self.finish_object(n, result, false)
    }

    /// `LOAD_METHOD` of what is no function of the class: NULL, and the attribute.
    pub(super) unsafe fn foreign_method(&mut self, r: Regs, name: InsRef) -> Recorded {
        // SAFETY: the owner is on the stack.
        let mut operands = unsafe { self.foreign_operands(r, 1)? };
        operands.push(name);
        // SAFETY: as above.
        unsafe { self.flush(r)? };
        let result = self.call_helper(Helper::GetAttr, &operands)?;
        self.finish_object(1, result, true)
    }

    pub(super) fn call_helper(&mut self, helper: Helper, operands: &[InsRef]) -> Recorded<InsRef> {
        built(
            self.builder
                .push(Op::Call, operands, Imm::Helper(helper), None),
        )
    }

    /// Pops the operands of a foreign call and pushes its result, unless that is NULL, perhaps with a
    /// NULL below it.
    pub(super) fn finish_object(&mut self, n: u16, result: InsRef, null: bool) -> Recorded {
        let (dead, exit) = self.drop_operands(n);
        let value = built(self.builder.op_exit(Op::GuardObj, &[result], exit))?;
        let held = Held::Owned;
        if null {
            self.push_null();
        }
        self.push(value, held);
        self.release(dead)?;
        self.guard_untraced()
    }

    /// Pops operands: their references, and the exit by which an exception leaves.
    pub(super) fn drop_operands(&mut self, n: u16) -> (Vec<InsRef>, pyrt_trace::ExitId) {
        let mut dead = Vec::new();
        for slot in self.top(n)..self.top(0) {
            dead.extend(self.drop_place(slot));
        }
        self.at.depth -= n;
        let (ip, depth) = (self.at.op + 1, self.at.depth);
        let exit = self
            .builder
            .exit_pending(ExitReason::Raise, ip, depth, dead.clone());
        (dead, exit)
    }

    /// The same for a helper that gives a truth value, or a negative number for an exception.
    pub(super) unsafe fn foreign_truth(
        &mut self,
        r: Regs,
        helper: Helper,
        n: u16,
        inverted: bool,
    ) -> Recorded {
        // SAFETY: the operands are on the stack.
        let operands = unsafe { self.foreign_operands(r, n)? };
        // SAFETY: as above.
        unsafe { self.flush(r)? };
        let result = self.call_helper(helper, &operands)?;
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::GeI64, &[result, zero])?;
        let mut truth = self.op(Op::I64IsTrue, &[result])?;
        if inverted {
            truth = self.op(Op::NotBool, &[truth])?;
        }
        let (dead, exit) = self.drop_operands(n);
        built(self.builder.op_exit(Op::GuardTrue, &[fine], exit))?;
        self.push(truth, Held::Owned);
        self.release(dead)?;
        self.guard_untraced()
    }

    /// The same for a helper without a result, but for a negative number when it fails.
    pub(super) unsafe fn foreign_status(
        &mut self,
        r: Regs,
        helper: Helper,
        n: u16,
        more: Option<InsRef>,
    ) -> Recorded {
        // SAFETY: the operands are on the stack.
        let mut operands = unsafe { self.foreign_operands(r, n)? };
        operands.extend(more);
        // SAFETY: as above.
        unsafe { self.flush(r)? };
        let result = self.call_helper(helper, &operands)?;
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::GeI64, &[result, zero])?;
        let (dead, exit) = self.drop_operands(n);
        built(self.builder.op_exit(Op::GuardTrue, &[fine], exit))?;
        self.release(dead)?;
        self.guard_untraced()
    }

    /// Calls a helper that makes a container of the topmost `n` values.
    pub(super) unsafe fn foreign_build(&mut self, r: Regs, helper: Helper, n: u16) -> Recorded {
        // SAFETY: the values are on the stack.
        unsafe {
            for at in 1..=n {
                self.peek_object(r, at)?;
            }
            self.flush(r)?;
            let values = self.stack_in_memory(n)?;
            let number = self.builder.const_i64(i64::from(n));
            let result = self.call_helper(helper, &[values, number])?;
            self.finish_object(n, result, false)
        }
    }

    /// Puts the `n` topmost values, which are objects, into the frame's memory, and returns where.
    fn stack_in_memory(&mut self, n: u16) -> Recorded<InsRef> {
        let frame = self.builder.frames().depth() - 1;
        for at in (1..=n).rev() {
            self.store_slot(frame, self.top(at))?;
        }
        let base = self.frame_pointer(frame)?;
        let offset = layout::PyInterpreterFrame::localsplus as i64 + i64::from(self.top(n)) * 8;
        let offset = self.builder.const_i64(offset);
        self.op(Op::Offset, &[base, offset])
    }

    /// Guards that nobody traces or profiles now.
    pub(super) fn guard_untraced(&mut self) -> Recorded {
        let thread = self.op(Op::Thread, &[])?;
        let cframe = layout::PyThreadState::cframe;
        let cframe = self.field(thread, cframe, Width::Ptr, Region::Other)?;
        let tracing = layout::PyCFrame::use_tracing;
        let tracing = self.field(cframe, tracing, Width::U8, Region::Other)?;
        let zero = self.builder.const_i64(0);
        let off = self.op(Op::EqI64, &[tracing, zero])?;
        let (next, depth) = (self.at.next, self.at.depth);
        let exit = self.builder.exit(ExitReason::Leave, next, depth);
        built(self.builder.op_exit(Op::GuardTrue, &[off], exit))?;
        Ok(())
    }

    /// What is called next takes the reference of a slot that owns one. Whoever was lent the value by the
    /// slot has the reference from now on, and the callee gets another one.
    pub(super) fn hand_over(&mut self, slot: u16) -> Recorded {
        let place = Place::Slot(slot);
        let now = self.builder.current(place);
        self.builder.write(place, FREE);
        if let Some(now) = now
            && let Some(value) = now.value
            && now.held == Held::Owned
            && self.ty(value) == Type::Obj
        {
            let (tree, frames) = self.builder.split();
            if frames.inherit(tree, value).is_none() {
                self.op(Op::Own, &[value])?;
            }
        }
        Ok(())
    }

    /// Calls a callable with the arguments on the stack: `NULL, callable, args…` or `method, self, args…`.
    /// The call takes them, as the interpreter's call of a Python function does. `direct` is what
    /// [`direct_callee`](Recorder::direct_callee) has found out.
    pub(super) unsafe fn foreign_call(
        &mut self,
        r: Regs,
        total: usize,
        oparg: usize,
        names: *mut PyObject,
        direct: Option<InsRef>,
    ) -> Recorded {
        let count = total as u16;
        // SAFETY: the call is on the stack.
        unsafe {
            for at in 1..=count + 1 {
                self.peek_object(r, at)?;
            }
            // The interpreter is past the whole instruction when it enters a Python function.
            let enters = is_function(r.peek(total + 1));
            let position = if enters { self.at.next } else { self.at.op + 1 };
            // Secured before the arguments move to memory.
            self.flush_at(r, position)?;
            let callable = self.peek_object(r, count + 1)?;
            self.own_slot(self.top(count + 1))?;
            let arguments = self.stack_in_memory(count)?;
            let thread = self.op(Op::Thread, &[])?;
            for at in 1..=count + 1 {
                self.hand_over(self.top(at))?;
            }
            let result = if let Some(code) = direct {
                self.call_helper(Helper::CallCode, &[thread, callable, arguments, code])?
            } else {
                let number = self.builder.const_i64(i64::from(count));
                let names = if names.is_null() {
                    self.builder.const_i64(0)
                } else {
                    self.object_constant(names)
                };
                let operands = [thread, callable, arguments, number, names];
                self.call_helper(Helper::Call, &operands)?
            };
            self.at.depth -= count + 1;
            if total == oparg {
                // The NULL below the function.
                self.at.depth -= 1;
            }
            let exit = self
                .builder
                .exit(ExitReason::Raise, position, self.at.depth);
            let value = built(self.builder.op_exit(Op::GuardObj, &[result], exit))?;
            self.push(value, Held::Owned);
            self.guard_untraced()
        }
    }
}
