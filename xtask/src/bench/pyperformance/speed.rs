//! `bench pyperformance`: how fast the programs are once they are warm, in their first batch, and how much memory
//! they take.

use super::worker::{Amount, Measured};
use super::{Contestant, Options, Row, Rows};
use crate::Result;
use crate::bench::chart;
use crate::bench::columns::{self, CLOSING, Column};
use crate::bench::results::{self, Picture, Results};
use crate::bench::statistics::{geometric_mean, median, minimum};
use crate::report::{Table, Tally};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// Seconds of python3.11 that everybody warms up for.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    warm: f64,
    /// Seconds of python3.11 that are measured after that.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    measure: f64,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let options = &args.options;
    let contestants = options.common.contestants()?;
    let amount = Amount {
        batch: 0.1,
        warm: args.warm,
        measure: args.measure,
    };
    let (rows, tally) = options.measure(&contestants, amount)?;
    let title = format!(
        "pyperformance, group {}: {} interleaved rounds after {} s",
        options.group, options.rounds, args.warm
    );
    let results = Results {
        name: &format!("pyperformance-{}", options.group),
        title: &title,
        contestants: &contestants,
        table: table(&rows, &contestants),
        data: json(&rows, &contestants),
        picture: Some(picture(&rows, &contestants)?),
    };
    results::publish(&options.common, results)?;
    Ok(tally)
}

/// What a program is measured by.
#[derive(Clone, Copy)]
enum Part {
    /// The median of the batches after the warm-up.
    Steady,
    /// The shortest of them.
    Best,
    /// The median of the first batches.
    First,
}

impl Part {
    /// Seconds per loop of a task.
    fn of(self, row: &Row, contestant: usize) -> Option<f64> {
        let steady = || row.all(contestant, |measured| measured.steady.clone());
        let first = || row.all(contestant, |measured| vec![measured.first()]);
        match self {
            Part::Steady => Some(median(&steady()?)),
            Part::Best => Some(minimum(&steady()?)),
            Part::First => Some(median(&first()?)),
        }
    }

    /// How many times as fast as python3.11 a program is: the mean of its tasks.
    fn ratio(self, rows: &Rows, contestant: usize) -> Option<f64> {
        let ratios = rows.tasks.iter();
        let ratios = ratios.map(|row| Some(self.of(row, 0)? / self.of(row, contestant)?));
        Some(geometric_mean(&ratios.collect::<Option<Vec<_>>>()?))
    }
}

/// The most of any task and round.
fn most(rows: &Rows, contestant: usize, part: fn(&Measured) -> f64) -> Option<f64> {
    let all = rows.tasks.iter();
    let all = all.map(|row| row.all(contestant, |measured| vec![part(measured)]));
    let all = all.collect::<Option<Vec<_>>>()?;
    Some(all.into_iter().flatten().fold(0.0, f64::max))
}

fn table(rows: &[Rows], contestants: &[Contestant]) -> Table {
    let ratios = |part: Part, contestant| {
        let ratios = rows.iter().map(|rows| part.ratio(rows, contestant));
        ratios.collect::<Vec<_>>()
    };
    let numbers = |heading: &str, number: &dyn Fn(&Rows) -> Option<f64>| {
        let cell = |rows| number(rows).map_or("-".into(), |number| format!("{number:.1}"));
        Column::new(heading, rows.iter().map(cell))
    };
    let memory = |name: &str, contestant| {
        let kib = move |rows: &Rows| most(rows, contestant, |m| m.peak_rss_kib as f64);
        numbers(&format!("{name}, MiB"), &|rows| Some(kib(rows)? / 1024.0))
    };
    let baseline = &contestants[0].name;
    let steady = |rows: &Rows| {
        let tasks = rows.tasks.iter().map(|row| Part::Steady.of(row, 0));
        Some(geometric_mean(&tasks.collect::<Option<Vec<_>>>()?) * 1000.0)
    };
    let mut columns = vec![
        Column {
            closing: CLOSING.map(str::to_owned).into(),
            ..Column::new("program", rows.iter().map(|rows| rows.program.clone()))
        },
        numbers(&format!("{baseline} ms"), &steady),
        memory(baseline, 0),
    ];
    for (number, Contestant { name, .. }) in contestants.iter().enumerate().skip(1) {
        for (heading, part) in [
            (name.clone(), Part::Steady),
            (format!("{name}, best"), Part::Best),
            (format!("{name}, first batch"), Part::First),
        ] {
            columns.push(Column::ratios(&heading, &ratios(part, number)));
        }
        columns.push(numbers(&format!("{name}, compiling ms"), &|rows| {
            Some(most(rows, number, |measured| measured.compiling)? * 1000.0)
        }));
        columns.push(memory(name, number));
    }
    columns::table(&columns)
}

