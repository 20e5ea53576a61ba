//! Loops in a trace that go round often: they run as trees of their own, called by the trace.
//!
//! A loop that has a tree and is too long to be unrolled is not followed. The trace puts all that it knows into the
//! memory of the frame, has the tree of the loop run on that ([`Helper::RunLoop`]), and goes on after it, in a frame of
//! which it knows nothing any more. That holds for a loop of the tree's own frame; a function with such a loop
//! is called instead of inlined. See decision 0010.
//!
//! A tree may leave anywhere. The interpreter goes on there, unless it is where the recording went on, or a side trace
//! does.

use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{ExitId, Helper, Mem, Op, Place, Region, Width};

use super::{At, Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::handlers::generic;
use crate::jit::anchors::{Anchor, Kind, anchor_at};

impl Recorder {
    /// Whether the instruction at this offset begins a loop that the trace lets run.
    pub(super) unsafe fn calls_loop(&self, r: Regs, offset: u32) -> bool {
        // SAFETY: the registers are those of the recorded frame.
        unsafe {
            if self.chain.len() > 1 {
                return false;
            }
            let anchor = anchor_at(r.code(), first_instr(r.code()).add(offset as usize));
            let long = !anchor.is_null() && (*anchor).is_long && (*anchor).tree.is_some();
            long && !self.is_within(r.code(), offset)
        }
    }

    /// Whether the tree's own header is within the loop that begins at this offset.
    unsafe fn is_within(&self, code: *mut PyCodeObject, header: u32) -> bool {
        // SAFETY: live code.
        self.root.kind == Kind::Loop
            && (header..=unsafe { last_edge(code, header) }).contains(&self.header)
    }

    /// Lets the loop that begins at this offset run.
    pub(super) unsafe fn call_loop(&mut self, r: Regs, header: u32, depth: u16) -> Recorded<Flow> {
        self.at = At {
            ip: header,
            op: header,
            next: header,
            depth,
        };
        self.before = Some(self.checkpoint());
        if self.outside.is_some() {
            // Two loops in a third one would go around that by calling each other.
            return Err(AbortReason::InnerLoop);
        }
        // SAFETY: the registers are those of the recorded frame.
        unsafe { self.flush_at(r, header)? };
        let top = self.top(0);
        let places = self.builder.frames().inner().slots.keys();
        let on_stack = places.filter_map(|place| match place {
            Place::Slot(slot) if (self.locals..top).contains(slot) => Some(*slot),
            _ => None,
        });
        for slot in on_stack.collect::<Vec<_>>() {
            self.box_slot(0, slot)?;
            self.store_slot(0, slot)?;
        }
        let (thread, frame) = (self.op(Op::Thread, &[])?, self.frame_pointer(0)?);
        let depth_now = self.builder.const_i64(i64::from(depth));
        self.builder.settle_frame();
        let fine = self.call_helper(Helper::RunLoop, &[thread, frame, depth_now])?;
        let fine = self.op(Op::I64IsTrue, &[fine])?;
        self.checked(Op::GuardTrue, &[fine], ExitReason::Within, depth)?;
        self.called = Some((header, depth));
        Ok(Flow::Loop)
    }

    /// Whether a loop is to run before the recording goes on.
    pub(crate) fn awaits_loop(&self) -> bool {
        self.called.is_some()
    }

    /// Where the frame is while a loop runs: true if that has ended, and the recording goes on.
    pub(crate) unsafe fn has_ended(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the registers are those of the innermost frame.
        unsafe {
            if r.frame != self.frame() || err_occurred(r.ts) || (*(*r.ts).cframe).use_tracing != 0 {
                return Err(AbortReason::LeftLoop);
            }
            let (header, _) = self.called.ok_or(AbortReason::CompilerBug)?;
            // The tree may have left early: the interpreter takes the frame to the end.
            if is_in_loop(r, header) {
                return match generic(*r.ip as u8) {
                    // The generator may never be resumed.
                    opcodes::YIELD_VALUE => Err(AbortReason::LeftLoop),
                    _ => Ok(false),
                };
            }
            self.go_on_after_loop(r)?;
            Ok(true)
        }
    }

    /// The loop that is waited for has not come to an end at which the recording could go on: the exit at which the
    /// trace ends, before the loop.
    pub(crate) fn ended_before_loop(&mut self, reason: AbortReason) -> Recorded<ExitId> {
        match self.stop(reason)? {
            Flow::Finish(exit) => Ok(exit),
            _ => Err(reason),
        }
    }

    /// Goes on where a loop has left the frame.
    pub(super) unsafe fn go_on_after_loop(&mut self, r: Regs) -> Recorded {
        let (header, depth) = self.called.take().ok_or(AbortReason::CompilerBug)?;
        // SAFETY: the registers are those of the tree's own frame.
        unsafe {
            let offset = r.offset() as u32;
            if is_in_loop(r, header) || self.root.kind == Kind::Loop && offset == self.header {
                return Err(AbortReason::InnerLoop);
            }
            let frame = self.frame_pointer(0)?;
            let field = layout::PyInterpreterFrame::prev_instr;
            let found = self.field(frame, field, Width::I64, Region::Frames)?;
            let wanted = self.builder.const_i64(r.ip.sub(1) as i64);
            let here = self.op(Op::EqI64, &[found, wanted])?;
            let exit = self.builder.exit(ExitReason::Beyond, header, depth);
            built(self.builder.op_exit(Op::GuardTrue, &[here], exit))?;
            // It runs again: the collector must not look into it.
            let running = self.builder.const_i64(-1);
            let stack_top = Mem {
                offset: layout::PyInterpreterFrame::stacktop as i32,
                width: Width::I32,
                region: Region::Frames,
            };
            self.store(frame, running, stack_top)?;
            self.at = At {
                ip: offset,
                op: offset,
                next: offset,
                depth: r.sp.offset_from(stack_base(r.frame)) as u16,
            };
            self.expected = Some(offset);
            self.has_run_loop = true;
            Ok(())
        }
    }

    /// Notes where a side trace leaves the loop of its tree.
    pub(super) fn note_leaving_loop(&mut self) {
        let is_side = self.root.kind == Kind::Loop && self.parent.is_some();
        let inside = (self.header..=self.last_edge).contains(&self.at.ip);
        if is_side && self.chain.len() == 1 && !inside && self.outside.is_none() {
            self.outside = Some(self.checkpoint());
        }
    }

    /// Whether a side trace has left the loop that is to end there.
    pub(super) fn has_reached_end(&self) -> bool {
        self.root.ends_with_loop && self.outside.is_some()
    }

    /// A side trace that leaves the loop, and neither comes back to it nor leaves the function, ends where the loop
    /// does: that is where a trace goes on which has let the loop run. What is needed only after the loop is no reason for
    /// its entry to refuse a frame: then there is no trace, and the next one at this exit does not go on so far.
    pub(super) fn end_where_loop_ends(&mut self, recorded: Recorded<Flow>) -> Recorded<Flow> {
        let Some(outside) = &self.outside else {
            return recorded;
        };
        let (ends, leaves_function) = match &recorded {
            Ok(Flow::Finish(exit)) => {
                let reason = self.builder.tree().exit(*exit).reason;
                let leaves = matches!(
                    reason,
                    ExitReason::Return
                        | ExitReason::Cleared
                        | ExitReason::Yield
                        | ExitReason::Yielded
                );
                (true, leaves)
            }
            Ok(_) => (false, false),
            Err(reason) => (reason.allows_partial(), false),
        };
        let widened = self.builder.tree().params.len() > outside.params;
        match (ends, leaves_function, widened) {
            (false, ..) | (true, true, false) => return recorded,
            (true, _, true) => return Err(AbortReason::LeftLoop),
            (true, false, false) => {}
        }
        self.before = self.outside.take();
        self.rewind();
        if self.builder.body_len() == 0 {
            return Err(AbortReason::LeftLoop);
        }
        let depth = self.at.depth;
        Ok(Flow::Finish(self.exit(ExitReason::Leave, depth)))
    }

    /// Notes that a loop of the tree's own frame, which has a tree, goes round too often to be unrolled; false if the
    /// trace cannot let it run.
    pub(super) unsafe fn note_long(&self, header: u32) -> bool {
        // SAFETY: the frame is running.
        unsafe {
            let code: *mut PyCodeObject = (*self.frame()).f_code;
            let anchor: *mut Anchor = anchor_at(code, first_instr(code).add(header as usize));
            if anchor.is_null() || (*anchor).tree.is_none() {
                return false;
            }
            (*anchor).is_long = true;
            self.outside.is_none()
        }
    }
}

/// Whether a frame is in the loop that begins at this offset. One that is about to return has left it, wherever it is.
unsafe fn is_in_loop(r: Regs, header: u32) -> bool {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        let returns = generic(*r.ip as u8) == opcodes::RETURN_VALUE;
        !returns && (header..=last_edge(r.code(), header)).contains(&(r.offset() as u32))
    }
}

