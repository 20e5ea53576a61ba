//! The trace compiler: finds hot loops, records them, compiles and runs trees.
//!
//! ```text
//!   interp ─counted edge─► driver ─hot─► record ─► trace IR ─► compile ─► Tree
//!                            │ ▲                                          │
//!                            └─┼──────────── enter ───────────────────────┘
//!                              └── exit: deopt writes the snapshot to the frame
//! ```
//!
//! - [`anchors`]: counters and trees by loop header and function entry;
//! - [`driver`]: decides when to record, compile, enter, retire;
//! - [`record`]: turns executed instructions into trace IR;
//! - [`compile`]: passes, machine code, dumps;
//! - [`codes`]: the code objects that trees name;
//! - [`bridges`]: side traces that are compiled alone;
//! - [`background`]: the thread that compiles;
//! - [`evict`]: makes room when the memory budget is used up;
//! - [`policy`]: which functions are compiled at all;
//! - [`tree`]: what is compiled, and what is counted of it;
//! - [`deaths`], [`burial`]: whether what dies runs code of the program, and the deaths that do not;
//! - [`report`]: what there is to tell of trees;
//! - [`deopt`]: from an exit back to the interpreter's frame.
//!
//! All of it runs with the GIL held, and compiled code never gives it up, so the
//! compiler's state needs no locks.

pub(crate) mod anchors;
mod background;
mod bridges;
mod burial;
pub(crate) mod codes;
pub(crate) mod compile;
mod deaths;
mod deopt;
pub(crate) mod driver;
mod ends;
mod evict;
mod lookup;
pub(crate) mod nested;
pub(crate) mod policy;
mod quiet;
mod raising;
pub(crate) mod record;
pub(crate) mod report;
mod runtime;
pub(crate) mod tree;
mod truth;

use std::cell::UnsafeCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use pyrt_cpython::api;
use pyrt_cpython::state::PyInterpreterState;

use crate::config::options;
use crate::interp;

/// State of the compiler.
pub(crate) struct Jit {
    /// The recording in progress.
    pub(crate) recorder: Option<Box<record::Recorder>>,
    /// Bytes of code and metadata in use.
    pub(crate) bytes: usize,
    /// Recordings whose trees are being compiled.
    pub(crate) pending: Vec<(background::JobId, driver::Origin)>,
    /// The tree that has last grown, and the name of its recording.
    unpacked: Option<(u64, pyrt_trace::TraceTree)>,
    /// Anchors that have trees.
    compiled: Vec<*mut anchors::Anchor>,
}

/// How many values an exit may store.
const MOST_VALUES: usize = 1024;

/// Where exits store their values, and as much room again for the objects made of them. It never
/// moves: trees run while others are compiled.
struct Values(UnsafeCell<[u64; 2 * MOST_VALUES]>);

// SAFETY: accessed with the GIL held, between an exit and the end of its plan only.
unsafe impl Sync for Values {}

static VALUES: Values = Values(UnsafeCell::new([0; 2 * MOST_VALUES]));

impl Values {
    /// Where exits store.
    fn pointer(&self) -> *mut u64 {
        self.0.get().cast()
    }

    /// All of it.
    ///
    /// # Safety
    /// The GIL is held, and no other slice of it is in use.
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller promises that it is the only one"
    )]
    unsafe fn slice(&self) -> &mut [u64] {
        // SAFETY: by the caller's promise.
        unsafe { &mut *self.0.get() }
    }
}

struct Cell(UnsafeCell<Jit>);

// SAFETY: accessed with the GIL held, see the module's documentation.
unsafe impl Sync for Cell {}

static JIT: Cell = Cell(UnsafeCell::new(Jit {
    recorder: None,
    bytes: 0,
    pending: Vec::new(),
    unpacked: None,
    compiled: Vec::new(),
}));

/// The compiler's state.
///
/// # Safety
/// The GIL is held, and no other reference from here is in use.
pub(crate) unsafe fn state() -> &'static mut Jit {
    // SAFETY: by the caller's promise.
    unsafe { &mut *JIT.0.get() }
}

/// All trees in service.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn trees() -> Vec<Rc<tree::Tree>> {
    // SAFETY: anchors strike themselves off before they die.
    unsafe {
        let anchors = state().compiled.iter();
        anchors
            .filter_map(|anchor| (**anchor).tree.clone())
            .collect()
    }
}

/// The interpreter that the compiler works for, null until it is initialised.
static INTERPRETER: AtomicPtr<PyInterpreterState> = AtomicPtr::new(core::ptr::null_mut());

/// Switches the compiler on in the current interpreter, if the options want it.
pub(crate) fn init() {
    if options().jit && anchors::reserve_extra_slot() {
        // SAFETY: the interpreter has just been initialised by this thread.
        INTERPRETER.store(unsafe { api::PyInterpreterState_Get() }, Relaxed);
        enable(true);
    }
}

/// Whether the compiler can be switched on in the current interpreter.
pub(crate) fn is_available() -> bool {
    let interpreter = INTERPRETER.load(Relaxed);
    // SAFETY: the GIL is held by whoever asks.
    !interpreter.is_null() && interpreter == unsafe { api::PyInterpreterState_Get() }
}

/// Whether evaluations that begin now count their loops.
pub(crate) fn is_enabled() -> bool {
    is_available() && interp::counts(INTERPRETER.load(Relaxed))
}

/// Switches the compiler on or off: nothing is compiled from now on, and no tree is entered. Evaluations that
/// began while it was off do not count their loops.
pub(crate) fn enable(on: bool) {
    interp::count_in(if on {
        INTERPRETER.load(Relaxed)
    } else {
        core::ptr::null_mut()
    });
}
