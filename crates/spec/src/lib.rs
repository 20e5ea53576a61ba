//! Facts of pyrt as tables, one row per fact: options, statistics counters, what frames are made for, and
//! the reasons for which recordings abort, traces exit and frames are handed to the C loop.
//!
//! Everything that can be derived from a row (types, parsers, help text, documentation tables) is
//! derived here, so that adding a fact is adding a row. This crate does nothing else: it reads no
//! environment, prints nothing and knows no CPython layout.

#![forbid(unsafe_code)]

pub mod counters;
pub mod opcodes;
pub mod options;
pub mod purpose;
pub mod reasons;
pub mod seeded;

pub use counters::Counters;
pub use options::{OptionError, Options, Settings};
pub use purpose::Purpose;
pub use reasons::{AbortReason, ExitReason, HandoverReason};
pub use seeded::SeededBug;
