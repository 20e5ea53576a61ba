//! Where the outcomes of a module differ between python3.11 and pyrt.

use super::outcome::{Outcome, Outcomes};
use super::run::ModuleRun;
use crate::report::seconds;
use crate::stats::Stats;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// One id's outcomes on both sides; a side where the id did not occur has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    expected: Outcome,
    actual: Outcome,
}

/// Everything that a report needs to know about one module in one mode.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) module: String,
    /// How many ids occurred on either side.
    pub(crate) ids: usize,
    /// The ids that differed in every attempt.
    pub(crate) differences: BTreeMap<String, Difference>,
    /// The ids that differed in some attempts only.
    pub(crate) recovered: BTreeSet<String>,
    pub(crate) stats: Stats,
    wall: Duration,
}

/// Compares one run of a module with another.
pub(crate) fn compare(module: &str, expected: &ModuleRun, actual: &ModuleRun) -> Comparison {
    let ids: BTreeSet<_> = expected
        .outcomes
        .keys()
        .chain(actual.outcomes.keys())
        .collect();
    let differences = ids
        .iter()
        .map(|id| {
            (
                (*id).clone(),
                difference(id, &expected.outcomes, &actual.outcomes),
            )
        })
        .filter(|(_, difference)| difference.expected.kinds != difference.actual.kinds)
        .collect();
    Comparison {
        module: module.to_owned(),
        ids: ids.len(),
        differences,
        recovered: BTreeSet::new(),
        stats: actual.stats.clone(),
        wall: actual.wall,
    }
}

fn difference(id: &str, expected: &Outcomes, actual: &Outcomes) -> Difference {
    let side = |outcomes: &Outcomes| outcomes.get(id).cloned().unwrap_or_default();
    Difference {
        expected: side(expected),
        actual: side(actual),
    }
}

impl Difference {
    /// The test is missing under pyrt: an earlier one has ended the process.
    pub(crate) fn is_not_run(&self) -> bool {
        self.actual.kinds.is_empty()
    }
}

impl Comparison {
    /// Takes another attempt into account: a difference stands only if it was there each time.
    pub(crate) fn retry(&mut self, again: Comparison) {
        let earlier = std::mem::take(&mut self.differences);
        for (id, difference) in earlier {
            if again.differences.contains_key(&id) {
                self.differences.insert(id, difference);
            } else {
                self.recovered.insert(id);
            }
        }
        let new = again
            .differences
            .into_keys()
            .filter(|id| !self.differences.contains_key(id));
        self.recovered.extend(new);
        self.ids = self.ids.max(again.ids);
        self.stats += again.stats;
        self.wall += again.wall;
    }

    /// One line about the module that has run, beside what it takes under python3.11.
    pub(crate) fn progress(&self, expected: Duration) -> String {
        format!(
            "{}: {} ids, {} differ, {}, of python3.11 {}",
            self.module,
            self.ids,
            self.differences.len(),
            seconds(self.wall),
            seconds(expected)
        )
    }

    pub(crate) fn as_json(&self) -> Value {
        let differences = self.differences.iter().map(|(id, difference)| {
            let (python, pyrt) = (&difference.expected, &difference.actual);
            json!({ "id": id, "python": python.kinds, "pyrt": pyrt.kinds, "details": pyrt.details })
        });
        json!({
            "module": self.module,
            "ids": self.ids,
            "seconds": self.wall.as_secs_f64(),
            "differences": differences.collect::<Vec<_>>(),
            "recovered": self.recovered,
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (side, outcome) in [("python3.11", &self.expected), ("pyrt", &self.actual)] {
            let kinds = if outcome.kinds.is_empty() {
                "not run".into()
            } else {
                outcome.kinds.join(", ")
            };
            writeln!(f, "  {side}: {kinds}")?;
            for line in outcome.details.iter().flat_map(|detail| detail.lines()) {
                writeln!(f, "  | {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::parse;
    use super::*;

    fn run(log: &str) -> ModuleRun {
        ModuleRun {
            outcomes: parse(log),
            wall: Duration::ZERO,
            stats: Stats::default(),
        }
    }

    fn differing(comparison: &Comparison) -> Vec<&str> {
        comparison.differences.keys().map(String::as_str).collect()
    }

    #[test]
    fn equal_outcomes_with_other_details() {
        let comparison = compare("m", &run("skip\ta\tone\n"), &run("skip\ta\tanother\n"));
        assert_eq!((comparison.ids, comparison.differences.len()), (1, 0));
    }

    #[test]
    fn changed_missing_and_new_ids() {
        let comparison = compare(
            "m",
            &run("pass\ta\t\npass\tb\t\npass\tc\t\n"),
            &run("fail\ta\twhy\npass\tb\t\npass\td\t\n"),
        );
        assert_eq!(differing(&comparison), ["a", "c", "d"]);
        assert_eq!(comparison.ids, 4);
        let shown = comparison.differences["a"].to_string();
        assert_eq!(shown, "  python3.11: pass\n  pyrt: fail\n  | why\n");
    }

    #[test]
    fn a_difference_has_to_come_back() {
        let mut comparison = compare(
            "m",
            &run("pass\ta\t\npass\tb\t\n"),
            &run("fail\ta\t\nfail\tb\t\n"),
        );
        comparison.retry(compare(
            "m",
            &run("pass\ta\t\npass\tb\t\n"),
            &run("fail\ta\t\npass\tb\t\n"),
        ));
        assert_eq!(differing(&comparison), ["a"]);
        assert_eq!(comparison.recovered.iter().collect::<Vec<_>>(), ["b"]);
    }
}
