//! What native profilers and debuggers are told of compiled code.
//!
//! - [`map`]: perf's map, which names functions;
//! - [`dump`]: perf's dump, with the line of each instruction, machine code and unwind information;
//! - [`gdb`]: gdb's interface for code that is made at run time;
//! - [`sample`]: a sampler of pyrt's own;
//! - [`live`]: the file of the live view;
//! - [`region`]: what there is to tell of a tree.
//!
//! Files are written when a tree is installed or freed, with the GIL held, and not while compiled
//! code runs. What cannot be written is one warning, and nothing is told from then on.
//!
//! After a fork the child has files of its own, which begin with the code that it has got from its parent.
//! They are made when the child first enters compiled code, because most children run another program
//! soon.

mod dump;
mod gdb;
mod live;
mod map;
mod region;
pub(crate) mod sample;

use core::ffi::c_void;
use core::ptr::null;
use std::cell::UnsafeCell;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};

use pyrt_codegen::UnwindInfo;
use pyrt_codegen::machine::FrameRecord;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::Options;
use pyrt_spec::options::PerfMode;

use crate::config::options;
use crate::jit;
use crate::jit::tree::Tree;
use dump::Dump;
pub(crate) use gdb::Registered;
use live::Live;
use map::Map;
pub(crate) use region::{Region, RegionLine};

/// Who is told at present.
#[derive(Default)]
enum Perf {
    #[default]
    Off,
    Map(Map),
    Dump(Dump),
}

struct State {
    mode: PerfMode,
    perf: Perf,
    live: Option<Live>,
}

struct Cell(UnsafeCell<State>);

// SAFETY: accessed with the GIL held.
unsafe impl Sync for Cell {}

static STATE: Cell = Cell(UnsafeCell::new(State {
    mode: PerfMode::Off,
    perf: Perf::Off,
    live: None,
}));

/// This process is the child of a fork, and has not told of its code yet.
static FORKED: AtomicBool = AtomicBool::new(false);

/// What is to be made of unwind information.
pub(crate) fn unwind_info() -> UnwindInfo {
    match options().perf {
        PerfMode::Dump => UnwindInfo::Described,
        PerfMode::Off | PerfMode::Map if options().gdb => UnwindInfo::Described,
        PerfMode::Off | PerfMode::Map => UnwindInfo::None,
    }
}

/// Begins to tell what the options say.
pub(crate) fn init() {
    // SAFETY: the only thread is at start-up.
    unsafe {
        begin_live();
        switch(options().perf);
    }
}

/// Does away with what nobody can use after this process.
pub(crate) fn finish() {
    // SAFETY: the only thread is at the end.
    let live = unsafe { (*STATE.0.get()).live.take() };
    // The child of a fork that never ran compiled code has its parent's file.
    if let (Some(live), false) = (live, FORKED.load(Relaxed)) {
        live.finish();
    }
}

/// Makes the file of the live view, if the options ask for it.
unsafe fn begin_live() {
    if !options().live {
        return;
    }
    hook_forks();
    let path = PathBuf::from(format!("/tmp/pyrt-{}.live", std::process::id()));
    // SAFETY: the GIL is held.
    unsafe {
        let state = &mut *STATE.0.get();
        state.live = None;
        match Live::create(&path) {
            Ok(live) => {
                for tree in jit::trees() {
                    live.add(&tree, &Region::all(&tree)[0]);
                }
                state.live = Some(live);
                watch();
            }
            Err(error) => eprintln!(
                "pyrt: warning: there is no live view: {}: {error} (PYRT_LIVE)",
                path.display()
            ),
        }
    }
}

/// Has forks noticed.
fn hook_forks() {
    static HOOKED: Once = Once::new();
    // SAFETY: the handler touches an atomic alone.
    HOOKED.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(after_fork));
    });
}

/// What is to be done when a tree is entered and left. It stays so once it was.
static ON_ENTRY: AtomicU8 = AtomicU8::new(0);

/// Somebody is to be told, by [`watched`].
const TELL: u8 = 1;
/// perf walks the stack.
const FRAME: u8 = 2;

/// How a tree is to be run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// As it is.
    Plain,
    /// So that perf can walk on from it by frame pointer.
    Framed,
    /// The same, by [`watched`].
    Watched,
}

/// How trees are to be run.
#[inline(always)]
pub(crate) fn on_entry() -> Entry {
    match ON_ENTRY.load(Relaxed) {
        0 => Entry::Plain,
        FRAME => Entry::Framed,
        _ => Entry::Watched,
    }
}

/// Has [`watched`] let those know who watch.
fn watch() {
    ON_ENTRY.fetch_or(TELL, Relaxed);
}

