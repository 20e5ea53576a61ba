//! What becomes of the trees of an anchor, and how long it waits for the next one.

use super::*;

/// How many slots of a loop may turn out to change their type, or to be unbound.
pub(super) const MOST_BOXED: usize = 16;

pub(super) fn loop_threshold() -> i32 {
    options().loop_threshold as i32
}

/// The heat of a loop that has just been met.
pub(crate) fn loop_heat() -> i64 {
    i64::from(loop_threshold()) - 1
}

pub(crate) fn entry_heat() -> i32 {
    options().entry_threshold as i32 - 1
}

/// Adds slots to those that are known, as far as there is room; whether there were others.
pub(super) fn add_slots(known: &mut Vec<u16>, slots: &[u16]) -> bool {
    let before = known.len();
    for slot in slots {
        if known.len() < MOST_BOXED && !known.contains(slot) {
            known.push(*slot);
        }
    }
    known.len() > before
}

/// Puts a tree that extends the anchor's in its place, keeping what is known of exits.
pub(super) unsafe fn replace(anchor: *mut Anchor, mut tree: Tree) {
    // SAFETY: a live anchor.
    unsafe {
        trials::end(anchor);
        if let Some(old) = (*anchor).tree.take() {
            tree.inherit(&old);
        }
        let tree = Rc::new(tree);
        profile::installed(&tree, 0);
        (*anchor).tree = Some(tree);
        (*anchor).heat = 0;
        evict::enrol(anchor);
    }
}

/// An anchor has nothing compiled any more.
pub(super) unsafe fn remove(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        trials::end(anchor);
        (*anchor).tree = None;
        (*anchor).first = None;
    }
}

/// Drops what is compiled, to record it again soon, now that more is known of what the loop carries.
pub(super) unsafe fn start_over(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        remove(anchor);
        evict::strike(anchor);
        (*anchor).heat = loop_threshold() / 8;
    }
}

/// Why a tree is taken out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retired {
    /// It executes but a few instructions each time that it is entered.
    DoesLittle,
    /// It takes hardly more time than entering and leaving it.
    TakesLittle,
    /// It mostly leaves before it has begun.
    RefusesFrames,
    /// The interpreter was found to be quicker.
    LosesTrials,
}

impl Retired {
    const fn name(self) -> &'static str {
        match self {
            Retired::DoesLittle => "does little",
            Retired::TakesLittle => "takes little time",
            Retired::RefusesFrames => "refuses frames",
            Retired::LosesTrials => "loses trials",
        }
    }
}

/// Takes a tree out of service.
pub(super) unsafe fn retire(anchor: *mut Anchor, why: Retired) {
    // SAFETY: a live anchor.
    unsafe {
        if let Some(tree) = &(*anchor).tree {
            let what = format!("retired: {}", why.name());
            stats::count_place(what, tree.recorded.name.clone(), 1);
        }
        remove(anchor);
        evict::strike(anchor);
        stats::count(|counters| counters.trees_retired += 1);
        if why == Retired::LosesTrials {
            // It gets one more chance, much later.
            (*anchor).penalties += options().penalty_limit / 2;
        }
        penalise(anchor);
    }
}

/// Takes a tree out of service because others need its memory: it has to get hot again.
pub(crate) unsafe fn evicted(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        remove(anchor);
        (*anchor).evictions = (*anchor).evictions.saturating_add(1);
        cool_down(anchor, u32::from((*anchor).evictions));
    }
}

/// Drops all trees, and what is being recorded and compiled. Trees that run go on until they leave.
pub(crate) unsafe fn flush() {
    // SAFETY: the GIL is held, and anchors strike themselves off before they die.
    unsafe {
        abort_recording(AbortReason::Interrupted);
        state().pending.clear();
        for anchor in core::mem::take(&mut state().compiled) {
            remove(anchor);
            cool_down(anchor, 0);
        }
    }
}

/// The program says whether code is compiled.
pub(crate) unsafe fn set_policy(code: *mut PyCodeObject, policy: Policy) {
    // SAFETY: live code, the GIL held.
    unsafe {
        let meta = make_meta(code, entry_heat());
        if meta.is_null() {
            return;
        }
        (*meta).policy = policy;
        if policy == Policy::Never {
            // It may be part of any tree.
            flush();
            return;
        }
        (*meta).for_each_anchor(|anchor| {
            if anchor.heat == NEVER {
                cool_down(anchor, 0);
            }
            if policy == Policy::Always {
                anchor.heat = anchor.heat.min(policy::SOON);
            }
        });
    }
}

/// The heat of the loop at whose header `r` is for the first time.
pub(super) unsafe fn first_heat(r: Regs) -> i32 {
    // SAFETY: the registers are those of a running frame.
    match unsafe { policy::hurries(r) } {
        true => loop_threshold().min(policy::SOON) - 1,
        false => loop_threshold() - 1,
    }
}

/// Makes an anchor wait for twice its threshold, four times, and so on.
pub(super) unsafe fn cool_down(anchor: *mut Anchor, doublings: u32) {
    // SAFETY: a live anchor.
    unsafe {
        let threshold = match (*anchor).kind {
            Kind::Loop => loop_threshold(),
            Kind::Entry => entry_heat() + 1,
        };
        (*anchor).heat = threshold.saturating_mul(1 << doublings.min(10));
    }
}

/// Makes an anchor wait longer for its next recording, or gives it up.
pub(super) unsafe fn penalise(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        (*anchor).penalties += 1;
        if (*anchor).penalties >= options().penalty_limit {
            (*anchor).heat = NEVER;
            stats::count(|counters| counters.anchors_blacklisted += 1);
        } else {
            cool_down(anchor, (*anchor).penalties);
        }
    }
}
