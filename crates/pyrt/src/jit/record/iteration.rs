//! Loops over iterators of which only their next item tells whether there is one.
//!
//! The instruction is recorded as if there is. Where the interpreter then goes on after the loop, there was none: the
//! recording goes back to where that was asked, and follows the end.

use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{ExitId, Helper, InsRef, Op, Type};

use super::{Checkpoint, Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::handlers::jump::for_iter_any;
use crate::jit::runtime::exhausted;

/// A question for the next item, of which it is not known yet whether there is one.
pub(super) struct Asked {
    /// The state when the answer was there.
    state: Checkpoint,
    /// The answer: an item, or [`exhausted`].
    answer: InsRef,
    /// Where the program goes on if there is none.
    after: u32,
    /// Giving it may have run any code.
    foreign: bool,
}

impl Recorder {
    /// The next item of any iterator.
    pub(super) unsafe fn for_any(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            self.guard_stack()?;
            let iterator = self.peek_object(r, 1)?;
            self.own_slot(self.top(1))?;
            self.flush(r)?;
            let thread = self.op(Op::Thread, &[])?;
            let given = self.call_helper(Helper::IterNext, &[thread, iterator])?;
            self.ask(given, oparg, true)
        }
    }

    /// Ends the instruction with what the iterator on the stack has given, which is NULL if it has raised an exception.
    pub(super) fn ask(&mut self, given: InsRef, oparg: usize, foreign: bool) -> Recorded<Flow> {
        let (ip, depth) = (self.at.op + 1, self.at.depth);
        let exit = self.builder.exit(ExitReason::Raise, ip, depth);
        let answer = built(self.builder.op_exit(Op::GuardObj, &[given], exit))?;
        debug_assert_eq!(self.ty(answer), Type::Obj);
        let after = self.at.next + oparg as u32;
        self.asked = Some(Asked {
            state: self.checkpoint(),
            answer,
            after,
            foreign,
        });
        let exit = self.exit_elsewhere(|recorder| {
            // The iterator goes.
            let dead = recorder.drop_place(recorder.top(1));
            let reason = ExitReason::Exhausted;
            recorder
                .builder
                .exit_pending(reason, after, depth - 1, dead)
        });
        self.answered(Op::GuardNotSame, answer, exit)?;
        self.push(answer, Held::Owned);
        if foreign {
            self.guard_untraced()?;
        }
        Ok(Flow::Nested(for_iter_any))
    }

    /// The program is at this offset now. If that is where it goes on when there is no next item, follows that.
    pub(super) fn hear(&mut self, offset: u32) -> Recorded {
        let answer = self.asked.take();
        let Some(asked) = answer.filter(|asked| asked.after == offset) else {
            return Ok(());
        };
        if self.expected == Some(offset) {
            return Ok(());
        }
        if self.leaves_header() {
            return Err(AbortReason::LeftLoop);
        }
        self.go_back(asked.state);
        let exit = self.exit_elsewhere(|recorder| {
            recorder.push(asked.answer, Held::Owned);
            let (next, depth) = (recorder.at.next, recorder.at.depth);
            recorder.builder.exit(ExitReason::Exhausted, next, depth)
        });
        self.answered(Op::GuardSame, asked.answer, exit)?;
        self.at.next = asked.after;
        self.replace(1, &[])?;
        if asked.foreign {
            self.guard_untraced()?;
        }
        self.expected = Some(offset);
        Ok(())
    }

    /// Guards whether an answer is that there is no item.
    fn answered(&mut self, guard: Op, answer: InsRef, exit: ExitId) -> Recorded {
        let end = self.builder.const_obj(exhausted(), "the end");
        built(self.builder.op_exit(guard, &[answer, end], exit))?;
        Ok(())
    }

    /// An exit to where the frames are otherwise than in the trace.
    fn exit_elsewhere(&mut self, leave: impl FnOnce(&mut Recorder) -> ExitId) -> ExitId {
        let (frames, at) = (self.builder.frames().clone(), self.at);
        let exit = leave(self);
        *self.builder.frames_mut() = frames;
        self.at = at;
        exit
    }
}
