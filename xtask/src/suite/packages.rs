//! Packages with extension modules, whose tests run as modules of a suite, too.
//!
//! Such a module is a file of tests in a package, which pytest runs. The packages come from PyPI as wheels, which python3.11's
//! own pip chooses and installs, so they are those that its users get.

use super::lists::Module;
use crate::interpreters::Interpreters;
use crate::{Result, workspace};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = "tests/suites/packages.requirements";

/// Whether a module is a package's.
pub(crate) fn has(module: &Module) -> bool {
    module.name.ends_with(".py")
}

/// The folder that has the packages; installs them if it is not there.
pub(crate) fn install(interpreters: &Interpreters) -> Result<PathBuf> {
    let requirements = workspace::path(REQUIREMENTS);
    let mut hasher = DefaultHasher::new();
    (
        workspace::read(&requirements)?,
        interpreters.version()?,
        platform(interpreters)?,
    )
        .hash(&mut hasher);
    let name = format!("suite/packages-{:016x}", hasher.finish());
    let folder = std::path::absolute(workspace::target().join(name))?;
    workspace::made(&folder, |folder| {
        println!("installing {REQUIREMENTS}");
        run(Command::new(&interpreters.python)
            .args(["-m", "venv"])
            .arg(folder))?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-compile",
            "--only-binary",
            ":all:",
            "--requirement",
        ]);
        run(pip.arg(&requirements))
    })?;
    Ok(folder.join("lib/python3.11/site-packages"))
}

/// The packages for several processors lie in one place.
fn platform(interpreters: &Interpreters) -> Result<String> {
    let code = "import sysconfig; print(sysconfig.get_platform())";
    workspace::output_of(Command::new(&interpreters.python).args(["-I", "-c", code]))
}

fn run(command: &mut Command) -> Result<()> {
    workspace::output_of(command).map(drop)
}

/// Has pytest run a module, and write every outcome to a log.
pub(crate) fn test(
    command: &mut Command,
    module: &Module,
    packages: &Path,
    log: &Path,
) -> Result<()> {
    let path = [packages, &workspace::path("xtask/python")];
    command
        .env("PYTHONPATH", std::env::join_paths(path)?)
        .env("OUTCOMES", log)
        .args([
            "-m",
            "pytest",
            "--quiet",
            "-p",
            "pytest_outcomes",
            "-p",
            "no:cacheprovider",
        ])
        .arg("--rootdir")
        .arg(packages)
        .args(module.ignored.iter().flat_map(|test| ["--deselect", test]))
        .arg(packages.join(&module.name));
    Ok(())
}
