//! From a recorded tree to machine code: passes, lowering, dumps.

use std::cell::OnceCell;
use std::io::Write;
use std::mem::offset_of;
use std::num::NonZeroU32;
use std::sync::Once;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

use pyrt_codegen::{Collector, CompiledTree, FloatList, Helpers, Layout, Stage, Stress, TreeFn};
use pyrt_cpython::api;
use pyrt_cpython::inline::{memory_tracing, ref_total};
use pyrt_cpython::layout as offsets;
use pyrt_cpython::object::{PyDictValues, PyRangeIterObject, PyTypeObject};
use pyrt_cpython::state::{PyInterpreterState, runtime};
use pyrt_spec::AbortReason;
use pyrt_spec::options::{DumpStage, OptLevel, StressMode};
use pyrt_trace::{
    Bridge, ExitId, Helper, ObjKind, PassConfig, PassError, TraceTree, optimize, print,
};

use super::anchors::Anchor;
use super::bridges::CompiledBridge;
use super::deopt::Plans;
use super::runtime as helper_code;
use super::tree::{Recorded, Tree};
use super::{MOST_VALUES, codes, deaths, evict};
use crate::config::options;
use crate::files;
use crate::profile::{self, Registered};
use crate::resident;
use crate::stats;

/// What is to be compiled.
pub(crate) enum Job {
    /// A tree as it was recorded.
    Tree(Box<TraceTree>),
    /// A side trace alone, whose exits are numbered from here on.
    Bridge(Box<Bridge>, u32),
}

/// Machine code, with what its exits do.
pub(crate) struct Compiled {
    pub(crate) code: CompiledTree,
    pub(super) entry: TreeFn,
    pub(super) plans: Plans,
    /// What gdb knows of it.
    pub(crate) registered: OnceCell<Registered>,
}

impl Compiled {
    /// Bytes of code and metadata.
    fn bytes(&self) -> usize {
        self.code.size() + self.plans.bytes()
    }
}

/// What a job has been made from.
enum Origin {
    Tree(Recorded),
    Bridge(Box<[Option<ExitId>]>, u32),
}

/// What compiling gives, before anybody runs it.
pub(crate) struct Artifact {
    name: String,
    instructions: usize,
    origin: Origin,
    compiled: Compiled,
    bytes: usize,
    spent_ns: u64,
}

/// What compiling gives, to be put into its place.
pub(crate) enum Finished {
    Tree(Box<Tree>),
    Bridge(CompiledBridge),
}

/// Gives back the memory that compiling took, of the thread that compiles.
pub(crate) fn rest() {
    pyrt_codegen::rest();
    // SAFETY: no conditions.
    unsafe { libc::malloc_trim(0) };
}

/// Optimises and compiles, and plans the exits. On any thread.
pub(crate) fn build(job: Job) -> Result<Artifact, AbortReason> {
    let start = Instant::now();
    let mut artifact = match job {
        Job::Tree(tree) => {
            let recorded = Recorded::new(&tree);
            let exits = tree.exits.len();
            let compiled = build_code(*tree, 0, |tree| Plans::new(tree, exits))?;
            Artifact {
                name: recorded.name.clone(),
                instructions: recorded.len,
                bytes: compiled.bytes() + recorded.bytes(),
                origin: Origin::Tree(recorded),
                compiled,
                spent_ns: 0,
            }
        }
        Job::Bridge(bridge, first) => {
            let Bridge { tree, mut exits } = *bridge;
            let (name, instructions) = (tree.name.clone(), tree.len());
            let compiled = build_code(tree, first, |tree| Plans::of_bridge(tree, &exits))?;
            // The optimiser has added some.
            exits.resize(compiled.plans.len(), None);
            Artifact {
                name,
                instructions,
                bytes: compiled.bytes() + size_of_val(&*exits),
                origin: Origin::Bridge(exits.into(), first),
                compiled,
                spent_ns: 0,
            }
        }
    };
    artifact.spent_ns = start.elapsed().as_nanos() as u64;
    Ok(artifact)
}

/// What is to be run, if the budget allows it; by whoever holds the GIL.
///
/// # Safety
/// The GIL is held, and the anchor that it is for is live.
pub(crate) unsafe fn finish(
    artifact: Artifact,
    anchor: *const Anchor,
) -> Result<Finished, AbortReason> {
    let Artifact {
        name,
        instructions,
        origin,
        compiled,
        bytes,
        spent_ns,
    } = artifact;
    stats::count(|counters| counters.compile_ns += spent_ns);
    if stats::are_wanted() {
        stats::count_place(
            "instructions compiled".to_owned(),
            name,
            instructions as u64,
        );
    }
    // SAFETY: by the caller's promise.
    if unsafe { !evict::make_room(bytes, anchor) } {
        stats::count(|counters| counters.budget_refusals += 1);
        return Err(AbortReason::OutOfBudget);
    }
    Ok(match origin {
        Origin::Tree(recorded) => {
            Finished::Tree(Box::new(Tree::new(recorded, compiled, bytes, spent_ns)))
        }
        Origin::Bridge(exits, first) => Finished::Bridge(CompiledBridge::new(
            compiled,
            exits,
            first,
            (bytes, spent_ns),
        )),
    })
}

