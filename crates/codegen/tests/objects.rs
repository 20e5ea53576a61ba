//! Guards and reads of objects, polls, exits and side traces, on trees written by hand.

mod support;

use pyrt_codegen::{Bug, Line, Options, UnwindInfo, compile};
use pyrt_trace::eval::{Frame, RangeState, Value};
use pyrt_trace::{ExitId, InsRef, ObjKind, Site, SiteId, TraceTree, parse};
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fs;
use support::heap::{Heap, one_of_each};
use support::run::{End, compile_in, run, run_once};

fn frame(slots: &[Value]) -> Frame {
    let range = RangeState {
        start: 100,
        step: -7,
        len: 20,
        index: 3,
    };
    Frame {
        slots: slots.to_vec(),
        ranges: vec![range, range],
        ..Frame::default()
    }
}

fn tree(text: &str) -> TraceTree {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn run_text(text: &str, slots: &[Value]) -> End {
    run_once(&mut tree(text), &Options::default(), &frame(slots), 0)
}

const UNBOX_INT: &str = r#"
tree "unbox" locals 2 {
header(v0: i64 @0)
entry:
  v1: obj = load_slot @0 ! x0
  v200: obj = guard_type v1, int ! x1
  v2: i64 = unbox_int v200 ! x2
  enter(v2)
trace 0:
  leave x3
snapshots:
  s0: ip 4 depth 0 {}
  s1: ip 9 depth 0 {@0 = null, @1 = v0}
exits:
  x0: s0 unbound
  x1: s0 type
  x2: s0 int-range
  x3: s1 leave
}
"#;

#[test]
fn ints_of_all_sizes() {
    let digit: i128 = 1 << 30;
    let edges = [
        0,
        1,
        digit - 1,
        digit,
        digit * digit - 1,
        digit * digit,
        1 << 63,
        (1 << 63) - 1,
    ];
    let more = [(1 << 63) + 1, 1 << 64, 1 << 70, 123_456_789_012_345];
    for magnitude in edges.into_iter().chain(more) {
        for value in [magnitude, -magnitude] {
            let end = run_text(UNBOX_INT, &[Value::Int(value)]);
            if i64::try_from(value).is_ok() {
                assert_eq!(end.exit, ExitId(3));
                assert_eq!(end.frame.slots, [Value::Null, Value::Int(value)]);
            } else {
                assert_eq!((end.exit, end.ip), (ExitId(2), 4), "{value} does not fit");
                assert_eq!(end.frame.slots[0], Value::Int(value));
            }
        }
    }
}

#[test]
fn null_slots_leave() {
    let end = run_text(UNBOX_INT, &[Value::Null]);
    assert_eq!((end.exit, end.ip), (ExitId(0), 4));
}

#[test]
fn type_guards_know_each_kind() {
    for (value, is) in one_of_each() {
        for &kind in ObjKind::ALL {
            let text = format!(
                r#"
tree "guard" locals 1 {{
header()
entry:
  v1: obj = load_slot @0 ! x0
  v2: obj = guard_type v1, {kind} ! x1
  enter()
trace 0:
  leave x2
snapshots:
  s0: ip 4 depth 0 {{}}
  s1: ip 9 depth 0 {{@0 = v1}}
exits:
  x0: s0 unbound
  x1: s0 type
  x2: s1 leave
}}
"#
            );
            let passes = is == Some(kind);
            let end = run_text(&text, &[value]);
            assert_eq!(
                end.exit,
                ExitId(if passes { 2 } else { 1 }),
                "{value:?} {kind}"
            );
            assert_eq!(end.frame.slots, [value]);
        }
    }
}

#[test]
fn range_fields_floats_and_bools() {
    let text = r#"
tree "fields" locals 6 {
header(v10: i64 @0.index)
entry:
  v0: obj = load_slot @0 ! x0
  v200: obj = guard_type v0, range_iter ! x1
  v1: i64 = load_range_field v200, index
  v2: obj = load_slot @1 ! x2
  v201: obj = guard_type v2, bool ! x3
  v3: bool = unbox_bool v201
  v4: obj = load_slot @2 ! x4
  v202: obj = guard_type v4, float ! x5
  v5: f64 = unbox_float v202
  enter(v1)
trace 0:
  v6: i64 = load_range_field v200, start
  v7: i64 = load_range_field v200, step
  v8: i64 = load_range_field v200, len
  v9: bool = not_bool v3
  leave x6
snapshots:
  s0: ip 4 depth 0 {}
  s1: ip 9 depth 0 {@1 = v3, @2 = v9, @3 = v6, @4 = v5, @5 = v7, @0.index = v8}
exits:
  x0: s0 unbound
  x1: s0 type
  x2: s0 unbound
  x3: s0 type
  x4: s0 unbound
  x5: s0 type
  x6: s1 leave
}
"#;
    for truth in [false, true] {
        let slots = [Value::Range(1), Value::Bool(truth), Value::Float(-0.0)];
        let end = run_text(text, &slots);
        let want = [
            Value::Range(1),
            Value::Bool(truth),
            Value::Bool(!truth),
            Value::Int(100),
            Value::Float(-0.0),
            Value::Int(-7),
        ];
        assert_eq!(end.frame.slots, want);
        assert_eq!(
            (end.frame.ranges[0].index, end.frame.ranges[1].index),
            (3, 20)
        );
    }
}

const SAME: &str = r#"
tree "alias" locals 2 {
header()
entry:
  v0: obj = load_slot @0 ! x0
  v1: obj = load_slot @1 ! x0
  guard_not_same v0, v1 ! x1
  enter()
trace 0:
  leave x2
snapshots:
  s0: ip 4 depth 0 {}
  s1: ip 9 depth 0 {}
exits:
  x0: s0 unbound
  x1: s0 alias
  x2: s1 leave
}
"#;

#[test]
fn the_same_object_leaves() {
    let same = run_text(SAME, &[Value::Range(0), Value::Range(0)]);
    assert_eq!(same.exit, ExitId(1));
    let other = run_text(SAME, &[Value::Range(0), Value::Range(1)]);
    assert_eq!(other.exit, ExitId(2));
}

#[test]
fn exits_of_the_entry_may_share_a_block() {
    for slots in [[Value::Null, Value::None], [Value::None, Value::Null]] {
        assert_eq!(run_text(SAME, &slots).exit, ExitId(0));
    }
}

/// Even numbers take the side trace, and one of them the side trace's side trace.
const SIDES: &str = r#"
tree "sides" locals 2 {
header(v0: i64 @0, v1: i64 @1)
entry:
  v2: i64 = const_i64 1
  v3: i64 = const_i64 2
  v4: i64 = const_i64 100
  v5: i64 = const_i64 10
  v6: obj = load_slot @0 ! x0
  v200: obj = guard_type v6, int ! x0
  v7: i64 = unbox_int v200 ! x0
  v8: obj = load_slot @1 ! x0
  v201: obj = guard_type v8, int ! x0
  v9: i64 = unbox_int v201 ! x0
  enter(v7, v9)
trace 0:
  v10: bool = lt_i64 v0, v4
  guard_true v10 ! x1
  v11: i64 = mod_i64 v0, v3 ! x2
  v12: bool = i64_is_true v11
  v13: i64 = add_ovf v0, v2 ! x3
  guard_true v12 ! x4
  v14: i64 = add_ovf v1, v0 ! x5
  poll ! x6
  jump(v13, v14)
trace 1 at x4:
  v15: bool = eq_i64 v0, v5
  guard_false v15 ! x7
  poll ! x8
  jump(v13, v1)
trace 2 at x7:
  v16: i64 = mul_ovf v1, v4 ! x9
  poll ! x10
  jump(v13, v16)
snapshots:
  s0: ip 4 depth 0 {}
  s1: ip 5 depth 0 {@0 = v0, @1 = v1}
  s2: ip 8 depth 1 {@0 = v13, @1 = v1, @2 = v11}
exits:
  x0: s0 type
  x1: s1 loop-end
  x2: s1 zero-division
  x3: s1 overflow
  x4: s2 branch
  x5: s2 overflow
  x6: s1 poll
  x7: s2 branch
  x8: s1 poll
  x9: s2 overflow
  x10: s1 poll
}
"#;

#[test]
fn side_traces_continue_failed_guards() {
    let end = run_text(SIDES, &[Value::Int(0), Value::Int(0)]);
    let mut sum = 0;
    for number in 0..100 {
        sum = match number {
            10 => sum * 100,
            number if number % 2 == 1 => sum + number,
            _ => sum,
        };
    }
    assert_eq!(end.exit, ExitId(1));
    assert_eq!(end.frame.slots, [Value::Int(100), Value::Int(sum)]);
}

#[test]
fn a_failing_op_leaves_with_the_values_before_it() {
    let most = i128::from(i64::MAX);
    let end = run_text(SIDES, &[Value::Int(7), Value::Int(most)]);
    assert_eq!((end.exit, end.ip, end.depth), (ExitId(5), 8, 1));
    assert_eq!(end.frame.slots, [8, most, 1].map(Value::Int));
}

#[test]
fn code_survives_other_code() {
    let mut trees = Vec::new();
    let input = frame(&[Value::Int(0), Value::Int(0)]);
    let mut heap = Heap::new(&input);
    let tree = tree(SIDES);
    for round in 0..50 {
        trees.push(compile_in(&mut heap, &tree, &Options::default()));
        trees.swap_remove(round % 7 % trees.len());
        trees.push(compile_in(&mut heap, &tree, &Options::default()));
    }
    for compiled in &trees {
        assert_eq!(run(&tree, compiled, &mut heap, &input, 0).exit, ExitId(1));
    }
}

#[test]
fn lines_name_places_of_the_program() {
    let mut tree = tree(SIDES);
    let ips = tree.exits.iter().flatten().map(|exit| {
        let snapshot = &tree.snapshots[exit.snapshot.index()];
        snapshot.frame().ip
    });
    for (exit, ip) in ips.collect::<Vec<_>>().into_iter().enumerate() {
        let (code, caller) = (7, Some(SiteId::HEADER));
        let site = tree.site(Site { code, ip, caller });
        tree.exits[exit].as_mut().expect("all are in use").site = site;
    }
    let mut heap = Heap::new(&frame(&[]));
    let compiled = compile_in(&mut heap, &tree, &Options::default());
    let lines = compiled.lines();
    assert!(lines.windows(2).all(|pair| pair[0].end <= pair[1].start));
    assert!(
        lines
            .iter()
            .all(|line| line.start < line.end && line.end as usize <= compiled.code().len())
    );
    for ip in [4, 5, 8] {
        let there = |line: &Line| tree.sites[line.site.index()].ip == ip;
        assert!(lines.iter().any(there), "{ip} in {lines:?}");
    }
}

thread_local! {
    static BACKTRACE: RefCell<String> = const { RefCell::new(String::new()) };
}

unsafe extern "C" fn note_backtrace(_int: *const u8, _out: *mut i64) -> u8 {
    BACKTRACE.set(Backtrace::force_capture().to_string());
    0
}

#[test]
fn the_unwinder_walks_through_compiled_code() {
    let tree = tree(UNBOX_INT);
    let input = frame(&[Value::Int(1 << 40)]);
    for unwind in [
        UnwindInfo::Registered,
        UnwindInfo::Described,
        UnwindInfo::None,
    ] {
        let mut heap = Heap::new(&input);
        let mut layout = heap.layout();
        layout.helpers.unbox_int = note_backtrace;
        let options = Options {
            unwind,
            ..Options::default()
        };
        let compiled = compile(&tree, &layout, &options).expect("it compiles");
        assert_eq!(compiled.eh_frame().is_empty(), unwind == UnwindInfo::None);
        let end = run(&tree, &compiled, &mut heap, &input, 0);
        assert_eq!(end.exit, ExitId(2));
        let trace = BACKTRACE.take();
        assert!(trace.contains("note_backtrace"), "{trace}");
        let through = trace.contains("the_unwinder_walks_through_compiled_code");
        assert!(through || unwind != UnwindInfo::Registered, "{trace}");
    }
}

#[test]
fn code_is_never_writable_and_executable() {
    let tree = tree(SIDES);
    let mut heap = Heap::new(&frame(&[]));
    let compiled = compile_in(&mut heap, &tree, &Options::default());
    let maps = fs::read_to_string("/proc/self/maps").expect("Linux");
    let at = compiled.code().as_ptr().addr();
    let holds = |line: &&str| {
        let range = line
            .split_whitespace()
            .next()
            .and_then(|range| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        range.is_some_and(|(low, high)| number(low) <= Some(at) && Some(at) < number(high))
    };
    let line = maps.lines().find(holds).expect("the code is mapped");
    assert_eq!(line.split_whitespace().nth(1), Some("r-xp"));
    assert!(!maps.lines().any(|line| {
        line.split_whitespace()
            .nth(1)
            .is_some_and(|p| p.contains("wx"))
    }));
    assert!(compiled.size() >= 4096 && compiled.code().len() < 4096);
}

#[test]
fn broken_trees_are_bugs() {
    let mut tree = tree(SIDES);
    let mut heap = Heap::new(&frame(&[]));
    let layout = heap.layout();
    tree.traces[0].body.remove(2);
    let bug = compile(&tree, &layout, &Options::default()).expect_err("v11 is not defined");
    assert!(matches!(bug, Bug::Tree(_)), "{bug}");
    tree.initial = vec![InsRef(1000); 2];
    let bug = compile(&tree, &layout, &Options::default()).expect_err("there is no v1000");
    assert!(matches!(bug, Bug::Tree(_)), "{bug}");
}
