//! Recording calls: Python functions are followed, some of C are known.

use pyrt_cpython::api;
use pyrt_cpython::code::{PyFunctionObject, co};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyMethodDescrObject, PyObject};
use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Slot};
use pyrt_trace::{FrameHome, Helper, Imm, InsRef, ObjKind, Op, Place, Region, Type, Width};

use super::stack::Popped;
use super::{Recorded, Recorder, built};
use crate::interp::Regs;

/// How many calls deep a trace inlines.
const INLINE_DEPTH: usize = 12;

impl Recorder {
    /// A bound method that was not loaded by `LOAD_METHOD` would be unpacked.
    pub(super) unsafe fn precall(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: a call of `oparg` arguments is on the stack.
        unsafe {
            if r.peek(oparg + 2).is_null() && is_method(r.peek(oparg + 1)) {
                return Err(AbortReason::Call);
            }
        }
        Ok(())
    }

    pub(super) unsafe fn call(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: a call of `oparg` arguments is on the stack.
        unsafe {
            if !(*r.kwnames()).is_null() {
                return Err(AbortReason::Call);
            }
            let is_method = !r.peek(oparg + 2).is_null();
            let total = oparg + usize::from(is_method);
            let callee = r.peek(total + 1);
            if is_function(callee) {
                return self.python_call(r, callee.cast(), total, oparg);
            }
            let interp = (*r.ts).interp;
            if callee == *PyInterpreterState::callable_len(interp) && total == 1 {
                return self.len(r, callee);
            }
            if callee == *PyInterpreterState::callable_list_append(interp) && total == 2 {
                return self.list_append(r);
            }
            self.foreign_call(r, total, oparg)
        }
    }

    /// Follows the call of a Python function.
    unsafe fn python_call(
        &mut self,
        r: Regs,
        callee: *mut PyFunctionObject,
        total: usize,
        oparg: usize,
    ) -> Recorded {
        // SAFETY: a live function, its arguments on the stack.
        unsafe {
            let code = (*callee).func_code;
            let special = co::VARARGS | co::VARKEYWORDS | co::SUSPENDS;
            let plain = (*code).co_flags & co::OPTIMIZED != 0
                && (*code).co_flags & special == 0
                && (*code).co_kwonlyargcount == 0;
            let wanted = (*code).co_argcount as usize;
            let defaults = match (*callee).func_defaults {
                defaults if defaults.is_null() => 0,
                defaults => size_of(defaults) as usize,
            };
            if !plain || total > wanted || total + defaults < wanted {
                return Err(AbortReason::Call);
            }
            if self.chain.len() > INLINE_DEPTH {
                return Err(AbortReason::Call);
            }
            let version = api::_PyFunction_GetVersionForCurrentState(callee);
            if version == 0 {
                return Err(AbortReason::Call);
            }
            let at = total as u16 + 1;
            let slot = self.slot(r, self.top(at))?;
            let function = slot.value.ok_or(AbortReason::SlotUnbound)?;
            let function = self.guard_kind(function, ObjKind::Function)?;
            let found = self.field(
                function,
                layout::PyFunctionObject::func_version,
                Width::U32,
                Region::Functions,
            )?;
            self.guard_is(found, i64::from(version), ExitReason::Callee)?;
            self.guard_recursion()?;
            for n in 1..=total as u16 {
                self.slot(r, self.top(n))?;
            }
            let mut arguments = Vec::with_capacity(wanted);
            for _ in 0..total {
                arguments.push(self.pop()?);
            }
            arguments.reverse();
            for missing in total..wanted {
                let default = tuple_item((*callee).func_defaults, missing + defaults - wanted);
                let value = self.constant(default)?;
                let held = Held::Lent;
                arguments.push(Popped { value, held });
            }
            let callee_slot = self.pop()?;
            if total == oparg {
                // The NULL below the function.
                self.at.depth -= 1;
            }
            let home = FrameHome::New {
                function,
                owned: callee_slot.held == Held::Owned,
            };
            let resume = (self.at.next, self.at.depth);
            self.locals = (*code).co_nlocalsplus as u16;
            self.builder
                .frames_mut()
                .push(home, (*code).co_nlocalsplus as u16, resume);
            for (number, argument) in (0..).zip(arguments) {
                let slot = Slot::new(argument.value, argument.held);
                self.builder.write(Place::Slot(number), slot);
            }
            self.entering = code;
            Ok(())
        }
    }

