//! Text in, text out: each `filetests/*.trace` is a tree, a line `===`, and what it is lowered to. The
//! first line says which stage: `; stage: clif` (before Cranelift's optimisation), `optimized`, or
//! `assembly`. `PYRT_BLESS=1` writes the second part anew, to be read before it is committed.
//!
//! Trees are lowered for each processor. Cranelift IR has to be the same for all; of assembly the second part has
//! a section for each, which begins with a line `=== ` and its name.
//!
//! Addresses are fixed; those of helper functions are replaced by their names.

use pyrt_codegen::layout::{FloatOp, PartialFloatOp, UnboxInt};
use pyrt_codegen::machine::call_aside;
use pyrt_codegen::{Helpers, Layout, OptLevel, Options, Stage, Stress, show};
use pyrt_trace::{Helper, ObjKind, SiteId, parse};
use std::fs;
use std::mem;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

const SEPARATOR: &str = "===";

/// The processors, by the first part of their triples.
const PROCESSORS: [&str; 2] = ["x86_64", "aarch64"];

#[test]
fn filetests() {
    let files = files();
    assert!(!files.is_empty());
    let failures: Vec<_> = files.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests");
    let entries = fs::read_dir(folder).expect("the folder exists");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "trace"));
    files.sort();
    files
}

fn check(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let end = text.find(SEPARATOR).unwrap_or(text.len());
    let (input, expected) = text.split_at(end);
    let actual = lower_for_all(input).map_err(|error| format!("{}: {error}", path.display()))?;
    if actual == expected {
        return Ok(());
    }
    if std::env::var_os("PYRT_BLESS").is_some() {
        return fs::write(path, format!("{input}{actual}")).map_err(|error| error.to_string());
    }
    Err(format!(
        "{}: PYRT_BLESS=1 would change it to\n{actual}",
        path.display()
    ))
}

/// The second part of a test.
fn lower_for_all(input: &str) -> Result<String, String> {
    let texts = PROCESSORS.map(|processor| lower(input, processor));
    let [first, second] = texts;
    let (first, second) = (first?, second?);
    if input.starts_with("; stage: assembly") {
        let [one, other] = PROCESSORS;
        return Ok(format!(
            "{SEPARATOR} {one}\n{first}{SEPARATOR} {other}\n{second}"
        ));
    }
    match first == second {
        true => Ok(format!("{SEPARATOR}\n{first}")),
        false => Err(format!("the processors differ:\n{first}\n{second}")),
    }
}

fn lower(input: &str, processor: &str) -> Result<String, String> {
    let mut stage = None;
    let mut options = Options::default();
    let head = input
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("; stage: "));
    for word in head
        .ok_or("the first line names no stage")?
        .split_whitespace()
    {
        match word {
            "clif" => stage = Some(Stage::Clif),
            "optimized" => stage = Some(Stage::Optimized),
            "assembly" => stage = Some(Stage::Assembly),
            "none" => options.opt_level = OptLevel::None,
            "stress" => options.fail_every_nth = Some(stress()),
            other => return Err(format!("what is {other}?")),
        }
    }
    let mut tree = parse(input).map_err(|error| error.to_string())?;
    // In the text, an exit's place is the instruction where it resumes.
    for exit in tree.exits.iter_mut().flatten() {
        exit.site = SiteId(tree.snapshots[exit.snapshot.index()].frame().ip);
    }
    let mut text = String::new();
    let mut observe = |at, shown: &str| {
        if Some(at) == stage {
            text = with_names(shown);
        }
    };
    let triple = format!("{processor}-unknown-linux-gnu");
    show(&tree, &layout(), &options, &triple, &mut observe).map_err(|bug| bug.to_string())?;
    Ok(text)
}

fn stress() -> Stress {
    Stress {
        every: NonZeroU32::new(7).expect("not zero"),
        counter: 0x7000,
    }
}

fn layout() -> Layout {
    Layout {
        ob_type: 8,
        float_value: 16,
        int_size: 16,
        int_digit: 24,
        int_digit_bits: 30,
        range_index: 16,
        range_start: 24,
        range_step: 32,
        range_len: 40,
        values_count: -2,
        values_order: -3,
        frame_slots: 0,
        ob_refcnt: 0,
        ref_total: 0,
        type_version: 8,
        types: TYPES,
        false_object: 0x6100,
        floats: None,
        collector: None,
        small_ints: 0x8000,
        small_int_size: 32,
        characters: 0x9000,
        character_size: 56,
        helper_addresses: [0; Helper::ALL.len()],
        true_object: 0x6000,
        helpers: helpers(),
    }
}

/// Where compiled code would find the helpers, if it ran.
const HELPERS: [(&str, usize); 4] = [
    ("unbox_int", 0x9110),
    ("float_floordiv", 0x9220),
    ("float_mod", 0x9330),
    ("float_pow", 0x9440),
];

fn helpers() -> Helpers {
    // SAFETY: pointers that are not null, which nobody calls.
    unsafe {
        Helpers {
            unbox_int: mem::transmute::<usize, UnboxInt>(HELPERS[0].1),
            float_floordiv: mem::transmute::<usize, FloatOp>(HELPERS[1].1),
            float_mod: mem::transmute::<usize, FloatOp>(HELPERS[2].1),
            float_pow: mem::transmute::<usize, PartialFloatOp>(HELPERS[3].1),
            box_int: no_box_int,
            box_float: no_box_float,
            release_quiet: never_quiet,
            dealloc_leaf: forget,
        }
    }
}

/// Replaces the addresses of helpers, in all the ways they are printed.
fn with_names(text: &str) -> String {
    let aside = ("call_aside", call_aside as *const () as usize);
    let mut text = text.to_owned();
    for (name, address) in HELPERS.into_iter().chain([aside]) {
        let name = format!("<{name}>");
        let grouped = group_hex(address);
        text = text
            .replace(&grouped, &name)
            .replace(&format!("{address:#x}"), &name);
        text = text.replace(&address.to_string(), &name);
    }
    text
}

/// As Cranelift prints large immediates: `0x7f12_3456_789a`, and `0x0039_e540`.
fn group_hex(address: usize) -> String {
    let digits = format!("{address:x}");
    let groups = digits.as_bytes().rchunks(4).rev();
    let groups: Vec<_> = groups
        .map(|group| format!("{:0>4}", String::from_utf8_lossy(group)))
        .collect();
    format!("0x{}", groups.join("_"))
}

/// The addresses of types, as the expected texts have them.
const TYPES: [usize; ObjKind::ALL.len()] = {
    let mut types = [0; ObjKind::ALL.len()];
    let mut kind = 0;
    while kind < types.len() {
        types[kind] = match kind {
            0..5 => 0x1000 * (kind + 1),
            _ => 0x10000 + kind,
        };
        kind += 1;
    }
    types
};

unsafe extern "C" fn no_box_int(_: i64) -> *mut u8 {
    std::ptr::null_mut()
}

unsafe extern "C" fn no_box_float(_: f64) -> *mut u8 {
    std::ptr::null_mut()
}

unsafe extern "C" fn never_quiet(_: *mut u8) -> u8 {
    0
}

unsafe extern "C" fn forget(_: *mut u8) {}
