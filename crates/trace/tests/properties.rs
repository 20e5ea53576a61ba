//! Properties of all trees: text round trip, validity, and that passes do not change what runs do.

mod support;

use proptest::prelude::*;
use pyrt_trace::eval::{EvalConfig, Frame, Left, Outcome, Value, eval};
use pyrt_trace::{
    End, ExitId, InsRef, Op, Packed, PassConfig, Place, TraceTree, Type, optimize, parse, print,
    verify,
};
use support::Choices;

const MAX_CHOICES: usize = 400;

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..1000_u32, 0..MAX_CHOICES)
}

/// A program and some frames with poll schedules to run it with.
fn program(numbers: &[u32], inputs: &[Vec<u32>]) -> (TraceTree, Vec<(Frame, EvalConfig)>) {
    let tree = support::tree(&mut Choices::new(numbers));
    (tree, runs(inputs, support::frame))
}

/// The same of a program that uses memory.
fn program_with_memory(
    numbers: &[u32],
    inputs: &[Vec<u32>],
) -> (TraceTree, Vec<(Frame, EvalConfig)>) {
    let tree = support::tree_with_memory(&mut Choices::new(numbers));
    (tree, runs(inputs, support::frame_with_memory))
}

fn runs(inputs: &[Vec<u32>], frame: fn(&mut Choices<'_>) -> Frame) -> Vec<(Frame, EvalConfig)> {
    let inputs = inputs.iter().map(|numbers| {
        let mut choices = Choices::new(numbers);
        let poll_fires = Some(choices.below(12) as u64);
        (
            frame(&mut choices),
            EvalConfig {
                poll_fires,
                ..EvalConfig::default()
            },
        )
    });
    inputs.collect()
}

fn inputs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0..1000_u32, 0..24), 1..6)
}

/// Inputs that have choices for all of memory.
fn long_inputs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0..1000_u32, 0..90), 1..6)
}

fn run(tree: &TraceTree, frame: &Frame, config: &EvalConfig) -> Left {
    match eval(tree, frame, config) {
        Ok(Outcome::Left(left)) => *left,
        Ok(Outcome::OutOfSteps) => panic!("the poll should have fired\n{}", print(tree)),
        Err(stuck) => panic!("{stuck}\n{}", print(tree)),
    }
}

fn optimized(tree: &TraceTree, config: &PassConfig) -> TraceTree {
    let mut copy = tree.clone();
    let mut last = print(tree);
    let result = optimize(&mut copy, config, &mut |name, tree| {
        last = format!("after {name}:\n{}", print(tree));
    });
    result.unwrap_or_else(|error| panic!("{error}\nbefore that, {last}"));
    copy
}

/// The optimised run ends as the original does.
fn check(tree: &TraceTree, better: &TraceTree, (frame, config): &(Frame, EvalConfig)) {
    let want = run(tree, frame, config);
    let have = run(better, frame, config);
    assert_eq!(
        want,
        have,
        "{frame:?} {config:?}\n{}\n{}",
        print(tree),
        print(better)
    );
}

/// The run of the tree after `pipeline` ends as the original's does. Where a hoisted guard stops it
/// in the entry, the original must leave its first round early; where one does so between rounds, the original ends
/// the same when it is entered with what was left. Then the guard is pinned, as the driver does, and the tree is
/// compiled again, until the two agree.
fn check_hoisting(
    tree: &TraceTree,
    inputs: &[(Frame, EvalConfig)],
    pipeline: impl Fn(&TraceTree) -> TraceTree,
) {
    let better = pipeline(tree);
    for input in inputs {
        check_input(tree, better.clone(), input, &pipeline);
    }
}

