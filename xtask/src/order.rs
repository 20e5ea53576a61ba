//! `cargo xtask order`: writes `crates/pyrt/order.ld`, by which the linker puts code that runs apart from
//! code that hardly ever does.
//!
//! Stages: build the executable with the linker's map → run programs under callgrind, which lists the addresses of
//! what they executed → find each address's section in the map → write the sections' names as patterns.
//!
//! Sections of Rust are functions, and their names end in a hash of compiler and crate, which the patterns leave open.
//! Those of CPython's archive are the hot, the ordinary and the rare code of each of its members.

use crate::report::Tally;
use crate::scratch::Scratch;
use crate::{Result, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders of programs to run, besides starting and ending.
    #[arg(default_values = ["bench/programs/micro", "bench/programs/loops"])]
    programs: Vec<String>,
}

const SCRIPT: &str = "crates/pyrt/order.ld";

/// Calls each program once.
const CALL: &str = r#"
import importlib.util, sys
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    program.run(*([program.prepare()] if hasattr(program, "prepare") else []))
"#;

const HEADER: &str = "\
/* Which code lies together: what runs when Python starts, then what else of CPython runs, then pyrt, and after that its
   compiler. Whatever is not named here hardly ever runs.

   The kernel maps code in windows of 64 KiB around each page that is touched, so code that does not
   run costs memory if it lies beside code that does. The order has no other meaning, and names that do not exist do no
   harm. Written by `cargo xtask order`. */
