//! `cargo xtask diff`: the programs in `tests/programs` under python3.11 and under pyrt.
//!
//! A program's stdout, stderr and exit status must agree in every mode, after what differs between
//! any two processes is masked ([`normalize`]). A program's header says how to run it, and what has
//! to be compiled ([`header`]): a test of compiled code that stayed in the interpreter tests nothing.

mod header;
mod normalize;
mod run;

use crate::interpreters::{self, Interpreters};
use crate::mode::{self, MODES, Mode};
use crate::report::{Table, Tally, seconds};
use crate::stats::Stats;
use crate::{Result, parallel, workspace};
pub(crate) use header::Header;
pub(crate) use normalize::mask_addresses;
pub(crate) use run::{Observed, program as observe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// Programs, or folders of programs [default: tests/programs].
    programs: Vec<PathBuf>,
    /// How to run pyrt: default, nojit, eager, guards, twice, tight, bridges [default: all but twice and
    /// tight, of which a program may allow some].
    #[arg(long, value_delimiter = ',', value_parser = mode::parse)]
    modes: Vec<&'static Mode>,
    /// Programs at a time [default: one per core].
    #[arg(long)]
    jobs: Option<usize>,
    /// Stop at the first program that differs.
    #[arg(long)]
    first: bool,
    /// Only print the programs that would run.
    #[arg(long)]
    list: bool,
}

/// A program, and what to do with it.
struct Program {
    path: PathBuf,
    header: Header,
    modes: Vec<&'static Mode>,
}

/// What was wrong with a program in one mode, if anything.
struct Check {
    mode: &'static Mode,
    complaints: Vec<String>,
    stats: Stats,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let programs = load(args)?;
    if args.list {
        programs
            .iter()
            .for_each(|program| println!("{}", program.name()));
        return Ok(Tally::default());
    }
    let interpreters = args.interpreters.find()?;
    let jobs = args.jobs.unwrap_or_else(parallel::default_jobs);
    let started = Instant::now();
    let found = AtomicBool::new(false);
    let checked = parallel::map(&programs, jobs, |program| {
        if args.first && found.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let checks = check(&interpreters, program)?;
        if checks.iter().any(|check| !check.complaints.is_empty()) {
            found.store(true, Ordering::Relaxed);
        }
        Ok(checks)
    });
    let checked = checked.into_iter().collect::<Result<Vec<_>>>()?;
    for (program, checks) in programs.iter().zip(&checked) {
        print_complaints(program, checks);
    }
    let checks: Vec<_> = checked.into_iter().flatten().collect();
    println!("{}", summary(&checks));
    // A few programs may be about something else.
    let proven = if args.programs.is_empty() {
        proven(&checks)
    } else {
        Tally::default()
    };
    println!(
        "{} programs in {}",
        programs.len(),
        seconds(started.elapsed())
    );
    let held = checks.iter().map(|check| check.complaints.is_empty());
    Ok(held.map(Tally::of).chain([proven]).sum())
}

/// What all programs counted in a mode.
fn stats_in(mode: &Mode, checks: &[Check]) -> Stats {
    let mut sum = Stats::default();
    for check in checks.iter().filter(|check| check.mode == mode) {
        sum += check.stats.clone();
    }
    sum
}

/// One check per mode that has run: that it was in force.
fn proven(checks: &[Check]) -> Tally {
    let run = |mode: &&Mode| checks.iter().any(|check| check.mode == *mode);
    let modes = MODES.iter().filter(run);
    modes
        .map(|mode| Tally::of(mode.was_in_force(&stats_in(mode, checks))))
        .sum()
}

fn load(args: &Args) -> Result<Vec<Program>> {
    let mut paths = Vec::new();
    let everything = [workspace::path("tests/programs")];
    for path in if args.programs.is_empty() {
        &everything[..]
    } else {
        &args.programs
    } {
        let path = std::path::absolute(path)?;
        if path.is_dir() {
            paths.extend(workspace::files_below(&path, ".py")?);
        } else {
            paths.push(path);
        }
    }
    paths
        .into_iter()
        .map(|path| Program::load(path, &args.modes, args.interpreters.patience))
        .collect()
}

