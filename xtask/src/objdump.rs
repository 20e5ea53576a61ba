//! `cargo xtask objdump-check`: tier 1's handlers dispatch by jumps.
//!
//! A handler ends in a sibling call through the dispatch table. The compiler turns it into a jump
//! only if it sees no reason against that, and a change elsewhere can give it one; the C stack
//! would then grow with every bytecode. So the executable's code is read: what came out of the
//! table may be jumped to but not called, and enough functions have such a jump for the check to
//! have looked at the right ones. The same goes for the functions that exceptions pass through.
//! And of all functions: unwinding finds their callers ([`unwind`]).
//!
//! [`listing`] reads objdump's output, [`flow`] follows the table through a function; what instructions mean is said
//! by a file for each processor.

mod aarch64;
mod flow;
mod listing;
mod unwind;
mod x86_64;

use crate::report::Tally;
use crate::{Result, interpreters, workspace};
use flow::Machine;
use listing::Function;
use std::path::Path;
use std::process::Command;

/// Functions that handlers end in when an exception is raised: jumped to, never called.
const UNWINDING: [&str; 3] = [
    "<pyrt::interp::unwind::error>",
    "<pyrt::interp::unwind::unwind>",
    "<pyrt::interp::unwind::exit_frame>",
];

/// Begins an evaluation, whose state is on its own part of the C stack: it calls the first handler. So does the
/// entry from C, whose symbol is not one of ours.
const ENTRY: &str = "pyrt::interp::continue_apart";

/// What the standard library prints a panic's backtrace by. It comes compiled, in part with wrong unwind information.
const BACKTRACES: &str = "std::backtrace_rs::";

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// A function belongs to tier 1 if its name contains all of these.
    #[arg(long, value_delimiter = ',', default_value = "pyrt::interp::")]
    symbols: Vec<String>,
    /// At least so many functions have to dispatch by a jump.
    #[arg(long, default_value_t = 150)]
    jumps: usize,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let pyrt = args.interpreters.find()?.pyrt;
    let mut objdump = Command::new(std::env::var_os("OBJDUMP").unwrap_or_else(|| "objdump".into()));
    objdump
        .args(["--disassemble", "--no-show-raw-insn", "--demangle"])
        .arg(&pyrt);
    let text = workspace::output_of(&mut objdump)?;
    let machine = machine(&text)?;
    let functions = listing::parse(&text);
    let belongs = |name: &str| name != ENTRY && args.symbols.iter().all(|part| name.contains(part));
    let mut tally = Tally::default();
    let mut jumping = 0;
    for function in functions.iter().filter(|function| belongs(function.name)) {
        let dispatch = flow::dispatch(function, machine);
        for address in &dispatch.calls {
            println!(
                "{}: calls through the dispatch table at {address}",
                function.name
            );
        }
        let unwinds = function.instructions.iter().filter(|instruction| {
            let mut steps = UNWINDING.iter();
            machine.is_call(instruction) && steps.any(|step| instruction.operands.ends_with(step))
        });
        let unwinds: Vec<_> = unwinds.map(|instruction| instruction.address).collect();
        for address in &unwinds {
            println!("{}: calls what unwinds at {address}", function.name);
        }
        jumping += usize::from(dispatch.jumps > 0);
        tally += Tally::of(dispatch.calls.is_empty() && unwinds.is_empty());
    }
    println!(
        "{jumping} of {} functions dispatch by a jump",
        tally.passed + tally.failed
    );
    tally += Tally::of(jumping >= args.jumps);
    tally += unwinding(&pyrt, &functions, machine)?;
    Ok(tally)
}

/// Whether unwinding finds the callers of all functions.
fn unwinding(pyrt: &Path, functions: &[Function<'_>], machine: &dyn Machine) -> Result<Tally> {
    let rows = unwind::Rows::read(pyrt, machine.return_address())?;
    let mut all = true;
    let ours = functions.iter().filter(|it| !it.name.contains(BACKTRACES));
    for function in ours {
        for address in rows.lost(function, machine) {
            println!("{}: unwinding ends at the call at {address}", function.name);
            all = false;
        }
    }
    Ok(Tally::of(all))
}

/// The processor that a disassembly is of.
fn machine(text: &str) -> Result<&'static dyn Machine> {
    let format = text
        .lines()
        .find_map(|line| line.split_once("file format "));
    match format.map(|(_, format)| format.trim()) {
        Some("elf64-x86-64") => Ok(&x86_64::X86),
        Some("elf64-littleaarch64") => Ok(&aarch64::Arm),
        other => Err(format!("objdump's output is of an unknown kind: {other:?}").into()),
    }
}