fn json(rows: &[Rows], contestants: &[Contestant]) -> Value {
    let task = |row: &Row| {
        let measured = contestants.iter().zip(&row.measured);
        let measured =
            measured.map(|(contestant, rounds)| (contestant.name.clone(), json!(rounds)));
        json!({ "task": row.task.name, "measured": measured.collect::<serde_json::Map<_, _>>() })
    };
    rows.iter()
        .map(|rows| {
            let tasks: Vec<_> = rows.tasks.iter().map(task).collect();
            json!({ "program": rows.program, "tasks": tasks })
        })
        .collect()
}

/// A bar per program and interpreter.
fn picture(rows: &[Rows], contestants: &[Contestant]) -> Result<Picture> {
    let names: Vec<_> = rows.iter().map(|rows| rows.program.as_str()).collect();
    let series = contestants.iter().enumerate().skip(1);
    let series: Vec<_> = series
        .map(|(number, contestant)| chart::Bars {
            name: &contestant.name,
            values: rows
                .iter()
                .map(|rows| Part::Steady.ratio(rows, number))
                .collect(),
        })
        .collect();
    Ok(Picture {
        shows: "How many times as fast as python3.11 each program is",
        svg: chart::bars("times as fast as python3.11", &names, &series)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::pyperformance::worker::Task;
    use std::path::Path;

    fn measured(first: f64, steady: &[f64], peak_rss_kib: i64) -> Measured {
        Measured {
            warm: vec![first, 9.0],
            steady: steady.to_owned(),
            peak_rss_kib,
            compiling: 0.02,
            traces: 1,
        }
    }

    fn rows(program: &str, ours: Option<Vec<Measured>>) -> Rows {
        let theirs = vec![measured(0.2, &[0.2, 0.2, 0.4], 10240)];
        Rows {
            program: program.into(),
            tasks: vec![Row {
                task: Task::sample(),
                measured: vec![Some(theirs), ours],
            }],
        }
    }

    #[test]
    fn rounds_are_put_together_and_failures_are_left_out() {
        let ours = vec![
            measured(0.4, &[0.1, 0.05], 20480),
            measured(0.4, &[0.1], 2048),
        ];
        let rows = [rows("fine", Some(ours)), rows("broken", None)];
        let contestants = ["python3.11", "pyrt"];
        let contestants = contestants.map(|name| Contestant::new(name, Path::new("/bin/false")));
        assert_eq!(
            table(&rows, &contestants).markdown(),
            "| program | python3.11 ms | python3.11, MiB | pyrt | pyrt, best | pyrt, first batch | pyrt, compiling ms | pyrt, MiB |\n\
             |---|---|---|---|---|---|---|---|\n\
             | fine | 200.0 | 10.0 | 2.00x | 4.00x | 0.50x | 20.0 | 20.0 |\n\
             | broken | 200.0 | 10.0 | - | - | - | - | - |\n\
             | geometric mean |  |  | 2.00x | 4.00x | 0.50x |  |  |\n\
             | worst |  |  | 2.00x | 4.00x | 0.50x |  |  |\n"
        );
    }
}
