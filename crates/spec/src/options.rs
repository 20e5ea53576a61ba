//! The options: one row each, from which the typed struct, its parser, the help and the
//! documentation come.
//!
//! Every option is an environment variable (`PYRT_JIT_MEMORY`) and an `-X` option
//! (`-X pyrt-jit-memory=…`), which wins. They are parsed once, at start-up, into an immutable
//! [`Options`]. A bad value or an unknown `-X pyrt-…` is an error; an unknown `PYRT_*` variable is a
//! warning, because the environment may be meant for another version.

mod value;

use std::ffi::OsString;
use std::path::PathBuf;
use value::FromText;
pub use value::{Domain, DumpStage, OptLevel, StatsFormat, StressMode};

/// Variables that start with `PYRT_` but are no options of the executable.
const OTHER_VARIABLES: &[&str] = &[
    "PYRT_PYTHON",
    "PYRT_DEBUG_PYTHON",
    #[cfg(feature = "seeded")]
    crate::seeded::VARIABLE,
];

/// One row of the table, without its value.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// The environment variable.
    pub env: &'static str,
    /// Which values are allowed.
    pub domain: Domain,
    /// The default, in the form in which it would be written; empty if unset.
    pub default: &'static str,
    /// What the option does.
    pub doc: &'static str,
}

impl OptionInfo {
    /// The name after `-X`: `pyrt-jit-memory` for `PYRT_JIT_MEMORY`.
    pub fn x_name(&self) -> String {
        self.env.to_ascii_lowercase().replace('_', "-")
    }
}

macro_rules! options {
    ($($field:ident: $ty:ty = $default:literal, $env:literal, $domain:expr, $doc:literal;)*) => {
        /// All options. Built by [`Options::parse`], or by [`Default`] with the table's defaults.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Options {
            $(#[doc = $doc] pub $field: $ty,)*
        }

        impl Options {
            /// The rows of the table, in order.
            pub const INFO: &'static [OptionInfo] = &[
                $(OptionInfo {
                    env: concat!("PYRT_", $env),
                    domain: $domain,
                    default: $default,
                    doc: $doc,
                },)*
            ];

            /// Sets the option of one row from text; `None` if the text is not in its domain.
            fn set(&mut self, row: &OptionInfo, text: &std::ffi::OsStr) -> Option<()> {
                match row.env {
                    $(concat!("PYRT_", $env) => {
                        self.$field = FromText::from_text(text, row.domain)?;
                    })*
                    _ => return None,
                }
                Some(())
            }
        }

        impl Default for Options {
            #[inline]
            fn default() -> Options {
                let mut rows = Options::INFO.iter();
                Options {
                    $($field: rows
                        .next()
                        .and_then(|row| FromText::from_default(row.default, row.domain))
                        .expect("the table's defaults are in their domains"),)*
                }
            }
        }
    };
}

