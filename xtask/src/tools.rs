//! `cargo xtask tools`: runs the tests of what looks at the JIT, under pyrt.
//!
//! They are Python: options, the package `pyrt`, profiles. Each file of `tests/tools` is a process.

use crate::report::Tally;
use crate::{Result, interpreters, workspace};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// Only files whose name contains this.
    #[arg(default_value = "")]
    filter: String,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let interpreters = args.interpreters.find()?;
    let folder = workspace::path("tests/tools");
    let mut tally = Tally::default();
    for file in workspace::files_below(&folder, ".py")? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("test_") || !name.contains(&args.filter) {
            continue;
        }
        let mut command = Command::new(&interpreters.pyrt);
        command.arg("-B").arg(&file).current_dir(&folder);
        command.env("PYRT_PYTHON", &interpreters.python);
        let output = command.stdin(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let outcome = outcome(&text, output.status.success());
        if outcome.failed > 0 {
            print!("{text}");
        }
        println!("{name}: {outcome}");
        tally += outcome;
    }
    Ok(tally)
}

/// What unittest says at its end; at least one failure if the process failed.
fn outcome(text: &str, succeeded: bool) -> Tally {
    let number = |after: &str| {
        let digits = text.rsplit_once(after)?.1;
        let digits = digits.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<usize>().ok()
    };
    let ran = number("\nRan ").unwrap_or(0);
    let failed = number("failures=").unwrap_or(0) + number("errors=").unwrap_or(0);
    let failed = if succeeded { 0 } else { failed.max(1) };
    Tally {
        passed: ran.saturating_sub(failed),
        failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unittest_s_last_lines() {
        let numbers = |text, succeeded| {
            let tally = outcome(text, succeeded);
            (tally.passed, tally.failed)
        };
        assert_eq!(
            numbers("..\n---\nRan 12 tests in 1s\n\nOK\n", true),
            (12, 0)
        );
        let failed = "F\nRan 12 tests in 1s\n\nFAILED (failures=1, errors=2)\n";
        assert_eq!(numbers(failed, false), (9, 3));
        assert_eq!(numbers("crash", false), (0, 1));
    }
}
