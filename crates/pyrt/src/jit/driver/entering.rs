//! Running trees, and leaving them: from a place to where the program goes on.

use super::*;

/// How often a function's tree is left before it is asked again what it does.
pub(super) const EXITS_BETWEEN_REVIEWS: u32 = 1024;

/// Runs the anchor's tree, and those that it leads to, and comes back with the frame restored. If the tree is a
/// function's that did all there was to do, comes back to the caller, with the result on its stack.
pub(super) unsafe fn enter(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: the tree was compiled for this code and place.
    unsafe {
        let Some(tree) = (*anchor).tree.clone() else {
            return Landing::at(r);
        };
        if (*r.ts).recursion_remaining < nested::SPARE_LEVELS {
            return Landing::at(r);
        }
        let result = run(r, &tree);
        if has_returned(r, &tree, result) {
            return Landing::in_caller(r, result);
        }
        if let Some(landing) = ends(r, &tree, result) {
            return landing;
        }
        match go_on(r, anchor, tree, true) {
            Left::At(landing, _) => landing,
            Left::Returned(result) => Landing::in_caller(r, result),
        }
    }
}

/// What compiled code has done of a frame's work, when it has come back with a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    /// A function has returned, and has given up its variables.
    Cleared,
    /// A generator has, likewise.
    Ended,
    /// A generator has yielded, and has everything in its frame.
    Yielded,
}

impl Done {
    /// What has been done of this frame.
    #[inline(always)]
    unsafe fn of(frame: *mut PyInterpreterFrame) -> Done {
        // SAFETY: a live frame.
        unsafe {
            if (*frame).owner != FRAME_OWNED_BY_GENERATOR {
                Done::Cleared
            } else if (*generator_of(frame)).gi_frame_state == FRAME_SUSPENDED {
                Done::Yielded
            } else {
                Done::Ended
            }
        }
    }

    /// Counts a run of the tree that has done this.
    #[inline(always)]
    fn count(self, tree: &Tree) {
        tree.count_return();
        let reason = match self {
            Done::Yielded => ExitReason::Yielded,
            Done::Cleared | Done::Ended => ExitReason::Cleared,
        };
        stats::count_exit(reason, false);
    }
}

/// Whether a tree has done all that its frame was to do for its caller, who gets the result; then the frame is gone or
/// suspended.
#[inline(always)]
pub(super) unsafe fn has_returned(r: Regs, tree: &Tree, result: *mut PyObject) -> bool {
    // SAFETY: the tree has just been run.
    unsafe {
        if result.is_null() || (*r.frame).is_entry != 0 || tree.samples.get() != 0 {
            return false;
        }
        let done = Done::of(r.frame);
        match done {
            Done::Yielded => generator::suspend(r.ts, r.frame),
            Done::Cleared if nested::remove_cleared(r.ts, r.frame) => {}
            Done::Cleared | Done::Ended => return false,
        }
        done.count(tree);
        true
    }
}

/// Where a frame is that a tree has left with nothing more to do than to return, if that is so: before that instruction,
/// with the result on its stack. The frame is another trace's, which returns by itself.
#[inline(always)]
pub(super) unsafe fn about_to_return(r: Regs, tree: &Tree, result: *mut PyObject) -> Option<Regs> {
    // SAFETY: the tree has just been run.
    unsafe {
        if result.is_null() || tree.samples.get() != 0 {
            return None;
        }
        let done = Done::of(r.frame);
        if done != Done::Cleared {
            return None;
        }
        let (landed, complete) = tree
            .plan(exit_of(VALUES.pointer()))
            .apply(r, VALUES.slice());
        debug_assert!(complete && landed.frame == r.frame);
        done.count(tree);
        Some(landed)
    }
}