options! {
    jit: bool = "1", "JIT", Domain::Bool,
        "Compile hot loops to machine code.";
    loop_threshold: u32 = "3000", "JIT_LOOP_THRESHOLD", Domain::Int { min: 1, max: 1_000_000 },
        "Iterations after which a loop is recorded.";
    entry_threshold: u32 = "5000", "JIT_ENTRY_THRESHOLD", Domain::Int { min: 1, max: 1_000_000 },
        "Calls after which a function is recorded from its entry.";
    exit_threshold: u32 = "50", "JIT_EXIT_THRESHOLD", Domain::Int { min: 1, max: 1_000_000 },
        "Times an exit is taken before a side trace is recorded there.";
    exit_cost: u32 = "300", "JIT_EXIT_COST", Domain::Int { min: 0, max: 1_000_000 },
        "Nanoseconds that leaving a tree is taken to cost. An exit gets a side trace once it has cost as much as compiling the tree did.";
    compile_share: u32 = "20", "JIT_COMPILE_SHARE", Domain::Int { min: 0, max: 100 },
        "Per cent of the program's time that compiling may take, on whatever thread; 0 is no limit.";
    trace_length: u32 = "1000", "JIT_TRACE_LENGTH", Domain::Int { min: 16, max: 100_000 },
        "Most IR instructions in one trace.";
    inline_depth: u32 = "12", "JIT_INLINE_DEPTH", Domain::Int { min: 0, max: 100 },
        "Most calls inside each other that a trace inlines.";
    tree_length: u32 = "2500", "JIT_TREE_LENGTH", Domain::Int { min: 16, max: 1_000_000 },
        "IR instructions in a tree after which it gets no more side traces.";
    side_traces: u32 = "16", "JIT_SIDE_TRACES", Domain::Int { min: 0, max: 1000 },
        "Most side traces in one tree.";
    penalty_limit: u32 = "4", "JIT_PENALTY_LIMIT", Domain::Int { min: 1, max: 1000 },
        "Aborted recordings and retired trees after which a loop or exit is given up.";
    background: bool = "1", "JIT_BACKGROUND", Domain::Bool,
        "Compile on a thread of its own while the program goes on, where there is a processor for it.";
    memory_kib: u32 = "65536", "JIT_MEMORY", Domain::Int { min: 64, max: 4_194_304 },
        "KiB of machine code and metadata.";
    opt: OptLevel = "speed", "JIT_OPT", Domain::Word(OptLevel::WORDS),
        "How much the compiler optimises.";
    stress: Vec<StressMode> = "", "JIT_STRESS", Domain::Words(StressMode::WORDS),
        "Stress modes for testing: `eager` records at once, `guards` makes every 7th guard fail unless PYRT_JIT_FAIL_GUARD says otherwise.";
    fail_guard: u32 = "0", "JIT_FAIL_GUARD", Domain::Int { min: 0, max: 1_000_000 },
        "For testing: makes every Nth guard fail; 0 is never.";
    dump: Vec<DumpStage> = "", "JIT_DUMP", Domain::Words(DumpStage::WORDS),
        "What to dump while compiling; `bytecode` dumps nothing so far.";
    dump_filter: Option<String> = "", "JIT_DUMP_FILTER", Domain::Text,
        "Dump only loops whose name, `qualified.name:line`, contains this.";
    dump_file: Option<PathBuf> = "", "JIT_DUMP_FILE", Domain::Path,
        "Where dumps go instead of stderr.";
    stats: StatsFormat = "off", "JIT_STATS", Domain::Word(StatsFormat::WORDS),
        "Print statistics at exit.";
    stats_file: Option<PathBuf> = "", "JIT_STATS_FILE", Domain::Path,
        "Where statistics go instead of stderr; `%p` is the process id.";
    allow: Vec<String> = "", "JIT_ALLOW", Domain::List,
        "Compile only functions whose qualified name is one of these; `*` stands for anything.";
    deny: Vec<String> = "", "JIT_DENY", Domain::List,
        "Never compile functions whose qualified name is one of these; `*` stands for anything.";
}

/// An option that cannot be honoured. Nothing is started then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// The value is not in the option's domain.
    BadValue {
        /// The variable, or the option with its `-X`.
        name: String,
        /// The value as given; `None` if there was none.
        value: Option<String>,
        /// What would be allowed.
        expected: String,
    },
    /// There is no such `-X pyrt-…` option.
    Unknown(Unknown),
}

/// A name that looks like one of ours and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The variable, or the option with its `-X`.
    pub name: String,
    /// The most similar name there is.
    pub nearest: Option<String>,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown option {}", self.name)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for OptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OptionError::BadValue {
                name,
                value: Some(value),
                expected,
            } => {
                write!(f, "bad value {value:?} for {name}: expected {expected}")
            }
            OptionError::BadValue {
                name,
                value: None,
                expected,
            } => {
                write!(f, "{name} needs a value: expected {expected}")
            }
            OptionError::Unknown(unknown) => unknown.fmt(f),
        }
    }
}

impl std::error::Error for OptionError {}

