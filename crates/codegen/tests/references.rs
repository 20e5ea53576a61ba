//! Counting references, boxes, calls, and guards on objects.

mod support;

use pyrt_codegen::{Layout, OptLevel, Options, Stress};
use pyrt_spec::ExitReason;
use pyrt_trace::eval::{Frame, Value};
use pyrt_trace::{Helper, Imm, InsRef, ObjKind, Op, Region, TraceTree, Width};
use std::cell::RefCell;
use std::num::NonZeroU32;
use support::calls::{set_death_is_loud, set_out_of_memory, take_dead};
use support::direct::{DONE, Direct, Left, mem, run_direct};
use support::heap::{Heap, Object, count, set_count, version_of};

const LEVELS: [OptLevel; 2] = [OptLevel::None, OptLevel::Speed];

fn heap() -> Heap {
    Heap::new(&Frame::default())
}

fn options(opt_level: OptLevel) -> Options {
    Options {
        opt_level,
        ..Options::default()
    }
}

/// Runs a tree at both levels; the results must be equal.
fn both(tree: &TraceTree, layout: &Layout, slots: &[*mut u8], mut before: impl FnMut()) -> Left {
    let [none, speed] = LEVELS.map(|level| {
        before();
        run_direct(tree, layout, &options(level), slots)
    });
    assert_eq!(none, speed);
    speed
}

#[test]
fn own_adds_a_reference() {
    let layout = heap().layout();
    let mut t = Direct::new();
    let object = t.object(0);
    let owned = t.op(Op::Own, &[object]);
    let again = t.op(Op::Own, &[owned]);
    t.result(again);
    let tree = t.done();
    let mut object = Object::of(Value::None);
    let at = object.pointer();
    let left = both(&tree, &layout, &[at], || set_count(at, 5));
    assert_eq!((left.ip, left.values), (DONE, vec![at.addr() as u64]));
    assert_eq!(count(at), 7);
}

fn release(leaf: bool) -> TraceTree {
    let mut t = Direct::new();
    let object = t.object(0);
    if leaf {
        t.op(Op::ReleaseLeaf, &[object]);
    } else {
        t.release(object);
    }
    t.done()
}

#[test]
fn release_takes_a_reference() {
    let layout = heap().layout();
    for leaf in [false, true] {
        let tree = release(leaf);
        let mut object = Object::of(Value::Float(1.0));
        let at = object.pointer();
        // Counts of many digits, too.
        for many in [2, 3, 1 << 40] {
            let left = both(&tree, &layout, &[at], || set_count(at, many));
            assert_eq!((left.ip, count(at)), (DONE, many - 1));
            assert_eq!(take_dead(), []);
        }
        for level in LEVELS {
            set_count(at, 1);
            let left = run_direct(&tree, &layout, &options(level), &[at]);
            assert_eq!((left.ip, count(at)), (DONE, 0));
            assert_eq!(take_dead(), [at.addr() as u64]);
        }
    }
}

#[test]
fn release_leaves_rather_than_run_code() {
    let layout = heap().layout();
    let tree = release(false);
    let mut object = Object::of(Value::Other(1));
    let at = object.pointer();
    set_death_is_loud(true);
    let left = both(&tree, &layout, &[at], || set_count(at, 1));
    assert_eq!((left.ip, count(at)), (1, 1));
    assert_eq!(left.pending, [at.addr() as u64]);
    let left = both(&tree, &layout, &[at], || set_count(at, 2));
    assert_eq!((left.ip, count(at)), (DONE, 1));
    set_death_is_loud(false);
}

/// Counts of one object under two names are the same memory.
#[test]
fn counts_of_aliases() {
    let layout = heap().layout();
    let mut t = Direct::new();
    let (one, other) = (t.object(0), t.object(1));
    t.op(Op::Own, &[one]);
    t.release(other);
    t.op(Op::Own, &[one]);
    t.op(Op::ReleaseLeaf, &[other]);
    t.release(other);
    let tree = t.done();
    let mut object = Object::of(Value::None);
    let at = object.pointer();
    let left = both(&tree, &layout, &[at, at], || set_count(at, 2));
    assert_eq!((left.ip, count(at)), (DONE, 1));
    assert_eq!(take_dead(), []);
}

