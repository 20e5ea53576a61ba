//! `cargo xtask check`: formatting, lints with warnings denied, generated files.

use crate::report::Tally;
use crate::{Result, docs, workspace};

const COMMANDS: [&[&str]; 2] = [
    &["fmt", "--all", "--check"],
    &[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ],
];

pub(crate) fn run() -> Result<Tally> {
    let mut tally = docs::check()?;
    for arguments in COMMANDS {
        let held = workspace::cargo(arguments).status()?.success();
        if !held {
            println!("`cargo {}` fails", arguments.join(" "));
        }
        tally += Tally::of(held);
    }
    Ok(tally)
}
