//! What follows from an exit: a side trace, a first round, another header, or the end of the tree.

use super::*;

/// Entries left in the entry guards before the round is recorded that leads to a loop's tree.
pub(super) const LEAST_EARLY: u32 = 32;
/// How often that is tried.
pub(super) const MOST_FIRST_FAILURES: u8 = 3;
/// Entries left in the entry guards before a tree is retired, unless entries that
/// reach the loop outnumber them.
pub(super) const ENTRY_FAILURES: u32 = 200;
/// Entries sampled once a tree has an exit that cannot get a side trace.
pub(super) const SAMPLES: u32 = 128;
/// Exits that cannot get a side trace until samples are taken again.
pub(super) const UNSAMPLED: u32 = 64 * SAMPLES;
/// Mean nanoseconds per entry below which compiled code does not pay for entering
/// and leaving it.
pub(super) const WORTHWHILE_NS: u64 = 40;

/// Accounts for an exit of a tree of this code, and perhaps begins a side trace there, if it is `due`, or retires the
/// tree.
#[inline(always)]
pub(super) unsafe fn left(
    r: Regs,
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
    plan: &ExitPlan,
    due: bool,
) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        if tree.samples.get() > 0 && !end_sample(anchor, tree) {
            return;
        }
        if plan.in_entry && !plan.hoisted {
            return left_early(r, anchor, tree);
        }
        if due && plan.reason.continues() {
            left_often(r, code, anchor, tree, plan);
        }
        if plan.reason == ExitReason::Again && tree.note_way_back() {
            merge(code, anchor, tree, plan);
        }
    }
}

/// Compiles a tree as one with its bridges, which have often led back to the loop header, if that pays by now.
#[cold]
unsafe fn merge(code: *mut PyCodeObject, anchor: *mut Anchor, tree: &Rc<Tree>, plan: &ExitPlan) {
    // SAFETY: as for `left`.
    unsafe {
        if !tree.merging_pays() || (*anchor).pending.is_some_and(is_pending) || is_over_budget() {
            return;
        }
        if let Some(merged) = tree.take_merged() {
            stats::count(|counters| counters.trees_merged += 1);
            tree.put_off_review();
            tree.put_off_trial();
            let origin = Origin {
                reshapes: true,
                ..again(code, anchor, tree, plan.recorded)
            };
            complete(origin, Job::Tree(Box::new(merged)));
        }
    }
}

/// Ends a sample; if it was the last one, retires a tree that does not pay for entering it. Whether it stays.
#[cold]
pub(super) unsafe fn end_sample(anchor: *mut Anchor, tree: &Tree) -> bool {
    tree.samples.set(tree.samples.get() - 1);
    let mean = tree.sampled_ns.get() / u64::from(SAMPLES);
    let stays = tree.samples.get() > 0 || mean >= WORTHWHILE_NS;
    if !stays {
        // SAFETY: a live anchor.
        unsafe { retire(anchor, Retired::TakesLittle) };
    }
    stays
}

/// A tree was left in its entry: begins to record the round that leads to it, or retires it if that is what it
/// mostly does.
#[cold]
pub(super) unsafe fn left_early(r: Regs, anchor: *mut Anchor, tree: &Tree) {
    let failures = tree.entry_failures.get() + 1;
    tree.entry_failures.set(failures);
    // SAFETY: `r` is at the header of the anchor.
    unsafe {
        let has_first = (*anchor).first.is_some();
        let may_have =
            (*anchor).kind == Kind::Loop && (*anchor).first_failures < MOST_FIRST_FAILURES;
        if failures >= options().exit_threshold.max(LEAST_EARLY) && may_have && !has_first {
            let busy = state().recorder.is_some() || (*anchor).pending.is_some_and(is_pending);
            if !busy && !is_over_budget() {
                start_root(r, anchor, true);
            }
        } else if failures >= ENTRY_FAILURES && !has_first {
            let entries = tree.entries.get();
            let loosened = failures > entries / 4 && !is_over_budget() && loosen(r, anchor, tree);
            if !loosened && failures > entries / 2 {
                retire(anchor, Retired::RefusesFrames);
            }
        }
    }
}

