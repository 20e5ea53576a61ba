//! `cargo xtask demo`: builds pyrt and runs a real program under python3.11 and under pyrt.

use crate::interpreters;
use crate::process::{self, End, Finished};
use crate::report::{Table, Tally};
use crate::scratch::Scratch;
use crate::stats::Stats;
use crate::{Result, workspace};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// The program to run.
    #[arg(long, value_name = "FILE", default_value = "bench/programs/nbody.py")]
    program: PathBuf,
    /// Take pyrt as it is.
    #[arg(long)]
    no_build: bool,
    /// The program's own arguments.
    #[arg(default_value = "4000000")]
    arguments: Vec<String>,
}

/// One run: what it printed, what it took, what was compiled.
struct Run {
    output: Vec<u8>,
    finished: Finished,
    stats: Stats,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    if !args.no_build {
        workspace::build_pyrt()?;
    }
    let interpreters = args.interpreters.find()?;
    let program = workspace::root().join(&args.program);
    println!("{} {}\n", args.program.display(), args.arguments.join(" "));
    let python = execute(&interpreters.python, &program, &args.arguments)?;
    print!("{}", String::from_utf8_lossy(&python.output));
    let pyrt = execute(&interpreters.pyrt, &program, &args.arguments)?;
    print!("\n{}\n{}", times(&python, &pyrt), compiled(&pyrt.stats));
    let equal = python.output == pyrt.output;
    println!(
        "The outputs {}.",
        if equal { "are equal" } else { "differ" }
    );
    let ended = [&python, &pyrt].map(|run| run.finished.end == End::Exit(0));
    Ok([equal, ended[0], ended[1]].into_iter().map(Tally::of).sum())
}

fn execute(python: &Path, program: &Path, arguments: &[String]) -> Result<Run> {
    let scratch = Scratch::new()?;
    let (output, stats) = (scratch.path().join("output"), scratch.path().join("stats"));
    let mut command = process::clean_command(python, scratch.path())?;
    Stats::request(&mut command, &stats)?;
    command.arg(program).args(arguments);
    command
        .stdout(std::fs::File::create(&output)?)
        .stderr(Stdio::inherit());
    let finished = process::measure(&mut command)?;
    Ok(Run {
        output: std::fs::read(output)?,
        finished,
        stats: Stats::collect(&stats)?,
    })
}

fn times(python: &Run, pyrt: &Run) -> Table {
    let mut table = Table::new(&["", "seconds", "ratio"]);
    for (name, run) in [("python3.11", python), ("pyrt", pyrt)] {
        let seconds = run.finished.wall.as_secs_f64();
        let ratio = python.finished.wall.as_secs_f64() / seconds;
        table.row([
            name.to_owned(),
            format!("{seconds:.2}"),
            format!("{ratio:.2}x"),
        ]);
    }
    table
}

/// What the compiler did, in a sentence.
fn compiled(stats: &Stats) -> String {
    let time = Duration::from_nanos(stats.get("compile_ns"));
    format!(
        "Compiled: {} traces and {} side traces, {} bytes of machine code, in {:.1} ms.\n",
        stats.get("traces_compiled"),
        stats.get("side_traces_compiled"),
        stats.get("code_bytes_peak"),
        time.as_secs_f64() * 1000.0,
    )
}
