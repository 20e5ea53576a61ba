//! The driver: decides what is recorded, compiled, entered, given up.
//!
//! It is asked at loop headers and function entries whose heat is used up. Everything it decides by
//! comes from the options and from counts of what happened; nothing is decided by name.

mod entering;
mod exits;
mod lifecycle;
mod places;
mod recordings;
mod trials;

use core::ptr::{null, null_mut};
use std::io::Write;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};

use pyrt_codegen::exit_of;
use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::frame::{
    ENTRY, FRAME_EXECUTING, FRAME_OWNED_BY_GENERATOR, FRAME_SUSPENDED, PyInterpreterFrame,
};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::opcodes::OPCODES;
use pyrt_spec::options::StressMode;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{ExitId, TraceTree};

use crate::clock;
use crate::config::options;
use crate::events::{self, Event};
use crate::files;
use crate::interp::handlers::generator;
use crate::interp::{self, Regs, Table, recording_handlers, unwind};
use crate::jit::anchors::{
    self, Anchor, CodeMeta, Kind, NEVER, anchor_at, make_loop_anchor, make_meta, meta_of,
    note_recent,
};
use crate::jit::background::{self, Done, JobId};
use crate::jit::bridges::CompiledBridge;
use crate::jit::codes;
use crate::jit::compile::{self, Finished, Job};
use crate::jit::deopt::ExitPlan;
use crate::jit::policy::{self, Policy};
use crate::jit::record::{LEAST_PARTIAL, LiveCode, Misfits, Recorder, Root, last_edge};
use crate::jit::tree::{self, Recorded, Tree};
use crate::jit::{VALUES, evict, nested, state};
use crate::json;
use crate::profile;
use crate::stats;

pub(crate) use entering::{Left, go_on};
pub(crate) use lifecycle::{entry_heat, evicted, flush, loop_heat, set_policy};
pub(crate) use places::{
    PATIENCE, hot_edge, hot_entry, inner_loop, interpreter_is_needed, new_entry, other_edge,
    run_loop,
};
pub(crate) use recordings::{
    Origin, abort_recording, compiles_in_background, end_before_loop, forget, frame_left,
    qualified_name, recording_closed,
};
pub(super) use trials::{Trial, Tried, exits_until_look};

use entering::*;
use exits::*;
use lifecycle::*;
use places::*;
use recordings::*;
