//! Recording exceptions: raising them, their way to a handler, and handling them.
//!
//! Where an exception goes is known while recording: each frame's table says it for the instruction at
//! which the frame is. All frames are made true and their stacks put into memory; then the trace does
//! what the interpreter does, frame by frame, and goes on in the handler. An exception that leaves the tree's own
//! frame ends the trace before it is raised.

use core::mem::size_of;

use pyrt_cpython::api;
use pyrt_cpython::code::CodeUnit;
use pyrt_cpython::exceptions;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::flags;
use pyrt_spec::{AbortReason, ExitReason, Purpose};
use pyrt_trace::frames::Held;
use pyrt_trace::{ExitId, FrameHome, Helper, InsRef, Mem, Op, Place, Region, Width};

use super::generic::FREE;
use super::memory::slot_mem;
use super::stack::Popped;
use super::{Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::unwind::{ExceptionHandler, find_handler};
use crate::jit::deaths;
use crate::jit::raising::{pack_depths, pack_place};

/// Where an exception goes.
struct Route {
    /// The frame that handles it.
    frame: usize,
    handler: ExceptionHandler,
}

impl Recorder {
    /// Where an exception goes that is raised by the instruction at this offset of the innermost frame.
    unsafe fn route(&self, lasti: u32) -> Recorded<Route> {
        let frames = self.builder.frames().all();
        for index in (0..frames.len()).rev() {
            let lasti = self.position(index, lasti);
            // SAFETY: the frames being recorded are alive.
            let handler = unsafe { find_handler((*self.chain[index]).f_code, lasti as i32) };
            if let Some(handler) = handler {
                let frame = index;
                return Ok(Route { frame, handler });
            }
            if frames[index].purpose == Purpose::Next {
                // It may end the loop.
                break;
            }
        }
        Err(AbortReason::Exception)
    }

    /// The offset of the instruction at which a frame is; that of the innermost one is given.
    fn position(&self, frame: usize, innermost: u32) -> u32 {
        let frames = self.builder.frames().all();
        match frame + 1 == frames.len() {
            true => innermost,
            false => frames[frame].resume.0 - 1,
        }
    }

    /// Depth of a frame's stack.
    fn stack_depth(&self, frame: usize) -> u16 {
        let frames = self.builder.frames().all();
        match frame + 1 == frames.len() {
            true => self.at.depth,
            false => frames[frame].resume.1,
        }
    }

    /// Makes all frames true, and puts the stacks of all of them into memory, so that each slot has a
    /// reference of its own.
    unsafe fn flush_stacks(&mut self, r: Regs, next: u32) -> Recorded {
        let stacks: Vec<(usize, Vec<u16>)> = (0..self.builder.frames().depth())
            .map(|frame| (frame, self.stack_slots(frame)))
            .collect();
        for (frame, slots) in &stacks {
            for slot in slots {
                self.box_slot(*frame, *slot)?;
            }
        }
        // SAFETY: the registers are those of the innermost frame.
        unsafe { self.flush_at(r, next)? };
        for (frame, slots) in stacks {
            for slot in slots {
                self.store_slot(frame, slot)?;
            }
        }
        Ok(())
    }

    /// The slots of a frame's stack that the trace knows of.
    fn stack_slots(&self, frame: usize) -> Vec<u16> {
        let depth = self.stack_depth(frame);
        let frame = &self.builder.frames().all()[frame];
        let stack = frame.locals..frame.locals + depth;
        let slots = frame.slots.keys().filter_map(|place| match place {
            Place::Slot(slot) if stack.contains(slot) => Some(*slot),
            _ => None,
        });
        slots.collect()
    }

    /// Whether the instruction recorded last has raised an exception, if the next one is at `start`.
    pub(super) unsafe fn has_raised(&self, start: u32) -> bool {
        // SAFETY: the frames being recorded are alive.
        let handler = unsafe { find_handler((*self.frame()).f_code, self.at.op as i32) };
        handler.is_some_and(|handler| handler.target == start)
    }

    /// A frame being recorded is left by an exception: the exit at which the trace ends, if it can end.
    pub(crate) fn ended_by_exception(&mut self) -> Option<ExitId> {
        if self.awaits_loop() {
            return self.ended_before_loop(AbortReason::Exception).ok();
        }
        let expected = self.expected.take()?;
        match self.stop_after(expected) {
            Ok(Flow::Finish(exit)) => Some(exit),
            _ => None,
        }
    }

    /// Whether the present instruction has just refused to be quiet.
    pub(super) fn is_refused(&self) -> bool {
        self.refused == Some(self.at.ip)
    }

    /// `raise` with an exception, and perhaps a cause.
    pub(super) unsafe fn raise(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let route = self.route(self.at.op)?;
            if oparg == 0 {
                return self.raise_again(r, route);
            }
            if oparg == 1 && self.is_caught_quietly(r, &route) {
                return self.raise_quietly(r, &route);
            }
            let mut operands = Vec::new();
            for at in (1..=oparg as u16).rev() {
                operands.push(self.peek_object(r, at)?);
            }
            if oparg == 1 {
                operands.push(self.builder.const_i64(0));
            }
            self.flush_stacks(r, self.at.op + 1)?;
            let thread = self.op(Op::Thread, &[])?;
            for at in 1..=oparg as u16 {
                self.own_slot(self.top(at))?;
                self.hand_over(self.top(at))?;
            }
            self.at.depth -= oparg as u16;
            operands.insert(0, thread);
            let status = self.call_helper(Helper::Raise, &operands)?;
            self.guard_raised(status)?;
            self.unwind(&route, self.at.op, None, true)
        }
    }

    /// Leaves with the exception that is set, unless a status is 0.
    fn guard_raised(&mut self, status: InsRef) -> Recorded {
        let (ip, depth) = (self.at.op + 1, self.at.depth);
        let exit = self.builder.exit(ExitReason::Raise, ip, depth);
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::EqI64, &[status, zero])?;
        built(self.builder.op_exit(Op::GuardTrue, &[fine], exit))?;
        Ok(())
    }

    /// `raise` alone.
    unsafe fn raise_again(&mut self, r: Regs, route: Route) -> Recorded<Flow> {
        // SAFETY: the current thread's state.
        unsafe {
            let now = (*api::_PyErr_GetTopmostException(r.ts)).exc_value;
            if now.is_null() || now == none() {
                return Err(AbortReason::Exception);
            }
            self.flush_stacks(r, self.at.op + 1)?;
            let thread = self.op(Op::Thread, &[])?;
            let status = self.call_helper(Helper::RaiseAgain, &[thread])?;
            self.guard_is(status, 0, ExitReason::Memory)?;
            self.unwind(&route, self.at.op, None, false)
        }
    }

    /// `RERAISE`: at the end of a handler that did not want the exception, or of a `finally`.
    pub(super) unsafe fn reraise(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the exception is on the stack, and below it the offset of who raised it.
        unsafe {
            let route = self.route(self.at.op)?;
            let lasti = match oparg {
                0 => self.builder.const_i64(i64::from(self.at.op)),
                _ => self
                    .peek_number(r, oparg as u16 + 1)?
                    .ok_or(AbortReason::Exception)?,
            };
            let exc = self.peek_object(r, 1)?;
            self.flush_stacks(r, self.at.op + 1)?;
            let thread = self.op(Op::Thread, &[])?;
            let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
            self.own_slot(self.top(1))?;
            self.hand_over(self.top(1))?;
            self.at.depth -= 1;
            self.call_helper(Helper::Reraise, &[thread, frame, exc, lasti])?;
            self.unwind(&route, self.at.op, Some(lasti), false)
        }
    }

    /// A side trace begins where an exception has just been raised.
    pub(super) unsafe fn unwind_first(&mut self, r: Regs) -> Recorded {
        // SAFETY: the registers are those of the innermost frame, just after the instruction that raised.
        unsafe {
            let lasti = self.at.ip - 1;
            let route = self.route(lasti)?;
            self.flush_stacks(r, self.at.ip)?;
            self.unwind(&route, lasti, None, true)?;
        }
        self.at.ip = self.at.next;
        self.expected = Some(self.at.next);
        Ok(())
    }

    /// Follows the exception that is set to its handler. The innermost frame is at `lasti`, or as it was put
    /// by `RERAISE`; `witness` says whether it is to be in the traceback once more.
    unsafe fn unwind(
        &mut self,
        route: &Route,
        lasti: u32,
        moved: Option<InsRef>,
        witness: bool,
    ) -> Recorded<Flow> {
        let thread = self.op(Op::Thread, &[])?;
        let last = self.builder.frames().depth() - 1;
        let positions: Vec<u32> = (0..=last)
            .map(|frame| self.position(frame, lasti))
            .collect();
        for index in (route.frame..=last).rev() {
            let frame = self.frame_pointer(index)?;
            if witness || index < last {
                // SAFETY: the frames being recorded are alive.
                let line = unsafe { self.line_of(self.chain[index], positions[index]) };
                let line = self.builder.const_i64(i64::from(line));
                self.call_helper(Helper::Witness, &[thread, frame, line])?;
            }
            if index > route.frame {
                let depth = self.builder.const_i64(i64::from(self.at.depth));
                self.call_helper(Helper::LeaveFrame, &[thread, frame, depth])?;
                let left = self.pop_frame();
                self.give_up(left.purpose)?;
            }
        }
        let ExceptionHandler {
            target,
            depth: kept,
            push_lasti,
        } = route.handler;
        let (depth, kept) = (self.at.depth, kept as u16);
        let frame = self.frame_pointer(route.frame)?;
        let depths = self.builder.const_i64(pack_depths(depth, kept));
        let exc = self.call_helper(Helper::Catch, &[thread, frame, depths])?;
        for slot in self.locals + kept..self.locals + depth {
            self.builder.write(Place::Slot(slot), FREE);
            let index = Place::RangeIndex(slot);
            self.builder.frames_mut().inner_mut().slots.remove(&index);
        }
        self.at.depth = kept;
        if push_lasti {
            let lasti = match moved.filter(|_| route.frame == last) {
                Some(lasti) => lasti,
                None => self.builder.const_i64(i64::from(positions[route.frame])),
            };
            self.push(lasti, Held::Owned);
        }
        self.push(exc, Held::Owned);
        self.at.next = target;
        self.guard_untraced()?;
        Ok(Flow::Continue)
    }

    /// Whether the trace can raise the exception on top of the stack, and catch it, without anybody looking at frames: an
    /// instance, while no exception is handled that it would have for its context. It leaves calls that only the trace knows.
    unsafe fn is_caught_quietly(&self, r: Regs, route: &Route) -> bool {
        // SAFETY: the exception is on the stack.
        let is_plain = unsafe {
            let exc = r.peek(1);
            has_flag(exc, flags::BASE_EXC_SUBCLASS)
                && (*type_of(exc)).tp_version_tag != 0
                && exceptions::handled(r.ts).is_null()
        };
        let (staying, left) = self.builder.frames().all().split_at(route.frame + 1);
        let are_left = left.iter().all(|frame| {
            matches!(frame.home, FrameHome::New { .. }) && frame.purpose == Purpose::Call
        });
        let stay = staying.iter().all(|frame| {
            !matches!(
                frame.home,
                FrameHome::Suspended { .. } | FrameHome::Resumed(_)
            )
        });
        is_plain && are_left && stay && !self.is_refused()
    }

    /// Raises an exception, and catches it. All that can fail comes first: the objects of the frames, and the entries of
    /// the traceback. Then each frame's locals move to its object.
    unsafe fn raise_quietly(&mut self, r: Regs, route: &Route) -> Recorded<Flow> {
        let last = self.builder.frames().depth() - 1;
        let positions: Vec<u32> = (0..=last)
            .map(|frame| self.position(frame, self.at.op))
            .collect();
        // SAFETY: the exception is on the stack.
        let exc = unsafe {
            let version = (*type_of(r.peek(1))).tp_version_tag;
            let exc = self.peek_object(r, 1)?;
            self.guard_version(exc, version)?
        };
        for frame in 1..=route.frame {
            self.materialize(frame)?;
        }
        for frame in route.frame + 1..=last {
            for local in 0..self.builder.frames().all()[frame].locals {
                self.box_slot(frame, local)?;
            }
        }
        let depth = self.at.depth;
        let thread = self.op(Op::Thread, &[])?;
        let handled = self.call_helper(Helper::Handled, &[thread])?;
        self.checked(Op::GuardNull, &[handled], ExitReason::Refused, depth)?;
        // SAFETY: the frames being recorded are alive.
        let objects = unsafe { self.ended_frames(route, &positions)? };
        let traceback = layout::PyBaseExceptionObject::traceback;
        let mut entry = self.field(exc, traceback, Width::Ptr, Region::Other)?;
        let mut made = objects.clone();
        for frame in (route.frame..=last).rev() {
            // SAFETY: as above.
            let line = unsafe { self.line_of(self.chain[frame], positions[frame]) };
            let place = pack_place(positions[frame], line);
            let place = self.builder.const_i64(place);
            let object = objects[frame - route.frame];
            let operands = [entry, object, place];
            let new = self.allocate_beside(Helper::NewEntry, &operands, made.clone())?;
            // It has taken these.
            made.retain(|held| *held != object && *held != entry);
            made.push(new);
            entry = new;
        }
        self.own_slot(self.top(1))?;
        let raised = self.pop()?;
        let mem = Mem {
            offset: traceback as i32,
            width: Width::Obj,
            region: Region::Other,
        };
        self.store(exc, entry, mem)?;
        let mut dead = Vec::new();
        for frame in (route.frame + 1..=last).rev() {
            dead.extend(self.drop_stack(0)?);
            self.move_locals(objects[frame - route.frame])?;
            if let FrameHome::New {
                function,
                owned: true,
            } = self.pop_frame().home
            {
                let (tree, frames) = self.builder.split();
                if let Some(function) = frames.inherit(tree, function) {
                    self.op(Op::ReleaseLeaf, &[function])?;
                }
            }
        }
        dead.extend(self.drop_stack(route.handler.depth as u16)?);
        if route.handler.push_lasti {
            let lasti = i64::from(positions[route.frame]);
            let lasti = self.builder.const_i64(lasti);
            self.push(lasti, Held::Owned);
        }
        self.push(raised.value, raised.held);
        self.at.next = route.handler.target;
        self.release(dead)?;
        Ok(Flow::Continue)
    }

    /// The objects of the frame that handles an exception and of those that end by it, outermost first, each with a
    /// reference of the trace's.
    unsafe fn ended_frames(&mut self, route: &Route, positions: &[u32]) -> Recorded<Vec<InsRef>> {
        let thread = self.op(Op::Thread, &[])?;
        let frame = self.frame_pointer(route.frame)?;
        let object = self.call_helper(Helper::FrameObject, &[thread, frame])?;
        let depth = self.at.depth;
        let object = self.checked(Op::GuardObj, &[object], ExitReason::Memory, depth)?;
        let mut objects = vec![self.op(Op::Own, &[object])?];
        for frame in route.frame + 1..positions.len() {
            let FrameHome::New { function, .. } = self.builder.frames().all()[frame].home else {
                return Err(AbortReason::CompilerBug);
            };
            // SAFETY: by the caller's promise.
            let instr = unsafe {
                let code = (*self.chain[frame]).f_code;
                first_instr(code).add(positions[frame] as usize)
            };
            let instr = self.builder.const_i64(instr as i64);
            let back = objects[frame - route.frame - 1];
            let operands = [function, back, instr];
            let object = self.allocate_beside(Helper::EndedFrame, &operands, objects.clone())?;
            objects.push(object);
        }
        Ok(objects)
    }

    /// Takes all but so many values off the stack of the innermost frame: the references to release.
    fn drop_stack(&mut self, kept: u16) -> Recorded<Vec<InsRef>> {
        let mut dead = Vec::new();
        for slot in (self.locals + kept..self.locals + self.at.depth).rev() {
            self.settle_index(slot)?;
            dead.extend(self.drop_place(slot));
        }
        self.at.depth = kept;
        Ok(dead)
    }

    /// Gives the locals of the innermost frame, which has ended, to its object.
    fn move_locals(&mut self, object: InsRef) -> Recorded {
        for local in 0..self.locals {
            let place = Place::Slot(local);
            let Some(slot) = self.builder.current(place) else {
                continue;
            };
            self.builder.write(place, FREE);
            if let Some(value) = slot.value {
                let held = slot.held;
                let value = self.pass_on(Popped { value, held })?;
                let mem = slot_mem(local, Width::Obj);
                let offset = mem.offset + layout::PyFrameObject::_f_frame_data as i32;
                self.store(object, value, Mem { offset, ..mem })?;
            }
        }
        Ok(())
    }

    /// The line of the instruction at an offset of a frame's code; 0 if there is none.
    unsafe fn line_of(&self, frame: *mut PyInterpreterFrame, position: u32) -> i32 {
        let bytes = position as usize * size_of::<CodeUnit>();
        // SAFETY: a live frame.
        unsafe { api::PyCode_Addr2Line((*frame).f_code, bytes as i32) }.max(0)
    }

    /// The return of an inlined function whose frame somebody may keep.
    pub(super) unsafe fn return_watched(&mut self, r: Regs, instead: Option<InsRef>) -> Recorded {
        // SAFETY: the result is on the stack.
        unsafe {
            self.peek_object(r, 1)?;
            self.flush_stacks(r, self.at.op + 1)?;
            let result = self.pop()?;
            let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
            let thread = self.op(Op::Thread, &[])?;
            let none = self.builder.const_i64(0);
            let left = self.pop_frame();
            self.call_helper(Helper::LeaveFrame, &[thread, frame, none])?;
            if left.purpose == Purpose::Init {
                // None, which nobody has to give up.
                self.constructed()?;
            } else {
                self.push_result(result, instead)?;
                self.use_result(left.purpose, r.peek(1))?;
            }
            self.guard_untraced()
        }
    }

    /// What is handled in a generator is noted in it, while it runs: runs in memory the generators that only the trace runs.
    fn link_generators(&mut self) -> Recorded {
        let frames = self.builder.frames().all().iter();
        let is_apart = |home| matches!(home, FrameHome::Suspended { .. });
        if frames.map(|frame| frame.home).any(is_apart) {
            for frame in 0..self.builder.frames().depth() {
                self.materialize(frame)?;
            }
        }
        Ok(())
    }

    /// `PUSH_EXC_INFO`.
    pub(super) unsafe fn begin_handling(&mut self, r: Regs) -> Recorded {
        // SAFETY: the exception is on the stack.
        unsafe {
            let exc = self.peek_object(r, 1)?;
            self.link_generators()?;
            let thread = self.op(Op::Thread, &[])?;
            let outer = self.call_helper(Helper::BeginHandling, &[thread, exc])?;
            let depth = self.at.depth;
            let outer = self.checked(Op::GuardObj, &[outer], ExitReason::Memory, depth)?;
            let exc = self.pop()?;
            self.push(outer, Held::Owned);
            self.push(exc.value, exc.held);
            Ok(())
        }
    }

    /// `POP_EXCEPT`.
    pub(super) unsafe fn end_handling(&mut self, r: Regs) -> Recorded {
        // SAFETY: what was handled before is on the stack.
        unsafe {
            let handled = (*(*r.ts).exc_info).exc_value;
            if handled.is_null() {
                return Err(AbortReason::UnsupportedOpcode);
            }
            let dies = deaths::may_run_code(handled);
            let outer = self.peek_object(r, 1)?;
            self.link_generators()?;
            self.own_slot(self.top(1))?;
            let thread = self.op(Op::Thread, &[])?;
            if dies {
                self.flush(r)?;
            }
            self.hand_over(self.top(1))?;
            self.at.depth -= 1;
            let handled = self.call_helper(Helper::EndHandling, &[thread, outer])?;
            let (next, depth) = (self.at.next, self.at.depth);
            let exit = self.builder.exit(ExitReason::Memory, next, depth);
            let handled = built(self.builder.op_exit(Op::GuardObj, &[handled], exit))?;
            if dies {
                self.call_helper(Helper::Drop, &[handled])?;
                return self.guard_untraced();
            }
            self.release(vec![handled])
        }
    }

    /// `CHECK_EXC_MATCH`.
    pub(super) unsafe fn check_match(&mut self, r: Regs) -> Recorded {
        // SAFETY: the exception and the types are on the stack.
        unsafe {
            let (exc, types) = (self.peek_object(r, 2)?, self.peek_object(r, 1)?);
            let matches = self.call_helper(Helper::ExceptionMatches, &[exc, types])?;
            let zero = self.builder.const_i64(0);
            let fine = self.op(Op::GeI64, &[matches, zero])?;
            let depth = self.at.depth;
            self.checked(Op::GuardTrue, &[fine], ExitReason::Type, depth)?;
            let truth = self.op(Op::I64IsTrue, &[matches])?;
            self.replace_by(1, truth)
        }
    }

    /// Replaces a local, by the top of the stack or by nothing, whose death may run code: it dies in the midst of the
    /// trace, whatever that runs.
    pub(super) unsafe fn replace_mortal(&mut self, r: Regs, slot: u16, stores: bool) -> Recorded {
        // SAFETY: the registers are those of the innermost frame.
        unsafe {
            if stores {
                self.peek_object(r, 1)?;
            }
            self.slot(r, slot)?;
            self.flush(r)?;
        }
        let dead = self.drop_place(slot);
        if stores {
            let Popped { value, held } = self.pop()?;
            self.put(slot, Some(value), held);
        }
        self.store_slot(self.builder.frames().depth() - 1, slot)?;
        for value in dead {
            self.call_helper(Helper::Drop, &[value])?;
        }
        self.guard_untraced()
    }
}
