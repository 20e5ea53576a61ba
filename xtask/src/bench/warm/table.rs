//! The table of a suite: a row per program, and three columns per interpreter.

use super::{Contestant, Row, Timing};
use crate::bench::geometric_mean;
use crate::report::Table;

/// What the rows below the programs are called. The last is only there if programs have a reach.
const CLOSING: [&str; 3] = ["geometric mean", "worst", "at their reach"];

/// A heading, a cell per program, and the cells of the closing rows.
struct Column {
    heading: String,
    cells: Vec<String>,
    closing: [String; CLOSING.len()],
}

pub(super) fn table(rows: &[Row], contestants: &[Contestant]) -> Table {
    let with_reach = rows.iter().any(|row| row.reach.is_some());
    let columns = columns(rows, contestants, with_reach);
    let headings: Vec<_> = columns
        .iter()
        .map(|column| column.heading.as_str())
        .collect();
    let mut table = Table::new(&headings);
    for row in 0..rows.len() {
        table.row(columns.iter().map(|column| column.cells[row].clone()));
    }
    for row in 0..CLOSING.len() - usize::from(!with_reach) {
        table.row(columns.iter().map(|column| column.closing[row].clone()));
    }
    table
}

fn columns(rows: &[Row], contestants: &[Contestant], with_reach: bool) -> Vec<Column> {
    let mut columns = vec![Column {
        closing: CLOSING.map(str::to_owned),
        ..Column::of("program", rows, |row| row.program.clone())
    }];
    if with_reach {
        columns.push(Column::of("reach", rows, |row| {
            row.reach
                .map_or_else(String::new, |ratio| format!("{ratio}x"))
        }));
    }
    columns.push(Column::of("python3.11 ms", rows, |row| {
        format!("{:.1}", row.median(0, |timing| timing.steady) * 1000.0)
    }));
    columns.push(Column::memory(rows, 0, &contestants[0].name));
    for (number, Contestant { name, .. }) in contestants.iter().enumerate().skip(1) {
        columns.push(Column::warm(rows, number, name));
        columns.push(Column::ratios(
            rows,
            number,
            &format!("{name}, first call"),
            |timing| timing.first,
        ));
        columns.push(Column::memory(rows, number, name));
    }
    columns
}

impl Column {
    fn of(heading: &str, rows: &[Row], cell: impl Fn(&Row) -> String) -> Column {
        Column {
            heading: heading.to_owned(),
            cells: rows.iter().map(cell).collect(),
            closing: Default::default(),
        }
    }

    fn memory(rows: &[Row], contestant: usize, name: &str) -> Column {
        Column::of(&format!("{name}, MiB"), rows, |row| {
            let kib = row.median(contestant, |timing| timing.peak_rss_kib as f64);
            format!("{:.1}", kib / 1024.0)
        })
    }

    fn ratios(
        rows: &[Row],
        contestant: usize,
        heading: &str,
        part: impl Fn(&Timing) -> f64 + Copy,
    ) -> Column {
        let ratios: Vec<_> = rows.iter().map(|row| row.ratio(contestant, part)).collect();
        Column {
            heading: heading.to_owned(),
            cells: ratios.iter().copied().map(times).collect(),
            closing: [
                times(geometric_mean(&ratios)),
                times(minimum(&ratios)),
                String::new(),
            ],
        }
    }

    /// The ratios of the steady times, and how many of them are what is wanted.
    fn warm(rows: &[Row], contestant: usize, name: &str) -> Column {
        let steady = |timing: &Timing| timing.steady;
        let mut column = Column::ratios(rows, contestant, name, steady);
        let reached = |row: &&Row| {
            row.reach
                .is_some_and(|wanted| row.ratio(contestant, steady) >= wanted)
        };
        let wanted = rows.iter().filter(|row| row.reach.is_some()).count();
        column.closing[2] = format!("{} of {wanted}", rows.iter().filter(reached).count());
        column
    }
}

fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn timing(first: f64, steady: f64, peak_rss_kib: i64) -> Timing {
        Timing {
            first,
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
            "| program | reach | python3.11 ms | python3.11, MiB | pyrt | pyrt, first call | pyrt, MiB |\n\
             |---|---|---|---|---|---|---|\n\
             | a | 8x | 40.0 | 8.0 | 8.00x | 2.00x | 10.0 |\n\
             | b | 2.5x | 40.0 | 8.0 | 2.00x | 2.00x | 10.0 |\n\
             | geometric mean |  |  |  | 4.00x | 2.00x |  |\n\
             | worst |  |  |  | 2.00x | 2.00x |  |\n\
             | at their reach |  |  |  | 1 of 2 |  |  |\n"
        );
    }

    #[test]
    fn a_suite_without_a_reach() {
        let text = markdown(&[row("a", None, 0.005)]);
        assert!(text.starts_with("| program | python3.11 ms |"), "{text}");
        assert!(
            text.ends_with("| worst |  |  | 8.00x | 2.00x |  |\n"),
            "{text}"
        );
    }
}
