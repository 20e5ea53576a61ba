//! Where a trace ends that cannot record what comes next, and going back to an earlier state of the recording.

use pyrt_cpython::frame::{FRAME_OWNED_BY_GENERATOR, PyInterpreterFrame};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Frames;

use super::{At, Flow, LEAST_PARTIAL, Recorded, Recorder};
use crate::config::options;
use crate::jit::anchors;
use crate::stats;

/// The part of the longest trace that an inlined function may take when a trace is too long.
const MOST_OF_TRACE: usize = 3;

/// What can be gone back to: the state before an instruction.
pub(super) struct Checkpoint {
    frames: Frames,
    pub(super) body: usize,
    pub(super) params: usize,
    chain: usize,
    locals: u16,
    has_room: bool,
    pub(super) at: At,
}

impl Recorder {
    /// The present state.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            frames: self.builder.frames().clone(),
            body: self.builder.body_len(),
            params: self.builder.tree().params.len(),
            chain: self.chain.len(),
            locals: self.locals,
            has_room: self.has_room,
            at: self.at,
        }
    }

    /// Why a trace ends that is too long. If that is an inlined function's doing, that is called from now on.
    pub(super) fn too_long(&self) -> AbortReason {
        let most = options().trace_length as usize / MOST_OF_TRACE;
        let length = self.builder.body_len();
        let inlined = self.chain.iter().zip(&self.begun).rev();
        let long = inlined.filter(|(_, begun)| length.saturating_sub(**begun) >= most);
        // SAFETY: the frames being recorded are alive.
        unsafe {
            // Generators are resumed, not called, and some calls are inlined in any case.
            let may_be_called = |frame: &*mut PyInterpreterFrame| {
                (**frame).owner != FRAME_OWNED_BY_GENERATOR && !anchors::is_called((**frame).f_code)
            };
            match long.map(|(frame, _)| *frame).find(may_be_called) {
                Some(frame) => {
                    anchors::note_called((*frame).f_code);
                    AbortReason::LongCallee
                }
                None => AbortReason::TraceTooLong,
            }
        }
    }

    /// Goes back to before the present instruction.
    pub(super) fn rewind(&mut self) {
        if let Some(before) = self.before.take() {
            self.go_back(before);
        }
    }

    /// Goes back to an earlier state.
    pub(super) fn go_back(&mut self, state: Checkpoint) {
        self.builder.rewind(state.frames, state.body, state.params);
        self.chain.truncate(state.chain);
        self.begun.truncate(state.chain);
        self.locals = state.locals;
        self.has_room = state.has_room;
        self.at = state.at;
    }

    /// Whether the trace does so much that it is worth entering although it ends where it is. One that has let a loop run
    /// has left out what to do is most, and to call a function by its tree is cheaper for C than by the interpreter.
    pub(super) fn is_worthwhile(&self) -> bool {
        self.called_by_c || self.does_enough()
    }

    /// Whether it does so much that the interpreter gains by entering it.
    pub(super) fn does_enough(&self) -> bool {
        self.parent.is_some() || self.has_run_loop || self.builder.work() >= LEAST_PARTIAL
    }

    /// Whether the trace may end where it is.
    pub(super) fn may_stop(&self) -> bool {
        self.root.partial && self.is_worthwhile()
    }

    /// Ends the trace before the present instruction, which cannot be recorded for this reason.
    pub(super) fn stop(&mut self, reason: AbortReason) -> Recorded<Flow> {
        if !self.may_stop() || !reason.allows_partial() {
            return Err(reason);
        }
        self.rewind();
        if stats::are_wanted() {
            stats::count_place(format!("end: {reason}"), self.place(), 1);
        }
        let why = match reason {
            AbortReason::Return => ExitReason::Return,
            AbortReason::Yield => ExitReason::Yield,
            AbortReason::TraceTooLong | AbortReason::LeftLoop => ExitReason::Leave,
            _ => ExitReason::Unrecorded,
        };
        let depth = self.at.depth;
        Ok(Flow::Finish(self.exit(why, depth)))
    }

    /// The instruction recorded last was to lead to `expected`, and raised an exception instead: ends the
    /// trace as if it had not. The exit by which an exception leaves will get a trace of its own.
    pub(super) fn stop_after(&mut self, expected: u32) -> Recorded<Flow> {
        if !self.may_stop() {
            return Err(AbortReason::Exception);
        }
        self.at.ip = expected;
        let depth = self.at.depth;
        Ok(Flow::Finish(self.exit(ExitReason::Leave, depth)))
    }
}