/// An int from a slot and its box, and the box of the same int as a constant.
fn box_int(number: Option<i64>) -> TraceTree {
    let mut t = Direct::new();
    let value = match number {
        Some(number) => t.const_int(number),
        None => t.int(0),
    };
    let boxed = t.op(Op::BoxInt, &[value]);
    t.result(boxed);
    t.done()
}

#[test]
fn boxes_of_ints() {
    let mut heap = heap();
    let layout = heap.layout();
    let edges = [-7, -6, -5, -4, -1, 0, 1, 255, 256, 257, 258, 1 << 31];
    for number in edges.into_iter().chain([i64::MIN, i64::MAX, -(1 << 40)]) {
        let is_small = (-5..=256).contains(&number);
        let mut object = Object::of(Value::Int(number.into()));
        for constant in [None, Some(number)] {
            let tree = box_int(constant);
            for level in LEVELS {
                let known = heap.pointer(Value::Int(number.into()));
                set_count(known, 10);
                let slots = [object.pointer()];
                let left = run_direct(&tree, &layout, &options(level), &slots);
                assert_eq!(left.ip, DONE);
                let boxed = left.result();
                assert_eq!(heap.value(boxed), Value::Int(number.into()));
                assert_eq!(is_small, boxed == known.addr() as u64, "{number}");
                assert_eq!(count(known), if is_small { 11 } else { 10 });

                set_out_of_memory(true);
                let left = run_direct(&tree, &layout, &options(level), &slots);
                set_out_of_memory(false);
                assert_eq!(left.ip, if is_small { DONE } else { 1 });
            }
        }
    }
}

#[test]
fn boxes_of_floats() {
    let heap = &mut heap();
    let layout = heap.layout();
    let mut t = Direct::new();
    let value = t.float(0);
    let boxed = t.op(Op::BoxFloat, &[value]);
    t.result(boxed);
    let tree = t.done();
    for number in [0.0, -0.0, 1.5, f64::NEG_INFINITY, 5e-324] {
        let mut object = Object::of(Value::Float(number));
        let left = run_direct(&tree, &layout, &Options::default(), &[object.pointer()]);
        assert_eq!(left.ip, DONE);
        assert_ne!(left.result(), object.pointer().addr() as u64);
        assert_eq!(heap.value(left.result()), Value::Float(number));
    }
    // Its identity would be lost.
    let mut object = Object::of(Value::Float(f64::NAN));
    let left = run_direct(&tree, &layout, &Options::default(), &[object.pointer()]);
    assert_eq!(left.ip, 0);
    set_out_of_memory(true);
    let mut object = Object::of(Value::Float(2.0));
    let left = both(&tree, &layout, &[object.pointer()], || {});
    assert_eq!(left.ip, 1);
    set_out_of_memory(false);
}

#[test]
fn boxes_of_bools_are_borrowed() {
    let mut heap = heap();
    let layout = heap.layout();
    let mut t = Direct::new();
    let (one, other) = (t.object(0), t.object(1));
    let same = t.op(Op::Same, &[one, other]);
    let boxed = t.op(Op::BoxBool, &[same]);
    t.result(boxed);
    t.result(same);
    let tree = t.done();
    let (mut one, mut other) = (Object::of(Value::None), Object::of(Value::None));
    let (one, other) = (one.pointer(), other.pointer());
    for truth in [false, true] {
        let known = heap.pointer(Value::Bool(truth));
        set_count(known, 3);
        let slots = [one, if truth { one } else { other }];
        let left = both(&tree, &layout, &slots, || {});
        let want = vec![known.addr() as u64, u64::from(truth)];
        assert_eq!((left.ip, left.values), (DONE, want));
        assert_eq!(count(known), 3);
    }
}

