//! `cargo xtask suite`: CPython's own tests under python3.11 and under pyrt, compared test by test.
//!
//! Every module runs in a process of its own ([`run`]), whose recorder logs each outcome as it
//! happens ([`outcome`]). python3.11's outcomes are measured here, not assumed, and kept per
//! interpreter build ([`baseline`]). Both sides run again, up to twice, before a difference
//! counts ([`compare`]): some tests depend on timing. What is not run at all is listed with its
//! reason in `tests/suites/known-bad.list` ([`lists`]). Tests of packages with extension modules run in the same way
//! ([`packages`]).

mod baseline;
mod compare;
mod lists;
mod outcome;
mod packages;
mod run;

use crate::interpreters::{self, Interpreters};
use crate::mode::{self, Mode};
use crate::report::{Table, Tally, seconds};
use crate::stats::Stats;
use crate::{Result, parallel, workspace};
use baseline::Baseline;
use compare::{Comparison, compare};
use lists::Module;
pub(crate) use lists::names;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// Only these test modules.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    modules: Vec<String>,
    /// The list of modules to run.
    #[arg(long, value_name = "FILE", default_value = "tests/suites/core.list")]
    suite: PathBuf,
    /// How to run pyrt: default, nojit, eager, guards, twice, tight, bridges.
    #[arg(long, value_delimiter = ',', value_parser = mode::parse, default_value = "default")]
    modes: Vec<&'static Mode>,
    /// Modules at a time [default: one per core].
    #[arg(long)]
    jobs: Option<usize>,
    /// The least time a module gets; a slow one gets 15 times what it takes under python3.11.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    /// How often both sides are run again when they differ.
    #[arg(long, default_value_t = 2)]
    retries: usize,
    /// Also write the results to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only print the modules that would run.
    #[arg(long)]
    list: bool,
}

/// What a mode's run over all modules came to.
struct ModeReport {
    mode: &'static Mode,
    comparisons: Vec<Comparison>,
    wall: Duration,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let modules = lists::load(&workspace::path("tests/suites"), &args.suite, &args.modules)?;
    if args.list {
        return Ok(list(&modules));
    }
    let session = Session::open(args)?;
    let modules = session.longest_first(modules)?;
    let mut reports = Vec::new();
    for mode in &args.modes {
        let report = session.run_mode(mode, &modules)?;
        print_differences(&report);
        reports.push(report);
    }
    print!("\n{}", summary(&reports));
    if let Some(path) = &args.json {
        workspace::write(path, &serde_json::to_string_pretty(&as_json(&reports))?)?;
    }
    Ok(reports.iter().map(ModeReport::tally).sum())
}

fn list(modules: &[Module]) -> Tally {
    for module in modules {
        println!("{}{}", module.name, module.remark());
    }
    Tally::default()
}

/// What stays the same over all modes.
struct Session {
    interpreters: Interpreters,
    baseline: Baseline,
    jobs: usize,
    retries: usize,
    timeout: Duration,
}

impl Session {
    fn open(args: &Args) -> Result<Session> {
        let interpreters = args.interpreters.find()?;
        let baseline = Baseline::open(&interpreters)?;
        let jobs = args.jobs.unwrap_or_else(parallel::default_jobs);
        let timeout = Duration::from_secs(args.timeout) * interpreters.patience;
        Ok(Session {
            interpreters,
            baseline,
            jobs,
            retries: args.retries,
            timeout,
        })
    }

    /// Makes sure that there is a baseline, and puts long modules first, so that none is left
    /// running alone at the end.
    fn longest_first(&self, modules: Vec<Module>) -> Result<Vec<Module>> {
        let started = Instant::now();
        let mut modules: Vec<_> = modules
            .into_iter()
            .filter(|m| m.excluded.is_none())
            .collect();
        if modules.iter().any(packages::has) {
            let folder = packages::install(&self.interpreters)?;
            for module in modules.iter_mut().filter(|module| packages::has(module)) {
                module.packages = Some(folder.clone());
            }
        }
        let measured = parallel::map(&modules, self.jobs, |module| self.baseline.get(module));
        let measured = measured.into_iter().collect::<Result<Vec<_>>>()?;
        println!(
            "python3.11: {} modules in {}",
            modules.len(),
            seconds(started.elapsed())
        );
        let mut timed: Vec<_> = measured.iter().map(|run| run.wall).zip(modules).collect();
        timed.sort_by_key(|(wall, _)| std::cmp::Reverse(*wall));
        Ok(timed.into_iter().map(|(_, module)| module).collect())
    }

