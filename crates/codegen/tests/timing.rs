//! How long compiling takes and how fast compiled code runs. Ignored, because it asserts nothing:
//! `cargo test --release -p pyrt-codegen --test timing -- --ignored --nocapture`.

mod support;

use pyrt_codegen::{CompiledTree, OptLevel, Options, compile};
use pyrt_trace::eval::{Frame, RangeState, Value};
use pyrt_trace::{PassConfig, TraceTree, optimize, parse};
use std::time::Instant;
use support::generate::{self, Choices};
use support::heap::Heap;
use support::run::run;

const ROUNDS: u32 = 200;
const TRIPS: i64 = 500_000_000;

/// `for i in range(n): total += i`, before passes.
fn range_sum() -> TraceTree {
    let text = include_str!("../../trace/filetests/range_sum.trace");
    let (input, _) = text.split_once("===").expect("a file test");
    let mut tree = parse(input).expect("a tree");
    optimize(&mut tree, &PassConfig::all(), &mut |_, _| {}).expect("passes succeed");
    tree
}

/// A tree of about as many instructions as asked for.
fn generated(size: usize) -> TraceTree {
    let trees = (0..4000_u32).map(|seed| {
        let numbers: Vec<u32> = (0..600_u32)
            .map(|at| (seed + 1).wrapping_mul(at + 7).wrapping_mul(2_654_435_761) >> 12)
            .collect();
        generate::tree(&mut Choices::new(&numbers))
    });
    trees
        .min_by_key(|tree| tree.len().abs_diff(size))
        .expect("some tree")
}

fn frame(len: i64) -> Frame {
    let range = RangeState {
        start: 0,
        step: 1,
        len,
        index: 0,
    };
    Frame {
        slots: vec![Value::Int(0), Value::Int(0), Value::Range(0)],
        ranges: vec![range],
        ..Frame::default()
    }
}

fn options(level: OptLevel) -> Options {
    Options {
        opt_level: level,
        ..Options::default()
    }
}

fn time_compiling(name: &str, tree: &TraceTree, level: OptLevel) -> CompiledTree {
    let layout = Heap::new(&frame(1)).layout();
    let once = || compile(tree, &layout, &options(level)).expect("it compiles");
    let compiled = once();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        drop(once());
        times.push(start.elapsed());
    }
    times.sort();
    let (ins, code) = (tree.len(), compiled.code().len());
    let exits = tree.exits.iter().flatten().count();
    println!(
        "{name} {level:?}: {ins} instructions, {exits} exits, {code} bytes: median {:?}, best {:?}",
        times[times.len() / 2],
        times[0]
    );
    compiled
}

#[test]
#[ignore = "measures"]
fn compiling() {
    for level in [OptLevel::None, OptLevel::Speed] {
        time_compiling("range_sum", &range_sum(), level);
        for size in [60, 120, 250] {
            time_compiling("generated", &generated(size), level);
        }
    }
}

/// Passes and compilation of the trees in the files that `PYRT_TREES` names, which a program has
/// written with `PYRT_JIT_DUMP=ir PYRT_JIT_DUMP_FILE=...`.
#[test]
#[ignore = "measures"]
fn recorded() {
    let names = std::env::var("PYRT_TREES").unwrap_or_default();
    let rounds = std::env::var("PYRT_ROUNDS").map_or(3, |rounds| rounds.parse().expect("a number"));
    for name in names.split_whitespace() {
        let text = std::fs::read_to_string(name).expect("a file");
        let trees: Vec<TraceTree> = text
            .split("recorded:\n")
            .skip(1)
            .map(|text| text.split("\n\n; ").next().expect("a tree"))
            .map(|text| parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
            .collect();
        let level = match std::env::var("PYRT_OPT").as_deref() {
            Ok("none") => OptLevel::None,
            _ => OptLevel::Speed,
        };
        let layout = Heap::new(&frame(1)).layout();
        let mut best = [u128::MAX; 2];
        let (mut code, mut exits, mut ins) = (0, 0, 0);
        for _ in 0..rounds {
            let mut spent = [0; 2];
            (code, exits, ins) = (0, 0, 0);
            for tree in &trees {
                let start = Instant::now();
                let mut tree = tree.clone();
                optimize(&mut tree, &PassConfig::all(), &mut |_, _| {}).expect("passes succeed");
                let middle = Instant::now();
                let compiled = compile(&tree, &layout, &options(level)).expect("it compiles");
                spent[0] += (middle - start).as_micros();
                spent[1] += middle.elapsed().as_micros();
                code += compiled.code().len();
                ins += tree.len();
                exits += tree.exits.iter().flatten().count();
            }
            best = [best[0].min(spent[0]), best[1].min(spent[1])];
        }
        println!(
            "{name}: {} trees, {ins} instructions, {exits} exits, {code} bytes: passes {} us, code {} us",
            trees.len(),
            best[0],
            best[1]
        );
    }
}

#[test]
#[ignore = "measures"]
fn running() {
    for level in [OptLevel::None, OptLevel::Speed] {
        let tree = range_sum();
        let frame = frame(TRIPS);
        let mut heap = Heap::new(&frame);
        let compiled = compile(&tree, &heap.layout(), &options(level)).expect("it compiles");
        let start = Instant::now();
        let end = run(&tree, &compiled, &mut heap, &frame, 0);
        let time = start.elapsed();
        assert_eq!(
            end.frame.slots[1],
            Value::Int(i128::from(TRIPS) * i128::from(TRIPS - 1) / 2)
        );
        println!(
            "range_sum {level:?}: {:.3} ns per iteration",
            time.as_secs_f64() * 1e9 / TRIPS as f64
        );
    }
}
