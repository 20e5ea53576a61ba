//! Objects that are not made are counted as the interpreter's collector counts.

mod support;

use pyrt_codegen::{Collector, OptLevel, Options};
use pyrt_trace::eval::Frame;
use pyrt_trace::{Imm, Op};
use support::direct::{DONE, Direct, run_direct};
use support::heap::Heap;

/// What the collector of an interpreter knows.
#[derive(Debug, PartialEq)]
struct Counted {
    count: i32,
    threshold: i32,
    enabled: i32,
    collecting: i32,
    /// Dead tuples of one item, and of two.
    tuples: [i32; 2],
}

/// Runs one op about an object of this size with these counts: whether the trace goes on after it.
fn run(op: Op, size: i64, counted: &mut Counted, opt_level: OptLevel) -> bool {
    let frame = Frame::default();
    let mut layout = Heap::new(&frame).layout();
    layout.collector = Some(Collector {
        count: (&raw mut counted.count).addr(),
        threshold: (&raw mut counted.threshold).addr(),
        enabled: (&raw mut counted.enabled).addr(),
        collecting: (&raw mut counted.collecting).addr(),
        tuples: (&raw mut counted.tuples).addr(),
        longest_tuple: 2,
    });
    let options = Options {
        opt_level,
        ..Options::default()
    };
    let mut t = Direct::new();
    t.push(op, &[], Imm::Int(size), 3);
    run_direct(&t.done(), &layout, &options, &[]).ip == DONE
}

#[test]
fn objects_are_counted_unless_the_collector_is_due() {
    for level in [OptLevel::None, OptLevel::Speed] {
        for (count, threshold, enabled, collecting, goes_on) in [
            (0, 700, 1, 0, true),
            (699, 700, 1, 0, true),
            (700, 700, 1, 0, false),
            (701, 700, 1, 0, false),
            (700, 700, 0, 0, true),
            (700, 700, 1, 1, true),
            (5, 0, 1, 0, true),
        ] {
            let state = |count| Counted {
                count,
                threshold,
                enabled,
                collecting,
                tuples: [0, 0],
            };
            let mut counted = state(count);
            assert_eq!(run(Op::CountNew, 0, &mut counted, level), goes_on);
            assert_eq!(counted, state(count + i32::from(goes_on)));
        }
    }
}

#[test]
fn objects_that_are_gone_are_not_counted_below_zero() {
    for level in [OptLevel::None, OptLevel::Speed] {
        for (count, after) in [(3, 2), (1, 0), (0, 0)] {
            let state = |count| Counted {
                count,
                threshold: 700,
                enabled: 1,
                collecting: 0,
                tuples: [0, 0],
            };
            let mut counted = state(count);
            assert!(run(Op::CountGone, 0, &mut counted, level));
            assert_eq!(counted, state(after));
        }
    }
}

#[test]
fn tuples_are_counted_where_no_dead_one_is_kept() {
    for level in [OptLevel::None, OptLevel::Speed] {
        for (size, tuples, counts) in [
            (1, [0, 5], 1),
            (1, [5, 0], 0),
            (2, [5, 0], 1),
            (2, [0, 5], 0),
            // None of three are kept.
            (3, [5, 5], 1),
        ] {
            let state = |count| Counted {
                count,
                threshold: 700,
                enabled: 1,
                collecting: 0,
                tuples,
            };
            let mut counted = state(7);
            assert!(run(Op::CountNew, size, &mut counted, level));
            assert_eq!(counted, state(7 + counts));
            assert!(run(Op::CountGone, size, &mut counted, level));
            assert_eq!(counted, state(7));
        }
        let mut full = Counted {
            count: 700,
            threshold: 700,
            enabled: 1,
            collecting: 0,
            tuples: [0, 3],
        };
        assert!(run(Op::CountNew, 2, &mut full, level));
        assert!(!run(Op::CountNew, 1, &mut full, level));
    }
}
