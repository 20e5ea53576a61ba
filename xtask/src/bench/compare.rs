//! `bench compare A B`: what a change to pyrt has brought, from two builds of it.
//!
//! By time, the builds take turns, and a ratio is that of a pair of processes one after the other. By
//! instructions, one process of each is enough: they are counted by perf where the machine has counters, else by
//! callgrind, which does it everywhere, and fifty times slower.

use super::statistics::{geometric_mean, median, median_interval};
use super::{Contestant, warm};
use crate::report::{Table, Tally};
use crate::scratch::Scratch;
use crate::{Result, workspace};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// An executable of pyrt.
    before: PathBuf,
    /// Another, which is above 1 if it is better.
    after: PathBuf,
    /// What counts.
    #[arg(long, value_enum, default_value = "time")]
    by: By,
    /// Pairs of processes per program, if time counts.
    #[arg(long, default_value_t = 10)]
    pairs: usize,
    /// Calls of each program, if instructions count.
    #[arg(long, default_value_t = 20)]
    calls: u32,
    /// Only these programs of bench/programs/micro and bench/programs/loops, by name.
    programs: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum By {
    Time,
    Instructions,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let build = |name, path: &Path| -> Result<Contestant> {
        let path = std::path::absolute(path)?;
        if !path.is_file() {
            return Err(format!("no {}", path.display()).into());
        }
        Ok(Contestant::new(name, &path))
    };
    let builds = [build("A", &args.before)?, build("B", &args.after)?];
    let programs = programs(&args.programs)?;
    let table = match args.by {
        By::Time => by_time(&programs, &builds, args.pairs)?,
        By::Instructions => by_instructions(&programs, &builds, args.calls)?,
    };
    print!("{table}");
    Ok(Tally::default())
}

/// Of both suites, those of these names, or all.
fn programs(only: &[String]) -> Result<Vec<PathBuf>> {
    let mut all = warm::MICRO.programs(&[])?;
    all.extend(warm::LOOPS.programs(&[])?);
    let known = |name: &&String| all.iter().any(|program| warm::name(program) == **name);
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        return Err(format!("no program {unknown:?} in bench/programs").into());
    }
    all.retain(|program| only.is_empty() || only.contains(&warm::name(program)));
    Ok(all)
}

/// A's time over B's, per program in the first call and later.
fn by_time(programs: &[PathBuf], builds: &[Contestant; 2], pairs: usize) -> Result<Table> {
    let mut table = Table::new(&[
        "program",
        "A ms",
        "steady, A/B",
        "95 %",
        "first, A/B",
        "95 %",
    ]);
    let mut medians = [Vec::new(), Vec::new()];
    for program in programs {
        let mut taken = Vec::new();
        let mut ratios = [Vec::new(), Vec::new()];
        for pair in 0..pairs {
            let [a, b] = in_turns(pair, builds, |build| warm::time(program, build))?;
            ratios[0].push(a.steady / b.steady);
            ratios[1].push(a.first_processor / b.first_processor);
            taken.push(a.steady);
        }
        let mut cells = vec![
            warm::name(program),
            format!("{:.2}", median(&taken) * 1000.0),
        ];
        for (ratios, medians) in ratios.iter().zip(&mut medians) {
            medians.push(median(ratios));
            cells.extend([format!("{:.3}", median(ratios)), interval(ratios)]);
        }
        table.row(cells);
    }
    let [steady, first] = medians.map(|ratios| format!("{:.3}", geometric_mean(&ratios)));
    let empty = String::new;
    table.row([
        "geometric mean".into(),
        empty(),
        steady,
        empty(),
        first,
        empty(),
    ]);
    Ok(table)
}

/// What both do, now the one first, now the other.
fn in_turns<T>(
    turn: usize,
    builds: &[Contestant; 2],
    mut run: impl FnMut(&Contestant) -> Result<T>,
) -> Result<[T; 2]> {
    let [a, b] = builds;
    if turn.is_multiple_of(2) {
        Ok([run(a)?, run(b)?])
    } else {
        let b = run(b)?;
        Ok([run(a)?, b])
    }
}

fn interval(ratios: &[f64]) -> String {
    median_interval(ratios).map_or("-".into(), |(low, high)| {
        // What does not include 1 is a difference.
        let mark = if (low..=high).contains(&1.0) {
            ""
        } else {
            " *"
        };
        format!("{low:.3} - {high:.3}{mark}")
    })
}

/// A's instructions over B's.
fn by_instructions(programs: &[PathBuf], builds: &[Contestant; 2], calls: u32) -> Result<Table> {
    let counter = Counter::find();
    println!("instructions are counted by {}", counter.name());
    let mut table = Table::new(&["program", "A million", "B million", "A/B"]);
    let mut ratios = Vec::new();
    for program in programs {
        let [a, b] = in_turns(0, builds, |build| counter.count(program, build, calls))?;
        ratios.push(a / b);
        let millions = [a, b].map(|count| format!("{:.1}", count / 1e6));
        table.row(
            std::iter::once(warm::name(program))
                .chain(millions)
                .chain([format!("{:.4}", a / b)]),
        );
    }
    let mean = format!("{:.4}", geometric_mean(&ratios));
    table.row(["geometric mean".into(), String::new(), String::new(), mean]);
    Ok(table)
}

