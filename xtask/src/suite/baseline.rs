//! What python3.11 itself makes of the tests here, kept between runs.
//!
//! The outcomes depend on the interpreter's build, the tests' version and the recorder, so a
//! folder's name says all of them; any change starts a new folder.

use super::lists::Module;
use super::run::{self, ModuleRun};
use crate::interpreters::Interpreters;
use crate::{Result, workspace};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::time::Duration;

/// No module takes this long unless it hangs.
const LIMIT: Duration = Duration::from_secs(900);

/// The results of one interpreter.
pub(crate) struct Baseline {
    python: PathBuf,
    folder: PathBuf,
    limit: Duration,
}

impl Baseline {
    pub(crate) fn open(interpreters: &Interpreters) -> Result<Baseline> {
        let version = interpreters.version()?;
        let mut hasher = DefaultHasher::new();
        (&version, include_str!("../../python/record_outcomes.py")).hash(&mut hasher);
        for file in [interpreters.python.clone(), test_package(interpreters)?] {
            let metadata = file.metadata()?;
            // Debian's builds for several processors have one date, and lie in one place.
            (metadata.modified()?, metadata.len(), file).hash(&mut hasher);
        }
        let folder = workspace::target().join(format!("suite/baseline-{:016x}", hasher.finish()));
        println!("python3.11: {version}");
        Ok(Baseline {
            python: interpreters.python.clone(),
            folder,
            limit: LIMIT * interpreters.patience,
        })
    }

    /// The module's results, from an earlier run if there was one.
    pub(crate) fn get(&self, module: &Module) -> Result<ModuleRun> {
        match std::fs::read_to_string(self.file(module)) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(_) => self.measure(module),
        }
    }

    /// The module's results, measured now.
    pub(crate) fn measure(&self, module: &Module) -> Result<ModuleRun> {
        let run = run::module(&self.python, module, &[], self.limit)?;
        workspace::write(&self.file(module), &serde_json::to_string(&run)?)?;
        Ok(run)
    }

    /// A module's results depend on which of its tests are left out.
    fn file(&self, module: &Module) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        module.ignored.hash(&mut hasher);
        if let Some(packages) = &module.packages {
            packages.hash(&mut hasher);
        }
        self.folder.join(format!(
            "{}-{:08x}.json",
            module.name,
            hasher.finish() as u32
        ))
    }
}

/// The file of the package `test`, by which its absence is noticed too.
fn test_package(interpreters: &Interpreters) -> Result<PathBuf> {
    let code = "import test.libregrtest as package; print(package.__file__)";
    let mut command = std::process::Command::new(&interpreters.python);
    let output = workspace::output_of(command.args(["-I", "-c", code])).map_err(|error| {
        format!("{error}\nCPython's tests are missing: install Debian's libpython3.11-testsuite")
    })?;
    Ok(PathBuf::from(output.trim()))
}
