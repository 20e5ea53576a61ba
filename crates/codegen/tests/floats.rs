//! Boxes of floats that come from the interpreter's list and go there, of numbers that take over those of others, and rare calls
//! among floats.

mod support;

use pyrt_codegen::{FloatList, Layout, OptLevel, Options};
use pyrt_trace::eval::{Frame, Value};
use pyrt_trace::{Imm, ObjKind, Op, TraceTree};
use support::calls::take_dead;
use support::direct::{DONE, Direct, run_direct};
use support::heap::{Heap, Object, count, set_count};
use support::machine::spoil_registers;

const LEVELS: [OptLevel; 2] = [OptLevel::None, OptLevel::Speed];
/// Offset of the pointer by which dead floats are linked.
const LINK: usize = 8;

fn heap() -> Heap {
    Heap::new(&Frame::default())
}

fn options(opt_level: OptLevel) -> Options {
    Options {
        opt_level,
        ..Options::default()
    }
}

/// An interpreter's list of dead floats.
#[derive(Debug, PartialEq)]
struct Dead {
    head: *mut u8,
    length: i32,
    watched: i32,
}

impl Dead {
    fn of(objects: &[*mut u8]) -> Dead {
        let mut head = std::ptr::null_mut();
        for &object in objects.iter().rev() {
            set_link(object, head);
            head = object;
        }
        Dead {
            head,
            length: objects.len() as i32,
            watched: 0,
        }
    }

    fn layout(&mut self, heap: &mut Heap, most: i32) -> Layout {
        let mut layout = heap.layout();
        layout.floats = Some(FloatList {
            head: (&raw mut self.head).addr(),
            length: (&raw mut self.length).addr(),
            most,
            watched: (&raw mut self.watched).addr(),
        });
        layout
    }
}

fn link(object: *mut u8) -> *mut u8 {
    // SAFETY: tests pass objects, which are larger.
    unsafe { object.add(LINK).cast::<*mut u8>().read_volatile() }
}

fn set_link(object: *mut u8, next: *mut u8) {
    // SAFETY: as above.
    unsafe { object.add(LINK).cast::<*mut u8>().write_volatile(next) }
}

/// Two boxes of the float in slot 0.
fn two_boxes() -> TraceTree {
    let mut t = Direct::new();
    let value = t.float(0);
    for _ in 0..2 {
        let boxed = t.op(Op::BoxFloat, &[value]);
        t.result(boxed);
    }
    t.done()
}

#[test]
fn boxes_come_from_the_list() {
    let tree = two_boxes();
    for level in LEVELS {
        for (dead, watched) in [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1)] {
            let mut heap = heap();
            let mut objects: Vec<_> = (0..dead).map(|_| Object::of_kind(ObjKind::None)).collect();
            let objects: Vec<_> = objects.iter_mut().map(|object| object.pointer()).collect();
            let mut list = Dead::of(&objects);
            list.watched = watched;
            let layout = list.layout(&mut heap, 100);
            let mut float = Object::of(Value::Float(1.5));
            let left = run_direct(&tree, &layout, &options(level), &[float.pointer()]);
            assert_eq!(left.ip, DONE);
            let from_list = if watched == 0 { dead.min(2) } else { 0 };
            let rest = Dead::of(&objects[from_list..]);
            assert_eq!((list.head, list.length), (rest.head, rest.length));
            for (at, &made) in left.values.iter().enumerate() {
                if at >= from_list {
                    assert_eq!(heap.value(made), Value::Float(1.5));
                    continue;
                }
                let object = objects[at];
                assert_eq!(made, object.addr() as u64);
                assert_eq!((count(object), link(object)), (1, link(float.pointer())));
                // SAFETY: where an object of this heap has its float.
                let value = unsafe { object.add(16).cast::<f64>().read() };
                assert_eq!(value.to_bits(), 1.5_f64.to_bits());
            }
        }
    }
}

/// Gives up the object in slot 0, which is perhaps guarded to be a float before that.
fn give_up(guarded: bool) -> TraceTree {
    let mut t = Direct::new();
    let mut object = t.object(0);
    if guarded {
        object = t.push(Op::GuardType, &[object], Imm::Kind(ObjKind::Float), 1);
    }
    t.op(Op::ReleaseLeaf, &[object]);
    t.done()
}

#[test]
fn dead_floats_go_to_the_list() {
    for level in LEVELS {
        for guarded in [false, true] {
            let tree = give_up(guarded);
            for (length, most, references) in
                [(0, 1, 1), (1, 2, 1), (1, 2, 2), (1, 1, 1), (0, 0, 1)]
            {
                let (mut heap, mut old) = (heap(), Object::of(Value::Float(0.5)));
                let old: Vec<_> = (0..length).map(|_| old.pointer()).collect();
                let (mut list, before) = (Dead::of(&old), Dead::of(&old));
                let layout = list.layout(&mut heap, most);
                let mut float = Object::of(Value::Float(1.5));
                let float = float.pointer();
                set_count(float, references);
                let left = run_direct(&tree, &layout, &options(level), &[float]);
                assert_eq!(left.ip, DONE);
                if references > 1 {
                    assert_eq!((count(float), &list), (references - 1, &before));
                } else if length < most {
                    assert_eq!((list.head, list.length), (float, length + 1));
                    assert_eq!(link(float), before.head);
                } else {
                    assert_eq!(list, before);
                    assert_eq!(take_dead(), [float.addr() as u64]);
                }
            }
        }
    }
}

