//! Keeps a benchmark's results: JSON with everything, Markdown with the table.

use super::{Common, Contestant};
use crate::report::Table;
use crate::{Result, workspace};
use serde_json::{Value, json};
use std::process::Command;

/// Prints the table and, if asked to, keeps it in `bench/results/NAME.{json,md}`.
pub(crate) fn publish(
    common: &Common,
    name: &str,
    title: &str,
    table: &Table,
    data: &Value,
) -> Result<()> {
    print!("{table}");
    if !common.record {
        return Ok(());
    }
    let command = command_line();
    let (date, commit) = (workspace::today()?, commit()?);
    let versions = versions(&common.contestants()?)?;
    let machine = machine();
    let json = json!({
        "command": command, "date": date, "commit": commit, "machine": machine, "versions": versions, "data": data,
    });
    let listed: String = versions
        .iter()
        .map(|(name, version)| format!("- {name}: {version}\n"))
        .collect();
    let markdown = format!(
        "### {title}\n\n{}\n`{command}`, {date}, commit {commit}, {machine}.\n\n{listed}",
        table.markdown()
    );
    let file = |suffix| workspace::path(&format!("bench/results/{name}.{suffix}"));
    workspace::write(
        &file("json"),
        &format!("{}\n", serde_json::to_string_pretty(&json)?),
    )?;
    workspace::write(&file("md"), &markdown)
}

/// The command as a reader would type it.
fn command_line() -> String {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    format!("cargo xtask {}", arguments.join(" "))
}

fn commit() -> Result<String> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"])
        .current_dir(workspace::root());
    Ok(workspace::output_of(&mut git)?.trim().to_owned())
}

/// Each interpreter's own account of itself, by name; the modes of one executable share it.
fn versions(contestants: &[Contestant]) -> Result<Vec<(String, String)>> {
    let code = "import sys; print(' '.join(sys.version.split()))";
    let mut versions: Vec<(String, String)> = Vec::new();
    for contestant in contestants
        .iter()
        .filter(|contestant| contestant.variables.is_empty())
    {
        let version = workspace::output_of(Command::new(&contestant.path).args(["-c", code]))?;
        versions.push((contestant.name.clone(), version.trim().to_owned()));
    }
    Ok(versions)
}

/// The processor's name and the number of cores.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    format!("{name}, {} cores", crate::parallel::default_jobs())
}
