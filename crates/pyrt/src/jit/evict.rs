//! Eviction: when the memory budget is used up, the trees that were used least make room for what is
//! hot now.
//!
//! Nothing is counted for it while there is room. Each time that there is none, all trees are looked at,
//! and judged by how often they were entered since they were looked at before. A tree that has not been
//! looked at yet is too new to judge, and one that runs stays. An anchor whose tree was evicted
//! counts anew, each time for longer, so that trees that do not fit together do not chase each other.

use std::rc::Rc;

use super::anchors::Anchor;
use super::driver;
use super::state;
use crate::config::options;
use crate::stats;

/// An anchor has a tree from now on. It stays where it is until [`strike`] was called for it.
pub(super) unsafe fn enrol(anchor: *mut Anchor) {
    // SAFETY: the GIL is held.
    let compiled = unsafe { &mut state().compiled };
    if !compiled.contains(&anchor) {
        compiled.push(anchor);
    }
}

/// An anchor has no tree any more, or dies.
pub(super) unsafe fn strike(anchor: *const Anchor) {
    // SAFETY: the GIL is held.
    unsafe { state() }
        .compiled
        .retain(|known| !core::ptr::eq(*known, anchor));
}

/// Makes room for so many more bytes, if it can; `keep` is the anchor that they are for.
pub(super) unsafe fn make_room(bytes: usize, keep: *const Anchor) -> bool {
    let budget = options().memory_kib as usize * 1024;
    // SAFETY: the GIL is held.
    let free = unsafe { state() }.bytes + bytes <= budget;
    if free || bytes > budget {
        return free;
    }
    // SAFETY: anchors strike themselves off before they die.
    unsafe {
        let mut judged = Vec::new();
        for &anchor in &state().compiled {
            let Some(tree) = &(*anchor).tree else {
                continue;
            };
            let used = tree.entries_since_look();
            if let Some(used) = used
                && Rc::strong_count(tree) == 1
                && !core::ptr::eq(anchor, keep)
            {
                judged.push((used, anchor, tree.bytes()));
            }
        }
        judged.sort_by_key(|(used, ..)| *used);
        let mut missing = state().bytes + bytes - budget;
        let mut victims = 0;
        for (_, _, bytes) in &judged {
            if missing == 0 {
                break;
            }
            missing = missing.saturating_sub(*bytes);
            victims += 1;
        }
        if missing > 0 {
            return false;
        }
        for (_, anchor, _) in &judged[..victims] {
            strike(*anchor);
            driver::evicted(*anchor);
            stats::count(|counters| counters.trees_evicted += 1);
        }
        true
    }
}