fn check_input(
    tree: &TraceTree,
    mut better: TraceTree,
    (frame, config): &(Frame, EvalConfig),
    pipeline: impl Fn(&TraceTree) -> TraceTree,
) {
    let want = run(tree, frame, config);
    let mut tree = tree.clone();
    loop {
        let have = run(&better, frame, config);
        let texts = || format!("{frame:?} {config:?}\n{}\n{}", print(&tree), print(&better));
        let Some(guard) = better.exit(have.exit).hoisted_from else {
            assert_eq!(want, have, "{}", texts());
            return;
        };
        assert_eq!(have.ip, tree.header().ip, "{}", texts());
        assert!(!tree.exit(guard).pinned, "{}", texts());
        if have.in_entry {
            let slots = usize::from(support::LOCALS + support::DEPTH);
            assert_eq!(have.frame.slots, frame.slots[..slots], "{}", texts());
            assert_eq!(have.frame.ranges, frame.ranges, "{}", texts());
            assert_eq!(have.frame.memory, frame.memory, "{}", texts());
            // Bounds are checked for all rounds, and objects that are carried have to be known to nobody else.
            let first = want.root_rounds == 0 || compares(&tree, guard);
            let is_first = first && !want.in_entry || is_about_replaced(&tree, guard);
            assert!(is_first, "{}", texts());
        } else if may_be_entered_between_rounds(&tree, &have.frame) {
            let poll_fires = config.poll_fires.map(|first| first - have.polls);
            let config = EvalConfig {
                poll_fires,
                ..*config
            };
            let rest = run(&tree, &have.frame, &config);
            let end = |left: &Left| (left.exit, left.in_entry, left.ip, left.frame.clone());
            assert_eq!(end(&rest), end(&want), "{}", texts());
        }
        tree.pin(guard);
        better = pipeline(&tree);
    }
}

/// Whether the original does the same when it is entered with the frame that a run left between two rounds.
fn may_be_entered_between_rounds(tree: &TraceTree, frame: &Frame) -> bool {
    keeps_objects(tree) && !carries_nan(tree, frame) && !remembers_entry(tree)
}

/// Whether all objects at the header are those with which the tree was entered. Recorders put others into memory,
/// which the evaluator does not have.
fn keeps_objects(tree: &TraceTree) -> bool {
    tree.traces.iter().all(|trace| match &trace.end {
        End::Jump(values) => {
            let mut pairs = tree.params.iter().zip(values);
            pairs.all(|(param, value)| param.ty != Type::Obj || param.value == *value)
        }
        End::Exit(_) => true,
    })
}

/// Whether the entry refuses what a run left because a float is NaN, which loops may carry (see `widen`).
fn carries_nan(tree: &TraceTree, frame: &Frame) -> bool {
    tree.params.iter().any(|param| match param.place {
        Some(Place::Slot(slot)) if param.ty == Type::F64 => {
            matches!(frame.slots[usize::from(slot)], Value::Float(number) if number.is_nan())
        }
        _ => false,
    })
}

/// Whether the loop uses what the entry loaded from places that later rounds may change.
fn remembers_entry(tree: &TraceTree) -> bool {
    let stays = |value: InsRef| {
        let mut carried = tree.params.iter().zip(&tree.initial);
        let is_object = carried.any(|(param, first)| param.ty == Type::Obj && *first == value);
        is_object || tree.at(value).op.is_const() || !tree.entry.contains(&value)
    };
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    let operands = bodies.flat_map(|at| tree.at(*at).args.iter().copied());
    let jumps = tree.traces.iter().flat_map(|trace| match &trace.end {
        End::Jump(values) => values.as_slice(),
        End::Exit(_) => &[],
    });
    let written = tree.snapshots.iter().flat_map(|snapshot| snapshot.values());
    let mut uses = operands.chain(jumps.copied()).chain(written);
    uses.any(|value| !stays(value))
}

/// Whether the guard of an exit is about an object that some trace replaces.
fn is_about_replaced(tree: &TraceTree, exit: ExitId) -> bool {
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    let mut guards = bodies.map(|at| tree.at(*at));
    let guard = guards.find(|ins| ins.exit == Some(exit));
    let Some(object) = guard.and_then(|guard| guard.args.first()) else {
        return false;
    };
    let param = tree.params.iter().position(|param| param.value == *object);
    param.is_some_and(|param| {
        tree.traces.iter().any(|trace| match &trace.end {
            End::Jump(values) => values[param] != *object,
            End::Exit(_) => false,
        })
    })
}

