//! Files that pyrt writes: none of them follows a link, waits for a reader, or overwrites what is not a
//! regular file of this user's with one name.

use std::fs::{File, OpenOptions, remove_file, symlink_metadata};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The path with `%p` replaced by the process id.
pub(crate) fn with_pid(path: &Path) -> PathBuf {
    let path = path.to_string_lossy();
    path.replace("%p", &std::process::id().to_string()).into()
}

/// Makes a file anew; one that is there already is replaced. Others cannot read it if it is `private`.
pub(crate) fn create(path: &Path, private: bool) -> Result<File> {
    let open = || {
        let mode = if private { 0o600 } else { 0o666 };
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create_new(true).mode(mode);
        options.custom_flags(libc::O_NOFOLLOW).open(path)
    };
    match open() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            check(symlink_metadata(path)?)?;
            remove_file(path)?;
            open()
        }
        result => result,
    }
}

/// Opens a file to append to; it is made if need be.
pub(crate) fn append(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    let options = options.append(true).create(true);
    let file = options
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    check(file.metadata()?)?;
    Ok(file)
}

fn check(about: impl MetadataExt) -> Result<()> {
    // SAFETY: no conditions.
    let own = about.uid() == unsafe { libc::geteuid() };
    let regular = about.mode() & libc::S_IFMT == libc::S_IFREG;
    if own && regular && about.nlink() == 1 {
        return Ok(());
    }
    let what = "it exists and is not a regular file of this user's with one name";
    Err(Error::new(ErrorKind::AlreadyExists, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn nothing_planted_is_followed_or_overwritten() {
        let root = std::env::temp_dir().join(format!("pyrt-files-{}", std::process::id()));
        std::fs::create_dir(&root).unwrap();
        let victim = root.join("victim");
        std::fs::write(&victim, "precious").unwrap();
        let (link, hard, fifo, own) = (
            root.join("link"),
            root.join("hard"),
            root.join("fifo"),
            root.join("own-%p"),
        );
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        std::fs::hard_link(&victim, &hard).unwrap();
        let name = std::ffi::CString::new(fifo.to_str().unwrap()).unwrap();
        // SAFETY: a path that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        for planted in [&link, &hard, &fifo, &root] {
            assert!(create(planted, true).is_err(), "{planted:?}");
            assert!(append(planted).is_err(), "{planted:?}");
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
        let own = with_pid(&own);
        for text in ["first", "second"] {
            create(&own, true)
                .unwrap()
                .write_all(text.as_bytes())
                .unwrap();
        }
        append(&own).unwrap().write_all(b" third").unwrap();
        assert_eq!(std::fs::read_to_string(&own).unwrap(), "second third");
        std::fs::remove_dir_all(&root).unwrap();
    }
}
