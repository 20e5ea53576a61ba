//! Runs many programs in one process, by `xtask/python/run_batch.py`, and single ones as scripts.

use super::difference::{Difference, Kind};
use crate::diff::{Header, Observed, mask_addresses, observe};
use crate::mode::Mode;
use crate::process::{self, End};
use crate::scratch::Scratch;
use crate::stats::Stats;
use crate::{Result, workspace};
use std::path::Path;
use std::time::Duration;

/// How long a batch may take; the driver ends a single program that takes long.
const BATCH_LIMIT: Duration = Duration::from_secs(300);
const SCRIPT_LIMIT: Duration = Duration::from_secs(10);

/// What one program of a batch did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Output { text: Vec<u8>, stats: Stats },
    Died(End),
}

impl Outcome {
    /// Whether it is the same but for addresses.
    pub(super) fn agrees_with(&self, other: &Outcome) -> bool {
        match (self, other) {
            (Outcome::Output { text, .. }, Outcome::Output { text: other, .. }) => {
                text == other || masked(text) == masked(other)
            }
            // Both hang, or run out of the same resource.
            (Outcome::Died(one), Outcome::Died(other)) => one == other,
            _ => false,
        }
    }
}

fn masked(text: &[u8]) -> String {
    mask_addresses(&String::from_utf8_lossy(text))
}

/// The outcomes of a batch's programs, and the time that their processes took.
pub(super) struct Outcomes {
    pub(super) programs: Vec<Outcome>,
    pub(super) wall: Duration,
}

/// Writes the programs of a batch to a folder, for any number of runs.
pub(super) struct Batch {
    scratch: Scratch,
    count: usize,
}

impl Batch {
    pub(super) fn new(sources: &[String]) -> Result<Batch> {
        let scratch = Scratch::new()?;
        for (number, source) in sources.iter().enumerate() {
            std::fs::write(scratch.path().join(format!("{number}.py")), source)?;
        }
        Ok(Batch {
            scratch,
            count: sources.len(),
        })
    }

    /// Runs all programs; after one that ends its process, the others in a new process.
    pub(super) fn run(&self, python: &Path, variables: &[(&str, &str)]) -> Result<Outcomes> {
        let mut programs = Vec::new();
        let mut wall = Duration::ZERO;
        while programs.len() < self.count {
            let (end, time) = self.process(python, variables, &mut programs)?;
            wall += time;
            if programs.len() < self.count {
                programs.push(Outcome::Died(end));
            }
        }
        Ok(Outcomes { programs, wall })
    }

    fn process(
        &self,
        python: &Path,
        variables: &[(&str, &str)],
        programs: &mut Vec<Outcome>,
    ) -> Result<(End, Duration)> {
        let folder = self.scratch.path();
        let (out, err) = (folder.join("stdout"), folder.join("stderr"));
        let mut command = process::clean_command(python, folder)?;
        command
            .envs(variables.iter().copied())
            .env("PYTHONHASHSEED", "0")
            // Start-up without the site's packages.
            .arg("-S")
            .arg(workspace::path("xtask/python/run_batch.py"))
            .args([programs.len().to_string(), self.count.to_string()]);
        if self.count == 1 {
            // It runs alone to be reduced, many times.
            command.arg("2");
        }
        let child = process::start(&mut command, &out, &err)?;
        let finished = process::wait(&child, BATCH_LIMIT);
        let output = std::fs::read(&out)?;
        programs.extend(records(&output));
        if finished.end == End::Exit(1) && programs.is_empty() {
            let complaint = std::fs::read_to_string(&err)?;
            return Err(format!("run_batch.py under {}:\n{complaint}", python.display()).into());
        }
        Ok((finished.end, finished.wall))
    }
}

/// The records that were written whole.
fn records(mut output: &[u8]) -> Vec<Outcome> {
    let mut found = Vec::new();
    while let Some((outcome, rest)) = record(output) {
        found.push(outcome);
        output = rest;
    }
    found
}

