//! Reads the options from where they are set, and remembers where that was.
//!
//! The strongest source is read first: the command line, then the environment, then the project's file.
//! A later source sets what no earlier one has. A bad value is an error wherever it stands, even if
//! another source wins, and so is an unknown `-X pyrt-…`. An unknown `PYRT_*` variable or key of a project's
//! file is a warning, because it may be meant for another version.

use super::value::Domain;
use super::{OptionInfo, Options, StressMode};
use std::ffi::{OsStr, OsString};

/// Variables that start with `PYRT_` but are no options of the executable.
const OTHER_VARIABLES: &[&str] = &[
    "PYRT_PYTHON",
    "PYRT_DEBUG_PYTHON",
    #[cfg(feature = "seeded")]
    crate::seeded::VARIABLE,
];

/// Where an option's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The table.
    Default,
    /// The project's file.
    Project,
    /// The environment variable.
    Environment,
    /// `-X`.
    CommandLine,
    /// A stress mode, which is a shorthand for values of other options.
    Stress,
    /// The running program.
    Program,
}

impl Source {
    /// A few words.
    pub const fn describe(self) -> &'static str {
        match self {
            Source::Default => "default",
            Source::Project => "project",
            Source::Environment => "environment",
            Source::CommandLine => "command line",
            Source::Stress => "stress mode",
            Source::Program => "program",
        }
    }
}

/// The options with where each value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The values.
    pub options: Options,
    /// By row of the table.
    sources: [Source; Options::INFO.len()],
    /// Names that were not understood, to be warned about.
    pub unknown: Vec<Unknown>,
}

impl Default for Settings {
    #[inline]
    fn default() -> Settings {
        Settings {
            options: Options::default(),
            sources: [Source::Default; Options::INFO.len()],
            unknown: Vec::new(),
        }
    }
}

/// An option that cannot be honoured. Nothing is started then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// The value is not in the option's domain.
    BadValue {
        /// The variable, the option with its `-X`, or the key with its file.
        name: String,
        /// The value as given; `None` if there was none.
        value: Option<String>,
        /// What would be allowed.
        expected: String,
    },
    /// The option cannot be set there.
    Misplaced {
        /// The option as it was given.
        name: String,
        /// The variable by which it can be set.
        variable: &'static str,
    },
    /// There is no such option.
    Unknown(Unknown),
}

/// A name that looks like one of ours and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The variable, the option with its `-X`, or the key with its file.
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
            OptionError::Misplaced { name, variable } => {
                write!(
                    f,
                    "{name} cannot be set there, only by {variable} or the command line"
                )
            }
            OptionError::Unknown(unknown) => unknown.fmt(f),
        }
    }
}

impl std::error::Error for OptionError {}

impl Settings {
    /// Takes the `-X` options, in the order of the command line; of several, the last wins. Others than
    /// ours are skipped.
    ///
    /// # Errors
    ///
    /// At the first bad value or unknown name.
    pub fn take_x_options(
        &mut self,
        options: impl IntoIterator<Item = (OsString, Option<OsString>)>,
    ) -> Result<(), OptionError> {
        for (name, value) in options {
            let Some(name) = name.to_str().filter(|name| is_ours(name)) else {
                continue;
            };
            let row = row(name, OptionInfo::x_name).map_err(|nearest| {
                OptionError::Unknown(Unknown {
                    name: format!("-X {name}"),
                    nearest: nearest.map(|name| format!("-X {name}")),
                })
            })?;
            self.take(row, &format!("-X {name}"), value, Source::CommandLine)?;
        }
        Ok(())
    }

