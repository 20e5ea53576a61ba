//! Places whose heat is used up: what is done when the program passes them.

use super::*;
use crate::interp::regs::{become_op, error, leaf_op, next_checked};

/// How long a recording may take before another one may replace it: it waits for a call to return.
pub(crate) const PATIENCE: Duration = Duration::from_millis(20);
/// How long a place may take to get hot.
const BRISK: Duration = Duration::from_millis(100);
/// How often it has to get hot once more if it takes longer.
const MOST_LUKEWARM: u8 = 3;
/// How often a place is passed before it is asked again whether its tree is compiled.
pub(super) const PASSES_BETWEEN_LOOKS: i32 = 64;

/// Ends a handler: goes on where a place that was served leads to.
macro_rules! go_on_at {
    ($r:ident, $landing:expr) => {{
        let landing = $landing;
        if let Some(result) = landing.result() {
            return result;
        }
        let r = landing.resume($r.ts, $r.table);
        if err_occurred(r.ts) {
            error!(r)
        }
        next_checked!(r)
    }};
}

leaf_op! {
    /// A loop header is reached, and another one of its code was before, or none.
    fn other_edge(r, _) {
        let anchor = anchor_at(r.code(), r.ip);
        if anchor.is_null() {
            become_op!(r, 0, new_anchor)
        }
        note_recent(r.code(), r.ip, anchor);
        (*anchor).heat -= 1;
        if (*anchor).heat < 0 {
            become_op!(r, anchor.addr(), hot_edge)
        }
        next_checked!(r)
    }

    /// A loop header is reached for the first time.
    #[cold]
    fn new_anchor(r, _) {
        let heat = first_heat(r);
        let anchor = make_loop_anchor(r.code(), r.offset() as u32, heat, entry_heat());
        if let Some(anchor) = anchor {
            note_recent(r.code(), r.ip, anchor);
            if (*anchor).heat < 1 {
                become_op!(r, anchor.addr(), hot_edge)
            }
        }
        next_checked!(r)
    }

    /// A function is entered whose code has nothing attached.
    #[cold]
    fn new_entry(r, _) {
        let meta = make_meta(r.code(), entry_heat());
        if !meta.is_null() && policy::hurries(r) {
            (*meta).entry.heat = (*meta).entry.heat.min(policy::SOON);
        }
        if !meta.is_null() && (*meta).entry.heat < 1 {
            become_op!(r, (&raw mut (*meta).entry).addr(), hot_entry)
        }
        next_checked!(r)
    }

    /// A loop header whose heat is used up, with the address of its anchor.
    #[cold]
    fn hot_edge(r, anchor) {
        go_on_at!(r, serve(r, anchor as *mut Anchor))
    }

    /// A function whose heat is used up is entered, likewise.
    #[cold]
    fn hot_entry(r, anchor) {
        go_on_at!(r, serve(r, anchor as *mut Anchor))
    }

    /// What the recorder has executed where a loop begins that runs as a tree of its own; after the first unit of the
    /// instruction.
    fn inner_loop(r, _) {
        r.ip = r.ip.sub(1);
        become_op!(r, anchor_at(r.code(), r.ip).addr(), hot_edge)
    }
}

/// Where to go on, unless the evaluation has ended.
#[repr(C)]
pub(crate) struct Landing {
    ip: *const CodeUnit,
    /// The stack pointer; of an evaluation that has ended, its result.
    sp: *mut *mut PyObject,
    /// Null if the evaluation has ended.
    frame: *mut PyInterpreterFrame,
}

impl Landing {
    pub(super) fn at(r: Regs) -> Landing {
        Landing {
            ip: r.ip,
            sp: r.sp,
            frame: r.frame,
        }
    }

    /// Outside of the evaluation, which has ended with this result.
    pub(super) fn outside(result: *mut PyObject) -> Landing {
        Landing {
            ip: null(),
            sp: result.cast(),
            frame: null_mut(),
        }
    }

    /// What the evaluation has ended with, if it has.
    #[inline(always)]
    fn result(&self) -> Option<*mut PyObject> {
        self.frame.is_null().then_some(self.sp.cast())
    }