/// Compiles at once.
///
/// # Safety
/// As [`finish`].
pub(crate) unsafe fn compile(job: Job, anchor: *const Anchor) -> Result<Finished, AbortReason> {
    resident::make_room();
    // SAFETY: by the caller's promise.
    build(job).and_then(|artifact| unsafe { finish(artifact, anchor) })
}

/// Compiles a tree whose first exit has this number.
fn build_code(
    mut tree: TraceTree,
    first_exit: u32,
    plan: impl FnOnce(&TraceTree) -> Plans,
) -> Result<Compiled, AbortReason> {
    let name = tree.name.clone();
    let dumps = Dumps::new(&name);
    dumps.write(DumpStage::Ir, || format!("recorded:\n{}", print(&tree)));
    let mut observe = |pass: &'static str, tree: &TraceTree| {
        dumps.write(DumpStage::Opt, || format!("after {pass}:\n{}", print(tree)));
    };
    if let Err(error) = optimize(&mut tree, &passes(), &mut observe) {
        return Err(bug(&error.to_string()));
    }
    #[cfg(feature = "seeded")]
    pyrt_trace::seeded::spoil(&mut tree);
    let request = pyrt_codegen::Options {
        first_exit,
        ..request()
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
    let plans = plan(&tree);
    if plans.room().max(code.values_len()) > MOST_VALUES {
        return Err(AbortReason::TraceTooLong);
    }
    Ok(Compiled {
        entry: code.entry(),
        code,
        plans,
        registered: OnceCell::new(),
    })
}

/// Which passes the options ask for.
fn passes() -> PassConfig {
    let mut config = match options().opt {
        OptLevel::None => PassConfig::minimal(),
        OptLevel::Speed => PassConfig::all(),
    };
    // A guard that is made to fail leaves its condition as it was.
    config.settle &= stress().is_none();
    config
}

/// What the options ask of the code generator.
fn request() -> pyrt_codegen::Options {
    pyrt_codegen::Options {
        opt_level: match options().opt {
            OptLevel::None => pyrt_codegen::OptLevel::None,
            OptLevel::Speed => pyrt_codegen::OptLevel::Speed,
        },
        fail_every_nth: stress(),
        unwind: profile::unwind_info(),
        first_exit: 0,
    }
}

/// The text of a tree at a stage: as recorded, as optimised, or what is made of it.
pub(crate) fn text_at(recorded: &TraceTree, stage: DumpStage) -> String {
    if stage == DumpStage::Ir {
        return print(recorded);
    }
    let tree = match optimized(recorded) {
        Ok(tree) => tree,
        Err(error) => return error.to_string(),
    };
    if stage == DumpStage::Opt {
        return print(&tree);
    }
    let wanted = match stage {
        DumpStage::Asm => Stage::Assembly,
        _ => Stage::Optimized,
    };
    let mut text = String::new();
    let mut observe = |at: Stage, shown: &str| {
        if at == wanted {
            text = shown.to_owned();
        }
    };
    match pyrt_codegen::compile_observed(&tree, &layout(), &request(), &mut observe) {
        Ok(_) => text,
        Err(error) => error.to_string(),
    }
}

/// A recorded tree after all passes.
pub(crate) fn optimized(recorded: &TraceTree) -> Result<TraceTree, PassError> {
    let mut tree = recorded.clone();
    optimize(&mut tree, &passes(), &mut |_, _| ())?;
    Ok(tree)
}

/// Dumps the instructions of the program that a job was recorded from.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn dump_bytecode(job: &Job) {
    let tree = match job {
        Job::Tree(tree) => tree,
        Job::Bridge(bridge, _) => &bridge.tree,
    };
    let listing = || {
        // SAFETY: by the caller's promise.
        let text = unsafe { codes::listing(tree) };
        format!("bytecode:\n{text}")
    };
    Dumps::new(&tree.name).write(DumpStage::Bytecode, listing);
}

