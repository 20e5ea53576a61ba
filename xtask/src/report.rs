//! What the commands print: aligned tables, durations, and the closing tally.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::time::Duration;

/// How many checks held and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    /// The tally of a single check.
    pub(crate) fn of(held: bool) -> Tally {
        Tally {
            passed: usize::from(held),
            failed: usize::from(!held),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Rows of cells under a heading.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heading: &[&str]) -> Table {
        Table {
            rows: vec![heading.iter().map(|cell| (*cell).to_owned()).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|{}\n", "---|".repeat(self.rows[0].len()));
        let body: String = self.rows[1..].iter().map(|row| line(row)).collect();
        line(&self.rows[0]) + &rule + &body
    }

    fn widths(&self) -> Vec<usize> {
        (0..self.rows[0].len())
            .map(|column| {
                self.rows
                    .iter()
                    .map(|row| row[column].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// `12.3 s`, or `4 min 05 s` from two minutes on.
pub(crate) fn seconds(duration: Duration) -> String {
    let total = duration.as_secs_f64();
    if total < 120.0 {
        format!("{total:.1} s")
    } else {
        format!(
            "{} min {:02} s",
            duration.as_secs() / 60,
            duration.as_secs() % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&["name", "time"]);
        table.row(["a".into(), "10".into()]);
        table.row(["longer".into(), "1".into()]);
        table
    }

    #[test]
    fn table_is_aligned() {
        assert_eq!(
            sample().to_string(),
            "name    time\na       10\nlonger  1\n"
        );
    }

    #[test]
    fn table_as_markdown() {
        assert_eq!(
            sample().markdown(),
            "| name | time |\n|---|---|\n| a | 10 |\n| longer | 1 |\n"
        );
    }

    #[test]
    fn tally_is_the_closing_line() {
        let mut tally = Tally::of(true);
        tally += Tally {
            passed: 2,
            failed: 1,
        };
        assert_eq!(tally.to_string(), "3 passed, 1 failed");
    }

    #[test]
    fn durations() {
        assert_eq!(seconds(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }
}
