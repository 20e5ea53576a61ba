//! From the beginning of a recording to its installed tree, or why there is none.

use super::*;

/// As if the program had run for this long before it started. Of a program that ends soon little is to be compiled in vain, so
/// it has the whole of that only after a while: first so much, and then half of the time that it runs. Where the program
/// has to wait for the compiler, that is all it has.
const AHEAD: Duration = Duration::from_millis(400);
const AHEAD_AT_FIRST: Duration = Duration::from_millis(50);
/// From when on the compiler has a smaller part of the program's time: what matters most has been compiled by then, and a
/// program of much code, none of which is hot, must not be compiled for ever.
const LATE: Duration = Duration::from_secs(2);
/// How many times less it has then.
const LATE_DISCOUNT: u32 = 4;
/// What compiling a tree is expected to take.
pub(super) const TYPICAL_COMPILE_NS: u64 = 5_000_000;
/// How often a function is recorded that returns at once.
pub(super) const MOST_SHORT: u8 = 8;
/// How often the time until the next recording is doubled then.
const MOST_DOUBLINGS: u8 = 4;

/// Begins to record at an anchor: its tree, or a first round that leads there.
pub(super) unsafe fn start_root(r: Regs, anchor: *mut Anchor, first: bool) {
    // SAFETY: `r` is at the anchor's place.
    unsafe {
        (*anchor).offset = r.offset() as u32;
        let name = qualified_name(r.code());
        let line = codes::line_of(r.code(), (*anchor).offset);
        if !policy::admits(r, &name, line) {
            count_abort(AbortReason::Denied, &format!("{name}:{line}"));
            (*anchor).heat = NEVER;
            return;
        }
        abort_recording(AbortReason::NestedRecording);
        let root = Root {
            kind: (*anchor).kind,
            boxed: (*anchor).boxed.clone(),
            unbound: (*anchor).unbound.clone(),
            // What cannot be recorded as a whole is better than nothing in the end.
            partial: (*anchor).kind == Kind::Entry || (*anchor).penalties >= 2,
            first,
            ends_with_loop: false,
        };
        begin(Recorder::root(r, format!("{name}:{line}"), root));
    }
}

pub(super) unsafe fn begin(recorder: Recorder) {
    stats::count(|counters| counters.recordings_started += 1);
    // SAFETY: the GIL is held.
    unsafe { state() }.recorder = Some(Box::new(recorder));
}

pub(super) fn count_abort(reason: AbortReason, place: &str) {
    if stats::are_wanted() {
        stats::count_place(format!("abort: {reason}"), place.to_owned(), 1);
    }
    events::note(Event::Abort, || {
        vec![
            ("place", json::string(place)),
            ("reason", json::string(reason.name())),
            ("meaning", json::string(reason.doc())),
        ]
    });
    stats::count_abort(reason);
}

/// A frame is left by an exception: whoever records it stops. Called by a handler that ends in a jump, so not
/// inlined there.
#[inline(never)]
pub(crate) unsafe fn frame_left(frame: *mut PyInterpreterFrame) {
    // SAFETY: the GIL is held.
    unsafe {
        let recorder = state().recorder.as_mut();
        let Some(recorder) = recorder.filter(|recorder| recorder.includes(frame)) else {
            return;
        };
        match recorder.ended_by_exception() {
            Some(exit) => with_exception_aside(|| recording_closed(Some(exit))),
            None => abort_recording(AbortReason::Exception),
        }
    }
}

/// Ends the recording in progress, if any, without a trace.
pub(crate) unsafe fn abort_recording(reason: AbortReason) {
    // SAFETY: the GIL is held.
    unsafe {
        if let Some(recorder) = state().recorder.take() {
            give_up(&recorder.origin(), reason, None);
        }
    }
}

