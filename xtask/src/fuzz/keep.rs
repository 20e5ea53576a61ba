//! Writes programs that differ to a folder: reduced, and with a header that says how to run them.

use super::batch::{Outcome, compare_alone, compare_script};
use super::campaign::Failure;
use super::difference::Difference;
use super::tree::{Stmt, print};
use super::{generate, shrink};
use crate::interpreters::Interpreters;
use crate::mode::Mode;
use crate::{Result, workspace};
use std::path::PathBuf;

/// Runs of the interpreters that a reduction may take.
const ATTEMPTS: usize = 1500;

pub(super) struct Keeper<'a> {
    pub(super) interpreters: &'a Interpreters,
    pub(super) folder: PathBuf,
}

/// The ways in which a difference shows again, from what is best for reducing it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The program alone in a batch, where its memory and time are limited.
    Alone,
    /// The program as a script.
    Script,
    /// Only after others in the same process.
    Batch,
}

impl Keeper<'_> {
    pub(super) fn keep(&self, failure: &Failure, reduce: bool) -> Result<()> {
        let Failure { seed, mode, .. } = *failure;
        let program = generate::program(seed);
        let source = print(&program);
        let way = self.way(&source, mode)?;
        let reduced = match way {
            Way::Batch => return self.keep_batch(failure),
            _ if !reduce => program,
            _ => self.reduce(program, mode, way)?,
        };
        let source = print(&reduced);
        // As a script, a difference is easier to look at.
        let (way, difference) = match self.difference(&source, mode, Way::Script)? {
            Some(difference) => (Way::Script, Some(difference)),
            None => (way, self.difference(&source, mode, way)?),
        };
        let path = self.folder.join(format!("{seed}-{}.py", mode.name));
        workspace::write(&path, &(header(failure, way) + &source))?;
        println!("{}", path.display());
        let complaints = difference.map_or(Vec::new(), |difference| difference.complaints);
        for line in complaints.iter().flat_map(|complaint| complaint.lines()) {
            println!("  {line}");
        }
        Ok(())
    }

    fn way(&self, source: &str, mode: &Mode) -> Result<Way> {
        for way in [Way::Alone, Way::Script] {
            if self.difference(source, mode, way)?.is_some() {
                return Ok(way);
            }
        }
        Ok(Way::Batch)
    }

    fn reduce(&self, program: Vec<Stmt>, mode: &Mode, way: Way) -> Result<Vec<Stmt>> {
        let kind_of = |source: &str| {
            let difference = self.difference(source, mode, way).unwrap_or_default();
            difference.map(|difference| difference.kind)
        };
        // It may not show again.
        let Some(original) = kind_of(&print(&program)) else {
            return Ok(program);
        };
        Ok(shrink::reduce(program, ATTEMPTS, |candidate| {
            kind_of(&print(candidate)) == Some(original)
        }))
    }

    fn difference(&self, source: &str, mode: &Mode, way: Way) -> Result<Option<Difference>> {
        let Interpreters { python, pyrt, .. } = self.interpreters;
        match way {
            Way::Script => compare_script(python, pyrt, source, mode),
            Way::Alone | Way::Batch => compare_alone(python, pyrt, source, mode),
        }
    }

    /// Keeps all programs of the process, up to the one that differs, and both its outputs, which
    /// may be all that there ever is to see.
    fn keep_batch(&self, failure: &Failure) -> Result<()> {
        let Failure { seed, mode, .. } = *failure;
        let folder = self.folder.join(format!("{seed}-{}-batch", mode.name));
        let seeds = failure.batch.start..=seed;
        let count = seeds.clone().count();
        for (number, seed) in seeds.enumerate() {
            let source = print(&generate::program(seed));
            workspace::write(&folder.join(format!("{number}.py")), &source)?;
        }
        for (name, outcome) in [("expected", &failure.expected), ("actual", &failure.actual)] {
            let text = match outcome {
                Outcome::Output { text, .. } => String::from_utf8_lossy(text).into_owned(),
                Outcome::Died(end) => end.to_string(),
            };
            workspace::write(&folder.join(name), &text)?;
        }
        println!("{}", folder.display());
        println!(
            "  not alone, perhaps after others; there: {} PYTHONHASHSEED=0 {} -S {} 0 {count}",
            assignments(mode, " "),
            self.interpreters.pyrt.display(),
            workspace::path("xtask/python/run_batch.py").display(),
        );
        Ok(())
    }
}

fn header(failure: &Failure, way: Way) -> String {
    let mut header = format!(
        "# Found by cargo xtask fuzz --modes {} --seed {} --programs 1\n",
        failure.mode.name, failure.seed
    );
    if way == Way::Alone {
        header += "# Differs under xtask/python/run_batch.py only.\n";
    }
    header += "# modes: default\n# env: PYTHONHASHSEED=0\n";
    for (name, value) in failure.mode.variables {
        header += &format!("# env: {name}={value}\n");
    }
    header
}

fn assignments(mode: &Mode, separator: &str) -> String {
    let assignments: Vec<_> = mode
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assignments.join(separator)
}
