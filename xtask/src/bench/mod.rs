//! `cargo xtask bench`: ratios between interpreters, measured side by side in one run.
//!
//! The contestants take turns, so that what else the machine does hits all of them; the numbers are
//! medians, and a ratio is python3.11's time over the contestant's, so above 1 is faster.

mod chart;
mod columns;
mod compare;
mod contestant;
mod pyperformance;
mod results;
mod startup;
mod statistics;
mod warm;

use crate::Result;
use crate::report::Tally;
use clap::Subcommand;
use contestant::{Common, Contestant};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Processor time and memory of `-c pass`.
    Startup(startup::Args),
    /// The numeric loops in bench/programs/loops, warm.
    Loops(warm::Args),
    /// The programs in bench/programs/micro, warm, beside the ratios that they are to reach.
    Micro(warm::Args),
    /// Programs of pyperformance, after equal warm-up.
    Pyperformance(pyperformance::SpeedArgs),
    /// The way of pyperformance's programs to their best speed.
    Warmup(pyperformance::WarmupArgs),
    /// Two builds of pyrt, by time or by instructions.
    Compare(compare::Args),
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    match &args.what {
        What::Startup(args) => startup::run(args),
        What::Loops(args) => warm::run(&warm::LOOPS, args),
        What::Micro(args) => warm::run(&warm::MICRO, args),
        What::Pyperformance(args) => pyperformance::speed(args),
        What::Warmup(args) => pyperformance::warmup(args),
        What::Compare(args) => compare::run(args),
    }
}
