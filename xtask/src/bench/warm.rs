//! `bench loops` and `bench micro`: programs that are run until their time is steady.
//!
//! Each program defines `run()`. `bench/timing.py` calls it in one process until its time is
//! steady, and reports the first call too, which has the warm-up in it. A comment `# reach: 4` at
//! the top of a program says which ratio to python3.11 it is meant to have once it is warm.

mod table;

use super::results::{self, Results};
use super::statistics::median;
use super::{Common, Contestant};
use crate::process::{self, End};
use crate::report::Tally;
use crate::scratch::Scratch;
use crate::{Result, comments, workspace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    common: Common,
    /// Processes per program and interpreter.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only these programs, by name.
    programs: Vec<String>,
}

/// A folder of programs; its name is also that of the results.
pub(super) struct Suite {
    name: &'static str,
    title: &'static str,
}

pub(super) const LOOPS: Suite = Suite {
    name: "loops",
    title: "Warm loops",
};

pub(super) const MICRO: Suite = Suite {
    name: "micro",
    title: "Small programs of one shape each",
};

/// What one process of `timing.py` prints, and its memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Timing {
    /// Seconds that the first call took by the clock.
    pub(super) first: f64,
    /// Seconds of processor time that all threads had in it.
    pub(super) first_processor: f64,
    /// Seconds of processor time that a call takes once that is steady.
    pub(super) steady: f64,
    /// How many calls that took.
    calls: u32,
    /// `repr` of what `run` returned.
    result: String,
    /// The most memory that the process had.
    #[serde(skip_deserializing)]
    peak_rss_kib: i64,
}

/// The timings of one program: per interpreter, one per round.
struct Row {
    program: String,
    reach: Option<f64>,
    timings: Vec<Vec<Timing>>,
}

pub(super) fn run(suite: &Suite, args: &Args) -> Result<Tally> {
    let contestants = args.common.all_contestants()?;
    let mut rows = Vec::new();
    for program in suite.programs(&args.programs)? {
        rows.push(measure(&program, &contestants, args.rounds)?);
    }
    let data: Vec<_> = rows.iter().map(|row| row.as_json(&contestants)).collect();
    let title = format!("{}: {} interleaved rounds", suite.title, args.rounds);
    let results = Results {
        name: suite.name,
        title: &title,
        contestants: &contestants,
        table: table::table(&rows, &contestants),
        data: data.into(),
        picture: None,
    };
    results::publish(&args.common, results)?;
    Ok(rows.iter().map(|row| Tally::of(row.results_agree())).sum())
}

impl Suite {
    pub(super) fn programs(&self, only: &[String]) -> Result<Vec<PathBuf>> {
        let folder = format!("bench/programs/{}", self.name);
        let mut programs = workspace::files_below(&workspace::path(&folder), ".py")?;
        if let Some(unknown) = only
            .iter()
            .find(|wanted| programs.iter().all(|path| name(path) != **wanted))
        {
            return Err(format!("no program {unknown:?} in {folder}").into());
        }
        programs.retain(|path| only.is_empty() || only.contains(&name(path)));
        Ok(programs)
    }
}

pub(super) fn name(program: &Path) -> String {
    program
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The ratio that a program's comments want, if they do.
fn reach(program: &str) -> Result<Option<f64>> {
    comments::entries(program)
        .find(|(key, _)| *key == "reach")
        .map(|(_, value)| match value.parse() {
            Ok(ratio) if ratio > 0.0 => Ok(ratio),
            _ => Err(format!("`# reach:` takes a ratio, not {value:?}").into()),
        })
        .transpose()
}

fn measure(program: &Path, contestants: &[Contestant], rounds: usize) -> Result<Row> {
    let reach = reach(&workspace::read(program)?)?;
    let mut timings = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (contestant, timings) in contestants.iter().zip(&mut timings) {
            timings.push(time(program, contestant)?);
        }
    }
    Ok(Row {
        program: name(program),
        reach,
        timings,
    })
}

/// What one process measures.
pub(super) fn time(program: &Path, contestant: &Contestant) -> Result<Timing> {
    let scratch = Scratch::new()?;
    let output = scratch.path().join("output");
    let mut command = contestant.command(&scratch)?;
    command
        .arg(workspace::path("bench/timing.py"))
        .arg(program)
        .stdout(File::create(&output)?);
    let finished = process::measure(&mut command)?;
    if finished.end != End::Exit(0) {
        let program = program.display();
        return Err(format!("{program} under {}: {}", contestant.name, finished.end).into());
    }
    Ok(Timing {
        peak_rss_kib: finished.peak_rss_kib,
        ..serde_json::from_str(&workspace::read(&output)?)?
    })
}

impl Row {
    fn median(&self, contestant: usize, part: impl Fn(&Timing) -> f64) -> f64 {
        median(
            &self.timings[contestant]
                .iter()
                .map(part)
                .collect::<Vec<_>>(),
        )
    }

    /// How many times as fast as python3.11.
    fn ratio(&self, contestant: usize, part: impl Fn(&Timing) -> f64 + Copy) -> f64 {
        self.median(0, part) / self.median(contestant, part)
    }

    fn results_agree(&self) -> bool {
        let mut results = self.timings.iter().flatten().map(|timing| &timing.result);
        let first = results.next();
        let agree = results.all(|result| Some(result) == first);
        if !agree {
            println!("{}: the interpreters' results differ", self.program);
        }
        agree
    }

    fn as_json(&self, contestants: &[Contestant]) -> serde_json::Value {
        let timings: serde_json::Map<_, _> = contestants
            .iter()
            .zip(&self.timings)
            .map(|(contestant, timings)| (contestant.name.clone(), json!(timings)))
            .collect();
        json!({ "program": self.program, "reach": self.reach, "timings": timings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_read_from_the_comments() {
        assert_eq!(
            reach("# A loop.\n# reach: 2.5\nx = 1\n").unwrap(),
            Some(2.5)
        );
        assert_eq!(reach("# A loop.\nx = 1\n# reach: 2.5\n").unwrap(), None);
        for wrong in ["", "fast", "-1", "NaN"] {
            let error = reach(&format!("# reach: {wrong}\n"))
                .unwrap_err()
                .to_string();
            assert_eq!(error, format!("`# reach:` takes a ratio, not {wrong:?}"));
        }
    }

    #[test]
    fn every_micro_program_has_a_reach() {
        for program in MICRO.programs(&[]).unwrap() {
            let reach = reach(&workspace::read(&program).unwrap()).unwrap();
            assert!(reach.is_some(), "{}", program.display());
        }
    }

    #[test]
    fn programs_by_name() {
        let one = LOOPS.programs(&["gcd".to_owned()]).unwrap();
        assert_eq!(
            one.iter().map(|path| name(path)).collect::<Vec<_>>(),
            ["gcd"]
        );
        let error = LOOPS.programs(&["no".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "no program \"no\" in bench/programs/loops");
    }
}
