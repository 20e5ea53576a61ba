//! A compiled tree: its code, and what a caller needs to run, account for and describe it.

use crate::memory::CodeMemory;
use crate::unwind::Unwind;
use pyrt_trace::handover::{EXIT_WORD, ROUNDS_HALF};
use pyrt_trace::{ExitId, Packed, SiteId};
use serde::{Deserialize, Serialize};
use std::ffi::c_void;
use std::mem;

/// The signature of compiled trees.
///
/// `locals` is the frame's array of locals and stack slots, `values` the buffer for the exit's values, and
/// `eval_breaker` the word that makes a running tree leave when it is not zero. The result is that of the
/// function, if the tree left by an exit after which nothing remains to be done but to remove the frame
/// ([`TraceTree::result`](pyrt_trace::TraceTree::result)), or else NULL. What the exit has stored in `values`,
/// and where, is said by [`pyrt_trace::handover`]: which exit it is, and values: an `i64`, the bits of an `f64`,
/// a bool as 0 or 1, or the pointer of an object.
pub type TreeFn = unsafe extern "C" fn(
    frame: *mut c_void,
    thread: *mut c_void,
    values: *mut u64,
    eval_breaker: *const u32,
) -> *mut c_void;

/// Which place of the program a range of the code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The place, of the tree that was compiled.
    pub site: SiteId,
}

/// Set in the number of an exit that a stress mode has forced.
pub(crate) const FORCED: u32 = 1 << 31;

/// The number of the exit by which a tree has left that was run with this buffer, see
/// [`Options::first_exit`](crate::Options::first_exit).
///
/// # Safety
///
/// The tree has just left.
#[inline(always)]
pub unsafe fn exit_of(values: *const u64) -> ExitId {
    // SAFETY: each exit stores its number.
    ExitId(unsafe { *values.add(EXIT_WORD).cast::<u32>() } & !FORCED)
}

/// Whether the exit was forced by a stress mode: what a trace beyond it relies on need not hold.
///
/// # Safety
///
/// As for [`exit_of`].
#[inline(always)]
pub unsafe fn is_forced(values: *const u64) -> bool {
    // SAFETY: as above.
    unsafe { *values.add(EXIT_WORD).cast::<u32>() & FORCED != 0 }
}

/// How often the tree has reached its loop header, bridges apart.
///
/// # Safety
///
/// The tree has just left, and [counts](pyrt_trace::TraceTree::counts_rounds).
#[inline(always)]
pub unsafe fn rounds_of(values: *const u64) -> u32 {
    // SAFETY: each exit of such a tree stores it.
    unsafe { *values.cast::<u32>().add(ROUNDS_HALF) }
}

/// A compiled tree. Dropping it frees its code, so nobody may be running it then.
#[derive(Debug)]
pub struct CompiledTree {
    // Before the memory, so that the unwinder forgets the code before it is gone.
    _registered: Option<Unwind>,
    eh_frame: Box<[u8]>,
    memory: CodeMemory,
    lines: Packed<Vec<Line>>,
    values: usize,
}

impl CompiledTree {
    /// Takes over code that is a [`TreeFn`].
    pub(crate) fn new(
        memory: CodeMemory,
        (registered, eh_frame): (Option<Unwind>, Box<[u8]>),
        lines: Vec<Line>,
        values: usize,
    ) -> CompiledTree {
        CompiledTree {
            _registered: registered,
            eh_frame,
            memory,
            lines: Packed::new(&lines),
            values,
        }
    }

    /// The code as a function. It may be called as [`CompiledTree::run`] says, as long as the tree
    /// lives.
    pub fn entry(&self) -> TreeFn {
        // SAFETY: the code begins with a function of this signature, and is executable.
        unsafe { mem::transmute::<*const u8, TreeFn>(self.memory.code().as_ptr()) }
    }

    /// Runs the tree and returns the exit by which it left.
    ///
    /// # Safety
    ///
    /// - The tree was compiled with a layout that is true of the running interpreter.
    /// - `locals` is the frame that the tree was recorded for, at the loop header: all slots that the
    ///   tree reads can be read and are NULL or objects, which stay as `# kept-while-running` in
    ///   [`layout`](crate::layout) says.
    /// - `values` has room for [`CompiledTree::values_len`] values.
    /// - `eval_breaker` is valid for atomic reads, and its bits are only set by others.
    pub unsafe fn run(
        &self,
        frame: *mut c_void,
        thread: *mut c_void,
        values: *mut u64,
        eval_breaker: *const u32,
    ) -> ExitId {
        // SAFETY: the caller's duties are those of the code, which has stored by which exit it left.
        unsafe {
            self.entry()(frame, thread, values, eval_breaker);
            exit_of(values)
        }
    }

    /// How many words of the buffer the exits use.
    pub fn values_len(&self) -> usize {
        self.values
    }

    /// The machine code.
    pub fn code(&self) -> &[u8] {
        self.memory.code()
    }

    /// Which code belongs to which place of the program, ordered by offset.
    pub fn lines(&self) -> Vec<Line> {
        self.lines.unpack()
    }

    /// The `.eh_frame` section that is true of the code if it begins at the next multiple of eight after
    /// it, and ends with a zero length; empty unless [`Options::unwind`](crate::Options::unwind) asks for it.
    pub fn eh_frame(&self) -> &[u8] {
        &self.eh_frame
    }

    /// Memory in use, in bytes: code pages and what describes them.
    pub fn size(&self) -> usize {
        let metadata = self.lines.size() + self.eh_frame().len();
        self.memory.size() + metadata + size_of::<CompiledTree>()
    }
}