/// Whether the guard of an exit compares a number with a bound, or says that it does not pass one.
fn compares(tree: &TraceTree, exit: ExitId) -> bool {
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    let mut guards = bodies.map(|at| tree.at(*at));
    let guards_truth = |op| matches!(op, Op::GuardTrue | Op::GuardFalse);
    let guard = guards.find(|ins| ins.exit == Some(exit) && guards_truth(ins.op));
    guard.is_some_and(|guard| {
        let mut condition = tree.at(guard.args[0]);
        while condition.op == Op::NotBool {
            condition = tree.at(condition.args[0]);
        }
        matches!(condition.op, Op::LtI64 | Op::LeI64 | Op::GtI64 | Op::GeI64)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn built_trees_are_valid(numbers in numbers()) {
        let tree = support::tree(&mut Choices::new(&numbers));
        if let Err(errors) = verify(&tree) {
            panic!("{errors:?}\n{}", print(&tree));
        }
    }

    #[test]
    fn packing_keeps_everything(numbers in numbers(), mask in masks()) {
        let (tree, _) = program(&numbers, &[]);
        for tree in [optimized(&tree, &subset(mask)), tree] {
            prop_assert_eq!(Packed::new(&tree).unpack(), tree);
        }
    }

    #[test]
    fn text_round_trips(numbers in numbers(), mask in masks()) {
        let tree = support::tree(&mut Choices::new(&numbers));
        for tree in [optimized(&tree, &subset(mask)), tree] {
            let text = print(&tree);
            let again = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            prop_assert_eq!(&again, &tree.compact());
            prop_assert_eq!(print(&again), text);
            prop_assert!(verify(&again).is_ok());
        }
    }

    #[test]
    fn passes_without_licm_keep_every_run(numbers in numbers(), inputs in inputs(), mask in masks()) {
        let (tree, inputs) = program(&numbers, &inputs);
        let mut config = subset(mask);
        (config.licm, config.carry) = (false, false);
        let better = optimized(&tree, &config);
        for input in &inputs {
            check(&tree, &better, input);
        }
    }

    #[test]
    fn the_whole_pipeline_keeps_every_run(numbers in numbers(), inputs in inputs(), mask in masks()) {
        let (tree, inputs) = program(&numbers, &inputs);
        check_hoisting(&tree, &inputs, |tree| optimized(tree, &PassConfig::all()));
        check_hoisting(&tree, &inputs, |tree| optimized(tree, &subset(mask)));
    }

    #[test]
    fn the_pipeline_may_run_twice(numbers in numbers(), inputs in inputs()) {
        let (tree, inputs) = program(&numbers, &inputs);
        let twice = |tree: &TraceTree| {
            let once = optimized(tree, &PassConfig::all());
            optimized(&once, &PassConfig::all())
        };
        check_hoisting(&tree, &inputs, twice);
    }
}

proptest! {
    // Few trees have traces that meet in memory, and few runs show what that comes to.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 8 * ProptestConfig::default().cases,
        ..ProptestConfig::default()
    })]

    #[test]
    fn memory_is_read_and_written_in_order(
        numbers in numbers(), inputs in long_inputs(), mask in masks(),
    ) {
        let (tree, inputs) = program_with_memory(&numbers, &inputs);
        if let Err(errors) = verify(&tree) {
            panic!("{errors:?}\n{}", print(&tree));
        }
        check_hoisting(&tree, &inputs, |tree| optimized(tree, &PassConfig::all()));
        check_hoisting(&tree, &inputs, |tree| optimized(tree, &subset(mask)));
    }
}

/// One bit for each pass.
fn masks() -> std::ops::Range<u32> {
    0..1 << PassConfig::NAMES.len()
}

fn subset(mask: u32) -> PassConfig {
    let mut config = PassConfig::all();
    for (bit, name) in PassConfig::NAMES.iter().enumerate() {
        config.set(name, mask >> bit & 1 == 1);
    }
    config
}
