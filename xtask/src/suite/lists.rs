//! Which test modules run: lists of names, and what is left out for a stated reason.

use crate::{Result, workspace};
use std::path::{Path, PathBuf};

/// A test module, with what must not run of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// Why the module is not run at all.
    pub(crate) excluded: Option<String>,
    /// Single tests that are not run: patterns of regrtest, or ids of pytest.
    pub(crate) ignored: Vec<String>,
    /// Where the packages are, if this is a file of tests of one of them.
    pub(crate) packages: Option<PathBuf>,
}

impl Module {
    /// What the module's line in a listing says after its name.
    pub(crate) fn remark(&self) -> String {
        match &self.excluded {
            Some(reason) => format!("  (not run: {reason})"),
            None if self.ignored.is_empty() => String::new(),
            None => format!("  (without {})", self.ignored.join(", ")),
        }
    }
}

/// A line `MODULE [PATTERN]: reason` of the list of known-bad tests.
#[derive(Debug, PartialEq, Eq)]
struct KnownBad<'a> {
    module: &'a str,
    pattern: Option<&'a str>,
    reason: &'a str,
}

/// The modules of the list `suite`, or those named in `only`, with what `folder` says is known bad.
pub(crate) fn load(folder: &Path, suite: &Path, only: &[String]) -> Result<Vec<Module>> {
    let listed = workspace::read(&workspace::root().join(suite))?;
    let known_bad = workspace::read(&folder.join("known-bad.list"))?;
    let known_bad = parse_known_bad(&known_bad)?;
    let names: Vec<&str> = if only.is_empty() {
        names(&listed).collect()
    } else {
        only.iter().map(String::as_str).collect()
    };
    Ok(names
        .into_iter()
        .map(|name| module(name, &known_bad))
        .collect())
}

/// The words of a list, one a line, without its comments.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
        .filter(|name| !name.is_empty())
}

fn parse_known_bad(text: &str) -> Result<Vec<KnownBad<'_>>> {
    names(text)
        .map(|line| parse_known_bad_line(line).ok_or_else(|| bad_line(line)))
        .collect()
}

fn bad_line(line: &str) -> Box<dyn std::error::Error + Send + Sync> {
    format!("known-bad.list: {line:?} is not `MODULE [PATTERN]: reason`").into()
}

fn parse_known_bad_line(line: &str) -> Option<KnownBad<'_>> {
    let (subject, reason) = line.split_once(": ")?;
    let mut words = subject.split_whitespace();
    let known = KnownBad {
        module: words.next()?,
        pattern: words.next(),
        reason: reason.trim(),
    };
    words.next().is_none().then_some(known)
}

fn module(name: &str, known_bad: &[KnownBad<'_>]) -> Module {
    let mine = || known_bad.iter().filter(|known| known.module == name);
    Module {
        name: name.to_owned(),
        excluded: mine()
            .find(|known| known.pattern.is_none())
            .map(|known| known.reason.to_owned()),
        ignored: mine()
            .filter_map(|known| known.pattern)
            .map(str::to_owned)
            .collect(),
        packages: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_comments() {
        let text = "# a list\ntest_a\n\ntest_b  # slow\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["test_a", "test_b"]);
    }

    #[test]
    fn known_bad_modules_and_patterns() {
        let text = "test_a: no display\ntest_b *VSOCK*: hangs: no device\n";
        let known = parse_known_bad(text).unwrap();
        assert_eq!(
            module("test_a", &known).excluded.as_deref(),
            Some("no display")
        );
        assert_eq!(module("test_b", &known).ignored, ["*VSOCK*"]);
        assert_eq!(module("test_b", &known).remark(), "  (without *VSOCK*)");
        assert_eq!(module("test_c", &known).remark(), "");
    }

    #[test]
    fn a_line_without_a_reason_is_an_error() {
        assert!(parse_known_bad("test_a\n").is_err());
        assert!(parse_known_bad("test_a two patterns: why\n").is_err());
    }
}