/// The last jump back to this offset.
pub(in crate::jit) unsafe fn last_edge(code: *mut PyCodeObject, header: u32) -> u32 {
    // SAFETY: live code.
    unsafe { last_jump_back(code, |_, target| target == header) }.unwrap_or(header)
}

/// The end of the outermost loop around this offset.
pub(super) unsafe fn outermost_edge(code: *mut PyCodeObject, header: u32) -> u32 {
    let around = |at, target| (target..=at).contains(&header);
    // SAFETY: live code.
    unsafe { last_jump_back(code, around) }.unwrap_or(header)
}

/// Where the last jump backward is that is like this: where it is, and its target.
unsafe fn last_jump_back(
    code: *mut PyCodeObject,
    wanted: impl Fn(u32, u32) -> bool,
) -> Option<u32> {
    let (mut at, mut last, mut prefix) = (0, None, 0);
    // SAFETY: the walk stays within the code.
    unsafe {
        while at < size_of(code.cast()) as u32 {
            let unit = *first_instr(code).add(at as usize);
            let Some(info) = OPCODES[usize::from(unit as u8)] else {
                break;
            };
            let oparg = prefix << 8 | u32::from(unit >> 8);
            let next = at + 1 + u32::from(info.caches);
            prefix = match info.base {
                opcodes::EXTENDED_ARG => oparg,
                _ => 0,
            };
            let backward = info.jumps && info.name.contains("BACKWARD");
            if backward
                && next
                    .checked_sub(oparg)
                    .is_some_and(|target| wanted(at, target))
            {
                last = Some(at);
            }
            at = next;
        }
    }
    last
}
