//! Where things are in the checkout, and how to run the tools it needs.

use crate::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The top folder of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// A path in the checkout.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Where cargo builds to.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| path("target"), PathBuf::from)
}

/// The text of a file in the checkout.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Creates the file and the folders on the way to it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The cargo that runs us, in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// What a command prints, or an error with what it complained about.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{complaint}", output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where cargo puts the release executable: `.cargo/config.toml` names the target, so the folder
/// has its name in it.
pub(crate) fn pyrt() -> PathBuf {
    pyrt_below(&target())
}

/// The same in another folder to build to.
pub(crate) fn pyrt_below(target: &Path) -> PathBuf {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    target.join(triple).join("release/pyrt")
}

/// Builds the release executable, with cargo's own progress on stderr, and links it to
/// `target/release/pyrt`, where people look for it.
pub(crate) fn build_pyrt() -> Result<()> {
    let status = cargo(&["build", "--release", "--package", "pyrt"]).status()?;
    if !status.success() {
        return Err("pyrt does not build".into());
    }
    let link = target().join("release/pyrt");
    std::fs::create_dir_all(target().join("release"))?;
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(&link)?;
    }
    Ok(std::os::unix::fs::symlink(
        std::path::absolute(pyrt())?,
        link,
    )?)
}

/// Makes a folder that is there only if it is complete.
pub(crate) fn made(folder: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let mut partial = folder.to_owned();
    partial.as_mut_os_string().push(".part");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    make(&partial)?;
    Ok(std::fs::rename(&partial, folder)?)
}

/// Today, as `2000-12-31`, in UTC.
pub(crate) fn today() -> Result<String> {
    Ok(output_of(Command::new("date").args(["-u", "+%F"]))?
        .trim()
        .to_owned())
}

/// The files below `folder` whose name ends in `suffix`, sorted.
pub(crate) fn files_below(folder: &Path, suffix: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