/// Ends the evaluation if a tree has done all that its outermost frame was to do, or the loop of a generator's consumer if
/// the generator has returned: where to go on then.
unsafe fn ends(r: Regs, tree: &Tree, result: *mut PyObject) -> Option<Landing> {
    // SAFETY: the tree has just been run.
    unsafe {
        if result.is_null() || tree.samples.get() != 0 {
            return None;
        }
        let (done, is_entry) = (Done::of(r.frame), (*r.frame).is_entry);
        if is_entry != ENTRY && (is_entry != 0 || done != Done::Ended) {
            return None;
        }
        if done != Done::Yielded {
            // Nothing is left in the slots for whoever clears the frame.
            (*r.frame).stacktop = 0;
        }
        done.count(tree);
        leave_recursive_call(r.ts);
        if is_entry == ENTRY {
            unwind::leave_evaluation(r.ts);
            return Some(Landing::outside(result));
        }
        let r = generator::return_to_consumer(r.ts, r.frame, result, r.table);
        Some(Landing::at(r))
    }
}

/// What has come of trees that were run.
pub(crate) enum Left {
    /// The frame with which the first one was entered is gone: the result of its function.
    Returned(*mut PyObject),
    /// Where to go on; also the reason for which the last one was left, unless an exception is set.
    At(Landing, Option<ExitReason>),
}

/// Goes on where a tree has left that was entered with these registers, also in trees to which it leads. The frame
/// stays unless it may return.
pub(crate) unsafe fn go_on(
    mut r: Regs,
    mut anchor: *mut Anchor,
    mut tree: Rc<Tree>,
    may_return: bool,
) -> Left {
    let entered = r.frame;
    // SAFETY: as for `enter`.
    unsafe {
        let mut may_begin = true;
        // The first round that has just led to the tree.
        let mut begun: Option<Rc<Tree>> = None;
        loop {
            let mut reason;
            (r, reason) = leave(r, anchor, &tree);
            let refused = reason.is_none() && !err_occurred(r.ts);
            if let Some(first) = begun.take().filter(|_| refused) {
                note_vain(anchor, &first);
            }
            let first = (*anchor).first.clone().filter(|_| refused && may_begin);
            if let Some(first) = &first {
                run(r, first);
                (r, reason) = leave(r, anchor, first);
                if reason != Some(ExitReason::Leave) {
                    note_vain(anchor, first);
                }
            }
            let again = reason == Some(ExitReason::Again);
            let linked = (again || reason == Some(ExitReason::Leave))
                && (*(*r.ts).cframe).use_tracing == 0
                && state().recorder.is_none();
            if !linked {
                return Left::At(Landing::at(r), reason);
            }
            let next = anchor_at(r.code(), r.ip);
            // A tree that was left where it begins might do nothing again, unless a bridge has led there.
            if next.is_null() || next == anchor && first.is_none() && !again {
                return Left::At(Landing::at(r), reason);
            }
            may_begin = next != anchor;
            begun = first.filter(|_| !may_begin);
            anchor = next;
            if (*anchor).rests {
                trials::count_round(anchor);
                return Left::At(Landing::at(r), reason);
            }
            let Some(next) = (*anchor).tree.clone() else {
                return Left::At(Landing::at(r), reason);
            };
            tree = next;
            let result = run(r, &tree);
            if (may_return || r.frame != entered) && has_returned(r, &tree, result) {
                return match r.frame == entered {
                    true => Left::Returned(result),
                    false => Left::At(Landing::in_caller(r, result), None),
                };
            }
        }
    }
}

/// Counts that a first round has not led into the loop's tree; gives it up if it mostly does not.
pub(super) unsafe fn note_vain(anchor: *mut Anchor, first: &Tree) {
    let failures = first.entry_failures.get() + 1;
    first.entry_failures.set(failures);
    if failures >= ENTRY_FAILURES && failures > first.entries.get() / 2 {
        // SAFETY: a live anchor.
        unsafe {
            (*anchor).first = None;
            (*anchor).first_failures = MOST_FIRST_FAILURES;
        }
    }
}

