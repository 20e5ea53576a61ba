//! What the tests share: a fake heap, what compiled code calls, running compiled trees on frames of values
//! or of pointers, and trees with a budget.

#![allow(
    dead_code,
    reason = "each test binary uses another part; an expectation would fail in those that use all"
)]
#![expect(
    unreachable_pub,
    reason = "shared by test binaries, as a module of each"
)]

pub mod calls;
pub mod direct;
/// The generator of random trees is the trace crate's.
#[path = "../../../trace/tests/support/mod.rs"]
pub mod generate;
pub mod heap;
pub mod machine;
pub mod meter;
pub mod run;
