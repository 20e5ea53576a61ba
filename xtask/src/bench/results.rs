//! Keeps a benchmark's results: JSON with everything, Markdown with the table, pictures for the book.

use super::{Common, Contestant};
use crate::report::Table;
use crate::{Result, workspace};
use serde_json::{Value, json};
use std::process::Command;

/// What a benchmark found.
pub(crate) struct Results<'a> {
    /// What its files are called.
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) contestants: &'a [Contestant],
    pub(crate) table: Table,
    pub(crate) data: Value,
    pub(crate) picture: Option<Picture>,
}

/// A picture, as SVG.
pub(crate) struct Picture {
    /// What it shows, for those who do not see it.
    pub(crate) shows: &'static str,
    pub(crate) svg: String,
}

/// Prints the table and, if asked to, keeps it in `bench/results/NAME.{json,md}`, and the picture in
/// `docs/pictures/NAME.svg`.
pub(crate) fn publish(common: &Common, results: Results<'_>) -> Result<()> {
    let Results { name, title, .. } = results;
    print!("{}", results.table);
    if !common.record {
        return Ok(());
    }
    let command = command_line();
    let (date, commit) = (workspace::today()?, commit()?);
    let versions = versions(results.contestants)?;
    let machine = machine();
    let json = json!({
        "command": command, "date": date, "commit": commit, "machine": machine, "versions": versions,
        "data": results.data,
    });
    let listed: String = versions
        .iter()
        .map(|(name, version)| format!("- {name}: {version}\n"))
        .collect();
    let mut shown = String::new();
    if let Some(Picture { shows, svg }) = results.picture {
        let path = format!("docs/pictures/{name}.svg");
        workspace::write(&workspace::path(&path), &svg)?;
        shown = format!("![{shows}]({path})\n\n");
    }
    let markdown = format!(
        "### {title}\n\n{shown}{}\n`{command}`, {date}, commit {commit}, {machine}.\n\n{listed}",
        results.table.markdown()
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
    contestants
        .iter()
        .filter(|contestant| contestant.variables.is_empty())
        .map(|contestant| {
            let version = contestant.evaluate("' '.join(sys.version.split())")?;
            Ok((contestant.name.clone(), version))
        })
        .collect()
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