thread_local! {
    static CALLS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

fn note(args: &[u64]) {
    CALLS.with_borrow_mut(|calls| calls.push(args.to_vec()));
}

extern "C" fn zero() -> u64 {
    note(&[]);
    100
}

extern "C" fn one(a: u64) -> u64 {
    note(&[a]);
    100
}

extern "C" fn two(a: u64, b: u64) -> u64 {
    note(&[a, b]);
    if a.cast_signed() > 0 {
        // SAFETY: where the tests pass an address, it is that of a number that this may change.
        unsafe { *std::ptr::with_exposed_provenance_mut::<u64>(a as usize) += 1 };
    }
    u64::MAX
}

extern "C" fn three(a: u64, b: u64, c: u64) -> u64 {
    note(&[a, b, c]);
    c
}

extern "C" fn four(a: u64, b: u64, c: u64, d: u64) -> u64 {
    note(&[a, b, c, d]);
    c
}

extern "C" fn five(a: u64, b: u64, c: u64, d: u64, e: u64) -> u64 {
    note(&[a, b, c, d, e]);
    c
}

extern "C" fn six(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
    note(&[a, b, c, d, e, f]);
    c
}

fn layout_with_calls() -> Layout {
    let mut layout = heap().layout();
    for &helper in Helper::ALL {
        layout.helper_addresses[helper as usize] = match helper.args().len() {
            0 => zero as *const () as usize,
            1 => one as *const () as usize,
            2 => two as *const () as usize,
            3 => three as *const () as usize,
            4 => four as *const () as usize,
            5 => five as *const () as usize,
            6 => six as *const () as usize,
            _ => 0,
        };
    }
    layout
}

/// Whether one of the functions above can stand for a helper: it gets one to three words, the first of
/// which is a pointer, and gives one. No code calls the one that is a few instructions.
fn has_stand_in(helper: Helper) -> bool {
    let args = helper.args();
    helper != Helper::NoteValue
        && (1..=3).contains(&args.len())
        && args[0].accepts(pyrt_trace::Type::Obj)
        && args
            .iter()
            .all(|operand| !operand.accepts(pyrt_trace::Type::F64))
        && helper.result() != Some(pyrt_trace::Type::F64)
}

#[test]
fn calls_pass_what_the_row_says() {
    let layout = layout_with_calls();
    for helper in Helper::ALL
        .iter()
        .copied()
        .filter(|helper| has_stand_in(*helper))
    {
        let mut t = Direct::new();
        let mut slot = 0;
        let args: Vec<InsRef> = helper
            .args()
            .iter()
            .map(|operand| {
                slot += 1;
                if operand.accepts(pyrt_trace::Type::Obj) {
                    t.object(slot - 1)
                } else {
                    t.const_int(-40)
                }
            })
            .collect();
        let result = t.call(helper, &args);
        if helper.result().is_some() {
            t.result(result);
        }
        let tree = t.done();
        let mut objects = [0_u64; 8];
        let slots: Vec<*mut u8> = objects
            .iter_mut()
            .map(|object| {
                std::ptr::with_exposed_provenance_mut((&raw mut *object).expose_provenance())
            })
            .collect();
        let want: Vec<u64> = helper
            .args()
            .iter()
            .zip(&slots)
            .map(
                |(operand, at)| match operand.accepts(pyrt_trace::Type::Obj) {
                    true => at.addr() as u64,
                    false => (-40_i64).cast_unsigned(),
                },
            )
            .collect();
        for level in LEVELS {
            let left = run_direct(&tree, &layout, &options(level), &slots);
            assert_eq!(left.ip, DONE, "{helper}");
            assert_eq!(CALLS.take(), std::slice::from_ref(&want), "{helper}");
            let returned = match want.len() {
                0 | 1 => 100,
                2 => u64::MAX,
                _ => want[2],
            };
            let all = helper.result().map(|_| returned);
            assert_eq!(left.values, Vec::from_iter(all), "{helper}");
        }
    }
}

/// What a call writes, later loads see, and equal calls are made as often as they stand there.
#[test]
fn calls_change_memory() {
    let layout = layout_with_calls();
    let place = mem(0, Width::I64, Region::Lists);
    let mut t = Direct::new();
    let list = t.object(0);
    let before = t.push(Op::Load, &[list], place, 0);
    t.call(Helper::ListAppend, &[list, list]);
    let between = t.push(Op::Load, &[list], place, 0);
    t.call(Helper::ListAppend, &[list, list]);
    let after = t.push(Op::Load, &[list], place, 0);
    for value in [before, between, after] {
        t.result(value);
    }
    let tree = t.done();
    for level in LEVELS {
        let mut number = 5_u64;
        let at = (&raw mut number).expose_provenance();
        let at = std::ptr::with_exposed_provenance_mut(at);
        let left = run_direct(&tree, &layout, &options(level), &[at]);
        assert_eq!(left.values, [5, 6, 7]);
        assert_eq!(CALLS.take().len(), 2);
    }
}

#[test]
fn type_guards_pass_the_object_on() {
    let layout = heap().layout();
    let mut objects: Vec<_> = ObjKind::ALL
        .iter()
        .map(|kind| Object::of_kind(*kind))
        .collect();
    objects.push(Object::of(Value::Other(0)));
    for &kind in ObjKind::ALL {
        let mut t = Direct::new();
        let object = t.object(0);
        let guarded = t.push(Op::GuardType, &[object], Imm::Kind(kind), 1);
        t.result(guarded);
        let tree = t.done();
        for (index, object) in objects.iter_mut().enumerate() {
            let at = object.pointer();
            let left = run_direct(&tree, &layout, &Options::default(), &[at]);
            if index == kind as usize {
                assert_eq!((left.ip, left.values), (DONE, vec![at.addr() as u64]));
            } else {
                assert_eq!((left.ip, left.values), (1, vec![]));
            }
        }
    }
}

#[test]
fn version_guards_look_at_the_class() {
    let layout = heap().layout();
    for (tag, passes) in [
        (version_of(ObjKind::Dict), true),
        (version_of(ObjKind::Dict) - 1, false),
        (version_of(ObjKind::Dict) & 0xffff, false),
        (0, false),
    ] {
        let mut t = Direct::new();
        let object = t.object(0);
        let guarded = t.push(Op::GuardVersion, &[object], Imm::Int(tag), 1);
        t.result(guarded);
        let tree = t.done();
        let mut object = Object::of_kind(ObjKind::Dict);
        let at = object.pointer();
        let left = both(&tree, &layout, &[at], || {});
        let want = if passes {
            vec![at.addr() as u64]
        } else {
            vec![]
        };
        let ip = if passes { DONE } else { 1 };
        assert_eq!((left.ip, left.values), (ip, want), "{tag:#x}");
    }
}

/// Where a guard leaves, of pointers that memory holds.
fn guard(op: Op, pointers: [u64; 2]) -> u32 {
    let layout = heap().layout();
    let mut t = Direct::new();
    let memory = t.object(0);
    let load = |t: &mut Direct, at| {
        let place = mem(at * 8, Width::Ptr, Region::Other);
        t.push(Op::Load, &[memory], place, 0)
    };
    let args = [load(&mut t, 0), load(&mut t, 1)];
    let guarded = t.op(op, &args[..op.args().len()]);
    if op == Op::GuardObj {
        t.result(guarded);
    }
    let tree = t.done();
    let mut pointers = pointers;
    let left = both(&tree, &layout, &[pointers.as_mut_ptr().cast()], || {});
    if op == Op::GuardObj && left.ip == DONE {
        assert_eq!(left.values, pointers[..1]);
    }
    left.ip
}

#[test]
fn guards_of_pointers() {
    let high = 0xffff_0000_0000_0010;
    for (op, pointers, ip) in [
        (Op::GuardObj, [0, 0], 1),
        (Op::GuardObj, [0x10, 0], DONE),
        (Op::GuardObj, [1 << 32, 0], DONE),
        (Op::GuardNull, [0, 0], DONE),
        (Op::GuardNull, [0x10, 0], 1),
        (Op::GuardNull, [1 << 32, 0], 1),
        (Op::GuardSame, [high, high], DONE),
        (Op::GuardSame, [high, 0x10], 1),
        (Op::GuardSame, [0, 0], DONE),
        (Op::GuardNotSame, [high, high], 1),
        (Op::GuardNotSame, [high, 0x10], DONE),
    ] {
        assert_eq!(guard(op, pointers), ip, "{op} {pointers:x?}");
    }
}

/// Runs a tree with a counter that makes its first op fail that may.
fn run_forced(tree: &TraceTree, layout: &Layout, slots: &[*mut u8]) -> (Left, u32) {
    let mut counter = 1_u32;
    let every = NonZeroU32::new(1000).expect("not zero");
    let stress = Stress {
        every,
        counter: (&raw mut counter).expose_provenance(),
    };
    let options = Options {
        fail_every_nth: Some(stress),
        ..Options::default()
    };
    let left = run_direct(tree, layout, &options, slots);
    // SAFETY: the counter is still there.
    (left, unsafe { (&raw const counter).read_volatile() })
}

#[test]
fn stress_leaves_before_references_are_given_up() {
    let layout = heap().layout();
    let mut object = Object::of(Value::None);
    let at = object.pointer();
    set_count(at, 4);
    let mut t = Direct::new();
    let frame = t.op(Op::Frame, &[]);
    let slot = mem(layout.frame_slots, Width::Obj, Region::Frames);
    let object = t.push(Op::Load, &[frame], slot, 0);
    t.release(object);
    let (left, counter) = run_forced(&t.done(), &layout, &[at]);
    assert_eq!((left.ip, left.pending), (1, vec![at.addr() as u64]));
    assert_eq!((count(at), counter), (4, 1000));
}

/// Guards that follow a call are not counted: neither those that would raise, nor those that test the
/// result by way of a comparison.
#[test]
fn stress_does_not_repeat_calls() {
    let layout = layout_with_calls();
    let mut number = 5_u64;
    let at = (&raw mut number).expose_provenance();
    let at = std::ptr::with_exposed_provenance_mut(at);
    let slot = mem(layout.frame_slots, Width::Obj, Region::Frames);
    let start = |t: &mut Direct| {
        let frame = t.op(Op::Frame, &[]);
        t.push(Op::Load, &[frame], slot, 0)
    };

    let mut t = Direct::new();
    let object = start(&mut t);
    let got = t.call(Helper::GetAttr, &[object, object]);
    let got = t.push_for(Op::GuardObj, &[got], Imm::None, ExitReason::Raise, 1);
    t.result(got);
    let raise = t.done();

    let mut t = Direct::new();
    let object = start(&mut t);
    let status = t.call(Helper::ListAppend, &[object, object]);
    let failed = t.const_int(0);
    let failed = t.op(Op::EqI64, &[status, failed]);
    let fine = t.op(Op::NotBool, &[failed]);
    t.push_for(Op::GuardTrue, &[fine], Imm::None, ExitReason::Memory, 1);
    let status = t.done();

    for tree in [raise, status] {
        let (left, counter) = run_forced(&tree, &layout, &[at]);
        assert_eq!((left.ip, counter), (DONE, 1), "nothing was counted");
        assert_eq!(CALLS.take().len(), 1);
    }

    // What is guarded of a result afterwards counts again.
    let mut t = Direct::new();
    let object = start(&mut t);
    let got = t.call(Helper::GetAttr, &[object, object]);
    let got = t.push_for(Op::GuardObj, &[got], Imm::None, ExitReason::Raise, 1);
    t.push(Op::GuardSame, &[got, got], Imm::None, 2);
    let (left, counter) = run_forced(&t.done(), &layout, &[at]);
    assert_eq!((left.ip, counter), (2, 1000));
    assert_eq!(CALLS.take().len(), 1);
}

/// A class can change under a trace: modules get another one by assignment. Whether a second guard is
/// needed is for the trace passes to say; one that stands there is executed.
#[test]
fn type_guards_see_that_the_class_has_changed() {
    let layout = heap().layout();
    let mut t = Direct::new();
    let (object, other) = (t.object(0), t.object(1));
    t.push(Op::GuardType, &[object], Imm::Kind(ObjKind::Module), 1);
    let place = mem(layout.ob_type, Width::Ptr, Region::Classes);
    let class = t.push(Op::Load, &[other], place, 0);
    t.push(Op::Store, &[object, class], place, 0);
    t.push(Op::GuardType, &[object], Imm::Kind(ObjKind::Module), 2);
    let tree = t.done();
    let mut other = Object::of_kind(ObjKind::Dict);
    for level in LEVELS {
        let mut object = Object::of_kind(ObjKind::Module);
        let slots = [object.pointer(), other.pointer()];
        let left = run_direct(&tree, &layout, &options(level), &slots);
        assert_eq!(left.ip, 2, "{level:?}");
    }
}

/// The value of a box that was made where another one died.
#[test]
fn unboxing_sees_that_an_object_has_changed() {
    let layout = heap().layout();
    let mut t = Direct::new();
    let object = t.object(0);
    let float = t.push(Op::GuardType, &[object], Imm::Kind(ObjKind::Float), 1);
    let before = t.op(Op::UnboxFloat, &[float]);
    let new = t.push(Op::ConstF64, &[], Imm::Float(2.5_f64.to_bits()), 0);
    let place = mem(layout.float_value, Width::F64, Region::Other);
    t.push(Op::Store, &[float, new], place, 0);
    let after = t.op(Op::UnboxFloat, &[float]);
    t.result(before);
    t.result(after);
    let tree = t.done();
    for level in LEVELS {
        let mut object = Object::of(Value::Float(1.5));
        let left = run_direct(&tree, &layout, &options(level), &[object.pointer()]);
        let want = [1.5_f64, 2.5].map(f64::to_bits);
        assert_eq!(left.values, want, "{level:?}");
    }
}
