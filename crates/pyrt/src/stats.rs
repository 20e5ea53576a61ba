//! Statistics counters of the process.
//!
//! They are bumped with the GIL held, or by the only thread at start-up and exit,
//! so a plain struct in a cell is enough.

use std::cell::UnsafeCell;
use std::fs;
use std::io::Write;

use pyrt_spec::options::StatsFormat;
use pyrt_spec::{AbortReason, Counters, ExitReason, HandoverReason};

use crate::config::options;

/// Counts by reason beside the plain counters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stats {
    pub(crate) counters: Counters,
    pub(crate) aborts: [u64; AbortReason::ALL.len()],
    pub(crate) exits: [u64; ExitReason::ALL.len()],
    pub(crate) handovers: [u64; HandoverReason::ALL.len()],
}

struct Cell(UnsafeCell<Stats>);

// SAFETY: accessed with the GIL held, see the module's documentation.
unsafe impl Sync for Cell {}

static STATS: Cell = Cell(UnsafeCell::new(Stats {
    counters: Counters::ZERO,
    aborts: [0; AbortReason::ALL.len()],
    exits: [0; ExitReason::ALL.len()],
    handovers: [0; HandoverReason::ALL.len()],
}));

/// Changes the statistics.
pub(crate) fn update<R>(change: impl FnOnce(&mut Stats) -> R) -> R {
    // SAFETY: the GIL is held and `change` does not come back here.
    change(unsafe { &mut *STATS.0.get() })
}

/// Changes the plain counters.
pub(crate) fn count(change: impl FnOnce(&mut Counters)) {
    update(|stats| change(&mut stats.counters));
}

/// Counts a frame handed to the C loop.
pub(crate) fn count_handover(reason: HandoverReason) {
    update(|stats| {
        stats.counters.handovers += 1;
        stats.handovers[reason as usize] += 1;
    });
}

impl Stats {
    /// Everything as a JSON object.
    pub(crate) fn json(&self) -> String {
        let by_reason = |names: &mut dyn Iterator<Item = (&'static str, u64)>| {
            let members: Vec<_> = names
                .filter(|(_, n)| *n > 0)
                .map(|(name, n)| format!("\"{name}\": {n}"))
                .collect();
            format!("{{{}}}", members.join(", "))
        };
        let counters = self.counters.json();
        let handovers: String = HandoverReason::ALL
            .iter()
            .map(|reason| {
                format!(
                    ", \"handovers_{}\": {}",
                    reason.name(),
                    self.handovers[*reason as usize]
                )
            })
            .collect();
        format!(
            "{}{handovers}, \"aborts\": {}, \"exits\": {}}}\n",
            counters.trim_end_matches('}'),
            by_reason(
                &mut AbortReason::ALL
                    .iter()
                    .map(|reason| (reason.name(), self.aborts[*reason as usize]))
            ),
            by_reason(
                &mut ExitReason::ALL
                    .iter()
                    .map(|reason| (reason.name(), self.exits[*reason as usize]))
            ),
        )
    }

    /// Everything as aligned text.
    pub(crate) fn text(&self) -> String {
        let mut text = self.counters.text();
        let sections = [
            (
                "abort",
                AbortReason::ALL
                    .iter()
                    .map(|r| (r.name(), self.aborts[*r as usize]))
                    .collect::<Vec<_>>(),
            ),
            (
                "exit",
                ExitReason::ALL
                    .iter()
                    .map(|r| (r.name(), self.exits[*r as usize]))
                    .collect(),
            ),
            (
                "handover",
                HandoverReason::ALL
                    .iter()
                    .map(|r| (r.name(), self.handovers[*r as usize]))
                    .collect(),
            ),
        ];
        for (title, rows) in sections {
            for (name, n) in rows.into_iter().filter(|(_, n)| *n > 0) {
                text.push_str(&format!("{:22}{n}\n", format!("{title}: {name}")));
            }
        }
        text
    }
}

/// Writes the statistics where the options say. Called once, when the process
/// exits; a file that cannot be written is one line on stderr.
pub(crate) fn report() {
    let options = options();
    let text = match options.stats {
        StatsFormat::Off => return,
        StatsFormat::Text => update(|stats| stats.text()),
        StatsFormat::Json => update(|stats| stats.json()),
    };
    match &options.stats_file {
        None => {
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
        Some(path) => {
            let path = path
                .to_string_lossy()
                .replace("%p", &std::process::id().to_string());
            if let Err(error) = fs::write(&path, text) {
                eprintln!("pyrt: cannot write statistics to {path}: {error} (PYRT_JIT_STATS_FILE)");
            }
        }
    }
}
