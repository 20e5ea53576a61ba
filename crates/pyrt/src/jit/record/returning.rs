//! Recording returns: frames are cleared in the trace, in the order of CPython's.

use pyrt_cpython::code::co;
use pyrt_cpython::layout;
use pyrt_spec::{AbortReason, ExitReason, Purpose};
use pyrt_trace::frames::{Held, Memory, SymFrame};
use pyrt_trace::{ExitId, FrameHome, Helper, Imm, InsRef, Op, Place, Region, Type, Width};

use super::generic::FREE;
use super::memory::slot_mem;
use super::stack::Popped;
use super::{Recorded, Recorder, built};
use crate::interp::Regs;

impl Recorder {
    /// Gives up a value whose end shows nowhere: a leaf, of which a local may have left a reference to it, or what another
    /// object holds, too.
    pub(super) fn drop_held(&mut self, popped: Popped) -> Recorded {
        if self.ty(popped.value) != Type::Obj || popped.held != Held::Owned {
            return Ok(());
        }
        let (tree, frames) = self.builder.split();
        if let Some(value) = frames.inherit(tree, popped.value) {
            self.op(Op::ReleaseLeaf, &[value])?;
        }
        Ok(())
    }

    /// The return of an inlined function: its frame is cleared, in the order of CPython's.
    pub(super) unsafe fn return_value(&mut self, r: Regs) -> Recorded {
        // SAFETY: the result is on the stack.
        let (instead, now) = unsafe {
            self.slot(r, self.top(1))?;
            (self.guard_result(r)?, r.peek(1))
        };
        if self.dying == Some(self.at.ip) {
            // SAFETY: the result is on the stack.
            return unsafe { self.return_watched(r, instead) };
        }
        if let FrameHome::Memory(frame) = self.builder.frames().inner().home {
            // SAFETY: the frame returns now.
            if unsafe { !(*r.frame).frame_obj.is_null() } {
                // SAFETY: the result is on the stack.
                return unsafe { self.return_watched(r, instead) };
            }
            self.guard_unwatched(frame, ExitReason::Callee)?;
        }
        for local in 0..self.locals {
            self.clear_inlined(local, ExitReason::Death)?;
        }
        let result = self.pop()?;
        let frame = self.pop_frame();
        if frame.purpose == Purpose::Init {
            self.drop_held(result)?;
            self.leave_frame(&frame)?;
            return self.constructed();
        }
        self.push_result(result, instead)?;
        self.leave_frame(&frame)?;
        // SAFETY: the caller's frame is at the operation, and the result lives.
        unsafe { self.use_result(frame.purpose, now) }
    }

    /// Pushes what a function has returned, or a number that its caller uses instead.
    pub(super) fn push_result(&mut self, result: Popped, instead: Option<InsRef>) -> Recorded {
        let Some(number) = instead else {
            self.push(result.value, result.held);
            return Ok(());
        };
        self.push(number, Held::Owned);
        self.drop_held(result)
    }

    /// The innermost frame is gone, with all that it held: whoever called or resumed it goes on.
    pub(super) fn pop_frame(&mut self) -> SymFrame {
        let frame = self.builder.frames_mut().pop();
        self.chain.pop();
        self.begun.pop();
        self.forget_inner_loops();
        let caller = self.builder.frames().inner();
        self.locals = caller.locals;
        (self.at.next, self.at.depth) = caller.resume;
        frame
    }

    /// What remains to be done of an inlined frame whose locals are gone.
    fn leave_frame(&mut self, frame: &SymFrame) -> Recorded {
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
            FrameHome::Suspended { .. } | FrameHome::Resumed(_) => Err(AbortReason::CompilerBug),
            FrameHome::Root | FrameHome::Settled | FrameHome::New { .. } => Ok(()),
        }
    }

    /// The return of the function that the tree was entered with: its local variables are given up in the
    /// trace, which ends there, and nothing remains to be done but to remove the frame.
    pub(super) unsafe fn clear_root(&mut self, r: Regs) -> Recorded<ExitId> {
        // SAFETY: the result is on the stack of the tree's own frame.
        unsafe {
            if (*r.code()).co_flags & co::OPTIMIZED == 0 {
                return Err(AbortReason::Return);
            }
            self.peek_object(r, 1)?;
            let frame = self.frame_pointer(0)?;
            if (*r.frame).frame_obj.is_null() {
                self.guard_unwatched(frame, ExitReason::Watched)?;
            } else {
                self.drop_frame_object(frame)?;
            }
            for local in 0..self.locals {
                if self.is_met(local) {
                    self.known(r, local)?;
                }
            }
        }
        for local in 0..self.locals {
            self.clear_local(local)?;
        }
        self.own_slot(self.top(1))?;
        Ok(self.exit(ExitReason::Cleared, self.at.depth))
    }

    /// Whether some trace has met a local variable of the tree's own frame. Others are in memory, if they are bound, and
    /// those who enter the tree need not look at them.
    fn is_met(&self, local: u16) -> bool {
        let place = Place::Slot(local);
        self.builder.current(place).is_some() || self.builder.tree().param_of(place).is_some()
    }

    /// Gives up the object of the tree's own frame, which a traceback has left behind, and guards that nobody else has it.
    fn drop_frame_object(&mut self, frame: InsRef) -> Recorded {
        let gone = self.call_helper(Helper::DropFrameObject, &[frame])?;
        let gone = self.op(Op::I64IsTrue, &[gone])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[gone], ExitReason::Return, depth)?;
        Ok(())
    }

    /// Guards that nobody has the object of a frame, which would take the frame over.
    fn guard_unwatched(&mut self, frame: InsRef, reason: ExitReason) -> Recorded {
        let offset = layout::PyInterpreterFrame::frame_obj;
        let object = self.field(frame, offset, Width::Ptr, Region::Frames)?;
        let depth = self.at.depth;
        self.checked(Op::GuardNull, &[object], reason, depth)?;
        Ok(())
    }

    /// Gives up what a local variable of the tree's own frame holds, and what its memory does.
    fn clear_local(&mut self, local: u16) -> Recorded {
        let place = Place::Slot(local);
        let frame = self.frame_pointer(0)?;
        let Some(now) = self.builder.current(place) else {
            self.builder.keep_in_memory(local);
            let value = self.load(frame, slot_mem(local, Width::Ptr))?;
            self.secure_heap()?;
            let exit = self.exit(ExitReason::Return, self.at.depth);
            self.builder.write(place, FREE);
            built(self.builder.op_exit(Op::ReleaseAny, &[value], exit))?;
            return Ok(());
        };
        self.builder.write(place, FREE);
        let owned = now
            .value
            .filter(|value| now.held == Held::Owned && self.ty(*value) == Type::Obj);
        let (tree, frames) = self.builder.split();
        if let Some(dead) = owned.and_then(|value| frames.inherit(tree, value)) {
            self.release_local((place, now), dead, ExitReason::Return)?;
        }
        if now.memory == Memory::Stale {
            let stale = self.load(frame, slot_mem(local, Width::Obj))?;
            self.op(Op::ReleaseLeaf, &[stale])?;
        }
        Ok(())
    }
}
