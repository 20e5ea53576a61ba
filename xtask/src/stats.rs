//! The counters that pyrt processes write at exit, summed over a run.
//!
//! pyrt is asked for files, never for output, because tests compare what is on stderr.

use crate::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::Path;
use std::process::Command;

/// Sums of counters by name; nested tables have dotted names, such as `handovers.tracing`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    pub(crate) processes: u64,
    counters: BTreeMap<String, u64>,
}

impl Stats {
    /// Makes every process that `command` starts write its counters into `folder`.
    pub(crate) fn request(command: &mut Command, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        command
            .env("PYRT_JIT_STATS", "json")
            .env("PYRT_JIT_STATS_FILE", folder.join("%p.json"));
        Ok(())
    }

    /// Sums what was written. A process that was killed while writing left no whole file: skipped.
    pub(crate) fn collect(folder: &Path) -> Result<Stats> {
        let mut stats = Stats::default();
        for entry in std::fs::read_dir(folder)? {
            let text = std::fs::read_to_string(entry?.path())?;
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                stats += Stats::of(&value);
            }
        }
        Ok(stats)
    }

    /// The counters of one process.
    pub(crate) fn of(value: &Value) -> Stats {
        let mut stats = Stats {
            processes: 1,
            ..Stats::default()
        };
        stats.add("", value);
        stats
    }

    fn add(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    let separator = if name.is_empty() { "" } else { "." };
                    self.add(&format!("{name}{separator}{member}"), value);
                }
            }
            _ => *self.counters.entry(name.to_owned()).or_default() += value.as_u64().unwrap_or(0),
        }
    }

    /// The counter of that name, 0 if nobody counted it.
    pub(crate) fn get(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }

    /// All counters by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counters
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
    }

    /// Root and side traces compiled.
    pub(crate) fn traces(&self) -> u64 {
        self.get("traces_compiled") + self.get("side_traces_compiled")
    }

    /// Times that compiled code was left, in loops or on the way into them.
    pub(crate) fn exits(&self) -> u64 {
        self.get("trace_exits") + self.get("entry_exits")
    }

    /// Frames that went to the C loop for any reason but tracing and profiling: must be 0.
    pub(crate) fn unexcused_handovers(&self) -> u64 {
        let excused: u64 = ["tracing", "profiling"]
            .iter()
            .map(|reason| {
                self.get(&format!("handovers_{reason}")) + self.get(&format!("handovers.{reason}"))
            })
            .sum();
        self.get("handovers_other")
            .max(self.get("handovers").saturating_sub(excused))
    }
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Stats) {
        self.processes += other.processes;
        for (name, count) in other.counters {
            *self.counters.entry(name).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(text: &str) -> Stats {
        Stats::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn sums_flat_and_nested_counters() {
        let mut sum = stats(r#"{"traces_compiled": 2, "aborts": {"call": 1}}"#);
        sum += stats(r#"{"traces_compiled": 1, "side_traces_compiled": 4, "aborts": {"call": 2}}"#);
        assert_eq!(sum.processes, 2);
        assert_eq!(sum.traces(), 7);
        assert_eq!(sum.get("aborts.call"), 3);
        assert_eq!(sum.unexcused_handovers(), 0);
    }

    #[test]
    fn only_tracing_and_profiling_excuse_a_handover() {
        let excused =
            stats(r#"{"handovers": 5, "handovers_tracing": 3, "handovers_profiling": 2}"#);
        assert_eq!(excused.unexcused_handovers(), 0);
        assert_eq!(
            stats(r#"{"handovers": 5, "handovers_tracing": 3}"#).unexcused_handovers(),
            2
        );
        assert_eq!(stats(r#"{"handovers_other": 1}"#).unexcused_handovers(), 1);
    }
}
