//! `cargo xtask bench`: ratios between interpreters, measured side by side in one run.
//!
//! The contestants take turns, so that what else the machine does hits all of them; the numbers are
//! medians, and a ratio is python3.11's time over the contestant's, so above 1 is faster.

mod results;
mod startup;
mod warm;

use crate::interpreters;
use crate::report::Tally;
use crate::{Result, mode};
use clap::Subcommand;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Processor time and memory of `-c pass`.
    Startup(startup::Args),
    /// The numeric loops in bench/programs/loops, warm.
    Loops(warm::Args),
    /// The programs in bench/programs/micro, warm, beside the ratios that they are to reach.
    Micro(warm::Args),
}

/// Options of all benchmarks.
#[derive(clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// Another interpreter to measure beside them, besides the pypy3 on PATH, if there is one.
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    with: Vec<Contestant>,
    /// Keep the results in bench/results.
    #[arg(long)]
    record: bool,
}

/// An interpreter in a benchmark.
#[derive(Clone)]
pub(crate) struct Contestant {
    name: String,
    path: PathBuf,
    variables: &'static [(&'static str, &'static str)],
}

impl Contestant {
    fn new(name: &str, path: &Path) -> Contestant {
        Contestant {
            name: name.to_owned(),
            path: path.to_owned(),
            variables: &[],
        }
    }
}

fn named(text: &str) -> Result<Contestant> {
    let (name, path) = text
        .split_once('=')
        .ok_or("an interpreter is given as NAME=PATH")?;
    Ok(Contestant::new(name, &std::path::absolute(path)?))
}

/// The executable of that name in the first of the folders that has one.
fn find_executable(name: &str, search_path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

impl Common {
    /// python3.11 first, which the others are compared with.
    fn contestants(&self) -> Result<Vec<Contestant>> {
        let pair = self.interpreters.find()?;
        let mut contestants = vec![
            Contestant::new("python3.11", &pair.python),
            Contestant::new("pyrt", &pair.pyrt),
            Contestant {
                variables: mode::parse("nojit")?.variables,
                ..Contestant::new("pyrt, PYRT_JIT=0", &pair.pyrt)
            },
        ];
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        contestants.extend(
            find_executable("pypy3", &search_path).map(|path| Contestant::new("pypy3", &path)),
        );
        // One of the same name takes the place of the one that was found.
        for added in &self.with {
            contestants.retain(|contestant| contestant.name != added.name);
            contestants.push(added.clone());
        }
        Ok(contestants)
    }
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    match &args.what {
        What::Startup(args) => startup::run(args),
        What::Loops(args) => warm::run(&warm::LOOPS, args),
        What::Micro(args) => warm::run(&warm::MICRO, args),
    }
}

/// The middle value, or the mean of the two in the middle. Panics if there is none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }

    #[test]
    fn interpreters_by_name() {
        let contestant = named("mine=/opt/a=b/python").unwrap();
        assert_eq!(contestant.name, "mine");
        assert_eq!(contestant.path, Path::new("/opt/a=b/python"));
        assert!(named("/opt/python").is_err());
    }

    #[test]
    fn executables_are_found_on_the_search_path() {
        assert_eq!(
            find_executable("sh", OsStr::new("/nonexistent:/bin")),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(find_executable("bin", OsStr::new("/")), None);
    }

    #[test]
    fn geometric_means() {
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
    }
}
