//! Statistics counters of the process.
//!
//! They are bumped with the GIL held, or by the only thread at start-up and exit,
//! so a plain struct in a cell is enough.

use std::cell::{RefCell, UnsafeCell};
use std::collections::HashMap;
use std::io::Write;

use pyrt_spec::options::StatsFormat;
use pyrt_spec::{AbortReason, Counters, ExitReason, HandoverReason};

use crate::config::options;
use crate::files;
use crate::json;

/// Counts by reason beside the plain counters.
#[derive(Clone, Copy, Debug)]
struct Stats {
    /// Without those that are sums over reasons, see [`Stats::counters`].
    counters: Counters,
    aborts: [u64; AbortReason::ALL.len()],
    exits: [u64; ExitReason::ALL.len()],
    handovers: [u64; HandoverReason::ALL.len()],
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
fn update<R>(change: impl FnOnce(&mut Stats) -> R) -> R {
    // SAFETY: the GIL is held and `change` does not come back here.
    change(unsafe { &mut *STATS.0.get() })
}

/// Changes the plain counters.
pub(crate) fn count(change: impl FnOnce(&mut Counters)) {
    update(|stats| change(&mut stats.counters));
}

/// Counts that a tree was entered, and how it was left.
#[inline(always)]
pub(crate) fn count_exit(reason: ExitReason, in_entry: bool) {
    update(|stats| {
        stats.exits[reason as usize] += 1;
        if in_entry {
            stats.counters.entry_exits += 1;
        }
    });
}

/// Counts a recording that ended without a trace.
pub(crate) fn count_abort(reason: AbortReason) {
    update(|stats| stats.aborts[reason as usize] += 1);
}

/// Counts a frame handed to the C loop.
pub(crate) fn count_handover(reason: HandoverReason) {
    update(|stats| stats.handovers[reason as usize] += 1);
}

/// All counters as they are now.
pub(crate) fn counters() -> Counters {
    update(|stats| stats.counters())
}

/// What happened at places of the program, if statistics are wanted: what, where, how often.
struct Places(RefCell<Option<HashMap<(String, String), u64>>>);

// SAFETY: accessed with the GIL held, see the module's documentation.
unsafe impl Sync for Places {}

static PLACES: Places = Places(RefCell::new(None));

/// How many places the text reports; JSON has them all.
const MOST_PLACES: usize = 40;

/// Whether anybody asks for the statistics.
pub(crate) fn are_wanted() -> bool {
    options().stats != StatsFormat::Off
}

/// Counts what happened at a place, where statistics are wanted.
pub(crate) fn count_place(what: String, place: String, times: u64) {
    if are_wanted() {
        let mut places = PLACES.0.borrow_mut();
        *places
            .get_or_insert_default()
            .entry((what, place))
            .or_default() += times;
    }
}

/// The places where something happened, those where most did first.
fn places() -> Vec<(String, String, u64)> {
    let places = PLACES.0.borrow();
    let all = places.iter().flatten();
    let mut all: Vec<_> = all
        .map(|((what, place), n)| (what.clone(), place.clone(), *n))
        .collect();
    all.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    all
}

impl Stats {
    /// All counters: events that have a reason are counted by that alone.
    fn counters(&self) -> Counters {
        let entries = self.exits.iter().sum();
        Counters {
            trace_entries: entries,
            trace_exits: entries - self.counters.entry_exits,
            recordings_aborted: self.aborts.iter().sum(),
            handovers: self.handovers.iter().sum(),
            ..self.counters
        }
    }

    /// Everything as a JSON object.
    fn json(&self) -> String {
        let by_reason = |names: &mut dyn Iterator<Item = (&'static str, u64)>| {
            let members: Vec<_> = names
                .filter(|(_, n)| *n > 0)
                .map(|(name, n)| format!("\"{name}\": {n}"))
                .collect();
            format!("{{{}}}", members.join(", "))
        };
        let counters = self.counters().json();
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
            "{}{handovers}, \"aborts\": {}, \"exits\": {}, \"places\": [{}]}}\n",
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
            places()
                .iter()
                .map(|(what, place, n)| format!(
                    "[{}, {}, {n}]",
                    json::string(what),
                    json::string(place)
                ))
                .collect::<Vec<_>>()
                .join(", "),
        )
    }

    /// Everything as aligned text.
    fn text(&self) -> String {
        let mut text = self.counters().text();
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
        for (what, place, n) in places().into_iter().take(MOST_PLACES) {
            text.push_str(&format!("{n:>12}  {what:28}{place}\n"));
        }
        text
    }
}

/// Everything as a JSON object.
pub(crate) fn json() -> String {
    update(|stats| stats.json())
}

/// Writes the statistics where the options say. Called once, when the process
/// exits; a file that cannot be written is one line on stderr.
pub(crate) fn report() {
    let options = options();
    let text = match options.stats {
        StatsFormat::Off => return,
        StatsFormat::Text => update(|stats| stats.text()),
        StatsFormat::Json => json(),
    };
    match &options.stats_file {
        None => {
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
        Some(path) => {
            let path = files::with_pid(path);
            let written = files::create(&path, false);
            if let Err(error) = written.and_then(|mut file| file.write_all(text.as_bytes())) {
                eprintln!(
                    "pyrt: warning: statistics are not written to {}: {error} (PYRT_JIT_STATS_FILE)",
                    path.display()
                );
            }
        }
    }
}
