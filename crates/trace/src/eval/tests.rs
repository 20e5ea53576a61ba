use super::*;
use crate::builder::tests::range_sum;
use crate::{ReadAs, TreeBuilder};
use pyrt_spec::ExitReason;

fn frame(total: Value, index: i64) -> Frame {
    let range = RangeState {
        start: 10,
        step: -2,
        len: 4,
        index,
    };
    Frame {
        slots: vec![Value::Int(0), total, Value::Range(0)],
        ranges: vec![range],
        ..Frame::default()
    }
}

fn run(tree: &TraceTree, frame: &Frame, poll_fires: Option<u64>) -> Left {
    let config = EvalConfig {
        poll_fires,
        ..EvalConfig::default()
    };
    match eval(tree, frame, &config) {
        Ok(Outcome::Left(left)) => *left,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_range_loop_runs_to_its_end() {
    let tree = range_sum();
    let left = run(&tree, &frame(Value::Int(100), 0), None);
    assert_eq!(tree.exit(left.exit).reason, ExitReason::LoopEnd);
    assert_eq!((left.ip, left.depth, left.rounds), (10, 1, 5));
    assert_eq!(
        left.frame.slots[..2],
        [Value::Int(4), Value::Int(100 + 10 + 8 + 6 + 4)]
    );
    assert_eq!(left.frame.ranges[0].index, 4);
}

#[test]
fn a_poll_leaves_between_rounds() {
    let left = run(&range_sum(), &frame(Value::Int(0), 1), Some(1));
    assert_eq!(left.frame.slots[..2], [Value::Int(6), Value::Int(8 + 6)]);
    assert_eq!(left.frame.ranges[0].index, 3);
}

#[test]
fn overflow_leaves_before_the_addition_with_its_operands_on_the_stack() {
    let total = Value::Int(i64::MAX.into());
    let left = run(&range_sum(), &frame(total, 0), None);
    assert_eq!((left.ip, left.depth), (13, 3));
    assert_eq!(
        left.frame.slots,
        [
            Value::Int(10),
            total,
            Value::Range(0),
            total,
            Value::Int(10)
        ]
    );
    assert_eq!(left.frame.ranges[0].index, 1);
}

#[test]
fn entry_guards_leave_the_frame_alone() {
    let tree = range_sum();
    for total in [Value::Float(0.0), Value::Null, Value::Int(1 << 64)] {
        let frame = frame(total, 0);
        let left = run(&tree, &frame, None);
        assert!(left.in_entry);
        assert_eq!((left.ip, left.rounds, left.frame), (10, 0, frame));
    }
}

/// The root never touches slot 2; a side trace recorded later writes it. From then on the root's
/// exits have to write it too, with what the last side trace left there.
#[test]
fn a_place_that_only_a_side_trace_writes_is_widened_into_the_root() {
    let mut b = TreeBuilder::root("f:1", 3, 0, 0);
    let i = b.read(Place::Slot(0), ReadAs::Int).unwrap();
    let two = b.const_i64(2);
    let one = b.const_i64(1);
    let exit = b.exit(ExitReason::ZeroDivision, 1, 0);
    let rest = b.op_exit(Op::ModI64, &[i, two], exit).unwrap();
    let odd = b.op(Op::I64IsTrue, &[rest]).unwrap();
    let even = b.exit(ExitReason::Branch, 2, 0);
    b.op_exit(Op::GuardTrue, &[odd], even).unwrap();
    let exit = b.exit(ExitReason::Overflow, 3, 0);
    let next = b.op_exit(Op::AddOvf, &[i, one], exit).unwrap();
    b.set(Place::Slot(0), Some(next));
    let exit = b.exit(ExitReason::Poll, 0, 0);
    b.op_exit(Op::Poll, &[], exit).unwrap();
    let tree = b.end_jump().unwrap();

    let frame = Frame {
        slots: vec![Value::Int(1), Value::None, Value::Float(0.5)],
        ..Frame::default()
    };
    let left = run(&tree, &frame, None);
    assert_eq!((left.exit, left.ip), (even, 2));

    let mut b = TreeBuilder::side(tree, even, &[3]).unwrap();
    let count = b.read(Place::Slot(2), ReadAs::Float).unwrap();
    let step = b.const_f64(1.0);
    let more = b.op(Op::AddF64, &[count, step]).unwrap();
    b.set(Place::Slot(2), Some(more));
    let i = b.read(Place::Slot(0), ReadAs::Int).unwrap();
    let exit = b.exit(ExitReason::Overflow, 5, 0);
    let one = b.const_i64(1);
    let next = b.op_exit(Op::AddOvf, &[i, one], exit).unwrap();
    b.set(Place::Slot(0), Some(next));
    let tree = b.end_jump().unwrap();
    crate::verify(&tree).unwrap();

    // The poll is in the root only; it fires in the third odd round, after two even ones.
    let left = run(&tree, &frame, Some(2));
    assert_eq!(left.ip, 0);
    assert_eq!(
        left.frame.slots,
        [Value::Int(6), Value::None, Value::Float(2.5)]
    );
}

#[test]
fn undefined_behaviour_is_stuck_not_silent() {
    let mut tree = range_sum();
    tree.entry
        .retain(|value| tree.ins[value.index()].op != Op::GuardType);
    let config = EvalConfig::default();
    assert!(eval(&tree, &frame(Value::None, 0), &config).is_err());
}

#[test]
fn steps_are_limited() {
    let tree = crate::parse(
        "tree \"f\" locals 0 { header() entry: enter() trace 0: poll ! x0 jump()
         snapshots: s0: ip 0 depth 0 {} s1: ip 0 depth 0 {} exits: x0: s1 poll }",
    )
    .unwrap();
    let frame = Frame::default();
    let outcome = eval(
        &tree,
        &frame,
        &EvalConfig {
            steps: 50,
            poll_fires: None,
        },
    );
    assert_eq!(outcome, Ok(Outcome::OutOfSteps));
}
