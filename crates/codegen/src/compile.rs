//! From a tree to code: lowering, Cranelift, memory.
//!
//! Calls and data addresses are immediate operands, so the code has no relocations, and works
//! wherever it is put. Calls are indirect, through a register: executable and code pages are further
//! apart than a direct call reaches, so a direct one would need a stub, which is an indirect call again.

use crate::error::Bug;
use crate::layout::Layout;
use crate::lower;
use crate::memory::CodeMemory;
use crate::options::{OptLevel, Options, UnwindInfo};
use crate::tree::{CompiledTree, Line};
use crate::unwind::{Unwind, describe};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CompiledCode, Context, print_errors::pretty_error};
use cranelift_frontend::FunctionBuilderContext;
use pyrt_trace::{SiteId, TraceTree};
use std::cell::{Cell, OnceCell};

/// What an observer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Cranelift IR as it was lowered.
    Clif,
    /// Cranelift IR after Cranelift's own optimisation.
    Optimized,
    /// Assembly.
    Assembly,
}

/// Compiles a tree.
///
/// # Errors
///
/// [`Bug`], in all cases: a valid tree can always be compiled.
pub fn compile(tree: &TraceTree, layout: &Layout, options: &Options) -> Result<CompiledTree, Bug> {
    run(tree, layout, options, None)
}

/// Compiles a tree, and shows the text of each stage to an observer. Takes longer.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_observed(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    observe: &mut dyn FnMut(Stage, &str),
) -> Result<CompiledTree, Bug> {
    run(tree, layout, options, Some(observe))
}

/// Shows the text of each stage as it would be if the tree was compiled for another processor, which may lack all that
/// not each of its kind has.
///
/// # Errors
///
/// As [`compile`]; also if Cranelift was built without support for the processor.
pub fn show(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    triple: &str,
    observe: &mut dyn FnMut(Stage, &str),
) -> Result<(), Bug> {
    let builder = isa::lookup_by_name(triple).map_err(|error| Bug::Host(error.to_string()))?;
    let isa = with_settings(builder, options.opt_level).map_err(Bug::Host)?;
    let workspace = &mut Workspace::default();
    generate(tree, layout, options, &*isa, workspace, Some(observe)).map(|_| ())
}

type Observer<'a> = Option<&'a mut dyn FnMut(Stage, &str)>;

fn run(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    observe: Observer<'_>,
) -> Result<CompiledTree, Bug> {
    let isa = isa(options.opt_level)?;
    // Taken, so that a failure leaves nothing half done behind.
    let mut workspace = WORKSPACE.take().unwrap_or_default();
    let (code, values_len) = generate(tree, layout, options, &*isa, &mut workspace, observe)?;
    let compiled = install(&code, &*isa, options, values_len);
    if tree.len() <= LARGEST_KEPT {
        workspace.context.clear();
        WORKSPACE.set(Some(workspace));
    }
    compiled
}

/// The code of a tree, and how many words of the buffer its exits use.
fn generate(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    isa: &dyn TargetIsa,
    workspace: &mut Workspace,
    mut observe: Observer<'_>,
) -> Result<(CompiledCode, usize), Bug> {
    check(tree)?;
    let Workspace { context, scratch } = workspace;
    context.set_disasm(observe.is_some());
    let config = isa.frontend_config();
    let values_len = lower::lower(tree, layout, options, config, &mut context.func, scratch)?;
    if let Some(observe) = &mut observe {
        observe(Stage::Clif, &context.func.display().to_string());
    }
    if let Err(error) = context.compile(isa, &mut ControlPlane::default()) {
        return Err(Bug::Cranelift(pretty_error(error.func, error.inner)));
    }
    let code = context.take_compiled_code();
    let code = code.ok_or_else(|| Bug::Cranelift("no code".into()))?;
    if let Some(observe) = &mut observe {
        observe(Stage::Optimized, &context.func.display().to_string());
        observe(Stage::Assembly, &assembly(code.vcode.as_deref()));
    }
    Ok((code, values_len))
}