/// The recording in progress waits for a loop after which it cannot go on, for this reason: ends it before the loop.
pub(crate) unsafe fn end_before_loop(reason: AbortReason) {
    // SAFETY: the GIL is held.
    unsafe {
        let recorder = state().recorder.as_mut();
        match recorder.map(|recorder| recorder.ended_before_loop(reason)) {
            Some(Ok(exit)) => recording_closed(Some(exit)),
            Some(Err(reason)) => abort_recording(reason),
            None => {}
        }
    }
}

/// The recording in progress is complete, with this exit at its end or back at its loop header:
/// compiles and installs it.
pub(crate) unsafe fn recording_closed(end: Option<ExitId>) {
    // SAFETY: the GIL is held, and the recorder keeps its code alive.
    unsafe {
        let Some(recorder) = state().recorder.take() else {
            return;
        };
        let origin = recorder.origin();
        let tree = match recorder.finish(end) {
            Ok(tree) => tree,
            Err((reason, slot)) => return give_up(&origin, reason, slot),
        };
        let spent = origin.started.elapsed().as_nanos() as u64;
        stats::count(|counters| counters.record_ns += spent);
        if let Some(job) = grown(&origin, tree) {
            complete(origin, job);
        }
    }
}

/// What is to be compiled now that this tree has been recorded: of one with another side trace, that side trace alone, or
/// nothing yet, if it can wait.
unsafe fn grown(origin: &Origin, tree: TraceTree) -> Option<Job> {
    // SAFETY: the code is alive.
    let installed = unsafe { (*origin.anchor()).tree.clone() };
    let (Some(exit), Some(installed)) = (origin.parent, installed) else {
        return Some(Job::Tree(Box::new(tree)));
    };
    if let Some(tree) = installed.grow(tree, exit) {
        if !tree::fits(tree.len()) {
            installed.give_up_exit(exit);
            return None;
        }
        return Some(Job::Tree(Box::new(tree)));
    }
    installed.due(exit)
}

/// Whether the compiler has taken more than its part of the program's time so far.
pub(super) fn is_over_budget() -> bool {
    static START: OnceLock<Instant> = OnceLock::new();
    let part = u64::from(options().compile_share);
    if part == 0 || options().exit_cost == 0 {
        return false;
    }
    let running = START.get_or_init(Instant::now).elapsed();
    let ahead = match compiles_in_background() {
        true => AHEAD.min(AHEAD_AT_FIRST + running / 2),
        false => AHEAD_AT_FIRST,
    };
    let late = running.saturating_sub(LATE);
    let counted = ahead + running - late + late / LATE_DISCOUNT;
    let mut spent = 0;
    stats::count(|counters| spent = counters.compile_ns);
    // What waits is not known yet.
    // SAFETY: the GIL is held.
    spent += unsafe { state() }.pending.len() as u64 * TYPICAL_COMPILE_NS;
    spent / part > counted.as_nanos() as u64 / 100
}

pub(crate) fn compiles_in_background() -> bool {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    options().background && *POSSIBLE.get_or_init(background::is_possible)
}

/// Compiles, here or on the compiler's thread.
pub(super) unsafe fn complete(mut origin: Origin, job: Job) {
    // SAFETY: the GIL is held; the code is alive until here, and its anchors as long as it is.
    unsafe {
        let anchor = origin.anchor();
        compile::dump_bytecode(&job);
        if let Job::Bridge(..) = job {
            origin.bridges = (*anchor).tree.as_ref().map(Rc::downgrade);
        }
        let job = if compiles_in_background() {
            if !background::is_running() {
                // What a parent before a fork was waiting for.
                state().pending.clear();
            }
            match background::submit(job) {
                Ok(id) => {
                    (*anchor).pending = Some(id);
                    (*anchor).heat = PASSES_BETWEEN_LOOKS;
                    // The code may die before its trees are ready: perhaps at once.
                    let code = origin.code.clone();
                    origin.code.let_go();
                    state().pending.push((id, origin));
                    drop(code);
                    return;
                }
                Err(job) => job,
            }
        } else {
            job
        };
        install(&origin, compile::compile(job, anchor));
    }
}

