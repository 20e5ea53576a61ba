//! Who is measured: python3.11 first, which the others are compared with.

use crate::scratch::Scratch;
use crate::{Result, interpreters, mode, process, workspace};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options of all benchmarks.
#[derive(clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(super) interpreters: interpreters::Args,
    /// Another interpreter to measure beside them, or another way to run one.
    #[arg(long, value_name = "NAME=[VARIABLE=VALUE ...] PATH", value_parser = named)]
    with: Vec<Contestant>,
    /// Keep the results in bench/results.
    #[arg(long)]
    pub(super) record: bool,
}

/// An interpreter in a benchmark.
#[derive(Clone)]
pub(crate) struct Contestant {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// How its environment differs from everybody's.
    pub(super) variables: Vec<(String, String)>,
}

impl Contestant {
    pub(super) fn new(name: &str, path: &Path) -> Contestant {
        Contestant {
            name: name.to_owned(),
            path: path.to_owned(),
            variables: Vec::new(),
        }
    }

    /// A command that runs it in a clean environment.
    pub(super) fn command(&self, scratch: &Scratch) -> Result<Command> {
        let mut command = process::clean_command(&self.path, scratch.path())?;
        command.envs(self.variables.iter().cloned());
        Ok(command)
    }

    /// What an expression is in it, by `print`.
    pub(super) fn evaluate(&self, expression: &str) -> Result<String> {
        let code = format!("import sys; print({expression})");
        let output = workspace::output_of(Command::new(&self.path).args(["-I", "-c", &code]))?;
        Ok(output.trim().to_owned())
    }
}

fn named(text: &str) -> Result<Contestant> {
    let (name, rest) = text
        .split_once('=')
        .ok_or("an interpreter is given as NAME=PATH")?;
    let (variables, path) = rest.rsplit_once(' ').unwrap_or(("", rest));
    let variable = |word: &str| {
        let (name, value) = word.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let variables = variables.split_whitespace().map(variable);
    Ok(Contestant {
        variables: variables
            .collect::<Option<_>>()
            .ok_or("before the path there are variables, each as NAME=VALUE")?,
        ..Contestant::new(name, &std::path::absolute(path)?)
    })
}

/// The executable of that name in the first of the folders that has one.
fn find_executable(name: &str, search_path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

impl Common {
    /// python3.11, pyrt, and what the command line adds.
    pub(super) fn contestants(&self) -> Result<Vec<Contestant>> {
        let pair = self.interpreters.find()?;
        let own = [("python3.11", &pair.python), ("pyrt", &pair.pyrt)];
        let own = own.map(|(name, path)| Contestant::new(name, path));
        Ok(self.with_added(own.into()))
    }

    /// Those and pyrt without its compiler, and the pypy3 on PATH, if there is one.
    pub(super) fn all_contestants(&self) -> Result<Vec<Contestant>> {
        let mut contestants = self.contestants()?;
        let interpreted = Contestant {
            variables: mode::parse("nojit")?
                .variables
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            ..Contestant::new("pyrt, PYRT_JIT=0", &contestants[1].path)
        };
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        let pypy = find_executable("pypy3", &search_path);
        let pypy = pypy.map(|path| Contestant::new("pypy3", &path));
        contestants.splice(2..2, std::iter::once(interpreted).chain(pypy));
        // One of the same name takes the place of the one that was found.
        Ok(self.with_added(contestants))
    }

    fn with_added(&self, mut contestants: Vec<Contestant>) -> Vec<Contestant> {
        for added in &self.with {
            contestants.retain(|contestant| contestant.name != added.name);
            contestants.push(added.clone());
        }
        contestants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_by_name() {
        let contestant = named("mine=/opt/a=b/python").unwrap();
        assert_eq!(contestant.name, "mine");
        assert_eq!(contestant.path, Path::new("/opt/a=b/python"));
        assert!(named("/opt/python").is_err());
        let contestant = named("map=PYRT_PERF=map A=b=c /opt/a=b/python").unwrap();
        assert_eq!(contestant.path, Path::new("/opt/a=b/python"));
        let variables = [("PYRT_PERF", "map"), ("A", "b=c")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(contestant.variables, variables);
        assert!(named("map=PYRT_PERF /opt/python").is_err());
    }

    #[test]
    fn executables_are_found_on_the_search_path() {
        assert_eq!(
            find_executable("sh", OsStr::new("/nonexistent:/bin")),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(find_executable("bin", OsStr::new("/")), None);
    }
}
