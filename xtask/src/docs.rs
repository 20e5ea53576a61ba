//! `cargo xtask docs`: the files that come from tables, measurements, and CPython itself.
//!
//! A page here has one source, and `--check` (part of `cargo xtask check`) fails when it lags
//! behind. The book's own consistency is checked too: every page is in the summary, and every
//! relative link leads somewhere.

use crate::report::Tally;
use crate::{Result, workspace};
use pyrt_spec::{AbortReason, Counters, ExitReason, HandoverReason, options};
use std::path::Path;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only say which files are not up to date.
    #[arg(long)]
    check: bool,
}

const NOTICE: &str = "<!-- Written by `cargo xtask docs` from the tables in crates/spec. -->\n";
const RESULTS_BEGIN: &str = "<!-- results: written by `cargo xtask docs` from bench/results -->\n";
const RESULTS_END: &str = "<!-- end of results -->";

pub(crate) fn run(args: &Args) -> Result<Tally> {
    if args.check {
        return check();
    }
    for (path, text) in generated()? {
        workspace::write(&workspace::path(path), &text)?;
    }
    Ok(Tally::default())
}

/// One check per generated file, and one for the book.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for (path, text) in generated()? {
        let current = std::fs::read_to_string(workspace::path(path)).unwrap_or_default() == text;
        if !current {
            println!("{path} is not up to date: run `cargo xtask docs`");
        }
        tally += Tally::of(current);
    }
    let complaints = book_complaints(&workspace::path("docs"))?;
    complaints
        .iter()
        .for_each(|complaint| println!("{complaint}"));
    tally += Tally::of(complaints.is_empty());
    Ok(tally)
}

/// Every generated file with its text.
fn generated() -> Result<Vec<(&'static str, String)>> {
    let readme = workspace::read(&workspace::path("README.md"))?;
    Ok(vec![
        ("docs/options.md", options_page()),
        ("docs/counters.md", counters_page()),
        ("README.md", with_results(&readme, &results()?)?),
        ("crates/spec/src/opcodes.rs", opcode_table()?),
    ])
}

/// CPython's opcodes as Rust, from the `opcode` module of the Python that pyrt is built against.
fn opcode_table() -> Result<String> {
    let python = std::env::var_os("PYRT_PYTHON").unwrap_or_else(|| "/usr/bin/python3.11".into());
    let script = workspace::path("runtime/cpython/opcode_facts.py");
    workspace::output_of(Command::new(python).arg("-I").arg(script))
}

fn options_page() -> String {
    format!(
        "{NOTICE}# Options\n\nEvery option is an environment variable and, with the same values, an \
         `-X` option, which wins over the variable. `-E` and `-I` have the variables ignored, as they have \
         Python's own. A project's file can set those marked so in the third column, \
         without `pyrt-`, and the program, while it runs, those marked so: see [tuning](tuning.md). A value out of \
         range is an error that names the option, the value and the range, and Python does not start. An \
         unknown variable is a warning. `python -X pyrt-help` prints this table, and `python -m pyrt config` \
         the values.\n\n{}",
        options::markdown()
    )
}

fn counters_page() -> String {
    format!(
        "{NOTICE}# Counters and reasons\n\nWhat `PYRT_JIT_STATS` prints at exit.\n\n{}\n\
         ## Why a recording stops without a trace\n\n{}\n## Why compiled code is left\n\n{}\n\
         ## Why a frame goes to CPython's evaluation loop\n\n{}",
        Counters::markdown(),
        AbortReason::markdown(),
        ExitReason::markdown(),
        HandoverReason::markdown(),
    )
}

/// The tables that benchmark runs left, in order of their names.
fn results() -> Result<String> {
    let folder = workspace::path("bench/results");
    let files = if folder.is_dir() {
        workspace::files_below(&folder, ".md")?
    } else {
        Vec::new()
    };
    let texts = files
        .iter()
        .map(|file| workspace::read(file))
        .collect::<Result<Vec<_>>>()?;
    Ok(if texts.is_empty() {
        "Not measured yet.\n".into()
    } else {
        texts.join("\n")
    })
}

/// The README with the part between the markers replaced.
fn with_results(readme: &str, results: &str) -> Result<String> {
    let markers = || {
        let (before, rest) = readme.split_once(RESULTS_BEGIN)?;
        Some((before, rest.split_once(RESULTS_END)?.1))
    };
    let (before, after) = markers().ok_or("README.md has lost the markers of its results")?;
    Ok(format!(
        "{before}{RESULTS_BEGIN}\n{results}\n{RESULTS_END}{after}"
    ))
}

/// Pages that the summary does not list, and links that lead nowhere.
fn book_complaints(docs: &Path) -> Result<Vec<String>> {
    let summary = workspace::read(&docs.join("SUMMARY.md"))?;
    let listed: Vec<_> = links(&summary).collect();
    let mut complaints = Vec::new();
    for page in workspace::files_below(docs, ".md")? {
        let name = page.strip_prefix(docs)?.display().to_string();
        if name != "SUMMARY.md" && !listed.contains(&name.as_str()) {
            complaints.push(format!("docs/{name} is not in docs/SUMMARY.md"));
        }
        let folder = page.parent().unwrap_or(docs);
        let text = workspace::read(&page)?;
        let dead = links(&text).filter(|link| !folder.join(link).exists());
        complaints
            .extend(dead.map(|link| format!("docs/{name} links to {link}, which does not exist")));
    }
    Ok(complaints)
}

/// The targets of the relative links in a page, without their anchors.
fn links(markdown: &str) -> impl Iterator<Item = &str> {
    markdown
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|link| !link.is_empty() && !link.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links() {
        let text = "[a](b.md), [c](d/e.md#f), [g](#h), [i](https://example.org)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "d/e.md"]);
    }

    #[test]
    fn results_replace_what_is_between_the_markers() {
        let readme = format!("before\n{RESULTS_BEGIN}old{RESULTS_END}\nafter\n");
        let replaced = with_results(&readme, "new\n").unwrap();
        assert_eq!(
            replaced,
            format!("before\n{RESULTS_BEGIN}\nnew\n\n{RESULTS_END}\nafter\n")
        );
        assert_eq!(with_results(&replaced, "new\n").unwrap(), replaced);
        assert!(with_results("no markers", "").is_err());
    }
}
