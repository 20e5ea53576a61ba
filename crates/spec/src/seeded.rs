//! Deliberate bugs of the compiler, to see whether the tests would find them.
//!
//! They exist in builds with the feature `seeded` alone, where the variable `PYRT_SEEDED_BUG` names the one
//! that is in force. `cargo xtask seeded` builds such an executable and expects that tests fail.

use crate::reasons::reasons;

/// The variable that names the bug in force.
pub const VARIABLE: &str = "PYRT_SEEDED_BUG";

reasons! {
    /// A deliberate bug.
    SeededBug {
        TypeGuard "type-guard" "An object's type is not guarded.",
        ClassVersion "class-version" "A class that was changed is taken for what it was.",
        Callee "callee" "A function that was replaced or changed is taken for what it was.",
        Branch "branch" "Branches always go the way they went when the trace was recorded.",
        Missing "missing" "An item or attribute is taken to be there.",
        Incref "incref" "References are not counted up.",
        Decref "decref" "References are not given up.",
        DeathOrder "death-order" "References that go together are given up in the wrong order.",
        Overflow "overflow" "Integer arithmetic wraps around.",
        ZeroSign "zero-sign" "-0.0 is folded to 0.0.",
        NotANumber "not-a-number" "A float is taken to be equal to itself.",
        SnapshotSlot "snapshot-slot" "Exits confuse two slots of the frame.",
        SnapshotWrite "snapshot-write" "Exits forget one slot of the frame.",
        SnapshotReference "snapshot-reference" "Exits put references into the frame that the trace does not have.",
        Pending "pending" "Exits keep references that are to be given up.",
        Position "position" "Frames do not say where they are before a call.",
        StaleLoad "stale-load" "What was loaded is relied on although memory was written.",
        LostStore "lost-store" "An attribute or item is not stored.",
        Poll "poll" "Loops do not look for signals.",
        Tracing "tracing" "After a call, nobody looks whether tracing is on.",
    }
}
