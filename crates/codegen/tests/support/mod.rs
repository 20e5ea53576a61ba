//! What the tests share: a fake heap, running compiled trees on it, and trees with a budget.

#![allow(
    dead_code,
    reason = "each test binary uses another part; an expectation would fail in those that use all"
)]
#![expect(
    unreachable_pub,
    reason = "shared by test binaries, as a module of each"
)]

/// The generator of random trees is the trace crate's.
#[path = "../../../trace/tests/support/mod.rs"]
pub mod generate;
pub mod heap;
pub mod meter;
pub mod run;