/// Whether a tree is still being compiled. In the child of a fork, those of the parent are not.
pub(super) fn is_pending(id: JobId) -> bool {
    // SAFETY: the GIL is held.
    let pending = unsafe { &state().pending };
    background::is_running() && pending.iter().any(|(known, _)| *known == id)
}

/// Installs what the compiler's thread has finished.
#[cold]
pub(super) unsafe fn install_ready() {
    // SAFETY: the GIL is held.
    unsafe {
        for Done { id, result } in background::take() {
            let pending = &mut state().pending;
            let Some(at) = pending.iter().position(|(known, _)| *known == id) else {
                // The code died.
                continue;
            };
            let (_, origin) = pending.swap_remove(at);
            let anchor = origin.anchor();
            let finished = result.and_then(|artifact| compile::finish(artifact, anchor));
            install(&origin, finished);
        }
    }
}

/// Puts what has been compiled into its place.
pub(super) unsafe fn install(origin: &Origin, finished: Result<Finished, AbortReason>) {
    // SAFETY: the GIL is held, and the code alive.
    unsafe {
        let anchor = origin.anchor();
        (*anchor).pending = None;
        let tree = match finished {
            Ok(Finished::Bridge(bridge)) => return install_bridge(origin, bridge),
            Ok(Finished::Tree(tree)) => Ok(*tree),
            Err(reason) => Err(reason),
        };
        match tree {
            // Its root was retired meanwhile.
            Ok(_) if (origin.parent.is_some() || origin.first) && (*anchor).tree.is_none() => {}
            Ok(tree) if origin.first => {
                stats::count(|counters| counters.traces_compiled += 1);
                (*anchor).first = Some(Rc::new(tree));
            }
            Ok(tree) => {
                let before = (*anchor).tree.as_ref();
                let before = before.map_or(0, |tree| tree.recorded.side_traces);
                let new_sides = tree.recorded.side_traces.saturating_sub(before);
                stats::count(|counters| match origin.parent {
                    Some(_) => {
                        counters.side_traces_compiled += new_sides as u64;
                        counters.trees_recompiled += 1;
                    }
                    None => counters.traces_compiled += 1,
                });
                note_compiled(origin, &tree);
                replace(anchor, tree);
                (*anchor).brief = origin.brief;
            }
            Err(reason) => {
                if reason == AbortReason::CompilerBug {
                    stats::count(|counters| counters.compile_errors += 1);
                }
                give_up(origin, reason, None);
            }
        }
    }
}

/// Adds a bridge to the tree that it was made for, if that is still in service.
unsafe fn install_bridge(origin: &Origin, bridge: CompiledBridge) {
    // SAFETY: the code is alive.
    let tree = unsafe { (*origin.anchor()).tree.clone() };
    let made_for = origin.bridges.as_ref().and_then(Weak::upgrade);
    if let (Some(tree), Some(made_for), Some(exit)) = (tree, made_for, origin.parent)
        && Rc::ptr_eq(&tree, &made_for)
    {
        let known = tree.codes().count();
        tree.add_bridge(exit, bridge);
        // SAFETY: the GIL is held.
        unsafe { profile::installed(&tree, known) };
    }
}

/// Adds a region to the file that the options name.
pub(super) fn write_region(path: &Path, tree: &Tree) {
    static WARNED: Once = Once::new();
    let line = format!("{}\n", tree.recorded.name);
    let file = files::append(&files::with_pid(path));
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        WARNED.call_once(|| {
            eprintln!(
                "pyrt: warning: regions are not written to {}: {error} (PYRT_JIT_REGIONS_FILE)",
                path.display()
            );
        });
    }
}

