//! `cargo xtask ci`: everything that a change has to pass, one step after the other.
//!
//! A step is a command whose output goes on to ours, and whose closing lines are added up. A
//! failing step does not keep the others from running, except for the build that they run.

use crate::report::{Table, Tally, seconds};
use crate::{Result, interpreters, workspace};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// The long suite: CPython's tests in all modes, and the slow tests of the crates.
    #[arg(long)]
    full: bool,
}

/// Random programs, always the same ones: a change that breaks them is to blame for it.
const FUZZ: [&str; 5] = [
    "fuzz",
    "--programs=2000",
    "--seed=1",
    "--modes=eager,guards",
    "--reduce=3",
];

/// The seed of the crates' property tests, for the same reason; the long suite draws another one each time.
const PROPERTIES: (&str, &str) = ("PROPTEST_RNG_SEED", "1");

/// A step: what it is called, and the command.
struct Step {
    name: &'static str,
    command: Command,
    /// The later steps make no sense without this one.
    needed: bool,
}

/// What a step came to.
struct Done {
    name: &'static str,
    tally: Tally,
    wall: Duration,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let mut done = Vec::new();
    for Step {
        name,
        command,
        needed,
    } in steps(args)?
    {
        println!("\n== {name} ==");
        let started = Instant::now();
        let tally = perform(command)?;
        let wall = started.elapsed();
        done.push(Done { name, tally, wall });
        if needed && tally.failed > 0 {
            break;
        }
    }
    print!("\n{}", summary(&done));
    Ok(done.iter().map(|step| step.tally).sum())
}

fn steps(args: &Args) -> Result<Vec<Step>> {
    let (modes, tests): (_, &[_]) = if args.full {
        ("default,nojit,eager,guards", &["--include-ignored"])
    } else {
        ("default,nojit,eager", &[])
    };
    let mut tests = workspace::cargo(&[&["test", "--workspace", "--quiet", "--"], tests].concat());
    if !args.full {
        tests.env(PROPERTIES.0, PROPERTIES.1);
    }
    // Taken before any step runs: one of them may put a new executable in place of ours.
    let own = std::env::current_exe()?;
    let plain = |arguments: &[&str]| {
        let mut command = Command::new(&own);
        command.args(arguments);
        command
    };
    let comparing = |arguments: &[&str]| {
        let mut command = plain(arguments);
        command.args(args.interpreters.forwarded());
        command
    };
    let step = |name, command| Step {
        name,
        command,
        needed: false,
    };
    let mut steps = vec![
        step("formatting, lints, generated files", plain(&["check"])),
        step("unit tests", tests),
        Step {
            needed: true,
            ..step("release build", plain(&["build"]))
        },
        step("dispatch by jumps", comparing(&["objdump-check"])),
        step("differential programs", comparing(&["diff"])),
        step("options, package, profiles", comparing(&["tools"])),
        step("random programs", comparing(&FUZZ)),
        step(
            "CPython's own tests",
            comparing(&["suite", "--modes", modes]),
        ),
        step("demo", comparing(&["demo", "--no-build"])),
    ];
    if cfg!(target_arch = "x86_64") {
        steps.push(step("AArch64, emulated", plain(&["aarch64", "test"])));
    }
    Ok(steps)
}

/// Runs a command with its output shown, and adds up its closing lines. Without one, its exit status is the one
/// check.
pub(crate) fn perform(mut command: Command) -> Result<Tally> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut tally = Tally::default();
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        let line = line?;
        let closing = closing_line(&line);
        // Ours would be added up again by who runs us.
        if closing.is_none() || line.starts_with(CARGO) {
            println!("{line}");
        }
        tally += closing.unwrap_or_default();
    }
    let succeeded = child.wait()?.success();
    if tally == Tally::default() || (!succeeded && tally.failed == 0) {
        tally += Tally::of(succeeded);
    }
    Ok(tally)
}

/// How the closing line of cargo's tests begins.
const CARGO: &str = "test result: ";

/// The numbers in our closing line, or in that of cargo's tests.
fn closing_line(line: &str) -> Option<Tally> {
    let line = match line.strip_prefix(CARGO) {
        Some(result) => result.split_once(". ")?.1,
        None => line,
    };
    let (passed, rest) = line.split_once(" passed")?;
    let failed = rest
        .trim_start_matches([',', ';'])
        .trim()
        .split_once(" failed")?
        .0;
    Some(Tally {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

fn summary(done: &[Done]) -> Table {
    let mut table = Table::new(&["step", "passed", "failed", "time"]);
    for step in done {
        let numbers = [step.tally.passed, step.tally.failed].map(|number| number.to_string());
        table.row(
            std::iter::once(step.name.to_owned())
                .chain(numbers)
                .chain([seconds(step.wall)]),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_either_kind() {
        let tally = |passed, failed| Some(Tally { passed, failed });
        assert_eq!(closing_line("12 passed, 1 failed"), tally(12, 1));
        let cargo = "test result: ok. 7 passed; 0 failed; 2 ignored; 0 measured; finished in 0.01s";
        assert_eq!(closing_line(cargo), tally(7, 0));
        let failed = "test result: FAILED. 6 passed; 1 failed; 0 ignored; 0 measured";
        assert_eq!(closing_line(failed), tally(6, 1));
        assert_eq!(closing_line("one test passed"), None);
        assert_eq!(closing_line("nothing to see"), None);
    }
}
