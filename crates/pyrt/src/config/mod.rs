//! Options of the process, from the command line, the environment, and the project's file.
//!
//! They are read before CPython is initialised, so that a bad one starts nothing. The program can change
//! some of them later: then there are new options, and whoever holds the old ones goes on with them.

mod command_line;
mod project;

use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

pub(crate) use command_line::CommandLine;
use command_line::split;
use pyrt_spec::options::{OptionInfo, Source, help_text};
use pyrt_spec::{Options, Settings};

use crate::json;

/// How the variables that we read begin.
const PREFIX: &[u8] = b"PYRT_";
/// `-X` with this prints the options.
const HELP: &str = "pyrt-help";

/// The present settings, never freed; null until they are read.
static SETTINGS: AtomicPtr<Settings> = AtomicPtr::new(null_mut());

/// The options; the table's defaults before they are read.
#[inline]
pub(crate) fn options() -> &'static Options {
    &settings().options
}

/// The options with where they come from.
#[inline]
pub(crate) fn settings() -> &'static Settings {
    static DEFAULTS: OnceLock<Settings> = OnceLock::new();
    // SAFETY: null, or leaked by `set`.
    unsafe { SETTINGS.load(Ordering::Acquire).as_ref() }
        .unwrap_or_else(|| DEFAULTS.get_or_init(Settings::default))
}

fn set(settings: Settings) {
    SETTINGS.store(Box::leak(Box::new(settings)), Ordering::Release);
}

/// Changes options of the running process: all of them, or none and the text of an error.
pub(crate) fn change(changes: &[(String, String)]) -> Result<(), String> {
    let mut settings = settings().clone();
    for (name, value) in changes {
        settings
            .take_program(name, value)
            .map_err(|error| error.to_string())?;
    }
    set(settings);
    Ok(())
}

/// The project's file that was read, if any.
static PROJECT_FILE: OnceLock<PathBuf> = OnceLock::new();

/// The project's file, and all options, as JSON.
pub(crate) fn json() -> String {
    let option = |(row, value, source): (&OptionInfo, String, Source)| {
        json::object(&[
            ("name", json::string(&row.python_name())),
            ("variable", json::string(row.env)),
            ("x", json::string(&row.x_name())),
            ("value", json::string(&value)),
            ("default", json::string(row.default)),
            ("source", json::string(source.describe())),
            ("expected", json::string(&row.domain.describe())),
            ("changeable", row.scope.while_running().to_string()),
            ("doc", json::string(row.doc)),
        ])
    };
    let file = PROJECT_FILE.get().map_or("null".to_owned(), |path| {
        json::string(&path.display().to_string())
    });
    json::object(&[
        ("project", file),
        ("options", json::array(settings().iter().map(option))),
    ])
}

/// What to do after the options were read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Run Python.
    Python,
    /// Print this, and end.
    Print(String),
}

/// Reads the options once; the text of an error otherwise. Unknown names are warned about on stderr.
pub(crate) fn read(command_line: &CommandLine) -> Result<Start, String> {
    let is_help = |(name, _): &(OsString, _)| name == HELP;
    if command_line.x_options.iter().any(is_help) {
        return Ok(Start::Print(help_text()));
    }
    let environment = match command_line.ignore_environment {
        true => Vec::new(),
        false => environment(),
    };
    if environment.is_empty()
        && command_line.x_options.is_empty()
        && find_project(command_line).is_none()
    {
        // Most starts end here, and leave the pages of what follows alone.
        return Ok(Start::Python);
    }
    let mut settings = Settings::default();
    let taken = settings
        .take_x_options(command_line.x_options.iter().cloned())
        .and_then(|()| settings.take_environment(environment));
    taken.map_err(|error| error.to_string())?;
    if settings.options.project
        && let Some(project) = find_project(command_line)
    {
        let file = project.path.display();
        let entries = project.entries.unwrap_or_else(|error| {
            eprintln!("pyrt: warning: {file} is not read: it is no TOML, {error}");
            Vec::new()
        });
        for (key, value, line) in &entries {
            settings
                .take_project(key, value, &format!("{file}:{line}"))
                .map_err(|error| error.to_string())?;
        }
        let _ = PROJECT_FILE.set(project.path);
    }
    settings.apply_stress();
    for name in &settings.unknown {
        eprintln!("pyrt: warning: {name}");
    }
    set(settings);
    Ok(Start::Python)
}

/// The settings of the project that is in the folder that Python puts first on `sys.path`: the script's,
/// or the current one. Whoever may put a project's file there may put modules there, too.
fn find_project(command_line: &CommandLine) -> Option<project::Project> {
    let safe = std::env::var_os("PYTHONSAFEPATH").is_some_and(|value| !value.is_empty());
    if command_line.safe_path || safe && !command_line.ignore_environment {
        return None;
    }
    match &command_line.script {
        Some(script) => project::find_from(script),
        None => project::find_from(OsStr::new(".")),
    }
}

/// The variables that may be ours. Reads the C library's list, because the standard library
/// would copy each variable of the environment first.
fn environment() -> Vec<(OsString, OsString)> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    let mut found = Vec::new();
    // SAFETY: the list ends with null, its strings with a zero, and nothing else runs that could
    // change it: the only thread is here, before CPython is initialised.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let text = *entry;
            if PREFIX
                .iter()
                .zip(0..)
                .all(|(byte, at)| *text.add(at) as u8 == *byte)
            {
                let bytes = CStr::from_ptr(text).to_bytes();
                if let (name, Some(value)) = split(OsStr::from_bytes(bytes)) {
                    found.push((name, value));
                }
            }
            entry = entry.add(1);
        }
    }
    found
}
