//! `bench loops`: the numeric loops in `bench/programs/loops`, warm.
//!
//! Each program defines `run()`. `bench/timing.py` calls it in one process until its time is
//! steady, and reports the first call too, which has the warm-up in it.

use super::{Common, Contestant, geometric_mean, median, results};
use crate::report::{Table, Tally};
use crate::scratch::Scratch;
use crate::{Result, process, workspace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    common: Common,
    /// Processes per program and interpreter.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only these programs, by name.
    programs: Vec<String>,
}

/// What one process of `timing.py` prints.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Timing {
    /// Seconds that the first call took.
    first: f64,
    /// Seconds that a call takes once its time is steady.
    steady: f64,
    /// How many calls that took.
    calls: u32,
    /// `repr` of what `run` returned.
    result: String,
}

/// The timings of one program: per interpreter, one per round.
struct Row {
    program: String,
    timings: Vec<Vec<Timing>>,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let contestants = args.common.contestants()?;
    let mut rows = Vec::new();
    for program in programs(&args.programs)? {
        rows.push(measure(&program, &contestants, args.rounds)?);
    }
    if rows.is_empty() {
        return Err("no such program in bench/programs/loops".into());
    }
    let data: Vec<_> = rows.iter().map(|row| row.as_json(&contestants)).collect();
    let title = format!("Warm loops: {} interleaved rounds", args.rounds);
    results::publish(
        &args.common,
        "loops",
        &title,
        &table(&rows, &contestants),
        &data.into(),
    )?;
    Ok(rows.iter().map(|row| Tally::of(row.results_agree())).sum())
}

fn programs(only: &[String]) -> Result<Vec<PathBuf>> {
    let all = workspace::files_below(&workspace::path("bench/programs/loops"), ".py")?;
    Ok(all
        .into_iter()
        .filter(|path| only.is_empty() || only.contains(&name(path)))
        .collect())
}

fn name(program: &Path) -> String {
    program
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn measure(program: &Path, contestants: &[Contestant], rounds: usize) -> Result<Row> {
    let mut timings = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (contestant, timings) in contestants.iter().zip(&mut timings) {
            timings.push(time(program, contestant)?);
        }
    }
    Ok(Row {
        program: name(program),
        timings,
    })
}

fn time(program: &Path, contestant: &Contestant) -> Result<Timing> {
    let scratch = Scratch::new()?;
    let mut command = process::clean_command(&contestant.path, scratch.path())?;
    command.envs(contestant.variables.iter().copied());
    command.arg(workspace::path("bench/timing.py")).arg(program);
    Ok(serde_json::from_str(&workspace::output_of(&mut command)?)?)
}

impl Row {
    fn median(&self, contestant: usize, part: impl Fn(&Timing) -> f64) -> f64 {
        median(
            &self.timings[contestant]
                .iter()
                .map(part)
                .collect::<Vec<_>>(),
        )
    }

    /// How many times as fast as python3.11.
    fn ratio(&self, contestant: usize, part: impl Fn(&Timing) -> f64 + Copy) -> f64 {
        self.median(0, part) / self.median(contestant, part)
    }

    fn results_agree(&self) -> bool {
        let mut results = self.timings.iter().flatten().map(|timing| &timing.result);
        let first = results.next();
        let agree = results.all(|result| Some(result) == first);
        if !agree {
            println!("{}: the interpreters' results differ", self.program);
        }
        agree
    }

    fn as_json(&self, contestants: &[Contestant]) -> serde_json::Value {
        let timings: serde_json::Map<_, _> = contestants
            .iter()
            .zip(&self.timings)
            .map(|(contestant, timings)| (contestant.name.clone(), json!(timings)))
            .collect();
        json!({ "program": self.program, "timings": timings })
    }
}

fn table(rows: &[Row], contestants: &[Contestant]) -> Table {
    let others = 1..contestants.len();
    let headings = contestants[1..]
        .iter()
        .flat_map(|c| [c.name.clone(), format!("{}, first call", c.name)]);
    let headings: Vec<_> = ["program".to_owned(), "python3.11 ms".to_owned()]
        .into_iter()
        .chain(headings)
        .collect();
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for row in rows {
        let milliseconds = format!("{:.1}", row.median(0, |timing| timing.steady) * 1000.0);
        let ratios = others
            .clone()
            .flat_map(|c| [row.ratio(c, |t| t.steady), row.ratio(c, |t| t.first)]);
        table.row(
            [row.program.clone(), milliseconds]
                .into_iter()
                .chain(ratios.map(times)),
        );
    }
    let parts: Vec<Vec<f64>> = others
        .flat_map(|c| {
            let column =
                |part: fn(&Timing) -> f64| rows.iter().map(|row| row.ratio(c, part)).collect();
            [column(|t| t.steady), column(|t| t.first)]
        })
        .collect();
    let closing = [
        ("geometric mean", geometric_mean as fn(&[f64]) -> f64),
        ("worst", minimum),
    ];
    for (name, summarize) in closing {
        let ratios = parts.iter().map(|column| times(summarize(column)));
        table.row([name.to_owned(), String::new()].into_iter().chain(ratios));
    }
    table
}

fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}