/// What compiled code must know of CPython's objects.
fn layout() -> Layout {
    Layout {
        frame_slots: offsets::PyInterpreterFrame::localsplus as i32,
        ob_refcnt: offsets::PyObject::ob_refcnt as i32,
        ref_total: ref_total() as usize,
        ob_type: offsets::PyObject::ob_type as i32,
        type_version: offsets::PyTypeObject::tp_version_tag as i32,
        float_value: offsets::PyFloatObject::ob_fval as i32,
        int_size: offsets::PyVarObject::ob_size as i32,
        int_digit: offsets::PyLongObject::ob_digit as i32,
        int_digit_bits: offsets::digit::SHIFT as u32,
        range_index: offset_of!(PyRangeIterObject, index) as i32,
        range_start: offset_of!(PyRangeIterObject, start) as i32,
        range_step: offset_of!(PyRangeIterObject, step) as i32,
        range_len: offset_of!(PyRangeIterObject, len) as i32,
        values_count: PyDictValues::COUNT,
        values_order: PyDictValues::ORDER,
        types: types(),
        true_object: &raw const api::_Py_TrueStruct as usize,
        false_object: &raw const api::_Py_FalseStruct as usize,
        floats: float_list(),
        collector: Some(collector()),
        small_ints: runtime::small_int(0) as usize
            - offsets::Runtime::small_neg_ints * offsets::Runtime::small_int_size,
        small_int_size: offsets::Runtime::small_int_size as i32,
        characters: runtime::ascii_character(0) as usize,
        character_size: offsets::Runtime::ascii_size as i32,
        helpers: Helpers::new(
            helper_code::unbox_int,
            helper_code::box_int,
            helper_code::box_float,
            deaths::release_quiet,
            helper_code::dealloc_leaf,
        ),
        helper_addresses: Helper::ALL
            .iter()
            .map(|helper| helper_code::address(*helper))
            .collect::<Vec<_>>()
            .try_into()
            .expect("one address per helper"),
    }
}

/// The free list of the interpreter that has a compiler; a debug build has its own say in what happens to objects.
fn float_list() -> Option<FloatList> {
    // SAFETY: while code is compiled, its interpreter lives: the main one.
    let (head, length) = unsafe {
        let interp = api::PyInterpreterState_Main();
        (
            PyInterpreterState::float_free_list(interp),
            PyInterpreterState::float_numfree(interp),
        )
    };
    let list = FloatList {
        head: head.addr(),
        length: length.addr(),
        most: offsets::PyFloatObject::MAXFREELIST as i32,
        watched: memory_tracing().addr(),
    };
    ref_total().is_null().then_some(list)
}

/// What the collector of the interpreter that has a compiler counts.
fn collector() -> Collector {
    // SAFETY: as for the list of floats.
    unsafe {
        let interp = api::PyInterpreterState_Main();
        Collector {
            count: PyInterpreterState::gc_count(interp).addr(),
            threshold: PyInterpreterState::gc_threshold(interp).addr(),
            enabled: PyInterpreterState::gc_enabled(interp).addr(),
            collecting: PyInterpreterState::gc_collecting(interp).addr(),
            tuples: PyInterpreterState::tuple_numfree(interp).addr(),
            longest_tuple: offsets::PyTupleObject::MAXSAVESIZE as i64,
        }
    }
}

/// The types of the kinds, in the order of their table.
fn types() -> [usize; ObjKind::ALL.len()] {
    let of = |kind: &ObjKind| {
        let ty: *const PyTypeObject = match kind {
            ObjKind::Int => &raw const api::PyLong_Type,
            ObjKind::Float => &raw const api::PyFloat_Type,
            ObjKind::Bool => &raw const api::PyBool_Type,
            // SAFETY: the type of None never changes.
            ObjKind::None => unsafe { api::_Py_NoneStruct.ob_type },
            ObjKind::RangeIter => &raw const api::PyRangeIter_Type,
            ObjKind::Str => &raw const api::PyUnicode_Type,
            ObjKind::Bytes => &raw const api::PyBytes_Type,
            ObjKind::List => &raw const api::PyList_Type,
            ObjKind::Tuple => &raw const api::PyTuple_Type,
            ObjKind::Dict => &raw const api::PyDict_Type,
            ObjKind::Set => &raw const api::PySet_Type,
            ObjKind::Slice => &raw const api::PySlice_Type,
            ObjKind::Function => &raw const api::PyFunction_Type,
            ObjKind::Method => &raw const api::PyMethod_Type,
            ObjKind::Builtin => &raw const api::PyCFunction_Type,
            ObjKind::Module => &raw const api::PyModule_Type,
            ObjKind::Type => &raw const api::PyType_Type,
            ObjKind::Cell => &raw const api::PyCell_Type,
            ObjKind::ListIter => &raw const api::PyListIter_Type,
            ObjKind::TupleIter => &raw const api::PyTupleIter_Type,
            ObjKind::StrIter => &raw const api::_PyUnicodeASCIIIter_Type,
            ObjKind::Generator => &raw const api::PyGen_Type,
            ObjKind::Coroutine => &raw const api::PyCoro_Type,
        };
        ty as usize
    };
    let types: Vec<usize> = ObjKind::ALL.iter().map(of).collect();
    types.try_into().expect("one type per kind")
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

/// An inconsistency in the compiler: loud in debug builds, a fallback to the
/// interpreter otherwise.
fn bug(what: &str) -> AbortReason {
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
        Some(path) => files::append(&files::with_pid(path))
            .and_then(|mut file| file.write_all(text.as_bytes())),
    };
    static WARNED: Once = Once::new();
    if let (Err(error), Some(path)) = (written, &options().dump_file) {
        WARNED.call_once(|| {
            eprintln!(
                "pyrt: warning: dumps are not written to {}: {error} (PYRT_JIT_DUMP_FILE)",
                path.display()
            );
        });
    }
}
