//! The table of a suite: a row per program, and four columns per interpreter.

use super::{Contestant, Row, Timing};
use crate::bench::columns::{self, CLOSING, Column};
use crate::report::Table;

pub(super) fn table(rows: &[Row], contestants: &[Contestant]) -> Table {
    let with_reach = rows.iter().any(|row| row.reach.is_some());
    let closing = CLOSING.into_iter();
    let closing = closing.chain(with_reach.then_some("at their reach"));
    let mut columns = vec![Column {
        closing: closing.map(str::to_owned).collect(),
        ..Column::new("program", rows.iter().map(|row| row.program.clone()))
    }];
    if with_reach {
        let reach = rows.iter().map(|row| row.reach);
        let reach = reach.map(|ratio| ratio.map_or_else(String::new, |ratio| format!("{ratio}x")));
        columns.push(Column::new("reach", reach));
    }
    let steady = rows.iter().map(|row| {
        let seconds = row.median(0, |timing| timing.steady);
        format!("{:.1}", seconds * 1000.0)
    });
    columns.push(Column::new("python3.11 ms", steady));
    columns.push(memory(rows, 0, &contestants[0].name));
    for (number, Contestant { name, .. }) in contestants.iter().enumerate().skip(1) {
        columns.push(warm(rows, number, name));
        let first = ratios(rows, number, |timing| timing.first);
        columns.push(Column::ratios(&format!("{name}, first call"), &first));
        let processor = ratios(rows, number, |timing| timing.first_processor);
        columns.push(Column::ratios(
            &format!("{name}, first call, processor time"),
            &processor,
        ));
        columns.push(memory(rows, number, name));
    }
    columns::table(&columns)
}

fn memory(rows: &[Row], contestant: usize, name: &str) -> Column {
    let mib = rows.iter().map(|row| {
        let kib = row.median(contestant, |timing| timing.peak_rss_kib as f64);
        format!("{:.1}", kib / 1024.0)
    });
    Column::new(&format!("{name}, MiB"), mib)
}

fn ratios(
    rows: &[Row],
    contestant: usize,
    part: impl Fn(&Timing) -> f64 + Copy,
) -> Vec<Option<f64>> {
    let ratios = rows.iter().map(|row| Some(row.ratio(contestant, part)));
    ratios.collect()
}

/// The ratios of the steady times, and how many of them are what is wanted.
fn warm(rows: &[Row], contestant: usize, name: &str) -> Column {
    let steady = |timing: &Timing| timing.steady;
    let mut column = Column::ratios(name, &ratios(rows, contestant, steady));
    let wanted = rows
        .iter()
        .filter_map(|row| Some((row.ratio(contestant, steady), row.reach?)));
    let reached: Vec<_> = wanted.map(|(ratio, reach)| ratio >= reach).collect();
    if !reached.is_empty() {
        let count = reached.iter().filter(|reached| **reached).count();
        column.closing.push(format!("{count} of {}", reached.len()));
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn timing(first: f64, steady: f64, peak_rss_kib: i64) -> Timing {
        Timing {
            first,
            first_processor: first,
            steady,
            calls: 5,
            result: "1".into(),
            peak_rss_kib,
        }
    }

    fn row(program: &str, reach: Option<f64>, steady: f64) -> Row {
        Row {
            program: program.into(),
            reach,
            timings: vec![
                vec![timing(0.04, 0.04, 8192)],
                vec![timing(0.02, steady, 10240)],
            ],
        }
    }

    fn markdown(rows: &[Row]) -> String {
        let contestant = |name| Contestant::new(name, Path::new("/bin/false"));
        table(rows, &[contestant("python3.11"), contestant("pyrt")]).markdown()
    }

    #[test]
    fn a_suite_with_a_reach() {
        let rows = [row("a", Some(8.0), 0.005), row("b", Some(2.5), 0.02)];
        assert_eq!(
            markdown(&rows),
            "| program | reach | python3.11 ms | python3.11, MiB | pyrt | pyrt, first call | pyrt, first call, processor time | pyrt, MiB |\n\
             |---|---|---|---|---|---|---|---|\n\
             | a | 8x | 40.0 | 8.0 | 8.00x | 2.00x | 2.00x | 10.0 |\n\
             | b | 2.5x | 40.0 | 8.0 | 2.00x | 2.00x | 2.00x | 10.0 |\n\
             | geometric mean |  |  |  | 4.00x | 2.00x | 2.00x |  |\n\
             | worst |  |  |  | 2.00x | 2.00x | 2.00x |  |\n\
             | at their reach |  |  |  | 1 of 2 |  |  |  |\n"
        );
    }

    #[test]
    fn a_suite_without_a_reach() {
        let text = markdown(&[row("a", None, 0.005)]);
        assert!(text.starts_with("| program | python3.11 ms |"), "{text}");
        assert!(
            text.ends_with("| worst |  |  | 8.00x | 2.00x | 2.00x |  |\n"),
            "{text}"
        );
    }
}
