//! `cargo xtask aarch64`: pyrt for AArch64, built and tested on an x86-64 machine with Debian 12.
//!
//! Everything is below `target/aarch64`. [`packages`] unpacks a compiler, an emulator and CPython for AArch64
//! there; [`view`] runs commands as if they were installed, and programs for AArch64 as if the machine were
//! one. So the other commands of this tool are what tests, and are not told of emulation but by their patience.
//! An AArch64 machine needs none of this: there the other commands do by themselves.

mod instructions;
mod packages;
mod view;

use crate::report::Tally;
use crate::{Result, ci};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
#[command(
    after_help = "Commands that take --pyrt run for AArch64, too: diff, suite, fuzz, tools, objdump-check, demo"
)]
pub(crate) struct Args {
    /// Build the executable with all of the compiler's optimisation, as a release is. Takes minutes more.
    #[arg(long)]
    optimized: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Download and unpack compiler, emulator and CPython anew, below target/aarch64.
    Setup,
    /// Build pyrt for AArch64.
    Build,
    /// Build, and run what CI runs: dispatch by jumps, the demo, some differential programs.
    Test,
    /// Count the instructions that compiled loops execute per round, here and on x86-64.
    Instructions(instructions::Args),
    /// Run a program in the view: `run -- /usr/bin/python3.11 program.py`.
    Run {
        /// The program and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
    /// Another command of this tool, for the interpreters for AArch64: diff, suite, fuzz, tools, objdump-check.
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// Emulation is 15 to 20 times slower, and a start, in which everything is translated first, 50 times.
const PATIENCE: &str = "--patience=20";

/// What CI runs: of the programs, those of the contract, and a few of what fails guards in many ways.
const STEPS: [&[&str]; 4] = [
    &["objdump-check"],
    &["demo", "--no-build", "50000"],
    &["diff", "--modes=eager", "tests/programs/contract"],
    &[
        "diff",
        "--modes=guards",
        "tests/programs/jit-exceptions",
        "tests/programs/jit-generators",
    ],
];

pub(crate) fn run(args: &Args) -> Result<Tally> {
    if cfg!(target_arch = "aarch64") {
        return Err("this is an AArch64 machine: use the other commands".into());
    }
    match &args.action {
        Action::Setup => packages::unpack(&view::files()).map(|()| Tally::of(true)),
        Action::Build => build(args).map(|()| Tally::of(true)),
        Action::Test => test(args),
        Action::Instructions(counted) => {
            prepare()?;
            instructions::run(counted, &view::pyrt(profile(args)))
        }
        Action::Run { command } => {
            prepare()?;
            let status = view::command(&command[0])?.args(&command[1..]).status()?;
            Ok(Tally::of(status.success()))
        }
        Action::Other(command) => {
            prepare()?;
            ci::perform(own(args, command)?)
        }
    }
}

/// Unpacks the packages, unless they are.
fn prepare() -> Result<()> {
    match view::files().is_dir() {
        true => Ok(()),
        false => packages::unpack(&view::files()),
    }
}

fn profile(args: &Args) -> &'static str {
    match args.optimized {
        true => "release",
        false => "emulated",
    }
}

fn build(args: &Args) -> Result<()> {
    prepare()?;
    let mut cargo = view::command("cargo")?;
    cargo.args(["build", "--package", "pyrt", "--profile", profile(args)]);
    match cargo.status()?.success() {
        true => Ok(()),
        false => Err("pyrt does not build for AArch64".into()),
    }
}

/// This tool, in the view, with the interpreters that are there.
fn own(args: &Args, command: &[impl AsRef<str>]) -> Result<Command> {
    let pyrt = std::path::absolute(view::pyrt(profile(args)))?;
    let mut own = view::command(std::env::current_exe()?)?;
    own.args(command.iter().map(AsRef::as_ref))
        .arg(format!("--pyrt={}", pyrt.display()))
        .arg(PATIENCE)
        // The emulator translates code that runs once, like a compiler's, before it runs it.
        .env("PYRT_JIT_COMPILE_SHARE", "0")
        .stdin(Stdio::null());
    Ok(own)
}

fn test(args: &Args) -> Result<Tally> {
    build(args)?;
    let mut tally = Tally::default();
    for step in STEPS {
        tally += ci::perform(own(args, step)?)?;
    }
    Ok(tally)
}
