//! A program's tasks, measured by pyperf's workers: one process per task, interpreter and round.
//!
//! python3.11 says how many loops take a while, and how long; from then on every interpreter does the same
//! number of batches of the same number of loops, so that warm-up is equal in work. Times are processor
//! time (`bench/site`), and per loop.

use super::super::Contestant;
use super::programs::Program;
use crate::process::{self, End};
use crate::scratch::Scratch;
use crate::stats::Stats;
use crate::{Result, workspace};
use serde::Serialize;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// How long a process may take.
const LIMIT: Duration = Duration::from_secs(600);

/// How often something is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    /// The least seconds of a batch in python3.11.
    pub(super) batch: f64,
    /// Seconds of python3.11 that everybody warms up for.
    pub(super) warm: f64,
    /// Seconds of python3.11 that are measured.
    pub(super) measure: f64,
}

/// Most batches to warm up with, and most that are measured.
const MOST_BATCHES: f64 = 1000.0;

/// One of the things that a program measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub(super) name: String,
    /// Its place in the program.
    number: usize,
    /// Loops in a batch, as pyperf counts them, and those that the program does in each.
    loops: u64,
    inner_loops: u64,
    warm: u64,
    measure: u64,
}

/// What one process measured.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    /// Seconds of a loop in each batch of the warm-up.
    pub(super) warm: Vec<f64>,
    /// The same after it.
    pub(super) steady: Vec<f64>,
    pub(super) peak_rss_kib: i64,
    /// Seconds that pyrt took to compile, and how many traces it compiled.
    pub(super) compiling: f64,
    pub(super) traces: u64,
}

impl Measured {
    /// Seconds of a loop in the very first batch.
    pub(super) fn first(&self) -> f64 {
        self.warm[0]
    }
}

/// How a program is started under an interpreter.
pub(super) struct Worker<'a> {
    pub(super) program: &'a Program,
    pub(super) contestant: &'a Contestant,
    pub(super) search_path: &'a OsStr,
    pub(super) patience: u32,
}

impl Worker<'_> {
    /// The program's tasks, with as many loops and batches as it takes here.
    pub(super) fn plan(&self, amount: Amount) -> Result<Vec<Task>> {
        let scratch = Scratch::new()?;
        let batch = format!("--min-time={}", amount.batch);
        let options = ["-p1", "-w0", "-n1", &batch, "--copy-env"];
        let (output, _) = self.run(&scratch, &options.map(str::to_owned))?;
        tasks(&output, amount).ok_or_else(|| format!("not as pyperf writes it: {output}").into())
    }

    pub(super) fn measure(&self, task: &Task) -> Result<Measured> {
        let scratch = Scratch::new()?;
        let options = [
            "--worker".to_owned(),
            format!("--worker-task={}", task.number),
            format!("-l{}", task.loops),
            format!("-w{}", task.warm),
            format!("-n{}", task.measure),
        ];
        let (output, peak_rss_kib) = self.run(&scratch, &options)?;
        let (warm, steady) =
            batches(&output).ok_or_else(|| format!("not as pyperf writes it: {output}"))?;
        let stats = Stats::collect(&scratch.path().join("counters"))?;
        Ok(Measured {
            warm,
            steady,
            peak_rss_kib,
            compiling: stats.get("compile_ns") as f64 / 1e9,
            traces: stats.traces(),
        })
    }

    /// What pyperf writes, and the peak of the memory.
    fn run(&self, scratch: &Scratch, options: &[String]) -> Result<(Value, i64)> {
        let file = |name: &str| scratch.path().join(name);
        let mut command = self.contestant.command(scratch)?;
        command
            .env("PYTHONPATH", self.search_path)
            .arg(self.program.script())
            .arg("--quiet")
            .arg("--output")
            .arg(file("measured"))
            .args(options)
            .args(&self.program.options);
        std::fs::create_dir(file("counters"))?;
        command.env("BENCH_COUNTERS", file("counters"));
        let child = process::start(&mut command, &file("out"), &file("err"))?;
        let finished = process::wait(&child, LIMIT * self.patience);
        match finished.end {
            End::Exit(0) => {
                let text = workspace::read(&file("measured"))?;
                Ok((serde_json::from_str(&text)?, finished.peak_rss_kib))
            }
            end => Err(format!("{end}: {}", complaint(&file("err"))).into()),
        }
    }
}