/// The listing of machine code, without its notes for unwinders.
fn assembly(listing: Option<&str>) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("unwind ");
    let lines = listing.unwrap_or_default().lines().filter(is_code);
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// What Cranelift works in. It is kept from one compilation to the next: most of its memory would
/// otherwise be given back to the system each time, and be faulted in again.
///
/// What a large tree took is given back all the same: there are few of them.
struct Workspace {
    context: Context,
    scratch: FunctionBuilderContext,
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace {
            context: Context::new(),
            scratch: FunctionBuilderContext::new(),
        }
    }
}

/// The most instructions of a tree whose workspace is kept.
const LARGEST_KEPT: usize = 400;

thread_local! {
    static WORKSPACE: Cell<Option<Box<Workspace>>> = const { Cell::new(None) };
}

/// Gives back what this thread keeps for its next compilation.
pub fn rest() {
    drop(WORKSPACE.take());
}

/// In debug builds, the tree's own verifier.
fn check(tree: &TraceTree) -> Result<(), Bug> {
    if cfg!(debug_assertions)
        && let Err(errors) = pyrt_trace::verify(tree)
    {
        let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
        return Err(Bug::Tree(texts.join("; ")));
    }
    Ok(())
}

fn install(
    code: &CompiledCode,
    isa: &dyn TargetIsa,
    options: &Options,
    values_len: usize,
) -> Result<CompiledTree, Bug> {
    if let Some(reloc) = code.buffer.relocs().first() {
        return Err(Bug::Relocation(format!("{reloc:?}")));
    }
    let locs = code.buffer.get_srclocs_sorted().iter();
    let known = locs.filter(|loc| !loc.loc.is_default());
    let lines = known.map(|loc| Line {
        start: loc.start,
        end: loc.end,
        site: SiteId(loc.loc.bits()),
    });
    let lines = lines.collect();
    let memory = CodeMemory::new(code.code_buffer())?;
    let address = memory.code().as_ptr().addr();
    let registered = (options.unwind == UnwindInfo::Registered)
        .then(|| Unwind::new(code, isa, address))
        .transpose()?;
    let eh_frame = match options.unwind {
        UnwindInfo::None => Box::default(),
        UnwindInfo::Described | UnwindInfo::Registered => describe(code, isa)?,
    };
    let unwind = (registered, eh_frame);
    Ok(CompiledTree::new(memory, unwind, lines, values_len))
}

/// The target, made once per level and thread: the program does not wait for it where another thread compiles, and the
/// child of a fork not for a thread that it does not have.
fn isa(level: OptLevel) -> Result<OwnedTargetIsa, Bug> {
    thread_local! {
        static ISAS: [OnceCell<Result<OwnedTargetIsa, String>>; 2] = const { [const { OnceCell::new() }; 2] };
    }
    let isa = ISAS.with(|isas| isas[level as usize].get_or_init(|| new_isa(level)).clone());
    isa.map_err(Bug::Host)
}

fn new_isa(level: OptLevel) -> Result<OwnedTargetIsa, String> {
    with_settings(cranelift_native::builder()?, level)
}

fn with_settings(mut builder: isa::Builder, level: OptLevel) -> Result<OwnedTargetIsa, String> {
    // AArch64 alone has this setting: code begins with an instruction that may be branched to. Without it, the pages
    // could not be guarded against branches to anywhere else.
    let _ = builder.enable("use_bti");
    let mut flags = settings::builder();
    let level = match level {
        OptLevel::None => "none",
        OptLevel::Speed => "speed",
    };
    let verify = if cfg!(debug_assertions) {
        "true"
    } else {
        "false"
    };
    let all = [
        ("opt_level", level),
        ("enable_verifier", verify),
        // Native profilers walk the stack by them.
        ("preserve_frame_pointers", "true"),
        // For frames larger than the stack's guard page, without a call to a symbol.
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
    ];
    for (name, value) in all {
        flags.set(name, value).map_err(|error| error.to_string())?;
    }
    let isa = builder.finish(settings::Flags::new(flags));
    isa.map_err(|error| error.to_string())
}
