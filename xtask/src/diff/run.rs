//! Runs a program once and keeps what can be seen of it from outside.

use super::header::Header;
use super::normalize::{Facts, normalize};
use super::shown;
use crate::Result;
use crate::process::{self, End};
use crate::scratch::Scratch;
use crate::stats::Stats;
use std::path::Path;

/// What a run showed.
pub(crate) struct Observed {
    pub(crate) end: End,
    pub(crate) stats: Stats,
    stdout: Output,
    stderr: Output,
}

/// What a run wrote to one stream.
struct Output {
    raw: Vec<u8>,
    normalized: String,
}

impl Output {
    fn read(path: &Path, facts: &Facts<'_>) -> Result<Output> {
        let raw = std::fs::read(path)?;
        let normalized = normalize(&raw, facts);
        Ok(Output { raw, normalized })
    }
}

/// Runs the program as its header says, in an empty folder.
pub(crate) fn program(
    python: &Path,
    program: &Path,
    header: &Header,
    variables: &[(&str, &str)],
) -> Result<Observed> {
    let scratch = Scratch::new()?;
    let file = |name| scratch.path().join(name);
    let (out, err, stats) = (file("stdout"), file("stderr"), file("stats"));
    let work = file("work");
    std::fs::create_dir(&work)?;
    let mut command = process::clean_command(python, scratch.path())?;
    command.current_dir(work).envs(variables.iter().copied());
    // On a busy machine compiling takes more than its share of a short program's time.
    command.env("PYRT_JIT_COMPILE_SHARE", "0");
    command.envs(header.variables.iter().map(|(name, value)| (name, value)));
    Stats::request(&mut command, &stats)?;
    command
        .args(&header.options)
        .arg(program)
        .args(&header.arguments);
    let child = process::start(&mut command, &out, &err)?;
    let finished = process::wait(&child, header.timeout);
    let facts = Facts {
        executable: &shown(python),
        scratch: &shown(scratch.path()),
        pid: child.id(),
    };
    Ok(Observed {
        end: finished.end,
        stats: Stats::collect(&stats)?,
        stdout: Output::read(&out, &facts)?,
        stderr: Output::read(&err, &facts)?,
    })
}

impl Observed {
    /// What it wrote, without what differs between any two processes.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout.normalized, self.stderr.normalized)
    }

    /// One complaint per kind of difference.
    pub(crate) fn differences_from(&self, expected: &Observed) -> Vec<String> {
        let mut complaints = Vec::new();
        if self.end != expected.end {
            complaints.push(format!(
                "ends with {}, python3.11 with {}",
                self.end, expected.end
            ));
        }
        let streams = [
            ("stdout", &expected.stdout, &self.stdout),
            ("stderr", &expected.stderr, &self.stderr),
        ];
        for (name, expected, found) in streams {
            // Masking can only tell a process id from a number that the program computed
            // by its value; outputs that agree as they are need none.
            if expected.raw != found.raw {
                complaints.extend(text_difference(
                    name,
                    &expected.normalized,
                    &found.normalized,
                ));
            }
        }
        complaints
    }
}

/// The first line that differs, and a little of what follows on either side.
fn text_difference(name: &str, expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let same = expected
        .lines()
        .zip(actual.lines())
        .take_while(|(one, other)| one == other)
        .count();
    let side = |sign: char, text: &str| -> String {
        text.lines()
            .skip(same)
            .take(6)
            .map(|line| format!("\n{sign}{line}"))
            .collect()
    };
    let (minus, plus) = (side('-', expected), side('+', actual));
    Some(format!(
        "{name} differs from line {}:{minus}{plus}",
        same + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::text_difference;

    #[test]
    fn equal_texts() {
        assert_eq!(text_difference("stdout", "a\n", "a\n"), None);
    }

    #[test]
    fn the_first_different_line() {
        let difference = text_difference("stdout", "a\nb\n", "a\nc\nd\n").unwrap();
        assert_eq!(difference, "stdout differs from line 2:\n-b\n+c\n+d");
    }

    #[test]
    fn a_missing_tail() {
        let difference = text_difference("stderr", "a\nb\n", "a\n").unwrap();
        assert_eq!(difference, "stderr differs from line 2:\n-b");
    }
}