/// What a number's box has of it.
fn number_in(object: *mut u8) -> [u64; 2] {
    // SAFETY: tests pass objects, which are larger.
    unsafe { object.add(16).cast::<[u64; 2]>().read_volatile() }
}

/// A number of this kind, from slot 0, boxed in the place of the one in slot 1.
fn replace(kind: ObjKind) -> TraceTree {
    let mut t = Direct::new();
    let (value, op) = match kind {
        ObjKind::Int => (t.int(0), Op::ReboxInt),
        _ => (t.float(0), Op::ReboxFloat),
    };
    let old = t.object(1);
    let old = t.push(Op::GuardType, &[old], Imm::Kind(kind), 1);
    let boxed = t.op(op, &[value, old]);
    t.result(boxed);
    t.done()
}

#[test]
fn a_number_takes_over_the_memory_of_one_that_nobody_else_has() {
    let floats =
        [1.5, -0.0, f64::INFINITY].map(|new| (Value::Float(new), Value::Float(0.25), true));
    let most = (1 << 30) - 1;
    let ints = [257, most, -257, -most].map(|new| (Value::Int(new), Value::Int(12_345), true));
    // The preallocated ones are those that everybody has; an int of two digits may have no room.
    let others = [0, 256, -5, -6, most + 1, -most - 1, 1 << 62]
        .map(|new| (Value::Int(new), Value::Int(-12_345), false));
    for (new, old, fits) in floats.into_iter().chain(ints).chain(others) {
        let kind = match new {
            Value::Int(_) => ObjKind::Int,
            _ => ObjKind::Float,
        };
        let tree = replace(kind);
        for level in LEVELS {
            for (references, watched) in [(1, 0), (2, 0), (1, 1), (3, 1)] {
                let (mut heap, mut list) = (heap(), Dead::of(&[]));
                list.watched = watched;
                let layout = list.layout(&mut heap, 0);
                let (mut number, mut other) = (Object::of(new), Object::of(old));
                let slots = [number.pointer(), other.pointer()];
                set_count(slots[1], references);
                take_dead();
                let left = run_direct(&tree, &layout, &options(level), &slots);
                assert_eq!(left.ip, DONE);
                let same = fits && references == 1 && watched == 0;
                let made = left.result();
                assert_eq!(made == slots[1].addr() as u64, same, "{new:?} {references}");
                if same {
                    let [found, wanted] = [slots[1], slots[0]].map(number_in);
                    assert_eq!((found, count(slots[1])), (wanted, 1));
                } else {
                    let kept = number_in(Object::of(old).pointer());
                    assert_eq!((heap.value(made), number_in(slots[1])), (new, kept));
                    let dies = references == 1;
                    let dead = dies.then_some(slots[1].addr() as u64);
                    assert_eq!(take_dead(), dead.into_iter().collect::<Vec<_>>());
                    assert!(dies || count(slots[1]) == references - 1);
                }
            }
        }
    }
}

#[test]
fn other_leaves_do_not_go_to_the_list_of_floats() {
    for level in LEVELS {
        let (mut heap, mut list) = (heap(), Dead::of(&[]));
        let layout = list.layout(&mut heap, 100);
        let mut int = Object::of(Value::Int(1 << 40));
        let int = int.pointer();
        let left = run_direct(&give_up(false), &layout, &options(level), &[int]);
        assert_eq!((left.ip, list.length), (DONE, 0));
        assert_eq!(take_dead(), [int.addr() as u64]);
    }
}

/// An int of several digits is 7. Leaves nothing in the registers that the C convention lets it use.
unsafe extern "C" fn unbox_rudely(_: *const u8, out: *mut i64) -> u8 {
    // SAFETY: compiled code passes a place for the result.
    unsafe { out.write(7) };
    spoil_registers();
    1
}

#[test]
fn rare_calls_leave_registers_alone() {
    let mut t = Direct::new();
    let floats: Vec<_> = (0..3).map(|slot| t.float(slot)).collect();
    let other = t.object(3);
    // More values than a call may keep in registers, and an int after them.
    let mut values = floats.clone();
    for round in 0..3 {
        let last = values[values.len() - 1];
        values.push(t.op(Op::AddF64, &[last, floats[round % 3]]));
    }
    let object = t.object(4);
    let object = t.push(Op::GuardType, &[object], Imm::Kind(ObjKind::Int), 1);
    let int = t.op(Op::UnboxInt, &[object]);
    let results: Vec<_> = values
        .iter()
        .rev()
        .map(|value| t.op(Op::NegF64, &[*value]))
        .collect();
    results
        .into_iter()
        .chain([other, int])
        .for_each(|value| t.result(value));
    let tree = t.done();

    let numbers = [1.0, 10.0, 100.0];
    let mut sums: Vec<f64> = numbers.to_vec();
    for round in 0..3 {
        sums.push(sums[sums.len() - 1] + numbers[round % 3]);
    }
    let mut want: Vec<u64> = sums.iter().rev().map(|sum| (-sum).to_bits()).collect();
    for level in LEVELS {
        let mut layout = heap().layout();
        layout.helpers.unbox_int = unbox_rudely;
        let others = [Value::None, Value::Int(1 << 40)];
        let in_slots = numbers.map(Value::Float).into_iter().chain(others);
        let mut objects: Vec<_> = in_slots.map(Object::of).collect();
        let slots: Vec<_> = objects.iter_mut().map(|object| object.pointer()).collect();
        let left = run_direct(&tree, &layout, &options(level), &slots);
        assert_eq!(left.ip, DONE);
        want.truncate(sums.len());
        want.extend([slots[3].addr() as u64, 7]);
        assert_eq!(left.values, want);
    }
}
