//! The ways in which pyrt is run against python3.11. Each is a set of `PYRT_*` variables.

use crate::Result;
use crate::stats::Stats;

/// One way to run pyrt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Counters that are above 0 when the mode has done to a suite what it is for.
    pub(crate) proof: &'static [&'static str],
}

/// Code was compiled, and it was left.
pub(crate) const COMPILED: &[&str] = &["traces_compiled", "trace_exits"];
/// So much that not all of it was kept.
pub(crate) const EVICTED: &[&str] = &["traces_compiled", "trace_exits", "trees_evicted"];

/// With side traces that stay alone.
pub(crate) const BRIDGED: &[&str] = &["traces_compiled", "trace_exits", "bridges_compiled"];

/// With trees that lost against the interpreter.
pub(crate) const TRIED: &[&str] = &["traces_compiled", "trace_exits", "trees_retired"];

impl Mode {
    /// Whether a program that should compile does so here, with no guard failing by force. Where everything takes many
    /// times longer, the compiler's thread comes too late for short programs.
    pub(crate) fn compiles(&self, patience: u32) -> bool {
        self.name == "eager" || (self.name == "default" && patience == 1)
    }

    /// The counters that show that the mode was not in force, if any: then nothing was tested.
    pub(crate) fn unproven(&self, stats: &Stats) -> Vec<&'static str> {
        let unproven = self.proof.iter().filter(|name| stats.get(name) == 0);
        unproven.copied().collect()
    }

    /// Complains if the mode was not in force; whether it was.
    pub(crate) fn was_in_force(&self, stats: &Stats) -> bool {
        let unproven = self.unproven(stats);
        if !unproven.is_empty() {
            let (name, counters) = (self.name, unproven.join(", "));
            println!("{name}: counts as not run, because of nothing in {counters}");
        }
        unproven.is_empty()
    }
}

/// Everything is compiled when it first runs, whatever time that takes.
const EAGER: [(&str, &str); 5] = [
    ("PYRT_JIT_LOOP_THRESHOLD", "1"),
    ("PYRT_JIT_ENTRY_THRESHOLD", "1"),
    ("PYRT_JIT_EXIT_THRESHOLD", "1"),
    ("PYRT_JIT_BACKGROUND", "0"),
    ("PYRT_JIT_COMPILE_SHARE", "0"),
];

/// All modes, from what users run to what finds the most bugs.
pub(crate) const MODES: &[Mode] = &[
    Mode {
        name: "default",
        variables: &[],
        proof: &[],
    },
    Mode {
        name: "nojit",
        variables: &[("PYRT_JIT", "0")],
        proof: &[],
    },
    Mode {
        name: "eager",
        variables: &EAGER,
        proof: COMPILED,
    },
    Mode {
        name: "guards",
        variables: &[
            EAGER[0],
            EAGER[1],
            EAGER[2],
            EAGER[3],
            EAGER[4],
            ("PYRT_JIT_FAIL_GUARD", "3"),
        ],
        proof: COMPILED,
    },
    Mode {
        name: "twice",
        variables: TWICE,
        proof: COMPILED,
    },
    Mode {
        name: "tight",
        variables: TIGHT,
        proof: EVICTED,
    },
    Mode {
        name: "bridges",
        variables: &[
            ("PYRT_JIT_STRESS", "eager"),
            ("PYRT_JIT_BACKGROUND", "0"),
            ("PYRT_JIT_COMPILE_SHARE", "0"),
            ("PYRT_JIT_TREE_LENGTH", "16"),
        ],
        proof: BRIDGED,
    },
    Mode {
        name: "trials",
        variables: TRIALS,
        proof: TRIED,
    },
];

/// Thresholds of 2, and a side trace at the first exit that is taken, whatever it costs.
pub(crate) const TWICE: &[(&str, &str)] = &[("PYRT_JIT_STRESS", "eager")];

/// The same with 64 KiB for code.
pub(crate) const TIGHT: &[(&str, &str)] =
    &[("PYRT_JIT_STRESS", "eager"), ("PYRT_JIT_MEMORY", "64")];

/// Low thresholds that leave trees time to be tried.
pub(crate) const TRIALS: &[(&str, &str)] = &[
    ("PYRT_JIT_STRESS", "trials"),
    ("PYRT_JIT_LOOP_THRESHOLD", "30"),
    ("PYRT_JIT_EXIT_THRESHOLD", "20"),
    ("PYRT_JIT_EXIT_COST", "0"),
    ("PYRT_JIT_BACKGROUND", "0"),
];

/// Those in which programs run when nobody asks for others.
pub(crate) const USUAL: &[&str] = &["default", "nojit", "eager", "guards", "bridges"];

/// The mode of that name, as clap and program headers parse it.
pub(crate) fn parse(name: &str) -> Result<&'static Mode> {
    MODES.iter().find(|mode| mode.name == name).ok_or_else(|| {
        let known: Vec<_> = MODES.iter().map(|mode| mode.name).collect();
        format!("no mode {name:?}; modes are {}", known.join(", ")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_names() {
        assert_eq!(parse("nojit").unwrap().variables, [("PYRT_JIT", "0")]);
        let error = parse("lazy").unwrap_err().to_string();
        assert_eq!(
            error,
            "no mode \"lazy\"; modes are default, nojit, eager, guards, twice, tight, bridges, trials"
        );
    }
}
