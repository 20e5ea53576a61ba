//! The comments at the top of a test program that say how to run it.
//!
//! | line | meaning |
//! |---|---|
//! | `# modes: eager, guards` | run in these modes only |
//! | `# args: a "b c"` | command line, words split at blanks outside double quotes |
//! | `# options: -O -W error` | the interpreter's own options, split likewise |
//! | `# env: NAME=value` | a variable, one a line |
//! | `# timeout: 90` | seconds, instead of 60 |
//! | `# expect-exit: 1` | how python3.11 has to end, to keep the test itself honest |
//! | `# expect: traces>=1` | counters, in the modes `default` and `eager`; split by commas |
//!
//! The header ends at the first line that is no comment. Other comments mean nothing here.

use crate::Result;
use crate::comments;
use crate::mode::{self, Mode};
use crate::process::End;
use crate::stats::Stats;
use pyrt_spec::Counters;
use std::fmt;
use std::time::Duration;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) modes: Vec<&'static Mode>,
    pub(crate) arguments: Vec<String>,
    pub(crate) options: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) timeout: Duration,
    pub(crate) expected_end: Option<End>,
    pub(crate) expectations: Vec<Expectation>,
}

/// A bound on a counter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    counter: String,
    bound: Bound,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast,
    AtMost,
    Exactly,
}

const BOUNDS: [(&str, Bound); 3] = [
    (">=", Bound::AtLeast),
    ("<=", Bound::AtMost),
    ("==", Bound::Exactly),
];

/// Short names for counters in `# expect:` lines.
const ALIASES: [(&str, &str); 2] = [
    ("traces", "traces_compiled"),
    ("side_traces", "side_traces_compiled"),
];

impl Default for Header {
    fn default() -> Header {
        Header {
            modes: Vec::new(),
            arguments: Vec::new(),
            options: Vec::new(),
            variables: Vec::new(),
            timeout: Duration::from_secs(60),
            expected_end: None,
            expectations: Vec::new(),
        }
    }
}

/// Reads the header of a program.
pub(crate) fn parse(program: &str) -> Result<Header> {
    let mut header = Header::default();
    for (key, value) in comments::entries(program) {
        set(&mut header, key, value)?;
    }
    Ok(header)
}

fn set(header: &mut Header, key: &str, value: &str) -> Result<()> {
    match key {
        "modes" => header.modes = commas(value).map(mode::parse).collect::<Result<_>>()?,
        "args" => header.arguments = words(value),
        "options" => header.options = words(value),
        "env" => header.variables.push(variable(value)?),
        "timeout" => header.timeout = Duration::from_secs(value.parse()?),
        "expect-exit" => header.expected_end = Some(End::Exit(value.parse()?)),
        "expect" => {
            for text in commas(value) {
                header.expectations.push(Expectation::parse(text)?);
            }
        }
        _ => {}
    }
    Ok(())
}

fn commas(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim)
}

fn variable(value: &str) -> Result<(String, String)> {
    let (name, value) = value.split_once('=').ok_or("`# env:` takes NAME=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Splits at blanks; double quotes keep blanks, and make empty words.
fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in value.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

impl Expectation {
    fn parse(text: &str) -> Result<Expectation> {
        for (sign, bound) in BOUNDS {
            if let Some((counter, number)) = text.split_once(sign) {
                let expectation = Expectation {
                    counter: counter.trim().to_owned(),
                    bound,
                    number: number.trim().parse()?,
                };
                let name = expectation.full_name();
                return match Counters::INFO.iter().any(|known| known.name == name) {
                    true => Ok(expectation),
                    false => Err(format!("`# expect:` knows no counter {name:?}").into()),
                };
            }
        }
        Err(format!("`# expect:` takes COUNTER>=NUMBER, not {text:?}").into())
    }

    /// The counter's name in statistics.
    fn full_name(&self) -> &str {
        let full = ALIASES
            .iter()
            .find(|(alias, _)| *alias == self.counter)
            .map(|(_, full)| *full);
        full.unwrap_or(&self.counter)
    }

    /// The counter's value.
    pub(crate) fn value(&self, stats: &Stats) -> u64 {
        stats.get(self.full_name())
    }

    pub(crate) fn holds(&self, stats: &Stats) -> bool {
        let value = self.value(stats);
        match self.bound {
            Bound::AtLeast => value >= self.number,
            Bound::AtMost => value <= self.number,
            Bound::Exactly => value == self.number,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, _) = BOUNDS
            .iter()
            .find(|(_, bound)| *bound == self.bound)
            .expect("every bound has a sign");
        write!(f, "expected {} {sign} {}", self.counter, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys() {
        let header = parse(
            "# A test: of everything.\n# modes: eager, guards\n# args: a \"b c\" \"\"\n# options: -O\n\
             # env: A=1=2\n# timeout: 5\n# expect-exit: 3\n# expect: traces>=1, handovers==0\nx = 1\n\
             # modes: nojit\n",
        )
        .unwrap();
        assert_eq!(
            header
                .modes
                .iter()
                .map(|mode| mode.name)
                .collect::<Vec<_>>(),
            ["eager", "guards"]
        );
        assert_eq!(header.arguments, ["a", "b c", ""]);
        assert_eq!(header.options, ["-O"]);
        assert_eq!(header.variables, [("A".to_owned(), "1=2".to_owned())]);
        assert_eq!(header.timeout, Duration::from_secs(5));
        assert_eq!(header.expected_end, Some(End::Exit(3)));
        assert_eq!(header.expectations.len(), 2);
    }

    #[test]
    fn a_program_without_a_header() {
        assert_eq!(parse("print(1)\n").unwrap(), Header::default());
    }

    #[test]
    fn errors_say_what_is_wanted() {
        assert!(
            parse("# modes: fast\n")
                .unwrap_err()
                .to_string()
                .starts_with("no mode \"fast\"")
        );
        let error = parse("# expect: traces\n").unwrap_err().to_string();
        assert_eq!(error, "`# expect:` takes COUNTER>=NUMBER, not \"traces\"");
        let error = parse("# expect: tracs>=1\n").unwrap_err().to_string();
        assert_eq!(error, "`# expect:` knows no counter \"tracs\"");
    }

    #[test]
    fn expectations_compare_with_counters() {
        let none = Stats::default();
        assert!(Expectation::parse("traces == 0").unwrap().holds(&none));
        let expectation = Expectation::parse("traces>=1").unwrap();
        assert!(!expectation.holds(&none));
        assert_eq!(expectation.to_string(), "expected traces >= 1");
    }
}
