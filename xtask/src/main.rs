//! The project's own tools, run as `cargo xtask COMMAND`.
//!
//! Each command is a module with an `Args` and a `run` that returns a [`report::Tally`]: what it
//! checked, and how much of it held. `main` prints the tally as the last line and turns it into
//! the exit status. Nothing here is part of the product.

mod aarch64;
mod bench;
mod check;
mod ci;
mod comments;
mod debug;
mod demo;
mod diff;
mod docs;
mod fuzz;
mod interpreters;
mod mode;
mod objdump;
mod order;
mod parallel;
mod process;
mod report;
mod scratch;
mod seeded;
mod stats;
mod suite;
mod tools;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Any error that ends a command; the tools have nothing to match on.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks, suites and benchmarks of pyrt")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare CPython's own tests under python3.11 and pyrt, test by test.
    Suite(suite::Args),
    /// Compare the programs in tests/programs under python3.11 and pyrt.
    Diff(diff::Args),
    /// Compare random programs under python3.11 and pyrt.
    Fuzz(fuzz::Args),
    /// Run the tests of options, the Python package and profiles.
    Tools(tools::Args),
    /// Check formatting, lints and generated files.
    Check,
    /// Build against CPython's debug library, run its tests, and look for leaks.
    Debug(debug::Args),
    /// Build with deliberate bugs, and expect that tests find each.
    Seeded(seeded::Args),
    /// Build and test pyrt for AArch64 on an x86-64 machine.
    Aarch64(aarch64::Args),
    /// Everything that a change has to pass.
    Ci(ci::Args),
    /// Build the release executable: target/release/pyrt.
    Build,
    /// Build pyrt and run a real program under python3.11 and pyrt.
    Demo(demo::Args),
    /// Measure pyrt against python3.11.
    Bench(bench::Args),
    /// Check that tier 1's handlers dispatch by jumps in the built executable.
    ObjdumpCheck(objdump::Args),
    /// Find which code runs, for the linker to put it together.
    Order(order::Args),
    /// Write the documentation pages that come from tables.
    Docs(docs::Args),
}

fn main() -> ExitCode {
    process::default_signals();
    let outcome = match Cli::parse().command {
        Command::Suite(args) => suite::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Debug(args) => debug::run(&args),
        Command::Seeded(args) => seeded::run(&args),
        Command::Tools(args) => tools::run(&args),
        Command::Check => check::run(),
        Command::Aarch64(args) => aarch64::run(&args),
        Command::Ci(args) => ci::run(&args),
        Command::Build => workspace::build_pyrt().map(|()| report::Tally::of(true)),
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::ObjdumpCheck(args) => objdump::run(&args),
        Command::Order(args) => order::run(&args),
        Command::Docs(args) => docs::run(&args),
    };
    match outcome {
        Ok(tally) => {
            println!("{tally}");
            if tally.failed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
