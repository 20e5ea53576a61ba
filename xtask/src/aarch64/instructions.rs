//! `cargo xtask aarch64 instructions`: how many instructions compiled loops execute on AArch64 and on x86-64.
//!
//! Each program of `xtask/python/numeric` has a function `run(rounds)`. It runs in the emulators of both processors, which
//! log what compiled code they execute, once with a number of rounds and once with twice as many: the difference is that
//! of so many rounds, without what warming up took. Whatever compiled code calls counts neither here nor there.
//!
//! The emulator is told beforehand which addresses to look at. A run that logs nothing finds them out: nothing in a
//! process depends on chance or time here, so that the next run puts the same code in the same place, which is checked.

use super::view;
use crate::report::{Table, Tally};
use crate::scratch::Scratch;
use crate::{Result, workspace};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Programs [default: xtask/python/numeric].
    programs: Vec<PathBuf>,
    /// Rounds to count.
    #[arg(long, default_value_t = 2000)]
    rounds: u64,
    /// Print the instructions, too, each with how often a round executes it.
    #[arg(long)]
    listing: bool,
}

/// AArch64 may take as many times the instructions of x86-64.
const REACH: f64 = 1.3;

/// Runs a program for so many rounds.
const DRIVER: &str = "import sys; names = {}; exec(open(sys.argv[1]).read(), names); \
                      print(names['run'](int(sys.argv[2])))";

/// Compiling early and at once, and nothing that depends on time.
const VARIABLES: [(&str, &str); 9] = [
    ("PYRT_JIT_LOOP_THRESHOLD", "100"),
    ("PYRT_JIT_ENTRY_THRESHOLD", "100"),
    ("PYRT_JIT_EXIT_THRESHOLD", "10"),
    ("PYRT_JIT_EXIT_COST", "0"),
    ("PYRT_JIT_COMPILE_SHARE", "0"),
    ("PYRT_JIT_BACKGROUND", "0"),
    ("PYRT_PERF", "map"),
    ("PYTHONHASHSEED", "0"),
    ("LC_ALL", "C.UTF-8"),
];

/// An executable, and the emulator for its processor.
struct Target {
    name: &'static str,
    emulator: &'static str,
    pyrt: PathBuf,
}

/// What an emulator's log says.
#[derive(Default)]
struct Counts {
    /// How often each instruction was executed, by address.
    executed: BTreeMap<u64, u64>,
    texts: BTreeMap<u64, String>,
}

pub(super) fn run(args: &Args, pyrt: &Path) -> Result<Tally> {
    let targets = [
        Target {
            name: "x86-64",
            emulator: "qemu-x86_64-static",
            pyrt: std::path::absolute(workspace::pyrt())?,
        },
        Target {
            name: "AArch64",
            emulator: "qemu-aarch64-static",
            pyrt: std::path::absolute(pyrt)?,
        },
    ];
    if let Some(target) = targets.iter().find(|target| !target.pyrt.is_file()) {
        let (name, file) = (target.name, target.pyrt.display());
        return Err(format!("no {file}: build pyrt for {name} first").into());
    }
    let programs = match args.programs.is_empty() {
        true => workspace::files_below(&workspace::path("xtask/python/numeric"), ".py")?,
        false => args.programs.clone(),
    };
    let mut table = Table::new(&["program", targets[0].name, targets[1].name, "ratio"]);
    let mut tally = Tally::default();
    for program in &programs {
        let [other, own] =
            [&targets[0], &targets[1]].map(|target| per_round(args, target, program));
        let (other, own) = (other?, own?);
        let ratio = own / other;
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        println!("{name}: {ratio:.2}");
        table.row([
            name.into(),
            format!("{other:.1}"),
            format!("{own:.1}"),
            format!("{ratio:.2}"),
        ]);
        tally += Tally::of(ratio <= REACH);
    }
    print!(
        "\nInstructions of compiled code per round; at most {REACH} times as many on AArch64\n{table}"
    );
    Ok(tally)
}

/// How many instructions a round takes.
fn per_round(args: &Args, target: &Target, program: &Path) -> Result<f64> {
    let all = 2 * args.rounds;
    let code = start(target, program, all, &[])?;
    let [fewer, more] = [args.rounds, all].map(|rounds| count(target, program, rounds, &code));
    let (fewer, more) = (fewer?, more?);
    let rounds = args.rounds as f64;
    let of = |counts: &Counts, address| counts.executed.get(address).copied().unwrap_or(0);
    let mut sum = 0.0;
    for (address, executed) in &more.executed {
        let each = (*executed as f64 - of(&fewer, address) as f64) / rounds;
        sum += each;
        if args.listing {
            let text = more.texts.get(address).map_or("", String::as_str);
            println!("{each:8.2}  {text}");
        }
    }
    if args.listing {
        println!("{sum:8.2}  {} on {}\n", program.display(), target.name);
    }
    Ok(sum)
}