/// The last line that a process wrote.
fn complaint(stderr: &Path) -> String {
    let text = workspace::read(stderr).unwrap_or_default();
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    last.unwrap_or("it said nothing").to_owned()
}

/// The tasks of a calibration.
fn tasks(output: &Value, amount: Amount) -> Option<Vec<Task>> {
    let benchmarks = output["benchmarks"].as_array()?;
    let task = |(number, benchmark): (usize, &Value)| {
        // What all benchmarks of a file have in common is said once for all.
        let said = |key: &str| match &benchmark["metadata"][key] {
            Value::Null => &output["metadata"][key],
            own => own,
        };
        let loops = said("loops").as_u64()?;
        let inner_loops = said("inner_loops").as_u64().unwrap_or(1);
        let value = benchmark["runs"].as_array()?.last()?["values"][0].as_f64()?;
        let batch = value * (loops * inner_loops) as f64;
        let batches = |seconds: f64| (seconds / batch).round().min(MOST_BATCHES) as u64;
        Some(Task {
            name: said("name").as_str()?.to_owned(),
            number,
            loops,
            inner_loops,
            warm: batches(amount.warm).max(1),
            measure: batches(amount.measure).max(3),
        })
    };
    benchmarks.iter().enumerate().map(task).collect()
}

/// What a worker measured: seconds of a loop in each batch of the warm-up, and in those after it.
fn batches(output: &Value) -> Option<(Vec<f64>, Vec<f64>)> {
    let run = &output["benchmarks"][0]["runs"][0];
    let warm = run["warmups"].as_array()?.iter();
    let steady = run["values"].as_array()?.iter();
    Some((
        warm.map(|batch| batch[1].as_f64()).collect::<Option<_>>()?,
        steady.map(Value::as_f64).collect::<Option<_>>()?,
    ))
}

impl Task {
    /// How many seconds a batch took whose loops took so long.
    pub(super) fn batch(&self, seconds_per_loop: f64) -> f64 {
        seconds_per_loop * (self.loops * self.inner_loops) as f64
    }
}

#[cfg(test)]
impl Task {
    pub(super) fn sample() -> Task {
        Task {
            name: "nbody".into(),
            number: 0,
            loops: 2,
            inner_loops: 1,
            warm: 10,
            measure: 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AMOUNT: Amount = Amount {
        batch: 0.1,
        warm: 2.0,
        measure: 1.0,
    };

    #[test]
    fn a_program_with_one_task() {
        let output = json!({
            "metadata": {"name": "nbody", "loops": 2, "unit": "second"},
            "benchmarks": [{"runs": [{"warmups": [[1, 0.09]]}, {"values": [0.1]}]}],
        });
        let task = Task::sample();
        assert_eq!(task.batch(0.1), 0.2);
        assert_eq!(tasks(&output, AMOUNT), Some(vec![task]));
    }

    #[test]
    fn tasks_differ_in_their_own_metadata() {
        let benchmark = |name: &str, loops: u64, value: f64| {
            json!({
                "metadata": {"name": name, "loops": loops},
                "runs": [{"values": [value]}],
            })
        };
        let output = json!({
            "metadata": {"inner_loops": 10},
            "benchmarks": [benchmark("quick", 1000, 1e-5), benchmark("slow", 1, 0.9)],
        });
        let found = tasks(&output, AMOUNT).unwrap();
        let numbers = |task: &Task| (task.number, task.loops, task.warm, task.measure);
        assert_eq!(
            found.iter().map(numbers).collect::<Vec<_>>(),
            [(0, 1000, 20, 10), (1, 1, 1, 3)]
        );
    }

    #[test]
    fn batches_of_a_worker() {
        let output = json!({
            "benchmarks": [{"runs": [{"warmups": [[4, 0.3], [4, 0.2]], "values": [0.1, 0.1]}]}],
        });
        assert_eq!(batches(&output), Some((vec![0.3, 0.2], vec![0.1, 0.1])));
        assert_eq!(batches(&json!({"benchmarks": []})), None);
    }
}
