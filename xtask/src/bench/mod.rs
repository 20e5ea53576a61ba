//! `cargo xtask bench`: ratios between interpreters, measured side by side in one run.
//!
//! The contestants take turns, so that what else the machine does hits all of them; the numbers are
//! medians, and a ratio is python3.11's time over the contestant's, so above 1 is faster.

mod loops;
mod results;
mod startup;

use crate::interpreters;
use crate::report::Tally;
use crate::{Result, mode};
use clap::Subcommand;
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
    /// The loops in bench/programs/loops, warm.
    Loops(loops::Args),
}

/// Options of all benchmarks.
#[derive(clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// Another interpreter to measure beside them, such as pypy3=/usr/bin/pypy3.
    #[arg(long, value_name = "NAME=PATH", value_parser = peer)]
    peer: Vec<Contestant>,
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

fn peer(text: &str) -> Result<Contestant> {
    let (name, path) = text.split_once('=').ok_or("a peer is NAME=PATH")?;
    Ok(Contestant {
        name: name.to_owned(),
        path: std::path::absolute(path)?,
        variables: &[],
    })
}

impl Common {
    /// python3.11 first, which the others are compared with.
    fn contestants(&self) -> Result<Vec<Contestant>> {
        let pair = self.interpreters.find()?;
        let contestant = |name: &str, path: &Path, variables| Contestant {
            name: name.to_owned(),
            path: path.to_owned(),
            variables,
        };
        let mut contestants = vec![
            contestant("python3.11", &pair.python, &[]),
            contestant("pyrt", &pair.pyrt, &[]),
            contestant(
                "pyrt, PYRT_JIT=0",
                &pair.pyrt,
                mode::parse("nojit")?.variables,
            ),
        ];
        contestants.extend(self.peer.iter().cloned());
        Ok(contestants)
    }
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    match &args.what {
        What::Startup(args) => startup::run(args),
        What::Loops(args) => loops::run(args),
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
    fn geometric_means() {
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
    }
}
