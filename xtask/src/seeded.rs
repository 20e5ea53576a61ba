//! `cargo xtask seeded`: do the tests find bugs?
//!
//! An executable with the feature `seeded` has the bugs of [`pyrt_spec::seeded`], one at a time. Each has to
//! be found by random programs or by the programs in `tests/programs`; what survives is a hole in the tests.
//! Without a bug, the same executable has to pass. With one, `python -m pyrt bisect` has to say in which region
//! it is.

use crate::interpreters::Baseline;
use crate::report::{Table, Tally, seconds};
use crate::{Result, workspace};
use pyrt_spec::SeededBug;
use pyrt_spec::seeded::VARIABLE;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    baseline: Baseline,
    /// Only these bugs.
    #[arg(value_name = "BUGS", value_parser = parse)]
    bugs: Vec<SeededBug>,
    /// Only see whether bisect names the region that a bug breaks.
    #[arg(long)]
    bisect: bool,
    /// Only print the bugs.
    #[arg(long)]
    list: bool,
}

/// What looks for bugs, the quickest first: a name, and a command of ours.
const DETECTORS: &[(&str, &[&str])] = &[
    (
        "random programs",
        &[
            "fuzz",
            "--programs=600",
            "--batch=50",
            "--first",
            "--modes=eager",
            "--reduce=0",
        ],
    ),
    (
        "differential programs",
        &["diff", "--first", "--modes=eager"],
    ),
    ("forced exits", &["diff", "--first", "--modes=guards"]),
];

fn parse(name: &str) -> Result<SeededBug> {
    SeededBug::from_name(name).ok_or_else(|| format!("no bug {name:?}; --list says which").into())
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    if args.list {
        for bug in SeededBug::ALL {
            println!("{:20}{}", bug.name(), bug.doc());
        }
        return Ok(Tally::default());
    }
    let pyrt = build(&args.baseline.python)?;
    let mut tally = Tally::default();
    if !args.bisect {
        tally += search(args, &pyrt)?;
    }
    let named = bisect(&pyrt)?;
    println!(
        "bisect {} the region",
        if named { "names" } else { "does not name" }
    );
    tally += Tally::of(named);
    Ok(tally)
}

/// Has the tests look for each bug.
fn search(args: &Args, pyrt: &Path) -> Result<Tally> {
    let bugs = match &args.bugs[..] {
        [] => SeededBug::ALL,
        some => some,
    };
    let mut table = Table::new(&["bug", "found by", "time"]);
    let mut tally = Tally::default();
    for bug in std::iter::once(None).chain(bugs.iter().copied().map(Some)) {
        let started = Instant::now();
        let found = find(&args.baseline.python, pyrt, bug)?;
        let name = bug.map_or("none", SeededBug::name);
        // Nothing is to be found where nothing is wrong.
        let held = found.is_some() == bug.is_some();
        tally += Tally::of(held);
        let by = found.unwrap_or("nothing");
        let time = seconds(started.elapsed());
        println!(
            "{name}: found by {by} in {time}{}",
            if held { "" } else { "  <-" }
        );
        table.row([name, by, &time].map(str::to_owned));
    }
    print!("\n{table}");
    Ok(tally)
}

/// Whether bisect finds which loop of a program a bug breaks, and the option that it prints helps.
fn bisect(pyrt: &Path) -> Result<bool> {
    let program = workspace::path("xtask/python/one_wraps.py");
    let run = |arguments: &[&str], variable: (&str, &str)| -> Result<String> {
        let mut command = Command::new(pyrt);
        command.args(arguments).arg(&program);
        command.envs([variable, (VARIABLE, SeededBug::Overflow.name())]);
        workspace::output_of(&mut command)
    };
    let path = pyrt.to_string_lossy();
    let said = run(
        &["-m", "pyrt", "bisect", "--", &path],
        ("PYRT_JIT_BACKGROUND", "0"),
    )?;
    let option = said.lines().last().unwrap_or_default().trim();
    let Some(("PYRT_JIT_DENY", region)) = option.split_once('=') else {
        println!("{said}");
        return Ok(false);
    };
    let right = run(&[], ("PYRT_JIT", "0"))?;
    let left_out = run(&[], ("PYRT_JIT_DENY", region))?;
    Ok(region.starts_with("wraps:") && left_out == right)
}

/// Builds the executable with the bugs; other builds stay as they are.
fn build(python: &Path) -> Result<PathBuf> {
    let folder = workspace::target().join("seeded");
    let arguments = ["build", "--release", "--package=pyrt", "--features=seeded"];
    let status = workspace::cargo(&arguments)
        .env("CARGO_TARGET_DIR", &folder)
        .env("PYRT_PYTHON", python)
        .status()?;
    if !status.success() {
        return Err("pyrt does not build with the feature `seeded`".into());
    }
    Ok(std::path::absolute(workspace::pyrt_below(&folder))?)
}

/// The first detector that finds the bug.
fn find(python: &Path, pyrt: &Path, bug: Option<SeededBug>) -> Result<Option<&'static str>> {
    let own = std::env::current_exe()?;
    for (name, arguments) in DETECTORS {
        let mut command = Command::new(&own);
        command
            .args(*arguments)
            .arg(format!("--python={}", python.display()))
            .arg(format!("--pyrt={}", pyrt.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match bug {
            Some(bug) => command.env(VARIABLE, bug.name()),
            None => command.env_remove(VARIABLE),
        };
        match command.status()?.code() {
            Some(0) => {}
            // Where nothing is wrong, all has to be well; a bug may break whatever looks for it, too.
            status if bug.is_none() && status != Some(1) => {
                return Err(format!("{command:?} ended with {status:?}").into());
            }
            _ => return Ok(Some(name)),
        }
    }
    Ok(None)
}
