//! From a recorded tree to machine code: passes, lowering, dumps.

use std::fs::OpenOptions;
use std::io::Write;
use std::mem::offset_of;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

use pyrt_codegen::{Helpers, Layout, Stage, Stress};
use pyrt_cpython::api;
use pyrt_cpython::layout as offsets;
use pyrt_cpython::object::{PyObject, PyRangeIterObject};
use pyrt_spec::AbortReason;
use pyrt_spec::options::{DumpStage, OptLevel, StressMode};
use pyrt_trace::{ExitId, PassConfig, TraceTree, optimize, print};

use super::deopt::ExitPlan;
use super::driver::Tree;
use super::record::int_value;
use super::state;
use crate::config::options;
use crate::stats;

/// Optimises a copy of the recorded tree, compiles it, and plans its exits.
pub(crate) fn compile(recorded: TraceTree) -> Result<Box<Tree>, AbortReason> {
    let start = Instant::now();
    let result = compile_timed(recorded);
    stats::count(|counters| counters.compile_ns += start.elapsed().as_nanos() as u64);
    result
}

fn compile_timed(recorded: TraceTree) -> Result<Box<Tree>, AbortReason> {
    let options = options();
    let dumps = Dumps::new(&recorded.name);
    dumps.write(DumpStage::Ir, || format!("recorded:\n{}", print(&recorded)));
    let mut tree = recorded.clone();
    let config = match options.opt {
        OptLevel::None => PassConfig::minimal(),
        OptLevel::Speed => PassConfig::all(),
    };
    let mut observe = |pass: &'static str, tree: &TraceTree| {
        dumps.write(DumpStage::Opt, || format!("after {pass}:\n{}", print(tree)));
    };
    if let Err(error) = optimize(&mut tree, &config, &mut observe) {
        return Err(bug(&error.to_string()));
    }
    let request = pyrt_codegen::Options {
        opt_level: match options.opt {
            OptLevel::None => pyrt_codegen::OptLevel::None,
            OptLevel::Speed => pyrt_codegen::OptLevel::Speed,
        },
        fail_every_nth: stress(),
        unwind: false,
    };
    let mut observe = |stage: Stage, text: &str| match stage {
        Stage::Clif => dumps.write(DumpStage::Clif, || text.to_owned()),
        Stage::Assembly => dumps.write(DumpStage::Asm, || text.to_owned()),
        Stage::Optimized => {}
    };
    let code = if dumps.wants(DumpStage::Clif) || dumps.wants(DumpStage::Asm) {
        pyrt_codegen::compile_observed(&tree, &layout(), &request, &mut observe)
    } else {
        pyrt_codegen::compile(&tree, &layout(), &request)
    };
    let code = code.map_err(|error| bug(&error.to_string()))?;
    let plans: Vec<_> = (0..tree.exits.len())
        .map(|index| {
            tree.exits[index]
                .is_some()
                .then(|| ExitPlan::new(&tree, ExitId::new(index)))
        })
        .collect();
    let widest = code.values_len();
    // SAFETY: the GIL is held while compiling.
    let jit = unsafe { state() };
    if jit.values.len() < 2 * widest {
        jit.values.resize(2 * widest, 0);
    }
    let bytes = code.size() + size_of_tree(&recorded) + plans.len() * size_of::<Option<ExitPlan>>();
    if jit.bytes + bytes > options.memory_kib as usize * 1024 {
        stats::count(|counters| counters.budget_refusals += 1);
        return Err(AbortReason::OutOfBudget);
    }
    Ok(Tree::new(recorded, code, plans, bytes))
}

/// What compiled code must know of CPython's objects.
fn layout() -> Layout {
    Layout {
        ob_type: offsets::PyObject::ob_type as i32,
        float_value: offsets::PyFloatObject::ob_fval as i32,
        int_size: offsets::PyVarObject::ob_size as i32,
        int_digit: offsets::PyLongObject::ob_digit as i32,
        range_index: offset_of!(PyRangeIterObject, index) as i32,
        range_start: offset_of!(PyRangeIterObject, start) as i32,
        range_step: offset_of!(PyRangeIterObject, step) as i32,
        range_len: offset_of!(PyRangeIterObject, len) as i32,
        int_type: &raw const api::PyLong_Type as usize,
        float_type: &raw const api::PyFloat_Type as usize,
        bool_type: &raw const api::PyBool_Type as usize,
        // SAFETY: the type of None never changes.
        none_type: unsafe { api::_Py_NoneStruct.ob_type } as usize,
        range_iter_type: &raw const api::PyRangeIter_Type as usize,
        true_object: &raw const api::_Py_TrueStruct as usize,
        helpers: Helpers::new(unbox_int),
    }
}

/// The value of an int of several digits.
unsafe extern "C" fn unbox_int(int: *const u8, out: *mut i64) -> u8 {
    // SAFETY: compiled code has guarded that it is an int.
    match unsafe { int_value(int.cast::<PyObject>().cast_mut()) } {
        Some(value) => {
            // SAFETY: compiled code passes room for it.
            unsafe { *out = value };
            1
        }
        None => 0,
    }
}

/// The stress mode in which every Nth guard fails; the count is shared by all trees.
fn stress() -> Option<Stress> {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    let every = match options().fail_guard {
        0 if options().stress.contains(&StressMode::Guards) => NonZeroU32::new(7),
        n => NonZeroU32::new(n),
    }?;
    Some(Stress {
        every,
        counter: &raw const COUNTER as usize,
    })
}

/// An estimate of the heap that a tree holds, in bytes.
fn size_of_tree(tree: &TraceTree) -> usize {
    size_of_val(&*tree.ins)
        + tree
            .snapshots
            .iter()
            .map(|snapshot| size_of_val(&*snapshot.frame().writes) + 64)
            .sum::<usize>()
        + size_of_val(&*tree.exits)
}

/// An inconsistency in the compiler: loud in debug builds, a fallback to the
/// interpreter otherwise.
fn bug(what: &str) -> AbortReason {
    stats::count(|counters| counters.compile_errors += 1);
    debug_assert!(false, "compiler bug: {what}");
    AbortReason::CompilerBug
}

/// Dumps that the options ask for, of one function.
struct Dumps<'a> {
    name: &'a str,
    wanted: bool,
}

impl<'a> Dumps<'a> {
    fn new(name: &'a str) -> Dumps<'a> {
        let filter = options().dump_filter.as_deref();
        Dumps {
            name,
            wanted: filter.is_none_or(|filter| name.contains(filter)),
        }
    }

    fn wants(&self, stage: DumpStage) -> bool {
        self.wanted && options().dump.contains(&stage)
    }

    fn write(&self, stage: DumpStage, text: impl FnOnce() -> String) {
        if self.wants(stage) {
            write_dump(self.name, &text());
        }
    }
}

/// Appends to the dump file, or to stderr.
fn write_dump(name: &str, text: &str) {
    let text = format!("; {name}\n{text}\n");
    let written = match &options().dump_file {
        None => std::io::stderr().write_all(text.as_bytes()),
        Some(path) => OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes())),
    };
    if let (Err(error), Some(path)) = (written, &options().dump_file) {
        eprintln!(
            "pyrt: cannot write dumps to {}: {error} (PYRT_JIT_DUMP_FILE)",
            path.display()
        );
    }
}
