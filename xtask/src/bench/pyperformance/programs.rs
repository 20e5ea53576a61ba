//! pyperformance's programs: which there are, and the packages that they need.
//!
//! Everything lies in `target/pyperformance`: a virtual environment with pyperformance and pip, and for each kind of
//! interpreter a folder of packages per program. It is made when it is needed, and kept.

use super::super::Contestant;
use crate::{Result, suite, workspace};
use serde::Deserialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints what pyperformance knows about its programs.
const LIST: &str = "
import json, pathlib, pyperformance, tomllib
programs = []
for file in pathlib.Path(pyperformance.DATA_DIR, 'benchmarks').glob('bm_*/*.toml'):
    known = tomllib.loads(file.read_text())['tool']['pyperformance']
    programs.append({'name': known['name'], 'folder': str(file.parent), 'options': known.get('extra_opts', [])})
print(json.dumps(programs))
";

/// The group whose programs keep the compiled parts of their packages. Those of others lose them, so that
/// all interpreters run the same Python code.
const NATIVE: &str = "native";

/// A program of pyperformance.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Program {
    pub(super) name: String,
    folder: PathBuf,
    pub(super) options: Vec<String>,
}

impl Program {
    pub(super) fn script(&self) -> PathBuf {
        self.folder.join("run_benchmark.py")
    }
}

/// The environment with pyperformance.
pub(super) struct Tools {
    folder: PathBuf,
    requirements: PathBuf,
}

/// The names in a list of `bench/pyperformance`.
fn group(name: &str) -> Result<Vec<String>> {
    let list = workspace::path(&format!("bench/pyperformance/{name}.list"));
    let text = workspace::read(&list)?;
    Ok(suite::names(&text).map(str::to_owned).collect())
}

impl Tools {
    pub(super) fn set_up(python: &Contestant) -> Result<Tools> {
        let tools = Tools {
            folder: workspace::target().join("pyperformance"),
            requirements: workspace::path("bench/pyperformance/requirements.txt"),
        };
        workspace::made(&tools.folder.join("tools"), |folder| {
            run(Command::new(&python.path).args(["-m", "venv"]).arg(folder))?;
            let mut pip = Command::new(folder.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
            run(pip.arg(&tools.requirements))
        })?;
        Ok(tools)
    }

    fn python(&self) -> Command {
        Command::new(self.folder.join("tools/bin/python"))
    }

    /// The programs of these names, or those of the group.
    pub(super) fn programs(&self, names: &[String], of_group: &str) -> Result<Vec<Program>> {
        let listed = workspace::output_of(self.python().args(["-c", LIST]))?;
        let listed: Vec<Program> = serde_json::from_str(&listed)?;
        let wanted = match names {
            [] => group(of_group)?,
            names => names.to_vec(),
        };
        let find = |name: &String| {
            let found = listed.iter().find(|program| program.name == *name);
            found
                .cloned()
                .ok_or_else(|| format!("pyperformance has no program {name:?}").into())
        };
        wanted.iter().map(find).collect()
    }

    /// What the interpreter's search path has to begin with for that program; installs what is missing.
    pub(super) fn search_path(
        &self,
        program: &Program,
        contestant: &Contestant,
    ) -> Result<OsString> {
        let packages = self
            .folder
            .join(contestant.evaluate("sys.implementation.cache_tag")?);
        let common = packages.join("pyperf");
        workspace::made(&common, |folder| {
            let pins = workspace::read(&self.requirements)?;
            let pin = suite::names(&pins).find(|pin| pin.starts_with("pyperf=="));
            let pin = pin.ok_or("no pyperf in bench/pyperformance/requirements.txt")?;
            self.install(contestant, folder, &["--no-deps", pin])
        })?;
        let mut path = vec![workspace::path("bench/site"), common];
        let requirements = program.folder.join("requirements.txt");
        if requirements.is_file() {
            let folder = packages.join(program.folder.file_name().unwrap_or_default());
            workspace::made(&folder, |folder| {
                let requirements = requirements.display().to_string();
                self.install(contestant, folder, &["--requirement", &requirements])?;
                if !group(NATIVE)?.contains(&program.name) {
                    remove_compiled(folder)?;
                }
                Ok(())
            })?;
            path.push(folder);
        }
        path.push(program.folder.join("vendor/src"));
        Ok(std::env::join_paths(path)?)
    }

    fn install(&self, contestant: &Contestant, folder: &Path, what: &[&str]) -> Result<()> {
        let name = folder.file_stem().unwrap_or_default().to_string_lossy();
        println!("installing what {name} needs");
        std::fs::create_dir_all(folder)?;
        let mut pip = self.python();
        pip.args(["-m", "pip", "--python"]).arg(&contestant.path);
        pip.args([
            "install",
            "--quiet",
            "--no-compile",
            "--prefer-binary",
            "--target",
        ]);
        run(pip.arg(folder).args(what))
    }
}

fn run(command: &mut Command) -> Result<()> {
    workspace::output_of(command).map(drop)
}

fn remove_compiled(folder: &Path) -> Result<()> {
    for library in workspace::files_below(folder, ".so")? {
        std::fs::remove_file(library)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn groups_share_no_program_but_with_quick() {
        let (pure, native) = (group("pure").unwrap(), group(NATIVE).unwrap());
        assert!(pure.iter().all(|name| !native.contains(name)));
        assert!(
            group("quick")
                .unwrap()
                .iter()
                .all(|name| pure.contains(name))
        );
        assert!(group("no").is_err());
    }

    #[test]
    fn a_folder_is_made_whole_or_not_at_all() {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.path().join("a");
        let fails = |partial: &Path| {
            std::fs::create_dir(partial)?;
            Err("no network".into())
        };
        assert!(workspace::made(&folder, fails).is_err());
        assert!(!folder.exists());
        workspace::made(&folder, |partial| Ok(std::fs::create_dir(partial)?)).unwrap();
        assert!(folder.exists());
        workspace::made(&folder, |_| panic!("it is there")).unwrap();
    }
}
