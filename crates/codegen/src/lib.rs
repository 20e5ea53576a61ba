//! The code generator: a trace tree in, machine code in executable memory out.
//!
//! Stages, each a module:
//! - [`layout`] and [`options`]: what the caller says about objects and how to compile;
//! - `lower`: trace IR to Cranelift IR, one file per family of ops;
//! - [`compile`](mod@compile): Cranelift IR through Cranelift to bytes;
//! - [`memory`]: pages for those bytes, writable first, then executable, never both;
//! - `unwind`: on request, unwind information for those pages;
//! - [`tree`]: the result, which owns its pages;
//! - [`machine`]: what depends on the processor, apart from what Cranelift knows;
//! - [`helpers`]: the float operations that compiled code calls.
//!
//! # What a compiled tree does
//!
//! A tree becomes one function of type [`tree::TreeFn`]. It reads the frame's slots and the objects in
//! them, runs the loop, and writes nothing except the values of one snapshot into the buffer that
//! its caller gives it, and returns which exit that was. Applying the snapshot to the frame is the
//! caller's part: boxing, reference counts, and the instruction pointer.
//!
//! # What is not here
//!
//! No CPython: layouts and addresses come from the caller. No optimisation of traces: that is
//! `pyrt_trace::passes`. No decision about when to compile, and no patching of compiled code: a tree
//! that grew a side trace is compiled anew.

#![deny(missing_docs)]

pub mod compile;
pub mod error;
pub mod helpers;
pub mod layout;
mod lower;
pub mod machine;
pub mod memory;
pub mod options;
pub mod tree;
mod unwind;

pub use compile::{Stage, compile, compile_observed, rest, show};
pub use error::Bug;
pub use layout::{Collector, FloatList, Helpers, Layout};
pub use options::{OptLevel, Options, Stress, UnwindInfo};
pub use tree::{CompiledTree, Line, TreeFn, exit_of, is_forced, rounds_of};
