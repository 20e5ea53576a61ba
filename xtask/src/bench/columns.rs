//! Tables of benchmarks: a row per program, columns per interpreter, and rows below that sum up.

use super::statistics::{geometric_mean, minimum};
use crate::report::Table;

/// A heading, a cell per program, and the cells of the closing rows.
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) cells: Vec<String>,
    pub(super) closing: Vec<String>,
}

/// What the rows are called that sum up a column of ratios.
pub(super) const CLOSING: [&str; 2] = ["geometric mean", "worst"];

impl Column {
    /// A column that is not summed up.
    pub(super) fn new(heading: &str, cells: impl IntoIterator<Item = String>) -> Column {
        Column {
            heading: heading.to_owned(),
            cells: cells.into_iter().collect(),
            closing: Vec::new(),
        }
    }

    /// A column of ratios to python3.11, of which some may be missing.
    pub(super) fn ratios(heading: &str, ratios: &[Option<f64>]) -> Column {
        let present: Vec<_> = ratios.iter().flatten().copied().collect();
        let closing = match &present[..] {
            [] => Vec::new(),
            some => vec![times(geometric_mean(some)), times(minimum(some))],
        };
        let cells = ratios.iter().map(|ratio| ratio.map_or("-".into(), times));
        Column {
            closing,
            ..Column::new(heading, cells)
        }
    }
}

/// The table of these columns, which have the same number of cells. The first says what a row is
/// about.
pub(super) fn table(columns: &[Column]) -> Table {
    let headings: Vec<_> = columns
        .iter()
        .map(|column| column.heading.as_str())
        .collect();
    let mut table = Table::new(&headings);
    let mut rows = |length: fn(&Column) -> usize, cell: fn(&Column, usize) -> Option<&String>| {
        let count = columns.iter().map(length).max().unwrap_or(0);
        for row in 0..count {
            table.row(
                columns
                    .iter()
                    .map(|column| cell(column, row).cloned().unwrap_or_default()),
            );
        }
    };
    rows(
        |column| column.cells.len(),
        |column, row| column.cells.get(row),
    );
    rows(
        |column| column.closing.len(),
        |column, row| column.closing.get(row),
    );
    table
}

pub(super) fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_summed_up_and_what_is_missing_is_not() {
        let names = Column {
            closing: CLOSING.map(str::to_owned).into(),
            ..Column::new("program", ["a", "b", "c"].map(str::to_owned))
        };
        let ratios = Column::ratios("pyrt", &[Some(8.0), None, Some(2.0)]);
        assert_eq!(
            table(&[names, ratios]).markdown(),
            "| program | pyrt |\n|---|---|\n| a | 8.00x |\n| b | - |\n| c | 2.00x |\n\
             | geometric mean | 4.00x |\n| worst | 2.00x |\n"
        );
    }
}