/// Tells the program of a tree, if it listens.
pub(super) fn note_compiled(origin: &Origin, tree: &Tree) {
    if let (Some(path), None) = (&options().regions_file, origin.parent) {
        write_region(path, tree);
    }
    events::note(Event::Compile, || {
        let kind = match (origin.parent, origin.reshapes) {
            (None, _) => "root",
            (Some(_), false) => "side",
            (Some(_), true) => "again",
        };
        vec![
            ("name", json::string(&tree.recorded.name)),
            ("kind", json::string(kind)),
            ("code_bytes", tree.compiled.code.code().len().to_string()),
            ("compile_ns", tree.compile_ns.to_string()),
        ]
    });
}

/// A code object dies: nothing is to be installed in it.
pub(crate) fn forget(pending: &mut Vec<(JobId, Origin)>, meta: *mut CodeMeta) {
    // SAFETY: the code of what is pending is alive until this was called for it.
    pending.retain(|(_, origin)| unsafe { meta_of(origin.code.0) } != meta);
}

/// What a recording began at.
pub(crate) struct Origin {
    pub(crate) code: LiveCode,
    pub(crate) kind: Kind,
    pub(crate) header: u32,
    pub(crate) parent: Option<ExitId>,
    /// No side trace is added: a guard goes back into the loop, rounds are to be counted, or bridges become part of the tree.
    pub(crate) reshapes: bool,
    /// The tree that gets the side trace as a bridge, if that is what becomes of it.
    pub(crate) bridges: Option<Weak<Tree>>,
    /// It is a loop's first round.
    pub(crate) first: bool,
    /// See [`Anchor::brief`].
    pub(crate) brief: bool,
    pub(crate) started: Instant,
    /// Where it is now, for statistics.
    pub(crate) place: String,
}

impl Origin {
    unsafe fn anchor(&self) -> *mut Anchor {
        // SAFETY: the code is alive.
        unsafe { anchors::anchor_of(self.code.0, self.kind, self.header) }
    }
}

/// Accounts for a recording without a result; `slot` is one whose type was found to change.
pub(super) unsafe fn give_up(origin: &Origin, reason: AbortReason, slot: Option<u16>) {
    // SAFETY: the GIL is held.
    unsafe {
        count_abort(reason, &origin.place);
        let spent = origin.started.elapsed().as_nanos() as u64;
        stats::count(|counters| counters.record_ns += spent);
        let anchor = origin.anchor();
        if reason == AbortReason::NestedRecording {
            if origin.parent.is_none() && !origin.first {
                // It has to get hot again, like the exit of a side trace.
                cool_down(anchor, 0);
            }
            return;
        }
        (*anchor).note_abort(reason, &origin.place);
        if origin.first {
            (*anchor).first_failures += 1;
            return;
        }
        if let Some(slot) = slot
            && add_slots(&mut (*anchor).boxed, &[slot])
        {
            return start_over(anchor);
        }
        let Some(exit) = origin.parent else {
            let again = matches!(
                reason,
                AbortReason::Return | AbortReason::LongLoop | AbortReason::LongCallee
            );
            if again && (*anchor).short < MOST_SHORT {
                // It may do more another time, and less is inlined: but where it calls something else each time, that is
                // never the last.
                (*anchor).heat = (entry_heat() / 8) << (*anchor).short.min(MOST_DOUBLINGS);
                (*anchor).short += 1;
                return;
            }
            penalise(anchor);
            return;
        };
        let Some(tree) = &(*anchor).tree else {
            return;
        };
        if reason == AbortReason::LeftLoop {
            tree.end_with_loop(exit);
        }
        if tree.abort_exit(exit) >= options().penalty_limit {
            tree.give_up_exit(exit);
            stats::count(|counters| counters.anchors_blacklisted += 1);
        }
    }
}

/// `co_qualname` as text.
pub(crate) unsafe fn qualified_name(code: *mut PyCodeObject) -> String {
    // SAFETY: a live code object.
    unsafe { codes::text((*code).co_qualname) }
}
