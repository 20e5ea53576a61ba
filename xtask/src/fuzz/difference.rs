//! How a program differs, for a reduction to keep: what it finds on its way would else be another bug, or none.

use crate::process::End;

/// A difference that shows each time.
pub(super) struct Difference {
    pub(super) kind: Kind,
    /// What to tell of it.
    pub(super) complaints: Vec<String>,
}

/// What a reduction keeps of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// pyrt crashes or hangs.
    End(End),
    /// The first thing that differs is an exception: raised on one side only, or another one.
    Exception,
    /// It is something else that is printed.
    Output,
}

impl Kind {
    /// The kind of a difference between what python3.11 and pyrt have printed, without addresses, pyrt having ended
    /// so.
    pub(super) fn of(expected: &str, actual: &str, end: End) -> Kind {
        if !matches!(end, End::Exit(_)) {
            return Kind::End(end);
        }
        let (mut one, mut other) = (expected.lines(), actual.lines());
        loop {
            match (one.next(), other.next()) {
                (None, None) => return Kind::Output,
                (a, b) if a == b => {}
                (a, b) => {
                    let mut lines = [a, b].into_iter().flatten();
                    return match lines.any(tells_of_exception) {
                        true => Kind::Exception,
                        false => Kind::Output,
                    };
                }
            }
        }
    }
}

/// Whether a line is of a traceback, or begins with the name of an exception, as programs report what they catch.
fn tells_of_exception(line: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "Error",
        "Exception",
        "Iteration",
        "Exit",
        "Interrupt",
        "Oops",
    ];
    let first = line.split([' ', ':']).next().unwrap_or("");
    line.starts_with("Traceback")
        || line.trim_start().starts_with("File \"")
        || ENDINGS.iter().any(|ending| first.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: End = End::Exit(0);

    #[test]
    fn crashes_are_told_by_how_they_end() {
        let end = End::Signal(11);
        assert_eq!(Kind::of("1\n", "", end), Kind::End(end));
    }

    #[test]
    fn exceptions_are_told_from_other_output() {
        let report = "1\nKeyError 'a' [(3, 4, 5)] []\n";
        assert_eq!(Kind::of(report, "1\n2\n", DONE), Kind::Exception);
        assert_eq!(Kind::of("1\n2\n", report, DONE), Kind::Exception);
        assert_eq!(Kind::of("1\n", report, DONE), Kind::Exception);
        let traceback = "Traceback (most recent call last):\n";
        assert_eq!(Kind::of("", traceback, End::Exit(1)), Kind::Exception);
        assert_eq!(Kind::of("1\n2\n", "1\n3\n", DONE), Kind::Output);
        assert_eq!(Kind::of("1\n2\n", "1\n", DONE), Kind::Output);
    }
}
