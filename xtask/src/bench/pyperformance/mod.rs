//! `bench pyperformance` and `bench warmup`: pyperformance's programs, under interpreters that take turns.
//!
//! Stages: what is missing is installed (`programs`) → python3.11 says how much work takes a while (`worker`) →
//! every interpreter does that work, a process per round → a table and a picture (`speed`, `curves`).

mod curves;
mod programs;
mod speed;
mod worker;

use super::{Common, Contestant};
use crate::Result;
use crate::report::Tally;
use programs::Tools;
use worker::{Amount, Measured, Task, Worker};

pub(super) use curves::{Args as WarmupArgs, run as warmup};
pub(super) use speed::{Args as SpeedArgs, run as speed};

/// What both have to know.
#[derive(clap::Args)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The programs of bench/pyperformance/NAME.list.
    #[arg(long, value_name = "NAME", default_value = "quick", value_parser = ["quick", "pure", "native"])]
    group: String,
    /// Only these programs, by name.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    benchmarks: Vec<String>,
    /// Processes per task and interpreter.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
}

/// A task with what each interpreter measured, one per round; nothing if it failed.
struct Row {
    task: Task,
    measured: Vec<Option<Vec<Measured>>>,
}

/// A program with its tasks.
struct Rows {
    program: String,
    tasks: Vec<Row>,
}

impl Options {
    /// Measures the programs, and says how many interpreters could run each.
    fn measure(&self, contestants: &[Contestant], amount: Amount) -> Result<(Vec<Rows>, Tally)> {
        let tools = Tools::set_up(&contestants[0])?;
        let programs = tools.programs(&self.benchmarks, &self.group)?;
        let mut rows = Vec::new();
        let mut tally = Tally::default();
        for program in &programs {
            let paths = contestants
                .iter()
                .map(|contestant| tools.search_path(program, contestant))
                .collect::<Result<Vec<_>>>()?;
            let workers = contestants.iter().zip(&paths);
            let workers: Vec<_> = workers
                .map(|(contestant, search_path)| Worker {
                    program,
                    contestant,
                    search_path,
                    patience: self.common.interpreters.patience,
                })
                .collect();
            let tasks = workers[0]
                .plan(amount)
                .map_err(|error| format!("{}: {error}", program.name))?;
            let tasks = tasks.into_iter().map(|task| self.turns(task, &workers));
            let tasks: Vec<_> = tasks.collect();
            let results = tasks.iter().flat_map(|row| &row.measured);
            tally += results.map(|result| Tally::of(result.is_some())).sum();
            rows.push(Rows {
                program: program.name.clone(),
                tasks,
            });
            println!("{} is measured", program.name);
        }
        Ok((rows, tally))
    }

    /// One task, by all of them in turn. Who fails is out.
    fn turns(&self, task: Task, workers: &[Worker<'_>]) -> Row {
        let mut measured = vec![Some(Vec::new()); workers.len()];
        for _ in 0..self.rounds {
            for (worker, measured) in workers.iter().zip(&mut measured) {
                let Some(rounds) = measured else { continue };
                match worker.measure(&task) {
                    Ok(round) => rounds.push(round),
                    Err(error) => {
                        println!("{} fails in {}: {error}", task.name, worker.contestant.name);
                        *measured = None;
                    }
                }
            }
        }
        Row { task, measured }
    }
}

impl Row {
    /// What the interpreter measured in all rounds, if it could run the task.
    fn all<T>(&self, contestant: usize, part: impl Fn(&Measured) -> Vec<T>) -> Option<Vec<T>> {
        let rounds = self.measured[contestant].as_ref()?;
        Some(rounds.iter().flat_map(part).collect())
    }
}