    /// Guards that the frames inlined so far, and one more, are within the recursion limit.
    fn guard_recursion(&mut self) -> Recorded {
        let thread = self.op(Op::Thread, &[])?;
        let remaining = self.field(
            thread,
            layout::PyThreadState::recursion_remaining,
            Width::I32,
            Region::Other,
        )?;
        let depth = self.builder.const_i64(self.chain.len() as i64);
        let enough = self.op(Op::GtI64, &[remaining, depth])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[enough], ExitReason::Callee, depth)?;
        Ok(())
    }

    /// The return of an inlined function: its frame is cleared, in the order of CPython's.
    pub(super) unsafe fn return_value(&mut self, r: Regs) -> Recorded {
        // SAFETY: the result is on the stack.
        unsafe {
            self.slot(r, self.top(1))?;
        }
        if let FrameHome::Memory(frame) = self.builder.frames().inner().home {
            // A frame object that outlives the call would take the frame over.
            let offset = layout::PyInterpreterFrame::frame_obj;
            let object = self.field(frame, offset, Width::Ptr, Region::Frames)?;
            let depth = self.at.depth;
            self.checked(Op::GuardNull, &[object], ExitReason::Callee, depth)?;
        }
        // Whatever dies does so while the instruction is at work.
        self.at.next = self.at.ip;
        for local in 0..self.locals {
            let dead = self.drop_place(local);
            self.release(dead)?;
        }
        let result = self.pop()?;
        let frame = self.builder.frames_mut().pop();
        self.chain.pop();
        let caller = self.builder.frames().inner();
        self.locals = caller.locals;
        (self.at.next, self.at.depth) = caller.resume;
        self.push(result.value, result.held);
        match frame.home {
            FrameHome::New {
                function,
                owned: true,
            } => {
                let (tree, frames) = self.builder.split();
                let dead = frames.inherit(tree, function);
                self.release(dead.into_iter().collect())
            }
            FrameHome::Memory(frame) => {
                let thread = self.op(Op::Thread, &[])?;
                let helper = Imm::Helper(Helper::PopFrame);
                built(self.builder.push(Op::Call, &[thread, frame], helper, None))?;
                Ok(())
            }
            FrameHome::Root | FrameHome::New { .. } => Ok(()),
        }
    }

    /// `len` of a container whose length is a field.
    unsafe fn len(&mut self, r: Regs, callee: *mut PyObject) -> Recorded {
        // SAFETY: function and argument are on the stack.
        unsafe {
            let object = r.peek(1);
            let (kind, offset, region) = if is_list(object) {
                (ObjKind::List, layout::PyVarObject::ob_size, Region::Lists)
            } else if is_tuple(object) {
                (ObjKind::Tuple, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_str(object) {
                (ObjKind::Str, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_dict(object) {
                (ObjKind::Dict, layout::PyDictObject::ma_used, Region::Dicts)
            } else {
                return Err(AbortReason::Call);
            };
            let function = self.peek(r, 2)?;
            self.guard_same(function, callee)?;
            let value = self.peek(r, 1)?;
            let value = self.guard_kind(value, kind)?;
            let length = self.field(value, offset, Width::I64, region)?;
            self.replace_by(3, length)
        }
    }

    /// Guards that a value is this very object.
    unsafe fn guard_same(&mut self, value: InsRef, object: *mut PyObject) -> Recorded {
        // SAFETY: a live object.
        let known = unsafe { self.object_constant(object) };
        if self.same_object(value, known) {
            return Ok(());
        }
        let depth = self.at.depth;
        self.checked(Op::GuardSame, &[value, known], ExitReason::Callee, depth)?;
        Ok(())
    }

    /// `list.append`, found by `LOAD_METHOD`.
    unsafe fn list_append(&mut self, r: Regs) -> Recorded {
        // SAFETY: method, list and argument are on the stack.
        unsafe {
            let method = self.peek(r, 3)?;
            let descr: *mut PyMethodDescrObject = r.peek(3).cast();
            self.guard_same(method, descr.cast())?;
            let list = self.peek(r, 2)?;
            let list = self.guard_kind(list, ObjKind::List)?;
            let item = self.peek_object(r, 1)?;
            let status = built(self.builder.push(
                Op::Call,
                &[list, item],
                Imm::Helper(Helper::ListAppend),
                None,
            ))?;
            self.guard_is(status, 0, ExitReason::Memory)?;
            let value = self.object_constant(none());
            debug_assert_eq!(self.ty(value), Type::Obj);
            let held = Held::Lent;
            self.replace(3, &[Popped { value, held }])
        }
    }
}
