//! What matters to pyrt on Python's command line, which is scanned as CPython does (`Python/getopt.c`):
//! options end at the first argument that is none, at `-c`, `-m`, `-` or `--`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What matters to pyrt on Python's command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CommandLine {
    /// Arguments of `-X`, split at the first `=`.
    pub(super) x_options: Vec<(OsString, Option<OsString>)>,
    /// `-E` or `-I`.
    pub(super) ignore_environment: bool,
    /// `-P` or `-I`.
    pub(super) safe_path: bool,
    /// The script, if it is one that is run.
    pub(super) script: Option<OsString>,
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
                b"--" => {
                    found.script = args.next().filter(|script| script != "-");
                    break;
                }
                b"--version" => found.versions += 1,
                [b'-', b'-', ..] => {
                    // Long options; the one with a separate argument is this.
                    if bytes == b"--check-hash-based-pycs" {
                        args.next();
                    }
                }
                [b'-', flags @ ..] if !flags.is_empty() => {
                    if !found.take_flags(flags, &mut args) {
                        break;
                    }
                }
                _ => {
                    found.script = (bytes != b"-").then_some(arg);
                    break;
                }
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
                b'E' => self.ignore_environment = true,
                b'P' => self.safe_path = true,
                b'I' => (self.ignore_environment, self.safe_path) = (true, true),
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

pub(super) fn split(option: &OsStr) -> (OsString, Option<OsString>) {
    let bytes = option.as_bytes();
    match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (
            OsStr::from_bytes(&bytes[..at]).to_owned(),
            Some(OsStr::from_bytes(&bytes[at + 1..]).to_owned()),
        ),
        None => (option.to_owned(), None),
    }
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
        assert!(scan(&["-P"]).safe_path && scan(&["-sI"]).safe_path && !scan(&["-E"]).safe_path);
    }

    #[test]
    fn the_script_is_what_python_runs() {
        let script = |args: &[&str]| scan(args).script;
        assert_eq!(script(&["-u", "a.py", "b.py"]), Some("a.py".into()));
        assert_eq!(script(&["--", "-a.py"]), Some("-a.py".into()));
        for args in [["-m", "a.py"], ["-c", "a.py"], ["-", "a.py"], ["--", "-"]] {
            assert_eq!(script(&args), None);
        }
    }
}
