//! `bench startup`: what `-c pass` costs in processor time, and how much memory it takes.

use super::results::{self, Results};
use super::statistics::median;
use super::{Common, Contestant};
use crate::Result;
use crate::process::{self, End, Finished};
use crate::report::{Table, Tally};
use crate::scratch::Scratch;
use serde_json::json;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    common: Common,
    /// How often each interpreter starts.
    #[arg(long, default_value_t = 40)]
    runs: usize,
}

/// One interpreter's measurements, in milliseconds and KiB.
struct Samples {
    contestant: Contestant,
    milliseconds: Vec<f64>,
    peak_rss: Vec<f64>,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let contestants = args.common.all_contestants()?;
    let mut samples: Vec<_> = contestants.iter().cloned().map(Samples::new).collect();
    // The first start reads files from disk and does not count.
    for round in 0..=args.runs {
        for sample in &mut samples {
            let finished = start(&sample.contestant)?;
            if round > 0 {
                sample.add(&finished);
            }
        }
    }
    let data: Vec<_> = samples.iter().map(Samples::as_json).collect();
    let title = format!("Start-up: `-c pass`, {} interleaved runs", args.runs);
    let results = Results {
        name: "startup",
        title: &title,
        contestants: &contestants,
        table: table(&samples),
        data: data.into(),
        picture: None,
    };
    results::publish(&args.common, results)?;
    Ok(Tally::default())
}

fn start(contestant: &Contestant) -> Result<Finished> {
    let scratch = Scratch::new()?;
    let mut command = contestant.command(&scratch)?;
    command.args(["-c", "pass"]);
    let finished = process::measure(&mut command)?;
    match finished.end {
        End::Exit(0) => Ok(finished),
        end => Err(format!("{} -c pass: {end}", contestant.path.display()).into()),
    }
}

impl Samples {
    fn new(contestant: Contestant) -> Samples {
        Samples {
            contestant,
            milliseconds: Vec::new(),
            peak_rss: Vec::new(),
        }
    }

    fn add(&mut self, finished: &Finished) {
        self.milliseconds
            .push((finished.user + finished.system).as_secs_f64() * 1000.0);
        self.peak_rss.push(finished.peak_rss_kib as f64);
    }

    fn as_json(&self) -> serde_json::Value {
        json!({
            "name": self.contestant.name,
            "cpu_milliseconds": self.milliseconds,
            "peak_rss_kib": self.peak_rss,
        })
    }
}

/// Here a ratio is the contestant's cost over python3.11's: what start-up costs more.
fn table(samples: &[Samples]) -> Table {
    let mut table = Table::new(&[
        "",
        "user+sys ms",
        "of python3.11's",
        "peak RSS MiB",
        "of python3.11's",
    ]);
    let time = |sample: &Samples| median(&sample.milliseconds);
    let memory = |sample: &Samples| median(&sample.peak_rss) / 1024.0;
    for sample in samples {
        table.row([
            sample.contestant.name.clone(),
            format!("{:.2}", time(sample)),
            format!("{:.3}", time(sample) / time(&samples[0])),
            format!("{:.1}", memory(sample)),
            format!("{:.3}", memory(sample) / memory(&samples[0])),
        ]);
    }
    table
}