/// Runs a tree, see [`Tree::run`].
#[inline(always)]
pub(super) unsafe fn run(r: Regs, tree: &Tree) -> *mut PyObject {
    // SAFETY: as for `enter`.
    unsafe {
        match tree.samples.get() {
            0 => tree.run(r.ts, r.frame),
            _ => run_sampled(r, tree),
        }
    }
}

/// Runs a tree, and measures how long that takes.
#[cold]
unsafe fn run_sampled(r: Regs, tree: &Tree) -> *mut PyObject {
    let start = Instant::now();
    // SAFETY: as for `enter`.
    let result = unsafe { tree.run(r.ts, r.frame) };
    let spent = start.elapsed().as_nanos() as u64;
    tree.sampled_ns.set(tree.sampled_ns.get() + spent);
    result
}

/// Leaves a tree that has just been run: restores the frames, and accounts for it. Also returns the reason, unless an
/// exception is set.
pub(super) unsafe fn leave(
    r: Regs,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
) -> (Regs, Option<ExitReason>) {
    // SAFETY: as for `enter`.
    unsafe {
        if (*anchor).kind == Kind::Loop {
            warm_up(r.code());
        }
        let (exit, rounds) = (exit_of(VALUES.pointer()), tree.rounds(VALUES.pointer()));
        let plan = tree.plan(exit);
        // Another frame may be running afterwards.
        let code = r.code();
        let (landed, complete) = plan.apply(r, VALUES.slice());
        let (reason, in_entry) = (plan.reason, plan.in_entry);
        if reason == ExitReason::Yielded {
            // It has yet to.
            (*generator_of(landed.frame)).gi_frame_state = FRAME_EXECUTING;
        }
        stats::count_exit(reason, in_entry);
        let due = tree.note_exit(plan, landed);
        if !complete {
            api::PyErr_NoMemory();
            landed.save_ip();
            return (landed, None);
        }
        let current = (*anchor)
            .tree
            .as_ref()
            .is_some_and(|now| Rc::ptr_eq(now, tree));
        if err_occurred(landed.ts) {
            if current && reason == ExitReason::Raise && (*(*landed.ts).cframe).use_tracing == 0 {
                with_exception_aside(|| {
                    left(landed, code, anchor, tree, plan, due);
                });
            }
            return (landed, None);
        }
        if current && (*anchor).kind == Kind::Loop {
            trials::note_exit(landed, code, anchor, tree, plan, rounds);
        }
        if current && is_idle(anchor, tree, plan) {
            retire(anchor, Retired::DoesLittle);
        } else if current && reason != ExitReason::Poll && !tree.on_trial.get() {
            left(landed, code, anchor, tree, plan, due);
        }
        (landed, (!in_entry).then_some(reason))
    }
}

/// Whether a function's tree does too little each time to be worth entering. Asked at each exit.
#[inline(always)]
pub(super) unsafe fn is_idle(anchor: *mut Anchor, tree: &Tree, plan: &ExitPlan) -> bool {
    // SAFETY: a live anchor.
    let is_function = unsafe { (*anchor).kind } == Kind::Entry;
    is_function && tree.is_idle(plan.work, EXITS_BETWEEN_REVIEWS, LEAST_PARTIAL)
}

/// Quickens code as its rounds in compiled code would have done in the interpreter,
/// which counts eight; visible in how CPython reports errors in fused instructions.
pub(super) unsafe fn warm_up(code: *mut PyCodeObject) {
    // SAFETY: live code, executed by no handler that holds on to its instructions.
    unsafe {
        if (*code).co_warmup != 0 {
            (*code).co_warmup = 0;
            api::_PyCode_Quicken(code);
        }
    }
}

/// Does something while an exception is set, which waits meanwhile.
pub(super) unsafe fn with_exception_aside(act: impl FnOnce()) {
    let (mut exc, mut value, mut traceback) = (null_mut(), null_mut(), null_mut());
    // SAFETY: the GIL is held; what was fetched is restored.
    unsafe {
        api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
        act();
        api::PyErr_Restore(exc, value, traceback);
    }
}
