//! Running a compiled tree on an abstract frame.

use super::heap::{Heap, frame_memory};
use pyrt_codegen::{CompiledTree, Options, compile, rounds_of};
use pyrt_trace::eval::{EvalConfig, Frame, Left, Outcome, Value, eval};
use pyrt_trace::{ExitId, Handover, Place, Source, TraceTree, Type, handover, print};

/// How a run ended, without what only the evaluator counts.
#[derive(Debug, PartialEq)]
pub struct End {
    pub exit: ExitId,
    pub ip: u32,
    pub depth: u16,
    /// How often the loop header was reached, if the tree counts that.
    pub rounds: u64,
    pub frame: Frame,
}

impl From<Left> for End {
    fn from(left: Left) -> End {
        End {
            exit: left.exit,
            ip: left.ip,
            depth: left.depth,
            rounds: left.rounds,
            frame: left.frame,
        }
    }
}

/// What the evaluator says.
pub fn expected(tree: &TraceTree, frame: &Frame, breaker: u32) -> End {
    let config = EvalConfig {
        poll_fires: (breaker != 0).then_some(0),
        ..EvalConfig::default()
    };
    match eval(tree, frame, &config) {
        Ok(Outcome::Left(left)) => End {
            rounds: if tree.counts_rounds { left.rounds } else { 0 },
            ..(*left).into()
        },
        Ok(Outcome::OutOfSteps) => panic!("the tree does not end\n{}", print(tree)),
        Err(stuck) => panic!("{stuck}\n{}", print(tree)),
    }
}

/// What compiled code does: compiles the tree and runs it once. The tree's constants become objects.
pub fn run_once(tree: &mut TraceTree, options: &Options, frame: &Frame, breaker: u32) -> End {
    let mut heap = Heap::new(frame);
    heap.adopt(tree);
    let compiled = compile_in(&mut heap, tree, options);
    run(tree, &compiled, &mut heap, frame, breaker)
}

/// Compiles for a heap.
pub fn compile_in(heap: &mut Heap, tree: &TraceTree, options: &Options) -> CompiledTree {
    let compiled = compile(tree, &heap.layout(), options);
    compiled.unwrap_or_else(|bug| panic!("{bug}\n{}", print(tree)))
}

/// Marks values that were not stored.
const UNTOUCHED: u64 = 0x5555_aaaa_5555_aaaa;

/// Runs compiled code on a frame and applies the exit's snapshot.
pub fn run(
    tree: &TraceTree,
    compiled: &CompiledTree,
    heap: &mut Heap,
    frame: &Frame,
    breaker: u32,
) -> End {
    let slots = usize::from(tree.locals + tree.header().depth);
    let filled = frame
        .slots
        .iter()
        .copied()
        .chain(std::iter::repeat(Value::Null));
    let slots = filled.take(slots).map(|value| heap.pointer(value));
    let mut memory = frame_memory(slots);
    let before = memory.clone();
    let at = memory.as_mut_ptr().cast();
    let thread = std::ptr::dangling_mut::<std::ffi::c_void>();
    let mut values = vec![UNTOUCHED; compiled.values_len() + 1];
    // SAFETY: the frame has all slots of the tree, with objects of the layout's heap; the buffer has
    // the length that the tree asks for.
    let exit = unsafe { compiled.run(at, thread, values.as_mut_ptr(), &raw const breaker) };
    assert_eq!(memory, before, "compiled code does not write to the frame");
    let rounds = match tree.counts_rounds {
        // SAFETY: the tree has just left.
        true => unsafe { rounds_of(values.as_ptr()) },
        false => 0,
    };
    End {
        rounds: rounds.into(),
        ..apply(tree, heap, frame, exit, &values)
    }
}

/// The values of the exit's snapshot, in its order.
pub fn handed_over(tree: &TraceTree, exit: ExitId, values: &[u64]) -> Vec<u64> {
    let handover = Handover::new(tree);
    let snapshot = tree.exit_snapshot(exit);
    let stored = handover.stored(tree, snapshot);
    let bits = |value| match handover.source(tree, &stored, value) {
        Source::Word(at) => values[usize::from(at)],
        Source::Constant(bits) => bits,
    };
    snapshot.values().map(bits).collect()
}

fn apply(tree: &TraceTree, heap: &Heap, frame: &Frame, exit: ExitId, values: &[u64]) -> End {
    let state = tree.exit_snapshot(exit).frame();
    let mut left = frame.clone();
    let top = usize::from(tree.locals + state.depth);
    left.slots.resize(top.max(frame.slots.len()), Value::Null);
    let found = handed_over(tree, exit, values);
    let mut stored = found.iter();
    for write in &state.writes {
        let value = match write.value.and_then(|value| tree.at(value).ty) {
            None => Value::Null,
            Some(ty) => value_from(heap, ty, *stored.next().expect("there is one more")),
        };
        match (write.place, value) {
            (Place::Slot(slot), value) => left.slots[usize::from(slot)] = value,
            (Place::RangeIndex(slot), Value::Int(index)) => {
                let Value::Range(id) = frame.slots[usize::from(slot)] else {
                    panic!("@{slot} holds no range iterator");
                };
                left.ranges[id as usize].index = index as i64;
            }
            (place, value) => panic!("{place} cannot be {value:?}"),
        }
    }
    let words = handover::FIRST_VALUE
        + Handover::new(tree)
            .stored(tree, tree.exit_snapshot(exit))
            .len();
    assert!(
        values[words..].iter().all(|value| *value == UNTOUCHED),
        "nothing else is stored"
    );
    left.slots.truncate(top);
    End {
        exit,
        ip: state.ip,
        depth: state.depth,
        rounds: 0,
        frame: left,
    }
}

fn value_from(heap: &Heap, ty: Type, bits: u64) -> Value {
    match ty {
        Type::I64 => Value::Int(bits.cast_signed().into()),
        Type::F64 => Value::Float(f64::from_bits(bits)),
        Type::Bool => {
            assert!(bits < 2, "a bool is 0 or 1, not {bits:#x}");
            Value::Bool(bits == 1)
        }
        Type::Obj => heap.value(bits),
        Type::Ptr => panic!("a slot cannot hold a pointer"),
    }
}