/// Counts what compiled code executes in so many rounds.
fn count(target: &Target, program: &Path, rounds: u64, code: &[String]) -> Result<Counts> {
    let scratch = Scratch::new()?;
    let log = scratch.path().join("log");
    let log_name = log.display().to_string();
    let filter = code.join(",");
    // Blocks as they are translated, and each time that one is executed.
    let items = "in_asm,exec,nochain";
    let options = ["-d", items, "-dfilter", &filter, "-D", &log_name];
    let again = start(target, program, rounds, &options)?;
    if again != code {
        let name = program.display();
        return Err(
            format!("{name}: code is not where it was before:\n{code:?}\n{again:?}").into(),
        );
    }
    parse(BufReader::new(File::open(log)?))
}

/// Runs a program in an emulator, and says where its compiled code was.
fn start(target: &Target, program: &Path, rounds: u64, options: &[&str]) -> Result<Vec<String>> {
    let mut command = view::command(target.emulator)?;
    command
        .args(["-cpu", "max"])
        .args(options)
        .arg(&target.pyrt)
        .args(["-S", "-c", DRIVER])
        .arg(std::path::absolute(program)?)
        .arg(rounds.to_string())
        .envs(VARIABLES)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut child = command.spawn()?;
    let map = PathBuf::from(format!("/tmp/perf-{}.map", child.id()));
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    let code = fs::read_to_string(&map).map_err(|error| format!("{}: {error}", map.display()))?;
    fs::remove_file(map)?;
    Ok(ranges(&code))
}

/// The ranges of perf's map, as the emulator takes them.
fn ranges(map: &str) -> Vec<String> {
    map.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!("0x{}+0x{}", words.next()?, words.next()?))
        })
        .collect()
}

/// Reads an emulator's log: blocks of instructions as they are translated, which begin with `IN:`, and
/// `Trace 0: 0x7f… [0000…/0000004000d18000/…]` for each time that one is executed, with its address.
fn parse(log: impl BufRead) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut blocks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut block = Vec::new();
    for line in log.lines() {
        let line = line?;
        if line.starts_with("IN:") {
            block.clear();
        } else if let Some(address) = instruction(&line) {
            block.push(address);
            blocks.insert(block[0], block.clone());
            counts.texts.insert(address, line);
        } else if line.starts_with("Trace ") {
            let start = u64::from_str_radix(line.split('/').nth(1).unwrap_or_default(), 16)?;
            let block = blocks.get(&start);
            for address in block.ok_or_else(|| format!("the log has no block {start:#x}"))? {
                *counts.executed.entry(*address).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

/// The address of the instruction in a line such as `0x4000d18000:  55   pushq    %rbp`. Long ones go on in lines that have
/// bytes alone.
fn instruction(line: &str) -> Option<u64> {
    let (address, rest) = line.strip_prefix("0x")?.split_once(':')?;
    let is_byte = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let goes_on = rest.split_whitespace().all(is_byte);
    u64::from_str_radix(address, 16).ok().filter(|_| !goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_counted() {
        let log = "----------------\nIN: \n0x40:  55    pushq    %rbp\n\
                   0x41:  49 bb 70 67 a3 00 00 00  movabsq  $0xa36770, %r11\n0x49:  00 00\n\n\
                   Trace 0: 0x7fe41b367b40 [0000000000000000/0000000000000040/1040c0b3/00080201] \n\
                   Trace 0: 0x7fe41b367b40 [0000000000000000/0000000000000040/1040c0b3/00080201] \n";
        let counts = parse(log.as_bytes()).unwrap();
        assert_eq!(counts.executed, BTreeMap::from([(0x40, 2), (0x41, 2)]));
        assert_eq!(counts.texts[&0x40], "0x40:  55    pushq    %rbp");
    }

    #[test]
    fn maps_are_ranges() {
        let map = "4000d18000 251 py:run (/tmp/a.py:4)\n4000d19000 10 py:f\n";
        assert_eq!(ranges(map), ["0x4000d18000+0x251", "0x4000d19000+0x10"]);
    }
}
