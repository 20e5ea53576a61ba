//! The two interpreters that every comparison is about.

use crate::{Result, workspace};
use std::path::PathBuf;
use std::process::Command;

/// Which interpreter is the baseline.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Baseline {
    /// The interpreter whose library pyrt links.
    #[arg(
        long,
        value_name = "PATH",
        env = "PYRT_PYTHON",
        default_value = "/usr/bin/python3.11"
    )]
    pub(crate) python: PathBuf,
}

/// Options of all commands that compare pyrt with python3.11.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// The executable under test [default: the release build].
    #[arg(long, value_name = "PATH")]
    pyrt: Option<PathBuf>,
    #[command(flatten)]
    baseline: Baseline,
    /// How many times longer than usual a program may take, before it counts as hanging.
    #[arg(long, value_name = "TIMES", default_value_t = 1)]
    pub(crate) patience: u32,
}

/// A pair of executables that exist.
pub(crate) struct Interpreters {
    pub(crate) python: PathBuf,
    pub(crate) pyrt: PathBuf,
    pub(crate) patience: u32,
}

impl Args {
    pub(crate) fn find(&self) -> Result<Interpreters> {
        let pyrt = std::path::absolute(self.pyrt.clone().unwrap_or_else(workspace::pyrt))?;
        let python = std::path::absolute(&self.baseline.python)?;
        for (path, remedy) in [
            (
                &python,
                "install Debian's package python3.11, or set PYRT_PYTHON",
            ),
            (&pyrt, "build it with `cargo xtask build`, or pass --pyrt"),
        ] {
            if !path.is_file() {
                return Err(format!("no {}: {remedy}", path.display()).into());
            }
        }
        Ok(Interpreters {
            python,
            pyrt,
            patience: self.patience,
        })
    }

    /// The arguments that make another command use the same pair.
    pub(crate) fn forwarded(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--python={}", self.baseline.python.display()),
            format!("--patience={}", self.patience),
        ];
        arguments.extend(
            self.pyrt
                .iter()
                .map(|path| format!("--pyrt={}", path.display())),
        );
        arguments
    }
}

impl Interpreters {
    /// The baseline's version and build, on one line.
    pub(crate) fn version(&self) -> Result<String> {
        let code = "import sys; print(' '.join(sys.version.split()))";
        let output = workspace::output_of(Command::new(&self.python).args(["-I", "-c", code]))?;
        Ok(output.trim().to_owned())
    }
}