    /// Takes the environment. Variables that are not ours are skipped, and so are empty ones.
    ///
    /// # Errors
    ///
    /// At the first bad value.
    pub fn take_environment(
        &mut self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(), OptionError> {
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|name| name.starts_with("PYRT_")) else {
                continue;
            };
            match row(name, |row| row.env.to_owned()) {
                Ok(row) if !value.is_empty() => {
                    self.take(row, name, Some(value), Source::Environment)?;
                }
                Ok(_) => {}
                Err(_) if OTHER_VARIABLES.contains(&name) => {}
                Err(nearest) => self.unknown.push(Unknown {
                    name: name.to_owned(),
                    nearest,
                }),
            }
        }
        Ok(())
    }

    /// Takes one key of a project's file; `place` says where it stands.
    ///
    /// # Errors
    ///
    /// If the value is bad, or a project may not set this option.
    pub fn take_project(&mut self, key: &str, value: &str, place: &str) -> Result<(), OptionError> {
        let name = format!("{key} ({place})");
        match row(key, OptionInfo::key) {
            Ok(row) if !Options::INFO[row].scope.in_project() => Err(OptionError::Misplaced {
                name,
                variable: Options::INFO[row].env,
            }),
            Ok(row) => self.take(row, &name, Some(value.into()), Source::Project),
            Err(nearest) => {
                self.unknown.push(Unknown { name, nearest });
                Ok(())
            }
        }
    }

    /// Takes what the running program sets, by its name in Python.
    ///
    /// # Errors
    ///
    /// If there is no such option, the value is bad, or the option cannot be set by then.
    pub fn take_program(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let row = row(name, OptionInfo::python_name).map_err(|nearest| {
            OptionError::Unknown(Unknown {
                name: name.to_owned(),
                nearest,
            })
        })?;
        if !Options::INFO[row].scope.while_running() {
            return Err(OptionError::Misplaced {
                name: name.to_owned(),
                variable: Options::INFO[row].env,
            });
        }
        self.sources[row] = Source::Program;
        self.take(row, name, Some(value.into()), Source::Program)
    }

    /// Sets one row, unless a stronger source has set it.
    fn take(
        &mut self,
        row: usize,
        name: &str,
        value: Option<OsString>,
        source: Source,
    ) -> Result<(), OptionError> {
        let info = &Options::INFO[row];
        let implied = matches!(info.domain, Domain::Bool).then_some(OsStr::new("1"));
        let text = value.as_deref().or(implied);
        let strong = [Source::Default, source].contains(&self.sources[row]);
        let set = if strong {
            self.sources[row] = source;
            text.and_then(|text| self.options.set(info, text))
        } else {
            text.and_then(|text| Options::default().set(info, text))
        };
        set.ok_or_else(|| OptionError::BadValue {
            name: name.to_owned(),
            value: value.map(|value| value.to_string_lossy().into_owned()),
            expected: info.domain.describe(),
        })
    }

    /// Stress modes set other options, whatever else does. To be called when all sources are read.
    pub fn apply_stress(&mut self) {
        if self.options.stress.is_empty() {
            return;
        }
        let before = self.options.clone();
        if self.options.stress.contains(&StressMode::Eager) {
            self.options.background = false;
            (
                self.options.loop_threshold,
                self.options.entry_threshold,
                self.options.exit_threshold,
                self.options.exit_cost,
            ) = (2, 2, 1, 0);
        }
        if self.options.stress.contains(&StressMode::Guards) && self.options.fail_guard == 0 {
            self.options.fail_guard = 7;
        }
        for (row, source) in Options::INFO.iter().zip(&mut self.sources) {
            if before.text(row) != self.options.text(row) {
                *source = Source::Stress;
            }
        }
    }

    /// Each row of the table with its value as it would be written, and where that comes from.
    pub fn iter(&self) -> impl Iterator<Item = (&'static OptionInfo, String, Source)> + '_ {
        Options::INFO
            .iter()
            .zip(self.sources)
            .map(|(row, source)| (row, self.options.text(row), source))
    }
}

fn is_ours(name: &str) -> bool {
    name == "pyrt" || name.starts_with("pyrt-") || name.starts_with("pyrt_")
}

/// The row of which this is the name in some form; otherwise the nearest name in that form.
fn row(name: &str, form: impl Fn(&OptionInfo) -> String) -> Result<usize, Option<String>> {
    let rows = Options::INFO;
    rows.iter()
        .position(|row| form(row) == name)
        .ok_or_else(|| nearest(name, rows.iter().map(form)))
}

/// The most similar name, if it is similar at all: at most a third of the name is different.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::damerau_levenshtein(name, &known), known))
        .filter(|(distance, known)| distance * 3 <= known.len())
        .min()
        .map(|(_, known)| known)
}
