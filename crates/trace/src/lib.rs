//! The trace IR: what a recorder writes, the passes improve, and the code generator lowers.
//!
//! A *trace tree* is one loop. Its root trace is the path that was recorded first; side traces hang
//! off exits of the root or of each other and end by jumping back to the loop header or by leaving.
//! The tree is compiled as one function.
//!
//! Stages, each a module:
//! - data: [`ids`], [`types`], [`ops`] (the one table of operations), [`tree`];
//! - making trees: [`builder`], with [`widen`](mod@widen) for header parameters found late;
//! - text: [`print`](mod@print) and [`parse`](mod@parse), an exact round trip;
//! - meaning: [`verify`](mod@verify) (named invariants), [`eval`] (reference evaluator) over [`semantics`];
//! - improvement: [`passes`];
//! - taking apart: [`bridge`](mod@bridge) cuts a side trace out, to be compiled alone;
//! - telling: [`TraceTree::boxed`], what is still boxed and what for.
//!
//! This crate knows no CPython layout and dereferences nothing: object constants are opaque numbers.

#![forbid(unsafe_code)]

mod boxes;
pub mod bridge;
pub mod builder;
mod compact;
pub mod eval;
pub mod frames;
pub mod handover;
pub mod helpers;
pub mod ids;
pub mod kinds;
pub mod ops;
pub mod packed;
pub mod parse;
pub mod passes;
pub mod print;
pub mod scope;
#[cfg(feature = "seeded")]
pub mod seeded;
pub mod semantics;
pub mod tree;
pub mod types;
pub mod verify;
pub mod widen;

pub use boxes::{Boxed, Taker};
pub use bridge::{Bridge, Handed};
pub use builder::{BuildError, TreeBuilder};
pub use handover::{Handover, Source};
pub use helpers::Helper;
pub use ids::{ConstObj, ExitId, InsRef, SiteId, SnapshotId, TraceId};
pub use ops::{Effect, ImmKind, Op, Operand};
pub use packed::{Packed, PackedList, PackedTree};
pub use parse::{ParseError, parse};
pub use passes::{PassConfig, PassError, optimize};
pub use print::print;
pub use tree::{
    Args, End, Exit, FrameHome, FrameState, Imm, Ins, Memory, ObjConst, Param, Site, Snapshot,
    Trace, TraceTree, VirtualObject, Write,
};
pub use types::{Mem, ObjKind, Place, RangeField, ReadAs, Region, Regions, Type, Width};
pub use verify::{Invariant, VerifyError, verify};
