use super::*;
use crate::{parse, print};

/// `for i in range(...): total += i` with the iterator in slot 2 and `i`, `total` in slots 0 and 1.
pub(crate) fn range_sum() -> TraceTree {
    build_range_sum().expect("the recording is well-formed")
}

fn build_range_sum() -> Result<TraceTree, BuildError> {
    let mut b = TreeBuilder::root("sum:1", 2, 10, 1);
    let iterator = b.read(Place::Slot(2), ReadAs::Kind(ObjKind::RangeIter))?;
    let index = b.read(Place::RangeIndex(2), ReadAs::Int)?;
    let len = b.load_range_field(iterator, RangeField::Len)?;
    let more = b.op(Op::LtI64, &[index, len])?;
    let done = b.exit(ExitReason::LoopEnd, 10, 1);
    b.op_exit(Op::GuardTrue, &[more], done)?;
    let step = b.load_range_field(iterator, RangeField::Step)?;
    let start = b.load_range_field(iterator, RangeField::Start)?;
    let offset = b.op(Op::MulWrap, &[index, step])?;
    let item = b.op(Op::AddWrap, &[start, offset])?;
    let one = b.const_i64(1);
    let next = b.op(Op::AddWrap, &[index, one])?;
    b.set(Place::RangeIndex(2), Some(next));
    b.set(Place::Slot(0), Some(item));
    let total = b.read(Place::Slot(1), ReadAs::Int)?;
    b.set(Place::Slot(3), Some(total));
    b.set(Place::Slot(4), Some(item));
    let overflow = b.exit(ExitReason::Overflow, 13, 3);
    let sum = b.op_exit(Op::AddOvf, &[total, item], overflow)?;
    b.set(Place::Slot(1), Some(sum));
    let poll = b.exit(ExitReason::Poll, 10, 1);
    b.op_exit(Op::Poll, &[], poll)?;
    b.end_jump()
}

#[test]
fn builds_a_range_loop_that_round_trips() {
    let tree = range_sum();
    let places: Vec<_> = tree.params.iter().filter_map(|param| param.place).collect();
    use Place::{RangeIndex, Slot};
    assert_eq!(places, [Slot(2), RangeIndex(2), Slot(1), Slot(0)]);
    let text = print(&tree);
    let again = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(again, tree.compact());
    assert_eq!(print(&again), text);
}

#[test]
fn a_place_read_late_is_added_to_earlier_snapshots() {
    let tree = range_sum();
    let total = tree.params[tree.param_of(Place::Slot(1)).unwrap()].value;
    let first = tree.snapshots[1].frame();
    assert_eq!(first.ip, 10);
    let write = first.write(Place::Slot(1)).unwrap();
    assert_eq!((write.value, write.stale), (Some(total), true));
    assert!(tree.header().writes.is_empty());
}

#[test]
fn constants_are_shared_by_bits() {
    let mut b = TreeBuilder::root("f:1", 0, 0, 0);
    assert_eq!(b.const_i64(1), b.const_i64(1));
    assert_eq!(b.const_f64(f64::NAN), b.const_f64(f64::NAN));
    assert_ne!(b.const_f64(0.0), b.const_f64(-0.0));
    assert_eq!(b.const_obj(64, "None"), b.const_obj(64, "None"));
}

#[test]
fn type_changes_and_unbound_places_are_refused_by_name() {
    let mut b = TreeBuilder::root("f:1", 1, 0, 0);
    b.read(Place::Slot(0), ReadAs::Int).unwrap();
    let float = b.const_f64(1.0);
    b.set(Place::Slot(0), Some(float));
    let error = b.end_jump().unwrap_err();
    assert_eq!(error.abort_reason(), AbortReason::TypeUnstable);
    assert_eq!(
        error.to_string(),
        "@0 is f64 at the jump, but the header carries i64"
    );

    let mut b = TreeBuilder::root("f:1", 1, 0, 0);
    b.set(Place::Slot(0), None);
    assert_eq!(
        b.read(Place::Slot(0), ReadAs::Int),
        Err(BuildError::Unbound(Place::Slot(0)))
    );
    assert_eq!(
        b.end_jump().unwrap_err(),
        BuildError::Unbound(Place::Slot(0))
    );

    let mut b = TreeBuilder::root("f:1", 1, 0, 0);
    let error = b.read(Place::Slot(1), ReadAs::Int).unwrap_err();
    assert_eq!(error, BuildError::NoSuchPlace(Place::Slot(1)));
}

#[test]
fn ill_typed_instructions_are_refused() {
    let mut b = TreeBuilder::root("f:1", 0, 0, 0);
    let (int, float) = (b.const_i64(1), b.const_f64(1.0));
    assert!(b.op(Op::AddWrap, &[int, float]).is_err());
    assert!(b.op(Op::AddWrap, &[int]).is_err());
    assert!(b.op(Op::AddOvf, &[int, int]).is_err());
    assert!(b.op(Op::ConstI64, &[]).is_err());
}

#[test]
fn side_traces_start_from_their_exit_and_hang_off_it_once() {
    let tree = range_sum();
    let exit = ExitId::new(
        tree.exits
            .iter()
            .position(|x| x.unwrap().reason == ExitReason::Overflow)
            .unwrap(),
    );
    let mut b = TreeBuilder::side(tree, exit, &[2]).unwrap();
    assert_eq!(
        b.ty(b.value_at(Place::Slot(0)).unwrap().unwrap()),
        Type::I64
    );
    let zero = b.const_i64(0);
    b.set(Place::Slot(1), Some(zero));
    let tree = b.end_jump().unwrap();
    assert_eq!(tree.traces.len(), 2);
    assert!(tree.exit(exit).pinned);
    assert_eq!(
        TreeBuilder::side(tree, exit, &[2]).unwrap_err(),
        BuildError::BadParent(exit)
    );
}
