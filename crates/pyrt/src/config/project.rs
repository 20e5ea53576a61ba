//! The project's settings: the table `[tool.pyrt]` of the nearest `pyproject.toml`.
//!
//! The search goes from a folder up to the root, past files without such a table. What is no regular
//! file is passed over, and so is a file that is no TOML, unless it has a line that begins such a table: others may be
//! somebody's who knows nothing of pyrt. The file is parsed only if it mentions pyrt.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file's name, as it follows a folder's.
const NAME: &[u8] = b"/pyproject.toml\0";
/// A larger file is passed over.
const LARGEST: u64 = 1 << 20;

/// What a project sets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Project {
    /// The file.
    pub(super) path: PathBuf,
    /// What the table has; or why the file cannot be read.
    pub(super) entries: Result<Vec<Entry>, String>,
}

/// A key, its value as text, and its line.
type Entry = (String, String, usize);

/// The settings of the project that a file or folder is in.
///
/// Each start comes by here, and most find nothing. So this asks the C library, which is at hand, and leaves
/// the standard library's pages alone.
pub(super) fn find_from(start: &OsStr) -> Option<Project> {
    let mut path = real_path(start)?;
    loop {
        // Below a file there is none either.
        path.extend_from_slice(NAME);
        if let Some(file) = open(&path)
            && let Some(entries) = read(file).as_deref().and_then(table)
        {
            path.pop();
            let path = PathBuf::from(OsString::from_vec(path));
            return Some(Project { path, entries });
        }
        path.truncate(path.len() - NAME.len());
        let parent = path.iter().rposition(|byte| *byte == b'/')?;
        path.truncate(parent);
    }
}

/// The path without links, not ending in a slash.
fn real_path(path: &OsStr) -> Option<Vec<u8>> {
    let path = CString::new(path.as_bytes()).ok()?;
    // SAFETY: a path that ends with a zero; the result is to be freed, and is a string.
    unsafe {
        let real = libc::realpath(path.as_ptr(), core::ptr::null_mut());
        if real.is_null() {
            return None;
        }
        let path = CStr::from_ptr(real).to_bytes().to_vec();
        libc::free(real.cast());
        Some(if path == b"/" { Vec::new() } else { path })
    }
}

/// The file at a path that ends with a zero. Never waits, as a FIFO would make it.
fn open(path: &[u8]) -> Option<File> {
    let flags = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY;
    // SAFETY: the path ends with a zero; the descriptor is nobody else's.
    unsafe {
        let file = libc::open(path.as_ptr().cast(), flags);
        (file >= 0).then(|| File::from_raw_fd(file))
    }
}

/// The text of a regular file.
fn read(file: File) -> Option<String> {
    let about = file.metadata().ok()?;
    let mut text = String::new();
    let fits = about.is_file() && about.len() <= LARGEST;
    fits.then(|| file.take(LARGEST).read_to_string(&mut text).ok())??;
    Some(text)
}

/// The entries of `[tool.pyrt]` in this text, if it has that.
fn table(text: &str) -> Option<Result<Vec<Entry>, String>> {
    if !text.contains("pyrt") {
        return None;
    }
    let line_of = |at: usize| text[..at].matches('\n').count() + 1;
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let mut lines = text.lines().map(str::trim_start);
            let is_meant = lines.any(|line| line.starts_with("[tool.pyrt"));
            let line = error.span().map_or(1, |span| line_of(span.start));
            return is_meant.then(|| Err(format!("line {line}: {}", error.message())));
        }
    };
    let tool = inner(document.get_ref(), "tool")?;
    let ours = inner(tool, "pyrt")?;
    let entry = |(key, value): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let line = line_of(key.span().start);
        (key.get_ref().to_string(), as_text(value.get_ref()), line)
    };
    let mut entries: Vec<_> = ours.iter().map(entry).collect();
    entries.sort_by_key(|(.., line)| *line);
    Some(Ok(entries))
}

/// The table in a table.
fn inner<'a, 'b>(table: &'a DeTable<'b>, key: &str) -> Option<&'a DeTable<'b>> {
    match table.get(key)?.get_ref() {
        DeValue::Table(inner) => Some(inner),
        _ => None,
    }
}

/// A value as it would stand in the environment.
fn as_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Boolean(on) => u8::from(*on).to_string(),
        DeValue::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| as_text(item.get_ref())).collect();
            items.join(",")
        }
        DeValue::Float(number) => number.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_text_with_their_lines() {
        let text = "[project]\nname = 'x'\n[tool.pyrt]\njit-memory = 64\njit = false\n\
                    jit-deny = [\n 'a',\n 'b.c',\n]\njit-opt = \"none\"\n[tool.x]\ny = 1\n";
        let entries = table(text).unwrap().unwrap();
        let entries: Vec<_> = entries
            .iter()
            .map(|(key, value, line)| format!("{line}: {key}={value}"))
            .collect();
        assert_eq!(
            entries,
            [
                "4: jit-memory=64",
                "5: jit=0",
                "6: jit-deny=a,b.c",
                "10: jit-opt=none"
            ]
        );
    }

    #[test]
    fn files_of_others_are_passed_over() {
        for text in [
            "",
            "[tool.x]\ny = 'pyrt'",
            "[tool.x\ny = 'pyrt'",
            "tool = 'pyrt'",
            "[tool]\npyrt = 1",
        ] {
            assert_eq!(table(text), None);
        }
        assert_eq!(table("[tool.pyrt]\n"), Some(Ok(vec![])));
    }

    #[test]
    fn a_broken_file_that_is_meant_for_us_is_told_of() {
        let text = "[tool.pyrt]\njit-memory = 100\njit-memory = 200\n";
        let error = table(text).unwrap().unwrap_err();
        assert!(error.starts_with("line 3: "), "{error}");
    }

    #[test]
    fn the_nearest_table_counts_and_a_fifo_is_no_file() {
        let root = std::env::temp_dir().join(format!("pyrt-project-{}", std::process::id()));
        let inner = root.join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        let name = "pyproject.toml";
        std::fs::write(root.join(name), "[tool.pyrt]\njit-opt = 'none'").unwrap();
        std::fs::write(root.join("a").join(name), "[tool.x]").unwrap();
        let fifo = CString::new(inner.join(name).as_os_str().as_bytes()).unwrap();
        // SAFETY: a path that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
        let found = find_from(inner.as_os_str());
        let real = root.canonicalize().unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        let found = found.unwrap();
        assert_eq!(found.path, real.join(name));
        assert_eq!(found.entries.unwrap().len(), 1);
        assert_eq!(find_from(OsStr::new("/")), None);
    }
}
