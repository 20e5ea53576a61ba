//! Makes the files of the [view](super::view): packages of the machine's own apt sources, unpacked into a folder.
//!
//! apt works with state of its own, beside that folder, so that the machine's packages and lists stay as they are.
//! Debian's own Rust is taken because it has the standard library for both processors, in packages.

use crate::{Result, workspace};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs of this machine: compiler, linker, emulator. With what they need that is not installed.
const TOOLS: &[&str] = &["rustc-web", "gcc-aarch64-linux-gnu", "qemu-user-static"];
/// What pyrt is linked with, and compared with. With all that they need.
const PYTHON: &[&str] = &[
    "python3.11",
    "libpython3.11-dev",
    "libpython3.11-testsuite",
    "libc6-dev",
    "libgcc-12-dev",
    "libexpat1-dev",
    "zlib1g-dev",
];
/// Rust's standard library, without the compiler that it would bring along.
const STANDARD_LIBRARY: &str = "libstd-rust-web-dev";

/// Unpacks everything into `view`. What is downloaded goes beside it.
pub(super) fn unpack(view: &Path) -> Result<()> {
    let folder = view.parent().expect("the view is in the target folder");
    let tools = Apt::new(folder, "amd64", Path::new("/var/lib/dpkg/status"))?;
    let python = Apt::new(folder, "arm64", Path::new("/dev/null"))?;
    let archives = [
        tools.download_with_dependencies(TOOLS)?,
        python.download_with_dependencies(PYTHON)?,
        python.download(STANDARD_LIBRARY)?,
    ];
    let unfinished = folder.join("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished)?;
    for archive in archives.iter().flatten() {
        let mut unpack = Command::new("dpkg-deb");
        workspace::output_of(unpack.arg("--extract").arg(archive).arg(&unfinished))?;
    }
    merge_usr(&unfinished)?;
    remove(view)?;
    Ok(fs::rename(unfinished, view)?)
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Moves what packages have outside of `/usr` to where it is on a machine whose `/lib` is a link to `/usr/lib`.
fn merge_usr(root: &Path) -> Result<()> {
    for name in ["bin", "sbin", "lib"] {
        let (outside, inside) = (root.join(name), root.join("usr").join(name));
        if outside.is_dir() {
            let mut copy = Command::new("cp");
            copy.args(["--archive", "--link", "--no-target-directory"]);
            workspace::output_of(copy.arg(&outside).arg(&inside))?;
            fs::remove_dir_all(&outside)?;
            symlink(Path::new("usr").join(name), outside)?;
        }
    }
    Ok(())
}

/// apt for one architecture, with state of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// From nothing: what was downloaded earlier may be out of date.
    fn new(parent: &Path, architecture: &str, installed: &Path) -> Result<Apt> {
        let folder = std::path::absolute(parent)?.join(format!("apt-{architecture}"));
        remove(&folder)?;
        for part in ["state/lists/partial", "cache/archives/partial", "alone"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let (here, installed) = (folder.display(), installed.display());
        let settings = format!(
            "APT::Architecture \"{architecture}\";\n\
             APT::Architectures {{ \"{architecture}\"; }};\n\
             APT::Install-Recommends \"false\";\n\
             APT::Sandbox::User \"root\";\n\
             Debug::NoLocking \"true\";\n\
             Acquire::Languages \"none\";\n\
             Acquire::Retries \"3\";\n\
             Dir::State \"{here}/state\";\n\
             Dir::State::status \"{installed}\";\n\
             Dir::Cache \"{here}/cache\";\n"
        );
        workspace::write(&folder.join("apt.conf"), &settings)?;
        let apt = Apt { folder };
        apt.run(&["update", "--error-on=any"], &apt.folder)?;
        Ok(apt)
    }

    /// The archives of packages and of what they need.
    fn download_with_dependencies(&self, packages: &[&str]) -> Result<Vec<PathBuf>> {
        let install = ["install", "--download-only", "--yes"];
        self.run(&[&install, packages].concat(), &self.folder)?;
        workspace::files_below(&self.folder.join("cache/archives"), ".deb")
    }

    /// The archive of a package alone.
    fn download(&self, package: &str) -> Result<Vec<PathBuf>> {
        let alone = self.folder.join("alone");
        self.run(&["download", package], &alone)?;
        workspace::files_below(&alone, ".deb")
    }

    fn run(&self, arguments: &[&str], folder: &Path) -> Result<()> {
        let mut command = Command::new("apt-get");
        command
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .arg("--quiet=2")
            .args(arguments)
            .current_dir(folder);
        match workspace::output_of(&mut command) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!(
                "{error}\nThe packages for AArch64 come from this machine's own apt sources: Debian 12's, \
                 with its security updates"
            )
            .into()),
        }
    }
}