    /// In the caller of a frame that is gone or suspended, which gets its result.
    pub(super) unsafe fn in_caller(r: Regs, result: *mut PyObject) -> Landing {
        // SAFETY: the caller's frame is the innermost one now, and waits for a result.
        unsafe {
            let caller = (*(*r.ts).cframe).current_frame;
            let mut r = Regs::resume(caller, r.ts, r.table);
            r.push(result);
            Landing::at(r)
        }
    }

    /// The registers to go on with, in an evaluation that uses this table unless it is recorded.
    #[inline(always)]
    pub(in crate::jit) unsafe fn resume(self, ts: *mut PyThreadState, table: Table) -> Regs {
        Regs {
            ip: self.ip,
            sp: self.sp,
            frame: self.frame,
            ts,
            // SAFETY: the GIL is held.
            table: unsafe { table_for(self.frame, ts, table) },
        }
    }
}

/// The recorder's table if this frame is being recorded.
#[inline(always)]
pub(super) unsafe fn table_for(
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    table: Table,
) -> Table {
    // SAFETY: the GIL is held.
    unsafe {
        match &state().recorder {
            Some(recorder) if recorder.records(frame, ts) => recording_handlers(),
            Some(_) | None => table,
        }
    }
}

#[inline(never)]
pub(super) unsafe fn serve(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: the registers are those of a running frame at the anchor's place.
    unsafe {
        (*anchor).heat = 0;
        let enters = (*anchor).tree.is_some()
            && !(*anchor).rests
            && gains_by(r, anchor)
            && interp::counts((*r.ts).interp)
            && state().recorder.is_none()
            && !traces_memory()
            && !background::is_ready();
        if enters {
            enter(r, anchor)
        } else {
            attend(r, anchor)
        }
    }
}

/// Whether the interpreter gains by entering the tree of a place.
#[inline(always)]
unsafe fn gains_by(r: Regs, anchor: *mut Anchor) -> bool {
    // SAFETY: the registers are those of a running frame at the anchor's place.
    unsafe { !(*anchor).brief || (*r.frame).is_entry == ENTRY }
}

