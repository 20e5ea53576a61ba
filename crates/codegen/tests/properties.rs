//! Properties of all trees: compiled code does what the evaluator does.

mod support;

use proptest::prelude::*;
use pyrt_codegen::{OptLevel, Options, Stress};
use pyrt_trace::eval::{Frame, Value};
use pyrt_trace::{PassConfig, TraceTree, optimize, print};
use std::num::NonZeroU32;
use support::generate::{self, Choices};
use support::heap::Heap;
use support::meter::{Count, SPARE, add_spare_local, meter, with_budget};
use support::run::{End, compile_in, expected, run, run_once};

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..1000_u32, 0..400)
}

fn inputs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0..1000_u32, 0..24), 1..5)
}

fn level() -> impl Strategy<Value = OptLevel> {
    prop_oneof![Just(OptLevel::None), Just(OptLevel::Speed)]
}

/// A random tree with a spare local.
fn tree(numbers: &[u32]) -> TraceTree {
    let mut tree = generate::tree(&mut Choices::new(numbers));
    add_spare_local(&mut tree);
    tree
}

fn optimized(tree: &TraceTree) -> TraceTree {
    let mut tree = tree.clone();
    optimize(&mut tree, &PassConfig::all(), &mut |_, _| {}).expect("passes succeed");
    tree
}

fn frame(numbers: &[u32], budget: u32) -> Frame {
    with_budget(&generate::frame(&mut Choices::new(numbers)), budget)
}

/// Runs a tree compiled and evaluated, and compares.
fn check(tree: &TraceTree, (level, counts_rounds): (OptLevel, bool), frame: &Frame, breaker: u32) {
    let mut tree = tree.clone();
    tree.counts_rounds = counts_rounds;
    let options = Options {
        opt_level: level,
        ..Options::default()
    };
    let have = run_once(&mut tree, &options, frame, breaker);
    let want = expected(&tree, frame, breaker);
    assert_eq!(have, want, "{frame:?}\n{}", print(&tree));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The polls never fire, and a budget ends the loop.
    #[test]
    fn compiled_trees_do_what_the_evaluator_does(
        numbers in numbers(), inputs in inputs(), budget in 1..12_u32, how in (level(), any::<bool>()),
    ) {
        let mut tree = tree(&numbers);
        meter(&mut tree, Count::Polls);
        let optimized = optimized(&tree);
        for input in &inputs {
            let frame = frame(input, budget);
            check(&tree, how, &frame, 0);
            check(&optimized, how, &frame, 0);
        }
    }

    /// The eval breaker is set from the start, in some bit.
    #[test]
    fn the_eval_breaker_stops_a_tree(
        numbers in numbers(), inputs in inputs(), bit in 0..32_u32, how in (level(), any::<bool>()),
    ) {
        let tree = optimized(&tree(&numbers));
        for input in &inputs {
            check(&tree, how, &frame(input, 0), 1 << bit);
        }
    }

    /// The evaluator counts in trace IR what the stress mode counts in memory.
    #[test]
    fn every_nth_guard_fails(
        numbers in numbers(), input in prop::collection::vec(0..1000_u32, 0..24),
        optimize in any::<bool>(), first in 1..40_u32, every in 1..40_u32, level in level(),
    ) {
        let mut tree = tree(&numbers);
        if optimize {
            tree = optimized(&tree);
        }
        stress(tree, &input, first, every, level);
    }
}

fn stress(mut tree: TraceTree, input: &[u32], first: u32, every: u32, level: OptLevel) {
    let mut counter = Box::new(first);
    let stress = Stress {
        every: NonZeroU32::new(every).expect("not zero"),
        counter: (&raw mut *counter).expose_provenance(),
    };
    let options = Options {
        opt_level: level,
        fail_every_nth: Some(stress),
        ..Options::default()
    };
    let input = frame(input, first);
    let mut heap = Heap::new(&input);
    heap.adopt(&mut tree);
    let compiled = compile_in(&mut heap, &tree, &options);
    let counter = (&raw mut *counter).expose_provenance();
    let read = || {
        // SAFETY: the counter lives until the end of this function.
        unsafe { std::ptr::with_exposed_provenance::<u32>(counter).read_volatile() }
    };
    let mut metered = tree.clone();
    let forced = meter(&mut metered, Count::Exits);
    for _ in 0..4 {
        let budget = read();
        let mut input = input.clone();
        input.slots[usize::from(SPARE)] = Value::Int(budget.into());
        let have = run(&tree, &compiled, &mut heap, &input, 0);
        let want = expected(&metered, &input, 0);
        let was_forced = forced.get(&want.exit);
        let want = End {
            exit: was_forced.copied().unwrap_or(want.exit),
            frame: with_spare(want.frame, &input),
            ..want
        };
        assert_eq!(have, want, "{input:?}\n{}", print(&tree));
        assert!(
            was_forced.is_none() || read() == every,
            "the counter starts again"
        );
    }
}

/// The evaluated tree writes its count to the spare local, the compiled one leaves it alone.
fn with_spare(mut frame: Frame, input: &Frame) -> Frame {
    let spare = usize::from(SPARE);
    frame.slots[spare] = input.slots[spare];
    frame
}