fn record(output: &[u8]) -> Option<(Outcome, &[u8])> {
    let end = output.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&output[..end]).ok()?;
    let mut words = line.splitn(3, ' ').skip(1);
    let length = words.next()?.parse().ok()?;
    let stats = serde_json::from_str(words.next()?).ok()?;
    let (text, rest) = output[end + 1..].split_at_checked(length)?;
    let outcome = Outcome::Output {
        text: text.to_owned(),
        stats: Stats::of(&stats),
    };
    Some((outcome, rest))
}

/// How a program differs under pyrt when it is alone in a batch. A program that differs from itself does not.
pub(super) fn compare_alone(
    python: &Path,
    pyrt: &Path,
    source: &str,
    mode: &Mode,
) -> Result<Option<Difference>> {
    let batch = Batch::new(&[source.to_owned()])?;
    let run = |python: &Path, variables: &[(&str, &str)]| -> Result<Outcome> {
        Ok(batch.run(python, variables)?.programs.remove(0))
    };
    let expected = run(python, &[])?;
    let Outcome::Output { text, .. } = &expected else {
        return Ok(None);
    };
    let actual = run(pyrt, mode.variables)?;
    if actual.agrees_with(&expected) || !run(python, &[])?.agrees_with(&expected) {
        return Ok(None);
    }
    Ok(Some(match &actual {
        Outcome::Died(end) => Difference {
            kind: Kind::of("", "", *end),
            complaints: vec![format!("ends with {end}")],
        },
        Outcome::Output { text: other, .. } => Difference {
            kind: Kind::of(&masked(text), &masked(other), End::Exit(0)),
            complaints: vec!["output differs".to_owned()],
        },
    }))
}

/// The same when it is run as a script of its own.
pub(super) fn compare_script(
    python: &Path,
    pyrt: &Path,
    source: &str,
    mode: &Mode,
) -> Result<Option<Difference>> {
    let expected = script(python, source, &[])?;
    // The program is at fault.
    if !matches!(expected.end, End::Exit(_)) {
        return Ok(None);
    }
    let actual = script(pyrt, source, mode.variables)?;
    let complaints = actual.differences_from(&expected);
    let differs_again = |again: Observed| !again.differences_from(&expected).is_empty();
    if complaints.is_empty() || differs_again(script(python, source, &[])?) {
        return Ok(None);
    }
    let kind = Kind::of(&expected.text(), &actual.text(), actual.end);
    Ok(Some(Difference { kind, complaints }))
}

fn script(python: &Path, source: &str, variables: &[(&str, &str)]) -> Result<Observed> {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("program.py");
    std::fs::write(&path, source)?;
    let header = Header {
        timeout: SCRIPT_LIMIT,
        options: vec!["-S".into()],
        variables: vec![("PYTHONHASHSEED".into(), "0".into())],
        ..Header::default()
    };
    observe(python, &path, &header, variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_end_where_the_process_did() {
        let found = records(b"0 3 {\"traces_compiled\": 2}\na\nb1 0 {}\n2 9 {}\nabc");
        let told: Vec<_> = found
            .iter()
            .map(|outcome| match outcome {
                Outcome::Output { text, stats } => (&text[..], stats.traces()),
                Outcome::Died(end) => panic!("{end}"),
            })
            .collect();
        assert_eq!(told, [(&b"a\nb"[..], 2), (&b""[..], 0)]);
    }

    #[test]
    fn a_program_that_dies_is_named() {
        let sources = [
            "print(1)".to_owned(),
            "import os; os.kill(os.getpid(), 9)".to_owned(),
            "1 / 0".to_owned(),
        ];
        let batch = Batch::new(&sources).unwrap();
        let outcomes = batch.run(Path::new("/usr/bin/python3.11"), &[]).unwrap();
        assert_eq!(outcomes.programs[1], Outcome::Died(End::Signal(9)));
        let Outcome::Output { text, .. } = &outcomes.programs[2] else {
            panic!("the third program runs")
        };
        assert!(text.ends_with(b"ZeroDivisionError: division by zero\n"));
    }
}