impl Program {
    fn load(path: PathBuf, wanted: &[&'static Mode], patience: u32) -> Result<Program> {
        let mut header = header::parse(&workspace::read(&path)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        header.timeout *= patience;
        let usual = |mode: &&Mode| wanted.is_empty() && mode::USUAL.contains(&mode.name);
        let wanted = |mode: &&Mode| usual(mode) || wanted.contains(mode);
        let allowed = |mode: &&Mode| header.modes.is_empty() || header.modes.contains(mode);
        let modes = MODES.iter().filter(wanted).filter(allowed).collect();
        Ok(Program {
            path,
            header,
            modes,
        })
    }

    fn name(&self) -> String {
        let programs = workspace::path("tests/programs");
        self.path
            .strip_prefix(programs)
            .unwrap_or(&self.path)
            .display()
            .to_string()
    }
}

/// How often a program whose counters are not what was expected may run again: on a busy machine the compiler's thread
/// may come too late for a short program.
const MORE_CHANCES: usize = 3;

fn check(interpreters: &Interpreters, program: &Program) -> Result<Vec<Check>> {
    let observe =
        |python: &Path, variables| run::program(python, &program.path, &program.header, variables);
    let expected = observe(&interpreters.python, &[])?;
    let own = program
        .header
        .expected_end
        .filter(|end| *end != expected.end);
    let complaint = own.map(|end| format!("python3.11 ends with {}, not {end}", expected.end));
    let mut checks = Vec::new();
    for mode in &program.modes {
        let compiles = mode.compiles(interpreters.patience);
        let mut actual = observe(&interpreters.pyrt, mode.variables)?;
        for _ in 0..MORE_CHANCES {
            let fails = !actual.differences_from(&expected).is_empty();
            if fails || !compiles || unmet(&program.header, &actual).is_empty() {
                break;
            }
            actual = observe(&interpreters.pyrt, mode.variables)?;
        }
        let mut complaints: Vec<_> = complaint.iter().cloned().collect();
        let differences = actual.differences_from(&expected);
        if !differences.is_empty() {
            complaints.extend(unsteady(&expected, &observe(&interpreters.python, &[])?));
        }
        complaints.extend(differences);
        if compiles {
            complaints.extend(unmet(&program.header, &actual));
        }
        checks.push(Check {
            mode,
            complaints,
            stats: actual.stats,
        });
    }
    Ok(checks)
}

/// Blames the program where it should be blamed: python3.11 does not agree with itself either.
fn unsteady(expected: &Observed, again: &Observed) -> Option<String> {
    let steady = again.differences_from(expected).is_empty();
    (!steady).then(|| "the program is at fault: two runs of python3.11 differ".to_owned())
}

/// The expectations about counters that did not hold.
fn unmet(header: &Header, actual: &Observed) -> Vec<String> {
    header
        .expectations
        .iter()
        .filter(|expectation| !expectation.holds(&actual.stats))
        .map(|expectation| {
            format!(
                "{expectation}, but it is {}",
                expectation.value(&actual.stats)
            )
        })
        .collect()
}

fn print_complaints(program: &Program, checks: &[Check]) {
    for check in checks.iter().filter(|check| !check.complaints.is_empty()) {
        println!("{}: {}", check.mode.name, program.name());
        for line in check
            .complaints
            .iter()
            .flat_map(|complaint| complaint.lines())
        {
            println!("  {line}");
        }
    }
}

fn summary(checks: &[Check]) -> Table {
    let mut table = Table::new(&["mode", "programs", "differ", "traces", "exits", "evicted"]);
    for mode in MODES {
        let of_mode: Vec<_> = checks.iter().filter(|check| check.mode == mode).collect();
        let differing = of_mode
            .iter()
            .filter(|check| !check.complaints.is_empty())
            .count();
        if of_mode.is_empty() {
            continue;
        }
        let stats = stats_in(mode, checks);
        let counts = [stats.traces(), stats.exits(), stats.get("trees_evicted")];
        let numbers = [of_mode.len() as u64, differing as u64];
        let numbers = numbers.into_iter().chain(counts);
        table.row(std::iter::once(mode.name.to_owned()).chain(numbers.map(|n| n.to_string())));
    }
    table
}

/// The name under which messages mention a path.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
