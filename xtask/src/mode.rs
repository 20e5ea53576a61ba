//! The ways in which pyrt is run against python3.11. Each is a set of `PYRT_*` variables.

use crate::Result;

/// One way to run pyrt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
}

impl Mode {
    /// Whether a program that should compile does so here, with no guard failing by force.
    pub(crate) fn compiles(&self) -> bool {
        matches!(self.name, "default" | "eager")
    }
}

const EAGER: [(&str, &str); 4] = [
    ("PYRT_JIT_LOOP_THRESHOLD", "1"),
    ("PYRT_JIT_ENTRY_THRESHOLD", "1"),
    ("PYRT_JIT_EXIT_THRESHOLD", "1"),
    ("PYRT_JIT_BACKGROUND", "0"),
];

/// All modes, from what users run to what finds the most bugs.
pub(crate) const MODES: &[Mode] = &[
    Mode {
        name: "default",
        variables: &[],
    },
    Mode {
        name: "nojit",
        variables: &[("PYRT_JIT", "0")],
    },
    Mode {
        name: "eager",
        variables: &EAGER,
    },
    Mode {
        name: "guards",
        variables: &[
            EAGER[0],
            EAGER[1],
            EAGER[2],
            EAGER[3],
            ("PYRT_JIT_FAIL_GUARD", "3"),
        ],
    },
];

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
            "no mode \"lazy\"; modes are default, nojit, eager, guards"
        );
    }
}
