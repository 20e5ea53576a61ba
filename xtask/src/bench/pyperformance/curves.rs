//! `bench warmup`: how long the programs take to reach their best speed, from their first batch on.

use super::worker::{Amount, Measured};
use super::{Contestant, Options, Row};
use crate::Result;
use crate::bench::chart;
use crate::bench::columns::{self, Column};
use crate::bench::results::{self, Picture, Results};
use crate::bench::statistics::median;
use crate::report::{Table, Tally};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// Seconds that python3.11 takes for what everybody does.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    seconds: f64,
}

/// The least seconds of a batch in python3.11: points of the curves are so far apart, or further.
const BATCH: f64 = 0.02;
/// Who runs at this share of the best speed has reached it.
const REACHED: f64 = 0.9;
/// How many batches in succession have to be as fast, in the median.
const WINDOW: usize = 5;

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let options = &args.options;
    let contestants = options.common.contestants()?;
    let amount = Amount {
        batch: BATCH,
        warm: args.seconds,
        measure: 0.0,
    };
    let (rows, tally) = options.measure(&contestants, amount)?;
    let rows: Vec<_> = rows.into_iter().flat_map(|rows| rows.tasks).collect();
    let title = format!(
        "Warm-up of pyperformance, group {}: {} interleaved rounds",
        options.group, options.rounds
    );
    let results = Results {
        name: &format!("warmup-{}", options.group),
        title: &title,
        contestants: &contestants,
        table: table(&rows, &contestants),
        data: json(&rows, &contestants),
        picture: Some(picture(&rows, &contestants)?),
    };
    results::publish(&options.common, results)?;
    Ok(tally)
}

/// Seconds of every batch, from the first on: in each place the shortest of all rounds, since whatever
/// else the machine does makes batches longer.
fn batches(row: &Row, contestant: usize) -> Option<Vec<f64>> {
    let rounds = row.measured[contestant].as_ref()?;
    let whole = |round: &Measured| [&round.warm[..], &round.steady].concat();
    let mut rounds = rounds.iter().map(whole);
    let first = rounds.next()?;
    let shortest = rounds.fold(first, |shortest, round| {
        let pairs = shortest.into_iter().zip(round);
        pairs.map(|(one, other)| one.min(other)).collect()
    });
    Some(
        shortest
            .into_iter()
            .map(|seconds| row.task.batch(seconds))
            .collect(),
    )
}

/// What a batch takes in the end.
fn steady(batches: &[f64]) -> f64 {
    median(&batches[batches.len() / 2..])
}

/// Seconds from the start to the first batch from which on `WINDOW` batches are nearly as fast as those in the end.
fn warm_after(batches: &[f64]) -> f64 {
    let limit = steady(batches) / REACHED;
    let is_warm = |window: &[f64]| window[0] <= limit && median(window) <= limit;
    let start = batches.windows(WINDOW).position(is_warm);
    batches[..start.unwrap_or(batches.len())].iter().sum()
}

/// After how many seconds of python3.11's the other has done as much work as it, and from then on more.
fn even_after(theirs: &[f64], ours: &[f64]) -> Option<f64> {
    let mut elapsed = 0.0;
    let mut ahead = 0.0;
    let mut even = Some(0.0);
    for (theirs, ours) in theirs.iter().zip(ours) {
        elapsed += theirs;
        ahead += theirs - ours;
        if ahead < 0.0 {
            even = None;
        } else if even.is_none() {
            even = Some(elapsed);
        }
    }
    even
}

fn table(rows: &[Row], contestants: &[Contestant]) -> Table {
    let name = |row: &Row| row.task.name.clone();
    let mut columns = vec![Column::new("task", rows.iter().map(name))];
    let mut seconds = |heading: String, value: &dyn Fn(&Row) -> Option<f64>| {
        let cell = |row| value(row).map_or("-".into(), |seconds| format!("{seconds:.2}"));
        columns.push(Column::new(&heading, rows.iter().map(cell)));
    };
    for (number, Contestant { name, .. }) in contestants.iter().enumerate().skip(1) {
        seconds(format!("{name}, s to 90 % of its best"), &|row| {
            Some(warm_after(&batches(row, number)?))
        });
        seconds(format!("{name}, s until it is ahead"), &|row| {
            even_after(&batches(row, 0)?, &batches(row, number)?)
        });
        seconds(format!("{name}, s of compiling"), &|row| {
            Some(median(
                &row.all(number, |measured| vec![measured.compiling])?,
            ))
        });
        seconds(format!("{name}, best as python3.11's"), &|row| {
            Some(steady(&batches(row, 0)?) / steady(&batches(row, number)?))
        });
    }
    columns::table(&columns)
}

fn json(rows: &[Row], contestants: &[Contestant]) -> Value {
    rows.iter()
        .map(|row| {
            let curves = contestants.iter().enumerate();
            let curves = curves
                .map(|(number, contestant)| (contestant.name.clone(), json!(batches(row, number))));
            json!({ "task": row.task.name, "batches": curves.collect::<serde_json::Map<_, _>>() })
        })
        .collect()
}

/// A panel per task: over the seconds from the start, how many times as fast as python3.11 in the end.
fn picture(rows: &[Row], contestants: &[Contestant]) -> Result<Picture> {
    let curve = |row: &Row, number| {
        let unit = steady(&batches(row, 0)?);
        let mut elapsed = 0.0;
        let points = batches(row, number)?.into_iter().map(|seconds| {
            elapsed += seconds;
            (elapsed, unit / seconds)
        });
        Some(points.collect())
    };
    let panels: Vec<_> = rows
        .iter()
        .map(|row| chart::Panel {
            title: &row.task.name,
            curves: (0..contestants.len())
                .map(|number| curve(row, number).unwrap_or_default())
                .collect(),
        })
        .collect();
    let names: Vec<_> = contestants.iter().map(|one| one.name.as_str()).collect();
    Ok(Picture {
        shows: "Speed over the seconds from a program's start",
        svg: chart::curves(&names, &panels)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::pyperformance::worker::Task;

    #[test]
    fn warm_is_when_the_median_is() {
        let curve = [4.0, 2.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert_eq!(steady(&curve), 1.0);
        // A single slow batch after it does not count.
        assert_eq!(warm_after(&curve), 6.0);
        assert_eq!(warm_after(&[1.0; 6]), 0.0);
    }

    #[test]
    fn even_is_when_it_stays_ahead() {
        assert_eq!(even_after(&[1.0; 4], &[0.5; 4]), Some(0.0));
        assert_eq!(even_after(&[1.0; 4], &[2.0, 0.5, 0.5, 0.5]), Some(3.0));
        assert_eq!(even_after(&[1.0; 3], &[0.5, 1.0, 2.0]), None);
    }

    #[test]
    fn the_shortest_of_the_rounds_is_the_curve() {
        let round = |batches: &[f64]| Measured {
            warm: batches.to_owned(),
            steady: vec![1.0],
            peak_rss_kib: 1,
            compiling: 0.0,
            traces: 0,
        };
        let row = Row {
            task: Task::sample(),
            measured: vec![Some(vec![round(&[3.0, 2.0]), round(&[4.0, 1.0])]), None],
        };
        assert_eq!(batches(&row, 0), Some(vec![6.0, 2.0, 2.0]));
        assert_eq!(batches(&row, 1), None);
    }
}