/// Where walks by frame pointer end: in `main`.
pub(crate) fn bottom_of_stack() -> *const FrameRecord {
    static BOTTOM: FrameRecord = FrameRecord {
        next: null(),
        // After its first instruction, as if it had called.
        address: (crate::main as *const c_void).wrapping_byte_add(1),
    };
    &raw const BOTTOM
}

/// Runs a tree's code, and lets those know who watch.
///
/// # Safety
/// A live thread, which holds the GIL.
pub(crate) unsafe fn watched<R>(ts: *mut PyThreadState, tree: &Tree, run: impl FnOnce() -> R) -> R {
    before_entry();
    // What runs may fork: the file is looked up again.
    // SAFETY: the GIL is held.
    let live = || unsafe { (*STATE.0.get()).live.as_ref() };
    let before = live().map_or(0, |live| live.enter(tree.row.get()));
    // SAFETY: by the caller's promise.
    let result = unsafe { sample::inside(ts, run) };
    if let Some(live) = live() {
        live.leave(before);
    }
    result
}

/// A tree is freed.
pub(crate) fn freed(tree: &Tree) {
    for compiled in tree.own_codes() {
        sample::remove(compiled.code.code().as_ptr().addr());
    }
    // SAFETY: trees die with the GIL held.
    if let Some(live) = unsafe { (*STATE.0.get()).live.as_ref() } {
        live.remove(tree.row.get());
    }
}

/// The program has changed options.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn options_changed(before: &Options) {
    let now = options();
    if (now.perf, &now.perf_folder) != (before.perf, &before.perf_folder) {
        // SAFETY: by the caller's promise.
        unsafe { switch(now.perf) }
    }
}

/// Tells perf from now on in this way, of the code that there is, too.
///
/// # Safety
/// The GIL is held.
unsafe fn switch(mode: PerfMode) {
    // SAFETY: the GIL is held.
    unsafe {
        let state = &mut *STATE.0.get();
        (state.mode, state.perf) = (mode, Perf::Off);
        let opened = match mode {
            PerfMode::Off => return,
            PerfMode::Map => Map::create(&path(mode)).map(Perf::Map),
            PerfMode::Dump => Dump::create(&path(mode)).map(Perf::Dump),
        };
        hook_forks();
        ON_ENTRY.fetch_or(FRAME, Relaxed);
        match opened {
            Ok(perf) => state.perf = perf,
            Err(error) => return warn(&error),
        }
        for tree in jit::trees() {
            Region::all(&tree).iter().for_each(|region| tell(region));
        }
    }
}

fn path(mode: PerfMode) -> PathBuf {
    let pid = std::process::id();
    match mode {
        // perf looks there.
        PerfMode::Off | PerfMode::Map => format!("/tmp/perf-{pid}.map").into(),
        PerfMode::Dump => options().perf_folder.join(format!("jit-{pid}.dump")),
    }
}

unsafe extern "C" fn after_fork() {
    FORKED.store(true, Relaxed);
    watch();
}

/// Begins anew in the child of a fork.
fn before_entry() {
    if FORKED.load(Relaxed) && FORKED.swap(false, Relaxed) {
        // SAFETY: the GIL is held while trees are entered.
        unsafe {
            begin_live();
            switch((*STATE.0.get()).mode);
        }
    }
}

/// A tree has been installed, or a bridge added to it; so many of its codes are known already.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn installed(tree: &Tree, known: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        let telling = !matches!((*STATE.0.get()).perf, Perf::Off);
        let live = (*STATE.0.get()).live.is_some();
        if !telling && !live && !options().gdb && !sample::runs() {
            return;
        }
        before_entry();
        let regions = Region::all(tree);
        for (region, compiled) in regions.iter().zip(tree.codes()).skip(known) {
            tell(region);
            sample::add(region);
            if options().gdb {
                let _ = compiled.registered.set(Registered::new(region));
            }
        }
        if let (Some(live), 0) = (&(*STATE.0.get()).live, known) {
            live.add(tree, &regions[0]);
        }
    }
}

/// Tells perf of a region.
unsafe fn tell(region: &Region<'_>) {
    // SAFETY: the GIL is held.
    let state = unsafe { &mut *STATE.0.get() };
    let told = match &mut state.perf {
        Perf::Off => return,
        Perf::Map(map) => map.add(region),
        Perf::Dump(dump) => dump.add(region),
    };
    if let Err(error) = told {
        warn(&error);
    }
}

/// Something could not be written: nothing is, from now on.
fn warn(error: &std::io::Error) {
    // SAFETY: the GIL is held.
    let state = unsafe { &mut *STATE.0.get() };
    let path = path(state.mode);
    eprintln!(
        "pyrt: warning: no profile is written: {}: {error} (PYRT_PERF)",
        path.display()
    );
    state.perf = Perf::Off;
}
