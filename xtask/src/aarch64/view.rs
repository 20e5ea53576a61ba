//! A view of this machine in which it also is an AArch64 machine.
//!
//! A command that runs in it sees the unpacked packages laid over `/usr`, so that every file is where its package
//! has it: `/usr/bin/python3.11` is the one for AArch64, and everything else is this machine's. The kernel
//! starts programs for AArch64 by the emulator, those that programs start by themselves, too.
//! Neither is seen from outside: both belong to namespaces of the command's own, for which nobody has to be root.

use crate::{Result, workspace};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lays the folder `$1` over `/usr`, has the kernel know the emulator, and runs the rest of the command line.
const ENTER: &str = r#"
fail() { echo "aarch64: $1: needs Linux 6.7 or newer, and user namespaces" >&2; exit 1; }
files=$1
shift
mount -t overlay overlay -o ro,lowerdir="$files/usr:/usr" /usr || fail "cannot lay packages over /usr"
formats=/proc/sys/fs/binfmt_misc
mount -t binfmt_misc binfmt_misc $formats || fail "cannot mount binfmt_misc"
cat /usr/lib/binfmt.d/qemu-aarch64.conf >$formats/register || fail "cannot register the emulator"
exec "$@"
"#;

/// The folder of everything about AArch64.
pub(super) fn folder() -> PathBuf {
    workspace::target().join("aarch64")
}

/// The unpacked packages.
pub(super) fn files() -> PathBuf {
    folder().join("view")
}

/// A command that runs in the view, where cargo builds for AArch64.
pub(super) fn command(program: impl AsRef<OsStr>) -> Result<Command> {
    let files = std::path::absolute(files())?;
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "--"])
        .args(["sh", "-c", ENTER, "sh"])
        .arg(files)
        .arg(program)
        .env_remove("PYRT_PYTHON")
        .env("CARGO_TARGET_DIR", std::path::absolute(target())?)
        .envs(TOOLCHAIN);
    Ok(command)
}

/// Where cargo builds to.
pub(super) fn target() -> PathBuf {
    folder().join("build")
}

/// The executable that is built with a cargo profile.
pub(super) fn pyrt(profile: &str) -> PathBuf {
    target().join(TRIPLE).join(Path::new(profile)).join("pyrt")
}

const TRIPLE: &str = "aarch64-unknown-linux-gnu";

/// Debian's compilers, whatever rustup has.
const TOOLCHAIN: [(&str, &str); 8] = [
    ("CARGO_BUILD_TARGET", TRIPLE),
    (
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "aarch64-linux-gnu-gcc",
    ),
    ("RUSTC", "/usr/bin/rustc"),
    ("RUSTDOC", "/usr/bin/rustdoc"),
    ("CC", "aarch64-linux-gnu-gcc"),
    ("AR", "aarch64-linux-gnu-ar"),
    ("OBJCOPY", "aarch64-linux-gnu-objcopy"),
    ("OBJDUMP", "aarch64-linux-gnu-objdump"),
];
