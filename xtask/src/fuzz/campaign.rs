//! Runs programs by the batch in all modes, and finds those that differ.

use super::batch::{Batch, Outcome};
use super::generate;
use super::tree::print;
use crate::interpreters::Interpreters;
use crate::mode::Mode;
use crate::report::{Table, Tally, seconds};
use crate::stats::Stats;
use crate::{Result, parallel};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub(super) struct Campaign<'a> {
    pub(super) interpreters: &'a Interpreters,
    pub(super) modes: Vec<&'static Mode>,
    pub(super) first: u64,
    pub(super) programs: u64,
    pub(super) batch: u64,
    pub(super) jobs: usize,
    /// No more batches are run after one with a failure.
    pub(super) stop_at_first: bool,
}

/// A program that differs in some mode.
pub(super) struct Failure {
    pub(super) seed: u64,
    pub(super) mode: &'static Mode,
    /// The seeds that ran in the same process before it.
    pub(super) batch: Range<u64>,
    pub(super) expected: Outcome,
    pub(super) actual: Outcome,
}

/// The sums over programs in one mode.
#[derive(Clone, Default)]
struct Sums {
    programs: usize,
    differ: usize,
    compiled: usize,
    stats: Stats,
    wall: Duration,
}

/// What came of a batch: failures, and the sums for python3.11 and for each mode.
#[derive(Default)]
struct Done {
    failures: Vec<Failure>,
    python: Duration,
    faulty: usize,
    sums: Vec<Sums>,
}

impl Campaign<'_> {
    /// Runs all programs and prints what they came to.
    pub(super) fn run(&self) -> Result<(Vec<Failure>, Tally)> {
        let started = Instant::now();
        let end = self.first + self.programs;
        let batches: Vec<_> = (self.first..end)
            .step_by(self.batch as usize)
            .map(|first| first..(first + self.batch).min(end))
            .collect();
        let finished = AtomicU64::new(0);
        let failed = AtomicBool::new(false);
        let done = parallel::map(&batches, self.jobs, |batch| {
            if self.stop_at_first && failed.load(Ordering::Relaxed) {
                return Ok(Done {
                    sums: vec![Sums::default(); self.modes.len()],
                    ..Done::default()
                });
            }
            let done = self.run_batch(batch.clone());
            if let Ok(done) = &done {
                failed.fetch_or(!done.failures.is_empty(), Ordering::Relaxed);
                for Failure {
                    seed, mode, actual, ..
                } in &done.failures
                {
                    let end = match actual {
                        Outcome::Died(end) => format!(": {end}"),
                        Outcome::Output { .. } => String::new(),
                    };
                    eprintln!("seed {seed} differs in mode {}{end}", mode.name);
                }
            }
            let count = batch.end - batch.start;
            let before = finished.fetch_add(count, Ordering::Relaxed);
            if (before + count) / PROGRESS > before / PROGRESS {
                let time = seconds(started.elapsed());
                eprintln!(
                    "{} of {} programs after {time}",
                    before + count,
                    self.programs
                );
            }
            done
        });
        let done = done.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(self.sum_up(done, started.elapsed()))
    }

    fn run_batch(&self, seeds: Range<u64>) -> Result<Done> {
        let sources: Vec<_> = seeds
            .clone()
            .map(|seed| print(&generate::program(seed)))
            .collect();
        let batch = Batch::new(&sources)?;
        let expected = batch.run(&self.interpreters.python, &[])?;
        let mut done = Done {
            python: expected.wall,
            ..Done::default()
        };
        let mut differing = Vec::new();
        for mode in &self.modes {
            let actual = batch.run(&self.interpreters.pyrt, mode.variables)?;
            let mut sums = Sums {
                programs: sources.len(),
                wall: actual.wall,
                ..Sums::default()
            };
            let pairs = expected.programs.iter().zip(&actual.programs);
            for (seed, (expected, actual)) in seeds.clone().zip(pairs) {
                if let Outcome::Output { stats, .. } = actual {
                    sums.compiled += usize::from(stats.traces() > 0);
                    sums.stats += stats.clone();
                }
                if !actual.agrees_with(expected) {
                    differing.push((seed, *mode, actual.clone()));
                }
            }
            done.sums.push(sums);
        }
        if differing.is_empty() {
            return Ok(done);
        }
        // A program that differs from itself is at fault.
        let again = batch.run(&self.interpreters.python, &[])?;
        for (seed, mode, actual) in differing {
            let index = (seed - seeds.start) as usize;
            let outcome = &expected.programs[index];
            let steady = matches!(outcome, Outcome::Output { .. });
            if !steady || !outcome.agrees_with(&again.programs[index]) {
                done.faulty += 1;
                continue;
            }
            let position = self.modes.iter().position(|other| *other == mode);
            done.sums[position.expect("the mode was run")].differ += 1;
            done.failures.push(Failure {
                seed,
                mode,
                batch: seeds.start..seed,
                expected: outcome.clone(),
                actual,
            });
        }
        Ok(done)
    }

    fn sum_up(&self, done: Vec<Done>, wall: Duration) -> (Vec<Failure>, Tally) {
        let python: Duration = done.iter().map(|done| done.python).sum();
        let faulty: usize = done.iter().map(|done| done.faulty).sum();
        let programs: usize = done.iter().map(|done| done.sums[0].programs).sum();
        let rate = |time: Duration| format!("{:.0}", programs as f64 / time.as_secs_f64());
        let mut table = Table::new(&[
            "mode", "programs", "differ", "compiled", "traces", "exits", "evicted", "per s",
        ]);
        let count = programs.to_string();
        let cells = ["python3.11", &count, "", "", "", "", "", &rate(python)];
        table.row(cells.map(str::to_owned));
        let mut tally = Tally::default();
        for (index, mode) in self.modes.iter().enumerate() {
            let mut sum = Sums::default();
            for sums in done.iter().map(|done| &done.sums[index]) {
                sum.programs += sums.programs;
                sum.differ += sums.differ;
                sum.compiled += sums.compiled;
                sum.stats += sums.stats.clone();
                sum.wall += sums.wall;
            }
            let share = 100.0 * sum.compiled as f64 / sum.programs.max(1) as f64;
            table.row([
                mode.name.to_owned(),
                sum.programs.to_string(),
                sum.differ.to_string(),
                format!("{share:.1} %"),
                sum.stats.traces().to_string(),
                sum.stats.exits().to_string(),
                sum.stats.get("trees_evicted").to_string(),
                rate(sum.wall),
            ]);
            tally += Tally {
                passed: sum.programs - sum.differ,
                failed: sum.differ,
            };
            tally += Tally::of(mode.was_in_force(&sum.stats));
        }
        println!("{table}");
        println!(
            "{programs} programs in {}, {faulty} comparisons void because python3.11 disagrees with itself",
            seconds(wall)
        );
        let failures = done.into_iter().flat_map(|done| done.failures).collect();
        (failures, tally)
    }
}

/// Programs between two lines about the progress.
const PROGRESS: u64 = 1000;