/// Serves a place at which there is more to do than to enter its tree.
#[cold]
pub(super) unsafe fn attend(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: as for `serve`.
    unsafe {
        let stay = Landing::at(r);
        let recorder = state().recorder.as_ref();
        if let Some(recorder) = recorder
            && recorder.records(r.frame, r.ts)
        {
            // The recorder decides itself what the place means to it.
            return match recorder.awaits_loop() {
                true => run_recorded_loop(r, anchor),
                false => stay,
            };
        }
        if traces_memory() {
            // Every object is to be made at its own line.
            return stay;
        }
        if !interp::counts((*r.ts).interp) {
            // Switched off since the evaluation began.
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if background::is_ready() {
            install_ready();
        }
        if (*anchor).rests {
            trials::end_interpreted(r.ts, anchor);
            if (*anchor).rests {
                return stay;
            }
        }
        if (*anchor).tree.is_some() {
            if gains_by(r, anchor) {
                return enter(r, anchor);
            }
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if (*anchor).pending.is_some_and(is_pending) {
            // Look again soon.
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if recorder.is_some_and(|recorder| recorder.is_recent()) {
            return stay;
        }
        match (*anchor).kind {
            Kind::Loop => warm_up(r.code()),
            // A trace does as the specialised instructions do, also where that shows: in reference
            // counts, or in how deep calls may go. So they have to be there.
            Kind::Entry if (*r.code()).co_warmup != 0 => return stay,
            Kind::Entry => {}
        }
        if (*anchor).patience > 0 && has_untried(r) {
            (*anchor).patience -= 1;
            return stay;
        }
        if is_over_budget() {
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if is_lukewarm(r, anchor) {
            cool_down(anchor, 0);
            return stay;
        }
        start_root(r, anchor, false);
        stay
    }
}

/// Whether a place that has been passed often enough was passed so seldom that a tree would take long to repay what compiling
/// it costs: then it has to be passed as often again, a few times.
unsafe fn is_lukewarm(r: Regs, anchor: *mut Anchor) -> bool {
    // SAFETY: `r` is at the anchor's place.
    unsafe {
        let certain = options().exit_cost == 0 || policy::hurries(r);
        if certain || (*anchor).lukewarm >= MOST_LUKEWARM {
            return false;
        }
        let took = (*anchor).timed_since.elapsed();
        let seldom = took > BRISK;
        (*anchor).timed_since += took;
        (*anchor).lukewarm = match seldom {
            true => (*anchor).lukewarm + 1,
            false => MOST_LUKEWARM,
        };
        seldom
    }
}

/// Runs the tree of a loop that the trace being recorded lets run.
pub(super) unsafe fn run_recorded_loop(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: as for `serve`; the GIL is held.
    unsafe {
        let recorder = state().recorder.take();
        let tree = (*anchor).tree.clone();
        let landing = tree.map_or(Landing::at(r), |tree| run_through(r, anchor, tree));
        let Some(mut recorder) = recorder else {
            return landing;
        };
        if state().recorder.is_some() {
            // It is the loop that is recorded now.
            with_exception_aside(|| {
                give_up(&recorder.origin(), AbortReason::NestedRecording, None);
            });
            return landing;
        }
        let ended = recorder.has_ended(Regs {
            ip: landing.ip,
            sp: landing.sp,
            frame: landing.frame,
            ..r
        });
        state().recorder = Some(recorder);
        if let Err(reason) = ended {
            with_exception_aside(|| end_before_loop(reason));
        }
        landing
    }
}

/// Runs the tree of the loop at which a frame is; the registers with which it has left, if it could be entered.
pub(crate) unsafe fn run_loop(r: Regs) -> Option<Regs> {
    // SAFETY: the registers are those of a frame at a loop header.
    unsafe {
        let anchor = anchor_at(r.code(), r.ip);
        if anchor.is_null() || interpreter_is_needed(r.ts) {
            return None;
        }
        let tree = (*anchor).tree.clone()?;
        let result = run(r, &tree);
        if let Some(r) = about_to_return(r, &tree, result) {
            return Some(r);
        }
        let Left::At(landing, _) = go_on(r, anchor, tree, false) else {
            unreachable!("the frame stays")
        };
        Some(Regs {
            ip: landing.ip,
            sp: landing.sp,
            frame: landing.frame,
            ..r
        })
    }
}

/// Runs a tree, and those that it leads to. The frame stays, also if the function has done all that there was to do.
pub(super) unsafe fn run_through(r: Regs, anchor: *mut Anchor, tree: Rc<Tree>) -> Landing {
    // SAFETY: as for `enter`.
    unsafe {
        run(r, &tree);
        match go_on(r, anchor, tree, false) {
            Left::At(landing, _) => landing,
            Left::Returned(_) => unreachable!("the frame stays"),
        }
    }
}

/// Whether the interpreter has to look at something before compiled code runs.
#[inline(always)]
pub(crate) unsafe fn interpreter_is_needed(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state, the GIL held.
    unsafe {
        (*(*ts).cframe).use_tracing != 0
            || (*ts).recursion_remaining < nested::SPARE_LEVELS
            || eval_breaker(ts)
            || background::is_ready()
            || traces_memory()
    }
}

/// Whether the code from here on has instructions that the interpreter has yet to try to specialise.
/// It is recorded after that, so that code looks as it does without a compiler.
pub(super) unsafe fn has_untried(r: Regs) -> bool {
    // SAFETY: the registers are those of a running frame; the walk stays within its code.
    unsafe {
        let (header, end) = (r.offset(), size_of(r.code().cast()) as usize);
        let mut at = header;
        while at < end {
            let unit = *first_instr(r.code()).add(at);
            let opcode = unit as u8;
            let Some(info) = OPCODES[opcode as usize] else {
                return false;
            };
            let next = at + 1 + info.caches as usize;
            let adaptive = info.name.ends_with("_ADAPTIVE");
            if adaptive && *first_instr(r.code()).add(at + 1) == 0 {
                return true;
            }
            let backward = info.jumps && info.name.contains("BACKWARD");
            if backward && next.checked_sub((unit >> 8) as usize) == Some(header) {
                return false;
            }
            at = next;
        }
        false
    }
}