/// What counts instructions.
enum Counter {
    Perf,
    Callgrind,
}

impl Counter {
    /// perf, if it can count here.
    fn find() -> Counter {
        let mut perf = Command::new("perf");
        perf.args(["stat", "-x,", "-e", "instructions:u", "true"]);
        let counted = perf.output().is_ok_and(|output| {
            output.status.success()
                && counted_by_perf(&String::from_utf8_lossy(&output.stderr)).is_some()
        });
        if counted {
            Counter::Perf
        } else {
            Counter::Callgrind
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Counter::Perf => "perf",
            Counter::Callgrind => "callgrind",
        }
    }

    /// The instructions of a process that calls the program so often. Nothing in it depends on chance or
    /// on the time that something takes: strs have the same hashes, and the compiler neither runs beside
    /// the program nor waits for its share of the time.
    fn count(&self, program: &Path, build: &Contestant, calls: u32) -> Result<f64> {
        let scratch = Scratch::new()?;
        let counts = scratch.path().join("counts");
        let mut command = match self {
            Counter::Perf => {
                let mut perf = Command::new("perf");
                perf.args(["stat", "-x,", "-e", "instructions:u", "-o"]);
                perf.arg(&counts);
                perf
            }
            Counter::Callgrind => {
                let mut valgrind = Command::new("valgrind");
                valgrind.args(["-q", "--tool=callgrind"]);
                valgrind.arg(format!("--callgrind-out-file={}", counts.display()));
                valgrind
            }
        };
        command
            .arg(&build.path)
            .arg(workspace::path("bench/timing.py"))
            .arg(program)
            .arg(format!("--calls={calls}"))
            .env("PYTHONHASHSEED", "0")
            .env("PYRT_JIT_BACKGROUND", "0")
            .env("PYRT_JIT_COMPILE_SHARE", "0")
            .stdout(Stdio::null());
        let status = command
            .status()
            .map_err(|error| format!("{}, of Debian's package: {error}", self.name()))?;
        if !status.success() {
            return Err(format!("{command:?}: {status}").into());
        }
        let text = workspace::read(&counts)?;
        let count = match self {
            Counter::Perf => counted_by_perf(&text),
            Counter::Callgrind => counted_by_callgrind(&text),
        };
        count.ok_or_else(|| format!("{} counted nothing", self.name()).into())
    }
}

/// The first column of the counter's line, which is no number where there are no counters.
fn counted_by_perf(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains("instructions"))?;
    line.split(',').next()?.parse().ok()
}

/// What the file says of all threads together.
fn counted_by_callgrind(text: &str) -> Option<f64> {
    let total = |line: &str| {
        let number = line
            .strip_prefix("totals: ")
            .or(line.strip_prefix("summary: "))?;
        number.trim().parse().ok()
    };
    text.lines().rev().find_map(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_counters_write() {
        let perf = "# started on Thu\n\n1234567,,instructions:u,1000,100.00,,\n";
        assert_eq!(counted_by_perf(perf), Some(1_234_567.0));
        assert_eq!(
            counted_by_perf("<not supported>,,instructions:u,0,100.00,,"),
            None
        );
        let callgrind = "events: Ir\nsummary: 10\n\nfn=(1)\n1 10\n\ntotals: 12\n";
        assert_eq!(counted_by_callgrind(callgrind), Some(12.0));
        assert_eq!(counted_by_callgrind("events: Ir\n"), None);
    }

    #[test]
    fn only_an_interval_without_one_is_a_difference() {
        assert_eq!(interval(&[1.1; 6]), "1.100 - 1.100 *");
        assert_eq!(interval(&[0.9, 0.9, 0.9, 1.1, 1.1, 1.1]), "0.900 - 1.100");
        assert_eq!(interval(&[1.1; 5]), "-");
    }

    #[test]
    fn builds_take_turns() {
        let builds = ["A", "B"].map(|name| Contestant::new(name, Path::new("/bin/false")));
        let mut order = Vec::new();
        for turn in 0..2 {
            let names = in_turns(turn, &builds, |build| {
                order.push(build.name.clone());
                Ok(build.name.clone())
            });
            assert_eq!(names.unwrap(), ["A", "B"]);
        }
        assert_eq!(order, ["A", "B", "B", "A"]);
    }

    #[test]
    fn programs_of_both_suites_by_name() {
        let names = ["fib", "gcd"].map(str::to_owned);
        assert_eq!(programs(&names).unwrap().len(), 2);
        assert!(programs(&["no".to_owned()]).is_err());
    }
}