impl Options {
    /// Parses the environment and the `-X` options, in command-line order; of several, the last
    /// wins. Names that are not ours are skipped, and so are empty variables. Also returns the
    /// unknown `PYRT_*` variables, to be warned about.
    ///
    /// # Errors
    ///
    /// At the first bad value or unknown `-X pyrt-…`.
    pub fn parse(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        xoptions: impl IntoIterator<Item = (OsString, Option<OsString>)>,
    ) -> Result<(Options, Vec<Unknown>), OptionError> {
        let mut options = Options::default();
        let mut unknown = Vec::new();
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|name| name.starts_with("PYRT_")) else {
                continue;
            };
            match Options::INFO.iter().find(|row| row.env == name) {
                Some(row) if !value.is_empty() => options.apply(row, name, Some(value))?,
                Some(_) => {}
                None if OTHER_VARIABLES.contains(&name) => {}
                None => unknown.push(unknown_variable(name)),
            }
        }
        for (name, value) in xoptions {
            let Some(name) = name.to_str().filter(|name| is_ours(name)) else {
                continue;
            };
            match Options::INFO.iter().find(|row| row.x_name() == name) {
                Some(row) => options.apply(row, &format!("-X {name}"), value)?,
                None => return Err(OptionError::Unknown(unknown_xoption(name))),
            }
        }
        options.apply_stress();
        Ok((options, unknown))
    }

    fn apply(
        &mut self,
        row: &OptionInfo,
        name: &str,
        value: Option<OsString>,
    ) -> Result<(), OptionError> {
        let implied = matches!(row.domain, Domain::Bool).then(|| OsString::from("1"));
        let set = value
            .clone()
            .or(implied)
            .and_then(|text| self.set(row, &text));
        set.ok_or_else(|| OptionError::BadValue {
            name: name.to_owned(),
            value: value.map(|value| value.to_string_lossy().into_owned()),
            expected: row.domain.describe(),
        })
    }

    /// Stress modes are shorthands for values of other options.
    fn apply_stress(&mut self) {
        if self.stress.contains(&StressMode::Eager) {
            self.background = false;
            (
                self.loop_threshold,
                self.entry_threshold,
                self.exit_threshold,
                self.exit_cost,
            ) = (2, 2, 1, 0);
        }
        if self.stress.contains(&StressMode::Guards) && self.fail_guard == 0 {
            self.fail_guard = 7;
        }
    }

    /// Whether `allow` and `deny` let a function be compiled; `deny` wins.
    pub fn admits(&self, qualified_name: &str) -> bool {
        let listed = |list: &[String]| {
            list.iter()
                .any(|pattern| value::matches(pattern, qualified_name))
        };
        !listed(&self.deny) && (self.allow.is_empty() || listed(&self.allow))
    }
}

fn is_ours(name: &str) -> bool {
    name == "pyrt" || name.starts_with("pyrt-") || name.starts_with("pyrt_")
}

fn unknown_variable(name: &str) -> Unknown {
    let names = Options::INFO.iter().map(|row| row.env.to_owned());
    Unknown {
        name: name.to_owned(),
        nearest: nearest(name, names),
    }
}

fn unknown_xoption(name: &str) -> Unknown {
    let names = Options::INFO.iter().map(OptionInfo::x_name);
    let nearest = nearest(name, names).map(|name| format!("-X {name}"));
    Unknown {
        name: format!("-X {name}"),
        nearest,
    }
}

/// The most similar name, if it is similar at all: at most a third of the name is different.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::damerau_levenshtein(name, &known), known))
        .filter(|(distance, known)| distance * 3 <= known.len())
        .min()
        .map(|(_, known)| known)
}

/// What `-X pyrt-help` and the like print: one paragraph per option.
pub fn help_text() -> String {
    let mut out = String::new();
    for row in Options::INFO {
        let default = if row.default.is_empty() {
            "not set"
        } else {
            row.default
        };
        out.push_str(&format!(
            "-X {}=…, {}\n    {}\n    Takes {}; default: {default}.\n",
            row.x_name(),
            row.env,
            row.doc,
            row.domain.describe(),
        ));
    }
    out
}

/// The table for the documentation.
pub fn markdown() -> String {
    let mut out = String::from("| variable | `-X` | values | default | meaning |\n");
    out.push_str("|---|---|---|---|---|\n");
    for row in Options::INFO {
        let default = if row.default.is_empty() {
            ""
        } else {
            &format!("`{}`", row.default)
        };
        let domain = row.domain.describe().replace('|', "\\|");
        let (env, x_name, doc) = (row.env, row.x_name(), row.doc);
        out.push_str(&format!(
            "| `{env}` | `{x_name}` | {domain} | {default} | {doc} |\n"
        ));
    }
    out
}

#[cfg(test)]
mod tests;
