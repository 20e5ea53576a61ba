//! `cargo xtask debug`: pyrt against CPython's debug library, which checks itself.
//!
//! Debian's `libpython3.11-dbg` is CPython with its assertions, an allocator that looks for writes past the
//! ends of blocks, and a count of all references. pyrt is built against it in a folder of its own, runs
//! part of CPython's tests with everything compiled, and then those tests again and again under
//! CPython's own search for leaks (`-m test -R 3:3`), which must find none that the debug interpreter
//! does not find in itself.

use crate::interpreters::Interpreters;
use crate::process::{self, End};
use crate::report::{Table, Tally, seconds};
use crate::scratch::Scratch;
use crate::{Result, parallel, suite, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The debug interpreter, whose library is linked.
    #[arg(
        long,
        value_name = "PATH",
        env = "PYRT_DEBUG_PYTHON",
        default_value = "/usr/bin/python3.11d"
    )]
    python: PathBuf,
    /// Only build.
    #[arg(long)]
    build_only: bool,
    /// Only these test modules [default: those of tests/suites/debug.list].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    modules: Vec<String>,
    /// How to run pyrt.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "eager"
    )]
    modes: Vec<String>,
    /// Do not look for leaks.
    #[arg(long)]
    no_leaks: bool,
    /// Modules at a time [default: one per core].
    #[arg(long)]
    jobs: Option<usize>,
}

/// The modules that are run.
const LIST: &str = "tests/suites/debug.list";
/// How long one module may be searched for leaks.
const LIMIT: Duration = Duration::from_secs(1800);

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let own = std::env::current_exe()?;
    let interpreters = build(&args.python)?;
    if args.build_only {
        println!("{}", interpreters.pyrt.display());
        return Ok(Tally::of(true));
    }
    let mut command = Command::new(own);
    command
        .arg("suite")
        .arg(format!("--python={}", interpreters.python.display()))
        .arg(format!("--pyrt={}", interpreters.pyrt.display()))
        .args(["--suite", LIST, "--modes", &args.modes.join(",")]);
    command.args(args.jobs.map(|jobs| format!("--jobs={jobs}")));
    if !args.modules.is_empty() {
        command.args(["--modules", &args.modules.join(",")]);
    }
    // Its own closing line says how many.
    let mut tally = Tally::of(command.status()?.success());
    if !args.no_leaks {
        tally += leaks(args, &interpreters)?;
    }
    Ok(tally)
}

/// Builds pyrt against the debug library; other builds stay as they are.
fn build(python: &Path) -> Result<Interpreters> {
    if !python.is_file() {
        let path = python.display();
        return Err(format!("no {path}: install Debian's python3.11-dbg").into());
    }
    let folder = workspace::target().join("debug-library");
    let status = workspace::cargo(&["build", "--release", "--package", "pyrt"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("PYRT_PYTHON", python)
        .status()?;
    if !status.success() {
        return Err("pyrt does not build against the debug library".into());
    }
    Ok(Interpreters {
        python: python.to_owned(),
        pyrt: std::path::absolute(workspace::pyrt_below(&folder))?,
        patience: 1,
    })
}

/// What the search for leaks said of one module.
struct Searched {
    end: End,
    leaks: Vec<String>,
}

/// One check per module: nothing leaks under pyrt that does not leak under the debug interpreter.
fn leaks(args: &Args, interpreters: &Interpreters) -> Result<Tally> {
    let modules = match &args.modules[..] {
        [] => suite::names(&workspace::read(&workspace::path(LIST))?)
            .map(str::to_owned)
            .collect(),
        named => named.to_vec(),
    };
    let started = Instant::now();
    let jobs = args.jobs.unwrap_or_else(parallel::default_jobs);
    let searched = parallel::map(&modules, jobs, |module| -> Result<_> {
        let ours = search(&interpreters.pyrt, module)?;
        let fine = ours.leaks.is_empty() && ours.end == End::Exit(0);
        // What holds without exception needs no comparison.
        let theirs = match fine {
            true => None,
            false => Some(search(&interpreters.python, module)?),
        };
        Ok((ours, theirs))
    });
    let mut table = Table::new(&["module", "pyrt", "python3.11"]);
    let mut tally = Tally::default();
    for (module, result) in modules.iter().zip(searched) {
        let (ours, theirs) = result?;
        let held = theirs
            .as_ref()
            .is_none_or(|theirs| theirs.end == ours.end && ours.leaks.len() <= theirs.leaks.len());
        tally += Tally::of(held);
        if let Some(theirs) = theirs {
            table.row([module.clone(), ours.to_string(), theirs.to_string()]);
        }
    }
    if tally.failed > 0 {
        print!("{table}");
    }
    println!(
        "searched {} modules for leaks in {}: {} leak",
        modules.len(),
        seconds(started.elapsed()),
        tally.failed
    );
    Ok(tally)
}

fn search(python: &Path, module: &str) -> Result<Searched> {
    let scratch = Scratch::new()?;
    let file = |name| scratch.path().join(name);
    let mut command = process::clean_command(python, scratch.path())?;
    command
        .env("PYRT_JIT_STRESS", "eager")
        .args(["-m", "test", "-R", "3:3", module]);
    let child = process::start(&mut command, &file("out"), &file("err"))?;
    let finished = process::wait(&child, LIMIT);
    let said = |name| -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(file(name))?).into_owned())
    };
    let said = said("out")? + &said("err")?;
    let leaks = said.lines().filter(|line| line.contains(" leaked ["));
    Ok(Searched {
        end: finished.end,
        leaks: leaks.map(str::to_owned).collect(),
    })
}

impl std::fmt::Display for Searched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.end, self.leaks.join("; "))
    }
}