SECTIONS
{
  .text.ordered :
  {
";

const FOOTER: &str = "  }\n}\nINSERT AFTER .text;\n";

/// How many bytes count as executed with an instruction.
const LINE: u64 = 64;

/// A section of code in the executable.
struct Section {
    start: u64,
    size: u64,
    /// The member of CPython's archive that it is of, if it is.
    member: Option<String>,
    name: String,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let scratch = Scratch::new()?;
    let map = scratch.path().join("map");
    let link_map = format!("-Clink-arg=-Wl,-Map={}", map.display());
    let build = ["rustc", "--release", "--package", "pyrt", "--", &link_map];
    if !workspace::cargo(&build).status()?.success() {
        return Err("pyrt does not build".into());
    }
    let mut sections = sections(&workspace::read(&map)?);
    sections.sort_by_key(|section| section.start);
    let mut programs = Vec::new();
    for folder in &args.programs {
        programs.extend(workspace::files_below(&workspace::path(folder), ".py")?);
    }
    let start = execute(&scratch, &sections, |command| {
        command.args(["-c", "pass"]);
    })?;
    let all = execute(&scratch, &sections, |command| {
        command.args(["-c", CALL]).args(&programs);
    })?;
    let text = script(&sections, &start, &all);
    workspace::write(&workspace::path(SCRIPT), &text)?;
    println!("{SCRIPT}: {} lines", text.lines().count());
    Ok(Tally::of(true))
}

/// The sections of code that a map of LLVM's linker lists.
fn sections(map: &str) -> Vec<Section> {
    map.lines().filter_map(section).collect()
}

/// A line has two addresses, size, alignment, and `archive(member):(section)`.
fn section(line: &str) -> Option<Section> {
    let mut columns = line.split_whitespace();
    let start = u64::from_str_radix(columns.next()?, 16).ok()?;
    let size = u64::from_str_radix(columns.nth(1)?, 16).ok()?;
    let (file, name) = columns.nth(1)?.rsplit_once(":(")?;
    let name = name.strip_suffix(')')?;
    let member = file.rsplit_once("libpyrt_python.a(");
    let member = member.and_then(|(_, member)| Some(member.strip_suffix(')')?.to_owned()));
    // Of other objects, those that start the process, the sections have no names to tell them apart.
    let is_known = member.is_some() || name.contains("._");
    (name.starts_with(".text") && is_known).then(|| Section {
        start,
        size,
        member,
        name: name.to_owned(),
    })
}

/// How much of which sections pyrt executes, by their place in the list.
fn execute(
    scratch: &Scratch,
    sections: &[Section],
    arguments: impl FnOnce(&mut Command),
) -> Result<BTreeMap<usize, u64>> {
    let output = scratch.path().join("callgrind");
    let mut command = Command::new("valgrind");
    command
        .args(["-q", "--tool=callgrind", "--dump-instr=yes"])
        .args(["--compress-pos=no", "--compress-strings=no"])
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(workspace::pyrt());
    arguments(&mut command);
    let status = command.stdout(Stdio::null()).status();
    let status = status.map_err(|error| format!("valgrind, of Debian's package: {error}"))?;
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    executed(sections, &output)
}

/// The same from callgrind's file: lines that begin with an address.
fn executed(sections: &[Section], output: &Path) -> Result<BTreeMap<usize, u64>> {
    let mut lines = BTreeSet::new();
    for line in workspace::read(output)?.lines() {
        let address = line
            .strip_prefix("0x")
            .and_then(|rest| rest.split_once(' '));
        let address = address.and_then(|(digits, _)| u64::from_str_radix(digits, 16).ok());
        let Some(address) = address else { continue };
        let after = sections.partition_point(|section| section.start <= address);
        let found = after.checked_sub(1).filter(|index| {
            let section = &sections[*index];
            address < section.start + section.size
        });
        lines.extend(found.map(|index| (index, address / LINE)));
    }
    let mut bytes = BTreeMap::new();
    for (index, _) in lines {
        *bytes.entry(index).or_default() += LINE;
    }
    Ok(bytes)
}

/// The linker's script.
fn script(
    sections: &[Section],
    start: &BTreeMap<usize, u64>,
    all: &BTreeMap<usize, u64>,
) -> String {
    let mut order: Vec<usize> = start.keys().chain(all.keys()).copied().collect();
    // Rare code first, then ordinary and hot code, then Rust's; in each what runs at every start first, and
    // of CPython's what runs most of.
    order.sort_by_cached_key(|index| {
        let Section {
            name, member, size, ..
        } = &sections[*index];
        let kind = [".text.unlikely", ".text", ".text.hot"];
        let kind = kind.iter().position(|kind| kind == name);
        let executed = all.get(index).or(start.get(index)).copied().unwrap_or(0);
        let rarity = member.as_ref().map(|_| size * 1000 / executed.max(1));
        let starts = start.contains_key(index);
        (
            member.is_none(),
            kind,
            !starts,
            rarity,
            pattern(&sections[*index]),
        )
    });
    let mut known = BTreeSet::new();
    let mut text = HEADER.to_owned();
    for pattern in order.iter().map(|index| pattern(&sections[*index])) {
        if known.insert(pattern.clone()) {
            writeln!(text, "    {pattern}").expect("writing to a String");
        }
    }
    text + FOOTER
}

/// What the linker finds the section by.
fn pattern(section: &Section) -> String {
    let name = without_hashes(&section.name);
    match &section.member {
        Some(member) => format!("*libpyrt_python.a:{member}({name})"),
        None => format!("*({name})"),
    }
}

/// The name of a function's section as a pattern, with a star for each hash in it: `17h0123456789abcdefE` at its end, or
/// `Cs1a2B_` before a crate's name.
fn without_hashes(name: &str) -> String {
    if let Some((path, hash)) = name.rsplit_once("17h")
        && hash.len() > 16
    {
        return format!("{path}17h*");
    }
    let Some(at) = name.find("._R") else {
        return name.to_owned();
    };
    let mut parts = name[at..].split("Cs");
    let mut pattern = name[..at].to_owned() + parts.next().unwrap_or_default();
    for part in parts {
        match part.split_once('_') {
            Some((hash, rest)) if hash.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                pattern += "Cs*_";
                pattern += rest;
            }
            _ => {
                pattern += "Cs";
                pattern += part;
            }
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "
          5a9120           5a9120       26    16 .text
          5a9120           5a9120       26    16         /lib/crt1.o:(.text)
          5a9200           5a9200      100    16         /out/libpyrt_python.a(ceval.o):(.text.hot)
          5a9300           5a9300       80    16         /out/libpyrt_python.a(long.o):(.text.hot)
          5a9380           5a9380       40    16         /deps/libx.rlib(x.o):(.text._ZN1x1y17h0123456789abcdefE)
          5a9380           5a9380       40     1                 _ZN1x1y17h0123456789abcdefE
          6a9380           6a9380       40     1         /deps/libx.rlib(x.o):(.rodata.x)
";

    #[test]
    fn sections_are_read_from_the_map() {
        let sections = sections(MAP);
        let names: Vec<String> = sections.iter().map(pattern).collect();
        let expected = [
            "*libpyrt_python.a:ceval.o(.text.hot)",
            "*libpyrt_python.a:long.o(.text.hot)",
            "*(.text._ZN1x1y17h*)",
        ];
        assert_eq!(names, expected);
        assert_eq!((sections[0].start, sections[0].size), (0x5a_9200, 0x100));
    }

    #[test]
    fn executed_lines_count_for_their_section() {
        let scratch = Scratch::new().expect("a folder");
        let file = scratch.path().join("callgrind");
        let text = "fn=(1) x\n0x5a9200 1 2\n0x5a9204 1 2\n0x5a9240 2 2\n0x5a9390 1 1\n0x9 1 1\n";
        std::fs::write(&file, text).expect("it can be written");
        let found = executed(&sections(MAP), &file).expect("it can be read");
        assert_eq!(found, BTreeMap::from([(0, 128), (2, 64)]));
    }

    #[test]
    fn functions_in_one_line_count_both() {
        let map = "
5a9380 5a9380 10 16 /deps/libx.rlib(x.o):(.text._ZN1x1a17h0123456789abcdefE)
5a9390 5a9390 10 16 /deps/libx.rlib(x.o):(.text._ZN1x1b17h0123456789abcdefE)
";
        let scratch = Scratch::new().expect("a folder");
        let file = scratch.path().join("callgrind");
        std::fs::write(&file, "0x5a9380 1 1\n0x5a9394 1 1\n").expect("it can be written");
        let found = executed(&sections(map), &file).expect("it can be read");
        assert_eq!(found, BTreeMap::from([(0, 64), (1, 64)]));
    }

    #[test]
    fn what_runs_at_the_start_comes_first() {
        let (start, all) = (
            BTreeMap::from([(1, 64)]),
            BTreeMap::from([(0, 256), (2, 64)]),
        );
        let text = script(&sections(MAP), &start, &all);
        let body = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_suffix(FOOTER));
        let expected = "    *libpyrt_python.a:long.o(.text.hot)
    *libpyrt_python.a:ceval.o(.text.hot)
    *(.text._ZN1x1y17h*)\n";
        assert_eq!(body, Some(expected));
    }

    #[test]
    fn hashes_are_left_open() {
        let legacy = ".text._ZN4core3ptr4drop17h0123456789abcdefE";
        assert_eq!(without_hashes(legacy), ".text._ZN4core3ptr4drop17h*");
        let v0 = ".text._RNvXCs1aB_5alloc3vec";
        assert_eq!(without_hashes(v0), ".text._RNvXCs*_5alloc3vec");
        assert_eq!(without_hashes(".text.unlikely"), ".text.unlikely");
    }
}