    fn run_mode(&self, mode: &'static Mode, modules: &[Module]) -> Result<ModeReport> {
        let started = Instant::now();
        let compared = parallel::map(modules, self.jobs, |module| {
            self.compare_module(mode, module)
        });
        let comparisons = compared.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(ModeReport {
            mode,
            comparisons,
            wall: started.elapsed(),
        })
    }

    fn compare_module(&self, mode: &'static Mode, module: &Module) -> Result<Comparison> {
        let mut expected = self.baseline.get(module)?;
        let limit = self.timeout.max(expected.wall * 15);
        let under_pyrt = || run::module(&self.interpreters.pyrt, module, mode.variables, limit);
        let mut comparison = compare(&module.name, &expected, &under_pyrt()?);
        for _ in 0..self.retries {
            if comparison.differences.is_empty() {
                break;
            }
            expected = self.baseline.measure(module)?;
            comparison.retry(compare(&module.name, &expected, &under_pyrt()?));
        }
        // On stderr, as it happens: a run of many modules shows which of them it waits for.
        eprintln!("{}: {}", mode.name, comparison.progress(expected.wall));
        Ok(comparison)
    }
}

impl ModeReport {
    fn sum(&self, count: impl Fn(&Comparison) -> usize) -> usize {
        self.comparisons.iter().map(count).sum()
    }

    fn stats(&self) -> Stats {
        self.comparisons
            .iter()
            .fold(Stats::default(), |mut sum, comparison| {
                sum += comparison.stats.clone();
                sum
            })
    }

    /// One check per test id, one that nothing but tracing hands frames to the C loop, and one that
    /// the mode was in force.
    fn tally(&self) -> Tally {
        let failed = self.sum(|comparison| comparison.differences.len());
        let mut tally = Tally {
            passed: self.sum(|comparison| comparison.ids) - failed,
            failed,
        };
        tally += Tally::of(self.handovers_hold());
        tally += Tally::of(self.mode.unproven(&self.stats()).is_empty());
        tally
    }

    /// Also false if no counters came at all, since then nobody counted.
    fn handovers_hold(&self) -> bool {
        let stats = self.stats();
        stats.processes > 0 && stats.unexcused_handovers() == 0
    }
}

fn print_differences(report: &ModeReport) {
    for comparison in &report.comparisons {
        for id in &comparison.recovered {
            println!(
                "{}: {id}: differed, but not in every attempt",
                report.mode.name
            );
        }
        let (missing, different): (Vec<_>, Vec<_>) = comparison
            .differences
            .iter()
            .partition(|(_, difference)| difference.is_not_run());
        for (id, difference) in different {
            println!("{}: {id}\n{difference}", report.mode.name);
        }
        if let Some((first, _)) = missing.first() {
            let (mode, count) = (report.mode.name, missing.len());
            println!("{mode}: {count} tests did not run under pyrt, {first} the first by name\n");
        }
    }
    report.mode.was_in_force(&report.stats());
    if !report.handovers_hold() {
        let stats = report.stats();
        println!(
            "{}: hand-overs to the C loop, tracing and profiling aside: {} in {} processes",
            report.mode.name,
            stats.unexcused_handovers(),
            stats.processes
        );
    }
}

fn summary(reports: &[ModeReport]) -> Table {
    let mut table = Table::new(&[
        "mode",
        "modules",
        "tests",
        "differ",
        "flaky",
        "traces",
        "exits",
        "evicted",
        "hand-overs",
        "unexcused",
        "time",
    ]);
    for report in reports {
        let stats = report.stats();
        table.row([
            report.mode.name.to_owned(),
            report.comparisons.len().to_string(),
            report.sum(|comparison| comparison.ids).to_string(),
            report
                .sum(|comparison| comparison.differences.len())
                .to_string(),
            report
                .sum(|comparison| comparison.recovered.len())
                .to_string(),
            stats.traces().to_string(),
            stats.exits().to_string(),
            stats.get("trees_evicted").to_string(),
            stats.get("handovers").to_string(),
            stats.unexcused_handovers().to_string(),
            seconds(report.wall),
        ]);
    }
    table
}

fn as_json(reports: &[ModeReport]) -> serde_json::Value {
    let modes = reports.iter().map(|report| {
        let modules: Vec<_> = report.comparisons.iter().map(Comparison::as_json).collect();
        let counters: serde_json::Map<_, _> = report
            .stats()
            .iter()
            .map(|(name, count)| (name.to_owned(), count.into()))
            .collect();
        serde_json::json!({
            "mode": report.mode.name,
            "seconds": report.wall.as_secs_f64(),
            "counters": counters,
            "modules": modules,
        })
    });
    serde_json::Value::Array(modes.collect())
}