/// The entry of a loop's tree often refuses frames: lets another one be recorded that carries less, if what the header
/// carries is the reason.
pub(super) unsafe fn loosen(r: Regs, anchor: *mut Anchor, tree: &Tree) -> bool {
    // SAFETY: `r` is at the header of the anchor.
    unsafe {
        if (*anchor).kind != Kind::Loop {
            return false;
        }
        let misfits = Misfits::of(&tree.recorded, r);
        let unbound = add_slots(&mut (*anchor).unbound, &misfits.unbound);
        let boxed = add_slots(&mut (*anchor).boxed, &misfits.boxed);
        let loosened = unbound || boxed;
        if loosened {
            (*anchor).first_failures = 0;
            start_over(anchor);
        }
        loosened
    }
}

/// An exit was taken so often that a side trace would pay.
#[cold]
pub(super) unsafe fn left_often(
    r: Regs,
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
    plan: &ExitPlan,
) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        let exit = plan.recorded;
        if tree.has_given_up(exit) {
            return tree.sample(SAMPLES, UNSAMPLED);
        }
        if plan.reason == ExitReason::Leave && leads_to_a_tree(r, anchor, plan) {
            return tree.cool_exit(exit);
        }
        let recorder = state().recorder.as_ref();
        let recording = recorder.is_some_and(|recorder| recorder.is_recent());
        let pending = (*anchor).pending.is_some_and(is_pending);
        if pending {
            tree.put_off_review();
        }
        if tree.merges_next() {
            merge(code, anchor, tree, plan);
            return tree.postpone_exit(exit);
        }
        if pending || recording || is_over_budget() {
            tree.put_off_trial();
            return tree.postpone_exit(exit);
        }
        if tree.waits(exit) {
            tree.put_off_review();
            tree.postpone_exit(exit);
            if let Some(job) = tree.due(exit) {
                tree.put_off_trial();
                complete(again(code, anchor, tree, exit), job);
            }
            return;
        }
        if tree.latest(|recorded| recorded.side_traces) >= options().side_traces as usize {
            tree.give_up_exit(exit);
            return;
        }
        tree.cool_exit(exit);
        tree.put_off_review();
        tree.put_off_trial();
        if plan.hoisted {
            unhoist(code, anchor, tree, exit);
        } else {
            start_side(r, anchor, tree, exit);
        }
    }
}

/// Whether a trace has ended at the header of another loop, which has a tree of its own or may get one, and which it cannot
/// let run. A side trace would do a round of that loop, and end there again.
pub(super) unsafe fn leads_to_a_tree(r: Regs, anchor: *mut Anchor, plan: &ExitPlan) -> bool {
    // SAFETY: live code, and an anchor of its.
    unsafe {
        let next = anchor_at(r.code(), r.ip);
        if next.is_null() || next == anchor {
            return false;
        }
        let (has_tree, header) = ((*next).tree.is_some(), (*anchor).offset);
        let is_inner = plan.frames() == 1
            && ((*anchor).kind == Kind::Entry
                || (header..=last_edge(r.code(), header)).contains(&(*next).offset));
        match has_tree {
            true => !is_inner,
            false => (*next).heat != NEVER,
        }
    }
}

/// A guard that was moved to where the loop is entered fails there: moves it back into the loop,
/// where it can get a side trace.
pub(super) unsafe fn unhoist(
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
    exit: ExitId,
) {
    // SAFETY: a live anchor.
    unsafe {
        let mut recorded = tree.latest(Recorded::take);
        recorded.pin(exit);
        let origin = Origin {
            reshapes: true,
            ..again(code, anchor, tree, exit)
        };
        complete(origin, Job::Tree(Box::new(recorded)));
    }
}

/// What compiling a tree again comes from, at an exit.
pub(super) unsafe fn again(
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Tree,
    exit: ExitId,
) -> Origin {
    // SAFETY: live code, and an anchor of its.
    unsafe {
        Origin {
            code: LiveCode::new(code),
            kind: (*anchor).kind,
            header: (*anchor).offset,
            parent: Some(exit),
            reshapes: false,
            bridges: None,
            first: false,
            brief: false,
            started: Instant::now(),
            place: tree.recorded.name.clone(),
        }
    }
}

pub(super) unsafe fn start_side(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, exit: ExitId) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        if state().recorder.is_some() {
            abort_recording(AbortReason::NestedRecording);
        }
        let root = Root {
            kind: (*anchor).kind,
            boxed: (*anchor).boxed.clone(),
            unbound: (*anchor).unbound.clone(),
            partial: true,
            first: false,
            ends_with_loop: tree.ends_with_loop(exit),
        };
        match Recorder::side(r, tree.latest(Recorded::take), exit, root) {
            Ok(recorder) => begin(recorder),
            Err(reason) => {
                count_abort(reason, &tree.recorded.name);
                tree.give_up_exit(exit);
            }
        }
    }
}
