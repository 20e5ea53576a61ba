//! Options of the process, from the command line and the environment.
//!
//! They are read before CPython is initialised, so that a bad one starts nothing.
//! The command line is scanned as CPython does (`Python/getopt.c`): options end at
//! the first argument that is none, at `-c`, `-m`, `-` or `--`.

use core::ffi::{CStr, c_char};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::OnceLock;

use pyrt_spec::Options;

/// How the variables that we read begin.
const PREFIX: &[u8] = b"PYRT_";

static OPTIONS: OnceLock<Options> = OnceLock::new();

/// The options; the table's defaults before they are read.
pub(crate) fn options() -> &'static Options {
    OPTIONS.get_or_init(Options::default)
}

/// What matters to pyrt on Python's command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CommandLine {
    /// Arguments of `-X`, split at the first `=`.
    x_options: Vec<(OsString, Option<OsString>)>,
    /// `-E` or `-I`.
    ignore_environment: bool,
    /// How many `-V`.
    versions: usize,
}

/// Options of CPython 3.11 that take an argument.
const WITH_ARGUMENT: &[u8] = b"cmWX";

impl CommandLine {
    /// Scans the arguments after the program's name.
    pub(crate) fn scan(args: impl IntoIterator<Item = OsString>) -> CommandLine {
        let mut found = CommandLine::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let bytes = arg.as_bytes();
            match bytes {
                b"--version" => found.versions += 1,
                [b'-', b'-', ..] if bytes != b"--" => {
                    // Long options; the one with a separate argument is this.
                    if bytes == b"--check-hash-based-pycs" {
                        args.next();
                    }
                }
                [b'-', flags @ ..] if !flags.is_empty() && bytes != b"--" => {
                    if !found.take_flags(flags, &mut args) {
                        break;
                    }
                }
                _ => break,
            }
        }
        found
    }

    /// Takes the letters of one argument; false when the options end with it.
    fn take_flags(&mut self, flags: &[u8], args: &mut impl Iterator<Item = OsString>) -> bool {
        for (index, flag) in flags.iter().enumerate() {
            if WITH_ARGUMENT.contains(flag) {
                if matches!(flag, b'c' | b'm') {
                    return false;
                }
                let rest = &flags[index + 1..];
                let value = if rest.is_empty() {
                    args.next()
                } else {
                    Some(OsString::from_vec(rest.to_vec()))
                };
                if let (b'X', Some(value)) = (flag, value) {
                    self.x_options.push(split(&value));
                }
                return true;
            }
            match flag {
                b'E' | b'I' => self.ignore_environment = true,
                b'V' => self.versions += 1,
                _ => {}
            }
        }
        true
    }

    /// Whether the user asks for the long version text (`-VV`).
    pub(crate) fn wants_long_version(&self) -> bool {
        self.versions >= 2
    }
}

fn split(option: &OsStr) -> (OsString, Option<OsString>) {
    let bytes = option.as_bytes();
    match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (
            OsStr::from_bytes(&bytes[..at]).to_owned(),
            Some(OsStr::from_bytes(&bytes[at + 1..]).to_owned()),
        ),
        None => (option.to_owned(), None),
    }
}

/// Reads the options once; the text of an error otherwise. Unknown variables are
/// warned about on stderr.
pub(crate) fn read(command_line: &CommandLine) -> Result<(), String> {
    let environment = if command_line.ignore_environment {
        Vec::new()
    } else {
        environment()
    };
    if environment.is_empty() && command_line.x_options.is_empty() {
        let _ = OPTIONS.set(Options::default());
        return Ok(());
    }
    let (options, unknown) = Options::parse(environment, command_line.x_options.iter().cloned())
        .map_err(|error| error.to_string())?;
    for name in unknown {
        eprintln!("pyrt: warning: {name}");
    }
    let _ = OPTIONS.set(options);
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(args: &[&str]) -> CommandLine {
        CommandLine::scan(args.iter().map(OsString::from))
    }

    fn x(args: &[&str]) -> Vec<String> {
        scan(args)
            .x_options
            .into_iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{}={}", name.display(), value.display()),
                None => name.display().to_string(),
            })
            .collect()
    }

    #[test]
    fn options_end_where_python_s_end() {
        assert_eq!(
            x(&["-X", "a=1", "-Xb", "-uX", "c", "x.py", "-X", "d"]),
            ["a=1", "b", "c"]
        );
        assert_eq!(x(&["-c", "pass", "-X", "a"]), Vec::<String>::new());
        assert_eq!(x(&["-cpass", "-Xa"]), Vec::<String>::new());
        assert_eq!(
            x(&["-Wignore", "-W", "-Xno", "-Xa", "-m", "x", "-Xb"]),
            ["a"]
        );
        assert_eq!(x(&["-", "-Xa"]), Vec::<String>::new());
        assert_eq!(x(&["--", "-Xa"]), Vec::<String>::new());
        assert_eq!(x(&["--check-hash-based-pycs", "always", "-Xa"]), ["a"]);
    }

    #[test]
    fn flags_are_seen_in_any_grouping() {
        assert!(scan(&["-sE"]).ignore_environment && scan(&["-I", "x"]).ignore_environment);
        assert!(!scan(&["-s", "x", "-E"]).ignore_environment);
        assert!(scan(&["-VV"]).wants_long_version() && scan(&["-V", "-V"]).wants_long_version());
        assert!(!scan(&["-V"]).wants_long_version());
    }
}
