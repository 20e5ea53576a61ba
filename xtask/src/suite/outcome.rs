//! The recorder's log: what became of each test.
//!
//! A line is `outcome<TAB>id<TAB>detail`. `start` lines let a log that ends early name the test it
//! ended in. Tests have several outcomes when they have subtests, or run several times.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The outcomes of one id, sorted, with the details that came with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) kinds: Vec<String>,
    pub(crate) details: Vec<String>,
}

impl Outcome {
    pub(crate) fn of(kind: &str, detail: &str) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.add(kind, detail);
        outcome
    }

    fn add(&mut self, kind: &str, detail: &str) {
        let place = self.kinds.partition_point(|known| known.as_str() <= kind);
        self.kinds.insert(place, kind.to_owned());
        if !detail.is_empty() {
            self.details.push(detail.replace("\\n", "\n"));
        }
    }
}

/// Outcomes by test id.
pub(crate) type Outcomes = BTreeMap<String, Outcome>;

/// Reads a log. A test that was started as often as it was concluded adds nothing of its own; one
/// that was started once more has the outcome `unfinished`.
pub(crate) fn parse(log: &str) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let mut running: BTreeMap<String, bool> = BTreeMap::new();
    for (kind, id, detail) in log.lines().filter_map(split) {
        let id = without_addresses(id);
        running.insert(id.clone(), kind == "start");
        if kind != "start" {
            outcomes.entry(id).or_default().add(kind, detail);
        }
    }
    for (id, _) in running.into_iter().filter(|(_, running)| *running) {
        outcomes.entry(id).or_default().add("unfinished", "");
    }
    outcomes
}

fn split(line: &str) -> Option<(&str, &str, &str)> {
    let mut fields = line.splitn(3, '\t');
    Some((fields.next()?, fields.next()?, fields.next()?))
}

/// Replaces every `0x…` by `0x`: a name that prints an object differs in each process.
fn without_addresses(id: &str) -> String {
    let mut parts = id.split("0x");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str("0x");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(log: &str) -> Vec<(String, Vec<String>)> {
        parse(log)
            .into_iter()
            .map(|(id, outcome)| (id, outcome.kinds))
            .collect()
    }

    #[test]
    fn each_id_has_its_outcomes() {
        let log = "start\ta\t\npass\ta\t\nstart\tb\t\nskip\tb\tno gdb\n";
        assert_eq!(
            kinds(log),
            [
                ("a".into(), vec!["pass".into()]),
                ("b".into(), vec!["skip".into()])
            ]
        );
        assert_eq!(parse(log)["b"].details, ["no gdb"]);
    }

    #[test]
    fn subtests_add_up_in_any_order() {
        let one = "start\ta\t\nskip\ta\tx\nfail\ta\ty\n";
        let other = "start\ta\t\nfail\ta\ty\nskip\ta\tx\n";
        assert_eq!(kinds(one), kinds(other));
        assert_eq!(kinds(one)[0].1, ["fail", "skip"]);
    }

    #[test]
    fn a_log_that_ends_early_names_the_test() {
        let log = "start\ta\t\npass\ta\t\nstart\tb\t\n";
        assert_eq!(kinds(log)[1], ("b".into(), vec!["unfinished".into()]));
    }

    #[test]
    fn details_regain_their_lines() {
        assert_eq!(parse("error\ta\tone\\ntwo\n")["a"].details, ["one\ntwo"]);
    }

    #[test]
    fn addresses_are_no_part_of_a_name() {
        assert_eq!(
            without_addresses("f (<a at 0x7fAB>, 0x1)"),
            "f (<a at 0x>, 0x)"
        );
    }
}
