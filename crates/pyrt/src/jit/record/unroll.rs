//! Loops within a trace that are not its own: those that go round a few times are unrolled.
//!
//! Whether a loop does, only shows when it has been followed. The state at its first jump backward is kept until
//! then: in the tree's own frame the trace can go on there after all by calling the tree of that loop, or end there.
//! A function that was inlined must not have been, so it is remembered, and the recording begins again another time.

use pyrt_spec::{AbortReason, ExitReason};

use super::{Checkpoint, Flow, Recorded, Recorder};
use crate::jit::anchors;

/// Most times that a loop goes round in a trace.
const MOST_ROUNDS: u32 = 8;
/// Most instructions that the rounds after the first one may take.
const MOST_UNROLLED: usize = 240;

/// A loop that the trace is in.
pub(super) struct InnerLoop {
    /// How many frames the trace had.
    chain: usize,
    /// Offset of its header.
    header: u32,
    /// How often the trace has jumped back to it.
    rounds: u32,
    /// The state at the header after the first jump.
    first: Checkpoint,
}

impl Recorder {
    /// A jump backward, which has been recorded, to a header that is not the tree's.
    pub(super) fn inner_edge(&mut self, header: u32) -> Recorded<Flow> {
        let chain = self.chain.len();
        let edge = self.at.op;
        // What is further in begins anew in the next round.
        let within = |inner: &InnerLoop| {
            inner.chain > chain
                || inner.chain == chain && header < inner.header && inner.header < edge
        };
        self.inner.retain(|inner| !within(inner));
        let known = |inner: &&mut InnerLoop| inner.chain == chain && inner.header == header;
        let Some(inner) = self.inner.iter_mut().find(known) else {
            let mut first = self.checkpoint();
            first.at.ip = header;
            self.inner.push(InnerLoop {
                chain,
                header,
                rounds: 1,
                first,
            });
            return Ok(Flow::Continue);
        };
        inner.rounds += 1;
        let length = self.builder.body_len() - inner.first.body;
        if inner.rounds <= MOST_ROUNDS && length <= MOST_UNROLLED {
            return Ok(Flow::Continue);
        }
        if chain > 1 {
            // SAFETY: the frame is running.
            unsafe { anchors::note_called((*self.frame()).f_code) };
            return Err(AbortReason::LongLoop);
        }
        // SAFETY: the frame is running.
        let runs = unsafe { self.note_long(header) };
        if !runs && self.parent.is_none() && self.root.kind == anchors::Kind::Loop {
            return Err(AbortReason::InnerLoop);
        }
        let known = |inner: &InnerLoop| inner.chain == chain && inner.header == header;
        let found = self.inner.iter().position(known);
        self.before = found.map(|at| self.inner.swap_remove(at).first);
        self.rewind();
        if runs {
            return Ok(Flow::Continue);
        }
        let depth = self.at.depth;
        Ok(Flow::Finish(self.exit(ExitReason::Leave, depth)))
    }

    /// An inlined function has returned: it may be called again.
    pub(super) fn forget_inner_loops(&mut self) {
        let chain = self.chain.len();
        self.inner.retain(|inner| inner.chain <= chain);
    }
}
