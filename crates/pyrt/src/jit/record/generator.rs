//! Recording generators and coroutines: a trace runs on in the frame of one that it resumes, and comes back at its
//! `yield`.
//!
//! The frame is in memory, inside of the generator. While only the trace runs it, memory has it suspended:
//! nothing is linked, and nobody can tell. Exits and flushes resume it ([`FrameHome::Suspended`]). What the
//! trace has not read or written of it is in memory; at the `yield`, all of it is.

use core::mem::offset_of;

use pyrt_cpython::code::{CodeExtra, PyCodeObject};
use pyrt_cpython::frame::{FRAME_CREATED, FRAME_SUSPENDED, PyGenObject, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::{AbortReason, ExitReason, Purpose, opcodes};
use pyrt_trace::frames::{Held, Memory, Slot, origin};
use pyrt_trace::{
    ExitId, FrameHome, Helper, Imm, InsRef, Mem, ObjKind, Op, Place, ReadAs, Region, Type, Width,
};

use super::memory::slot_mem;
use super::{EMPTY, Flow, Recorded, Recorder, built, read_as};
use crate::config::options;
use crate::interp::Regs;
use crate::jit::anchors::{CodeMeta, make_meta};
use crate::jit::{driver, policy};

/// How often a root goes around the same loop of a generator before that yields.
const ROUNDS: usize = 4;
/// How many frames of the same code a trace has at once.
const RECURSION: usize = 4;

impl Recorder {
    /// Whether the innermost frame is that of a generator that the trace has resumed.
    pub(super) fn in_generator(&self) -> bool {
        self.builder.frames().inner().home.is_generator()
    }

    /// The next item of a generator: the trace goes on in its frame.
    pub(super) unsafe fn for_generator(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: a generator is on the stack.
        unsafe {
            let generator = r.peek(1).cast();
            if oparg > 255 || !self.can_resume(r, generator, true) {
                return self.for_any(r, oparg);
            }
            let value = self.peek(r, 1)?;
            let value = self.guard_kind(value, ObjKind::Generator)?;
            self.guard_suspended(value, generator)?;
            // What runs in the generator may ask how many references there are.
            self.own_slot(self.top(1))?;
            let sent = self.object_constant(none());
            self.resume_generator(generator, value, Slot::new(sent, Held::Lent))
        }
    }

    /// `GET_AWAITABLE` of a coroutine that has not begun, which is awaited itself; false for anything else.
    pub(super) unsafe fn new_coroutine(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: what is awaited is on the stack.
        unsafe {
            let awaited = r.peek(1);
            let is_new = is_coroutine(awaited)
                && (*awaited.cast::<PyGenObject>()).gi_frame_state == FRAME_CREATED;
            if !is_new {
                return Ok(false);
            }
            let value = self.peek(r, 1)?;
            let value = self.guard_kind(value, ObjKind::Coroutine)?;
            self.guard_state(value, FRAME_CREATED)?;
            Ok(true)
        }
    }

    /// Guards the state of the frame of a generator.
    fn guard_state(&mut self, generator: InsRef, state: i8) -> Recorded {
        let at = layout::PyGenObject::gi_frame_state;
        let found = self.field(generator, at, Width::U8, Region::Frames)?;
        self.guard_is(found, i64::from(state.cast_unsigned()), ExitReason::LoopEnd)
    }

    /// `SEND` to a generator or coroutine.
    pub(super) unsafe fn send(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the receiver and what is sent are on the stack.
        unsafe {
            let receiver = r.peek(2);
            let sends_none = r.peek(1) == none();
            let kind = match is_coroutine(receiver) {
                true => ObjKind::Coroutine,
                false => ObjKind::Generator,
            };
            let known = kind == ObjKind::Coroutine || is_generator(receiver);
            if oparg > 255 || !known || !self.can_resume(r, receiver.cast(), sends_none) {
                return Err(AbortReason::Yield);
            }
            let value = self.peek(r, 2)?;
            let value = self.guard_kind(value, kind)?;
            let sent = self.peek(r, 1)?;
            if (*receiver.cast::<PyGenObject>()).gi_frame_state == FRAME_CREATED {
                let none = self.object_constant(none());
                let depth = self.at.depth;
                self.checked(Op::GuardSame, &[sent, none], ExitReason::Type, depth)?;
            }
            self.guard_suspended(value, receiver.cast())?;
            self.own_slot(self.top(2))?;
            let sent = self.pop()?;
            self.resume_generator(receiver.cast(), value, Slot::new(sent.value, sent.held))
        }
    }

    /// Whether the interpreter resumes a generator in the same evaluation, and the trace may follow.
    unsafe fn can_resume(&self, r: Regs, generator: *mut PyGenObject, sends_none: bool) -> bool {
        // SAFETY: a live generator.
        unsafe {
            let state = (*generator).gi_frame_state;
            let code = (*frame_in(generator)).f_code;
            let same = self.chain.iter().filter(|frame| (***frame).f_code == code);
            (state == FRAME_SUSPENDED || state == FRAME_CREATED && sends_none)
                && (*PyInterpreterState::eval_frame((*r.ts).interp)).is_none()
                && self.chain.len() <= options().inline_depth as usize
                && same.count() < RECURSION
                && policy::may_resume(frame_in(generator))
        }
    }

    /// Guards that a generator is as it is now: of the same code, and suspended where it is.
    unsafe fn guard_suspended(&mut self, value: InsRef, now: *mut PyGenObject) -> Recorded {
        // SAFETY: a live generator, whose code never changes.
        unsafe {
            let frame = frame_in(now);
            let meta = make_meta((*frame).f_code, driver::entry_heat());
            if meta.is_null() {
                return Err(AbortReason::OutOfBudget);
            }
            let mut at = value;
            for offset in [
                FRAME + layout::PyInterpreterFrame::f_code,
                layout::PyCodeObject::co_extra,
                offset_of!(CodeExtra, ce_extras),
            ] {
                let next = self.field(at, offset, Width::Ptr, Region::Fixed)?;
                let depth = self.at.depth;
                at = self.checked(Op::GuardObj, &[next], ExitReason::Callee, depth)?;
            }
            let id = self.field(at, offset_of!(CodeMeta, id), Width::I64, Region::Fixed)?;
            self.guard_is(id, (*meta).id, ExitReason::Callee)?;

            let running = self.builder.frames().all().iter();
            let running: Vec<_> = running
                .filter_map(|frame| match frame.home {
                    FrameHome::Suspended { generator, .. } => Some(generator),
                    _ => None,
                })
                .collect();
            for other in running {
                let depth = self.at.depth;
                let operands = [value, other];
                self.checked(Op::GuardNotSame, &operands, ExitReason::Alias, depth)?;
            }
            self.guard_state(value, (*now).gi_frame_state)?;
            let offset = FRAME + layout::PyInterpreterFrame::prev_instr;
            let position = self.field(value, offset, Width::I64, Region::Frames)?;
            let wanted = (*frame).prev_instr as i64;
            self.guard_is(position, wanted, ExitReason::Branch)?;
            self.guard_recursion()
        }
    }

    /// Goes on in the frame of a generator, which gets a value.
    unsafe fn resume_generator(
        &mut self,
        now: *mut PyGenObject,
        generator: InsRef,
        sent: Slot,
    ) -> Recorded<Flow> {
        // SAFETY: the generator is suspended.
        unsafe {
            let frame = frame_in(now);
            let code: *mut PyCodeObject = (*frame).f_code;
            let at = (*frame).prev_instr.offset_from(first_instr(code)) as u32;
            let resume = (self.at.next, self.at.depth);
            self.locals = (*code).co_nlocalsplus as u16;
            let stack = (*frame).stacktop as u16;
            let home = FrameHome::Suspended { generator, at };
            let frames = self.builder.frames_mut();
            frames.push(home, Purpose::Call, self.locals, resume);
            self.builder.write(Place::Slot(stack), sent);
            let depth = self.chain.len();
            self.rounds.retain(|(frames, _)| *frames <= depth);
            self.entering = code;
            Ok(Flow::Continue)
        }
    }

    /// Makes the trace know a slot that memory has, of a generator's frame or one on which a loop has run. It may be
    /// NULL.
    pub(super) unsafe fn known_in_memory(&mut self, slot: u16) -> Recorded<Slot> {
        let base = self.frame_pointer(self.builder.frames().depth() - 1)?;
        let value = self.load(base, slot_mem(slot, Width::Ptr))?;
        let depth = self.at.depth;
        // SAFETY: the slot is one of the frame's, which is running.
        let object = unsafe { *locals(self.frame()).add(usize::from(slot)) };
        let now = if object.is_null() {
            self.checked(Op::GuardNull, &[value], ExitReason::Unbound, depth)?;
            EMPTY
        } else {
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Unbound, depth)?;
            // A number is known to die quietly.
            // SAFETY: a live object.
            let value = match unsafe { number_kind(object) } {
                Some(kind) => self.guard_kind(value, kind)?,
                None => value,
            };
            Slot {
                value: Some(value),
                held: Held::Owned,
                memory: Memory::Current,
            }
        };
        self.builder.write(Place::Slot(slot), now);
        Ok(now)
    }

    /// Guards that nothing but slots of an inlined frame hold the range iterator on top of its stack: then the
    /// header does not carry its position. False if something else does.
    pub(super) unsafe fn sole_iterator(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            let top = self.top(1);
            let others = 0..top;
            let others: Vec<u16> = others
                .filter(|slot| *r.local(usize::from(*slot)) == object)
                .collect();
            if (*object).ob_refcnt != others.len() as isize + 1 {
                return Ok(false);
            }
            let iterator = self.peek(r, 1)?;
            let mut owners = 0;
            for slot in others.into_iter().chain([top]) {
                let known = self.slot(r, slot)?;
                let value = known.value.ok_or(AbortReason::SlotUnbound)?;
                if !self.same_object(value, iterator) {
                    let depth = self.at.depth;
                    self.checked(Op::GuardSame, &[value, iterator], ExitReason::Alias, depth)?;
                }
                owners += i64::from(known.held == Held::Owned);
            }
            let offset = layout::PyObject::ob_refcnt;
            let count = self.field(iterator, offset, Width::I64, Region::Counts)?;
            self.guard_is(count, owners, ExitReason::Alias)?;
            Ok(true)
        }
    }

    /// A jump backward in a generator's frame, which has been recorded.
    pub(super) fn generator_round(&mut self, target: u32) -> Recorded<Flow> {
        let round = (self.chain.len(), target);
        let rounds = self.rounds.iter().filter(|known| **known == round).count();
        let most = if self.parent.is_some() { 1 } else { ROUNDS };
        if rounds >= most && self.parent.is_none() {
            return Err(AbortReason::InnerLoop);
        }
        if rounds >= most {
            self.at.ip = target;
            let depth = self.at.depth;
            return Ok(Flow::Finish(self.exit(ExitReason::Leave, depth)));
        }
        self.rounds.push(round);
        Ok(Flow::Continue)
    }

    /// The `yield` of the tree's own frame: the trace ends there, with everything in memory, and nothing remains to be
    /// done but to suspend the generator and to give its consumer the value.
    pub(super) unsafe fn yield_root(&mut self, r: Regs) -> Recorded<ExitId> {
        // SAFETY: the value is on the stack.
        unsafe { self.peek_object(r, 1)? };
        self.own_slot(self.top(1))?;
        self.put_back(0)?;
        self.store_indices()?;
        let top = self.top(1);
        self.suspend_at(0, top)?;
        self.builder.settle_below(top);
        Ok(self.exit(ExitReason::Yielded, self.at.depth))
    }

    /// Puts what the trace knows of the innermost frame into its memory, but for the top of its stack.
    fn put_back(&mut self, frame: usize) -> Recorded {
        let top = self.top(1);
        let places = self.builder.frames().inner().slots.keys();
        let slots: Vec<u16> = places.map(|place| place.slot()).collect();
        for slot in slots.into_iter().filter(|slot| *slot < top) {
            if self.refill(frame, slot)? {
                continue;
            }
            self.box_slot(frame, slot)?;
            self.store_slot(frame, slot)?;
        }
        Ok(())
    }

    /// Back to whoever resumed the generator, with the value on top of the stack.
    pub(super) unsafe fn yield_value(&mut self, r: Regs) -> Recorded {
        // SAFETY: the value is on the stack.
        let yielded = unsafe { self.slot(r, self.top(1))? };
        let frame = self.builder.frames().depth() - 1;
        let top = self.top(1);
        self.put_back(frame)?;
        self.own_shared(frame)?;
        self.suspend_at(frame, top)?;
        let value = yielded.value.ok_or(AbortReason::SlotUnbound)?;
        let held = match yielded.held {
            Held::Lent if self.ty(value) == Type::Obj => {
                self.op(Op::Own, &[value])?;
                Held::Owned
            }
            held => held,
        };
        self.pop_frame();
        self.push(value, held);
        Ok(())
    }

    /// The return of a generator: whoever resumed it goes on at the end of its loop or `yield from`.
    pub(super) unsafe fn end_generator(&mut self, r: Regs) -> Recorded {
        let frames = self.builder.frames();
        let (next, depth) = frames.all()[frames.depth() - 2].resume;
        // SAFETY: the frame that resumed this one is alive, and at the instruction before that.
        let consumer = unsafe {
            let code = (*self.chain[self.chain.len() - 2]).f_code;
            *first_instr(code).add(next as usize - 1)
        };
        let sends = super::generic(consumer as u8) == opcodes::SEND;
        let leaves = self.parent.is_none()
            && self.chain.len() == 2
            && depth <= self.builder.tree().header().depth;
        if !sends && leaves {
            return Err(AbortReason::LeftLoop);
        }
        if self.at.depth != 1 {
            return Err(AbortReason::Return);
        }
        // SAFETY: the result is on the stack.
        unsafe { self.slot(r, self.top(1))? };
        let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
        let handled = layout::PyGenObject::gi_exc_state + layout::PyErrStackItem::exc_value;
        for offset in [
            layout::PyInterpreterFrame::frame_obj as i32,
            layout::PyInterpreterFrame::f_locals as i32,
            handled as i32 - FRAME as i32,
        ] {
            let mem = Mem {
                offset,
                width: Width::Ptr,
                region: Region::Frames,
            };
            let value = self.load(frame, mem)?;
            let depth = self.at.depth;
            self.checked(Op::GuardNull, &[value], ExitReason::Callee, depth)?;
        }
        for local in 0..self.locals {
            // SAFETY: it is one of the frame's.
            unsafe { self.known(r, local)? };
        }
        for local in 0..self.locals {
            self.clear_inlined(local, ExitReason::Return)?;
        }
        let left = self.left_in_memory(frame)?;
        let thread = self.op(Op::Thread, &[])?;
        let ended = self.call_helper(Helper::EndGenerator, &[thread, frame])?;
        self.guard_is(ended, 1, ExitReason::Memory)?;
        for number in left {
            self.op(Op::ReleaseLeaf, &[number])?;
        }
        let result = self.pop()?;
        self.pop_frame();
        self.at.next += u32::from(consumer >> 8);
        let generator = self.drop_place(self.top(1));
        self.at.depth -= 1;
        if sends {
            self.push(result.value, result.held);
            return self.release(generator);
        }
        let mut dead = Vec::new();
        if result.held == Held::Owned && self.ty(result.value) == Type::Obj {
            let (tree, frames) = self.builder.split();
            dead.extend(frames.inherit(tree, result.value));
        }
        dead.extend(generator);
        self.release(dead)
    }

    /// The numbers that the memory of the innermost frame still has in locals that are empty or have another value by now.
    fn left_in_memory(&mut self, frame: InsRef) -> Recorded<Vec<InsRef>> {
        let is_stale = |local: &u16| {
            let slot = self.builder.current(Place::Slot(*local));
            slot.is_some_and(|slot| slot.memory == Memory::Stale)
        };
        let stale: Vec<_> = (0..self.locals).filter(is_stale).collect();
        let number = |local| self.load(frame, slot_mem(local, Width::Obj));
        stale.into_iter().map(number).collect()
    }

    /// Stores an unboxed number where memory has an earlier one, in the same object if possible; false if
    /// that is not so, or another slot of the frame shares the number.
    fn refill(&mut self, frame: usize, slot: u16) -> Recorded<bool> {
        let slots = &self.builder.frames().all()[frame].slots;
        let Some(now) = slots.get(&Place::Slot(slot)).copied() else {
            return Ok(false);
        };
        let Some(value) = now.value.filter(|_| now.memory == Memory::Stale) else {
            return Ok(false);
        };
        let top = self.top(1);
        let shares =
            |(place, slot): &(&Place, &Slot)| slot.value == Some(value) && place.slot() < top;
        if slots.iter().filter(shares).count() > 1 {
            return Ok(false);
        }
        let helper = match self.ty(value) {
            Type::I64 => Helper::RefillInt,
            Type::F64 => Helper::RefillFloat,
            Type::Bool | Type::Obj | Type::Ptr => return Ok(false),
        };
        let base = self.frame_pointer(frame)?;
        let old = self.load(base, slot_mem(slot, Width::Obj))?;
        let new = self.call_helper(helper, &[old, value])?;
        let depth = self.at.depth;
        let new = self.checked(Op::GuardObj, &[new], ExitReason::Memory, depth)?;
        self.store(base, new, slot_mem(slot, Width::Obj))?;
        let slots = &mut self.builder.frames_mut().all_mut()[frame].slots;
        let now = Slot {
            value: Some(new),
            held: Held::Owned,
            memory: Memory::Current,
        };
        slots.insert(Place::Slot(slot), now);
        Ok(true)
    }

    /// Gives slots of outer frames references of their own to what slots of a frame, which is about to
    /// leave the trace, have lent them.
    fn own_shared(&mut self, frame: usize) -> Recorded {
        let tree = self.builder.tree();
        let (outer, inner) = self.builder.frames().all().split_at(frame);
        let values = inner[0].slots.values().filter_map(|slot| slot.value);
        let leaving: Vec<_> = values.map(|value| origin(tree, value)).collect();
        let mut lent = Vec::new();
        for (index, frame) in outer.iter().enumerate() {
            for (place, slot) in &frame.slots {
                if let (Held::Lent, Some(value)) = (slot.held, slot.value)
                    && tree.at(value).ty == Some(Type::Obj)
                    && !tree.at(origin(tree, value)).op.is_const()
                    && leaving.contains(&origin(tree, value))
                {
                    lent.push((index, *place, value));
                }
            }
        }
        self.own_places(lent)
    }

    /// Suspends the innermost frame, a generator's, at the present instruction, with its stack up to a slot.
    fn suspend_at(&mut self, frame: usize, top: u16) -> Recorded {
        let home = self.builder.frames().all()[frame].home;
        let here = self.at.op;
        if matches!(home, FrameHome::Suspended { at, .. } if at == here) {
            return Ok(());
        }
        let base = self.frame_pointer(frame)?;
        let depth = self.builder.const_i64(i64::from(top));
        let mem = Mem {
            offset: layout::PyInterpreterFrame::stacktop as i32,
            width: Width::I32,
            region: Region::Frames,
        };
        self.store(base, depth, mem)?;
        self.store_position(frame, here + 1)?;
        let state = self.builder.const_i64(i64::from(FRAME_SUSPENDED));
        let state_at = layout::PyGenObject::gi_frame_state as i32;
        let mem = |offset| Mem {
            offset,
            width: Width::U8,
            region: Region::Frames,
        };
        if let FrameHome::Resumed(frame) = home {
            let thread = self.op(Op::Thread, &[])?;
            let helper = Imm::Helper(Helper::Suspend);
            built(self.builder.push(Op::Call, &[thread, frame], helper, None))?;
        } else if let FrameHome::Suspended { generator, .. } = home {
            // One that had not begun.
            self.store(generator, state, mem(state_at))?;
        } else {
            // The tree's own.
            self.store(base, state, mem(state_at - FRAME as i32))?;
        }
        Ok(())
    }

    /// Makes memory run a generator that only the trace runs so far.
    pub(super) fn resume_in_memory(&mut self, frame: usize) -> Recorded {
        let FrameHome::Suspended { generator, .. } = self.builder.frames().all()[frame].home else {
            return Err(AbortReason::CompilerBug);
        };
        let thread = self.op(Op::Thread, &[])?;
        let pointer = self.call_helper(Helper::Resume, &[thread, generator])?;
        self.builder.frames_mut().all_mut()[frame].home = FrameHome::Resumed(pointer);
        Ok(())
    }

    /// Where the frame of a generator is.
    pub(super) fn generator_frame(&mut self, generator: InsRef) -> Recorded<InsRef> {
        let offset = self.builder.const_i64(FRAME as i64);
        self.op(Op::Offset, &[generator, offset])
    }
}

/// The kind of a number.
unsafe fn number_kind(object: *mut PyObject) -> Option<ObjKind> {
    // SAFETY: a live object.
    unsafe {
        match read_as(object)? {
            ReadAs::Int => Some(ObjKind::Int),
            ReadAs::Float => Some(ObjKind::Float),
            ReadAs::Bool => Some(ObjKind::Bool),
            ReadAs::Kind(_) | ReadAs::Object => None,
        }
    }
}

/// Where a generator has its frame.
const FRAME: usize = layout::PyGenObject::gi_iframe;

/// The frame of a generator.
unsafe fn frame_in(generator: *mut PyGenObject) -> *mut PyInterpreterFrame {
    // SAFETY: a live generator.
    unsafe { (&raw mut (*generator).gi_iframe).cast() }
}
