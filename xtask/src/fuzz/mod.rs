//! `cargo xtask fuzz`: random programs under python3.11 and under pyrt.
//!
//! Programs are made from seeds ([`generate`], from the tables in [`grammar`]) and run in batches,
//! many in a process ([`batch`]). What differs is run again as a script of its own, reduced
//! ([`shrink`]), and kept as a program that `cargo xtask diff` can run.

mod batch;
mod campaign;
mod constants;
mod difference;
mod generate;
mod grammar;
mod keep;
mod shrink;
mod tree;

use crate::interpreters;
use crate::mode::{BRIDGED, COMPILED, EVICTED, Mode, TRIALS, TRIED};
use crate::report::Tally;
use crate::{Result, parallel, workspace};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// How many programs.
    #[arg(long, default_value_t = 1000)]
    programs: u64,
    /// The first program's seed; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How to run pyrt: default, nojit, eager, warm, guards, guards7, leaving, bridges, tight, trials
    /// [default: all].
    #[arg(long, value_delimiter = ',', value_parser = parse_mode)]
    modes: Vec<&'static Mode>,
    /// Where programs that differ are written [default: target/fuzz].
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// How many of the programs that differ are reduced; it takes about a minute each.
    #[arg(long, default_value_t = 10)]
    reduce: usize,
    /// Programs in a process.
    #[arg(long, default_value_t = 200)]
    batch: u64,
    /// Processes at a time [default: one per core].
    #[arg(long)]
    jobs: Option<usize>,
    /// Stop after the first processes in which a program differs.
    #[arg(long = "first")]
    stop_at_first: bool,
    /// Only print the programs.
    #[arg(long)]
    print: bool,
}

const EAGER: (&str, &str) = ("PYRT_JIT_STRESS", "eager");
/// What is the same in all programs is most of what there is to compile where all is compiled. The modes that
/// compile less do compile it.
const OURS: (&str, &str) = (
    "PYRT_JIT_DENY",
    "report*,record*,counters*,run,code_of,fused,importlib.*,traceback.*,linecache.*,contextlib.*",
);

/// Trees are compiled anew with each side trace while they are small: that of larger ones would be nearly all that takes
/// time.
const SMALL_TREES: (&str, &str) = ("PYRT_JIT_TREE_LENGTH", "400");
const TINY_TREES: (&str, &str) = ("PYRT_JIT_TREE_LENGTH", "100");

/// The modes of this command. Programs are short, so most modes have a side trace for every exit at once.
static FUZZ_MODES: &[Mode] = &[
    Mode {
        name: "default",
        variables: &[],
        proof: &[],
    },
    Mode {
        name: "nojit",
        variables: &[("PYRT_JIT", "0")],
        proof: &[],
    },
    Mode {
        name: "eager",
        variables: &[EAGER, OURS, SMALL_TREES],
        proof: COMPILED,
    },
    Mode {
        name: "warm",
        variables: &[
            ("PYRT_JIT_LOOP_THRESHOLD", "40"),
            ("PYRT_JIT_EXIT_THRESHOLD", "4"),
            ("PYRT_JIT_EXIT_COST", "0"),
        ],
        proof: COMPILED,
    },
    Mode {
        name: "guards",
        variables: &[EAGER, OURS, SMALL_TREES, ("PYRT_JIT_FAIL_GUARD", "3")],
        proof: COMPILED,
    },
    Mode {
        name: "guards7",
        variables: &[EAGER, OURS, TINY_TREES, ("PYRT_JIT_FAIL_GUARD", "7")],
        proof: COMPILED,
    },
    // Exits stay exits.
    Mode {
        name: "leaving",
        variables: &[
            OURS,
            ("PYRT_JIT_LOOP_THRESHOLD", "2"),
            ("PYRT_JIT_ENTRY_THRESHOLD", "2"),
            ("PYRT_JIT_EXIT_THRESHOLD", "1000000"),
            ("PYRT_JIT_COMPILE_SHARE", "0"),
            ("PYRT_JIT_BACKGROUND", "0"),
        ],
        proof: COMPILED,
    },
    Mode {
        name: "bridges",
        variables: &[EAGER, OURS, TINY_TREES],
        proof: BRIDGED,
    },
    Mode {
        name: "tight",
        variables: &[EAGER, OURS, TINY_TREES, ("PYRT_JIT_MEMORY", "64")],
        proof: EVICTED,
    },
    Mode {
        name: "trials",
        variables: TRIALS,
        proof: TRIED,
    },
];

fn parse_mode(name: &str) -> Result<&'static Mode> {
    let found = FUZZ_MODES.iter().find(|mode| mode.name == name);
    found.ok_or_else(|| {
        let known: Vec<_> = FUZZ_MODES.iter().map(|mode| mode.name).collect();
        format!("no mode {name:?}; modes are {}", known.join(", ")).into()
    })
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    if args.print {
        for seed in args.seed..args.seed + args.programs {
            println!("# seed {seed}\n{}", tree::print(&generate::program(seed)));
        }
        return Ok(Tally::default());
    }
    let interpreters = args.interpreters.find()?;
    let modes = if args.modes.is_empty() {
        FUZZ_MODES.iter().collect()
    } else {
        args.modes.clone()
    };
    let folder = args.keep.clone();
    let jobs = args.jobs.unwrap_or_else(parallel::default_jobs);
    let campaign = campaign::Campaign {
        interpreters: &interpreters,
        modes,
        first: args.seed,
        programs: args.programs,
        // Few programs are divided among the cores, too.
        batch: args
            .programs
            .div_ceil(jobs as u64)
            .clamp(1, args.batch.max(1)),
        jobs,
        stop_at_first: args.stop_at_first,
    };
    let (failures, tally) = campaign.run()?;
    let keeper = keep::Keeper {
        interpreters: &interpreters,
        folder: folder.unwrap_or_else(|| workspace::target().join("fuzz")),
    };
    for (number, failure) in failures.iter().enumerate() {
        keeper.keep(failure, number < args.reduce)?;
    }
    Ok(tally)
}
