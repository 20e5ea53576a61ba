//! Runs one test module in a process of its own.

use super::lists::Module;
use super::outcome::{self, Outcome, Outcomes};
use super::packages;
use crate::process::{self, Finished};
use crate::scratch::Scratch;
use crate::stats::Stats;
use crate::{Result, workspace};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The id under which a module's own end stands among those of its tests.
const WHOLE: &str = "(the module)";

/// What a run of a module came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ModuleRun {
    pub(crate) outcomes: Outcomes,
    pub(crate) wall: Duration,
    #[serde(skip)]
    pub(crate) stats: Stats,
}

/// Runs `module` under `python` and collects every outcome.
pub(crate) fn module(
    python: &Path,
    module: &Module,
    variables: &[(&str, &str)],
    limit: Duration,
) -> Result<ModuleRun> {
    let scratch = Scratch::new()?;
    let file = |name| scratch.path().join(name);
    let (log, output, stats) = (file("log"), file("output"), file("stats"));
    let mut command = process::clean_command(python, scratch.path())?;
    command.envs(variables.iter().copied());
    Stats::request(&mut command, &stats)?;
    match &module.packages {
        Some(packages) => packages::test(&mut command, module, packages, &log)?,
        None => regrtest(&mut command, module, &log),
    }
    let child = process::start(&mut command, &output, &file("errors"))?;
    let finished = process::wait(&child, limit);
    let mut outcomes = outcome::parse(&lossy(&log));
    let printed = lossy(&output) + &lossy(&file("errors"));
    outcomes.insert(
        format!("{} {WHOLE}", module.name),
        whole(&finished, &printed),
    );
    Ok(ModuleRun {
        outcomes,
        wall: finished.wall,
        stats: Stats::collect(&stats)?,
    })
}

/// Has CPython's own runner run a module, and write every outcome to a log.
fn regrtest(command: &mut Command, module: &Module, log: &Path) {
    let ignored = module.ignored.iter();
    command
        .arg(workspace::path("xtask/python/record_outcomes.py"))
        .arg(log)
        .args(ignored.flat_map(|pattern| ["--ignore", pattern]))
        .args(["--fail-env-changed", &module.name]);
}

/// The end of the process, and the last of what it printed: a crash is explained there.
fn whole(finished: &Finished, printed: &str) -> Outcome {
    Outcome::of(&finished.end.to_string(), tail(printed, 40))
}

/// The last `count` lines.
fn tail(text: &str, count: usize) -> &str {
    let start = text
        .trim_end()
        .rmatch_indices('\n')
        .nth(count - 1)
        .map_or(0, |(at, _)| at + 1);
    &text[start..]
}

/// A file's text, empty if the process ended before it wrote any.
fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn tails() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc\n");
        assert_eq!(tail("a\nb\n", 5), "a\nb\n");
        assert_eq!(tail("", 5), "");
    }
}
