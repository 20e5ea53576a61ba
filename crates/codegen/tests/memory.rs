//! Loads and stores of each width and region, at the base and by index; the frame and the thread.

mod support;

use pyrt_codegen::{Layout, OptLevel, Options};
use pyrt_spec::Purpose;
use pyrt_trace::eval::Frame;
use pyrt_trace::{Helper, Op, Region, Width};
use support::direct::{DONE, Direct, THREAD, mem, run_direct, run_in};
use support::heap::{FRAME_SLOTS, Heap, frame_memory};

const LEVELS: [OptLevel; 2] = [OptLevel::None, OptLevel::Speed];

fn options(opt_level: OptLevel) -> Options {
    Options {
        opt_level,
        ..Options::default()
    }
}

fn empty() -> Frame {
    Frame::default()
}

fn layout() -> Layout {
    Heap::new(&empty()).layout()
}

/// What a load of a width makes of these bits.
fn loaded(width: Width, bits: u64) -> u64 {
    match width {
        Width::I32 => i64::from(bits as u32 as i32).cast_unsigned(),
        Width::U32 => u64::from(bits as u32),
        Width::U8 => u64::from(bits as u8),
        _ => bits,
    }
}

/// How many bytes of memory a width has.
fn bytes(width: Width) -> u32 {
    match width {
        Width::U8 => 1,
        Width::I32 | Width::U32 => 4,
        _ => 8,
    }
}

const PATTERNS: [u64; 5] = [
    0x0123_4567_89ab_cdef,
    0xfedc_ba98_7654_3210,
    0xffff_ffff_ffff_ff80,
    0x0000_0000_8000_0000,
    0x8000_0000_7fff_ff7f,
];

#[test]
fn loads_of_all_widths() {
    let layout = layout();
    for level in LEVELS {
        for &width in Width::ALL {
            for &region in Region::ALL {
                for (at, offset) in [(0, 16), (1, 8), (4, -16), (2, 0)] {
                    let mut t = Direct::new();
                    let base = t.object(0);
                    let index = t.const_int(at);
                    let by_index =
                        t.push(Op::LoadIndex, &[base, index], mem(offset, width, region), 0);
                    let at_base = 8 * i32::try_from(at).expect("small") + offset;
                    let plain = t.push(Op::Load, &[base], mem(at_base, width, region), 0);
                    t.result(by_index);
                    t.result(plain);
                    let tree = t.done();
                    for pattern in PATTERNS {
                        let mut memory = [1_u64, 1, pattern, 1];
                        let base = memory.as_mut_ptr().cast();
                        let left = run_direct(&tree, &layout, &options(level), &[base]);
                        assert_eq!(left.ip, DONE);
                        let want = loaded(width, pattern);
                        assert_eq!(left.values, [want, want], "{width} {region} {pattern:#x}");
                    }
                }
            }
        }
    }
}

#[test]
fn indices_are_operands_of_any_sign() {
    let layout = layout();
    let mut heap = Heap::new(&empty());
    let mut t = Direct::new();
    let base = t.object(0);
    let index = t.int(1);
    let place = mem(16, Width::I64, Region::Items);
    let have = t.push(Op::LoadIndex, &[base, index], place, 0);
    let new = t.const_int(-9);
    t.push(Op::StoreIndex, &[base, index, new], place, 0);
    t.result(have);
    let tree = t.done();
    for at in [-2_i64, -1, 0, 1] {
        let mut memory = [10_u64, 11, 12, 13];
        let index = heap.pointer(pyrt_trace::eval::Value::Int(at.into()));
        let base = memory.as_mut_ptr().cast();
        let left = run_direct(&tree, &layout, &options(OptLevel::Speed), &[base, index]);
        let element = (at + 2) as usize;
        assert_eq!(left.result(), 10 + element as u64);
        let mut want = [10_u64, 11, 12, 13];
        want[element] = (-9_i64).cast_unsigned();
        assert_eq!(memory, want);
    }
}

#[test]
fn stores_of_all_widths_write_their_bytes_only() {
    let layout = layout();
    for level in LEVELS {
        for &width in Width::ALL {
            for by_index in [false, true] {
                let mut t = Direct::new();
                let (base, other) = (t.object(0), t.object(1));
                let from = match width {
                    Width::I64 | Width::I32 | Width::U32 | Width::U8 => Width::I64,
                    _ => width,
                };
                let value = t.push(Op::Load, &[other], mem(0, from, Region::Other), 0);
                if by_index {
                    let one = t.const_int(1);
                    let place = mem(8, width, Region::Attrs);
                    t.push(Op::StoreIndex, &[base, one, value], place, 0);
                } else {
                    t.push(Op::Store, &[base, value], mem(16, width, Region::Attrs), 0);
                }
                let tree = t.done();
                for pattern in PATTERNS {
                    let mut memory = [0x5555_5555_5555_5555_u64; 4];
                    let mut source = [pattern];
                    let slots = [memory.as_mut_ptr().cast(), source.as_mut_ptr().cast()];
                    run_direct(&tree, &layout, &options(level), &slots);
                    let mask = u64::MAX >> (64 - 8 * bytes(width));
                    let want = memory[0] & !mask | pattern & mask;
                    assert_eq!(memory, [memory[0], memory[0], want, memory[0]], "{width}");
                }
            }
        }
    }
}

#[test]
fn values_are_noted_in_the_order_in_which_they_are_set() {
    let layout = layout();
    for level in LEVELS {
        let mut t = Direct::new();
        let values = t.object(0);
        for index in [3, 0, 200] {
            let index = t.const_int(index);
            t.call(Helper::NoteValue, &[values, index]);
        }
        let tree = t.done();
        let mut memory = [0x55_u8; 24];
        memory[13..15].copy_from_slice(&[7, 1]);
        let values = memory[16..].as_mut_ptr();
        run_direct(&tree, &layout, &options(level), &[values]);
        let mut want = [0x55_u8; 24];
        want[10..15].copy_from_slice(&[200, 0, 3, 7, 4]);
        assert_eq!(memory, want);
    }
}

/// Loads see what was stored before, also by way of another pointer to the same memory, and not what
/// is stored afterwards.
#[test]
fn loads_see_stores() {
    let layout = layout();
    for level in LEVELS {
        for &region in Region::ALL
            .iter()
            .filter(|region| **region != Region::Fixed)
        {
            let place = mem(8, Width::I64, region);
            let mut t = Direct::new();
            let (one, other) = (t.object(0), t.object(1));
            let before = t.push(Op::Load, &[one], place, 0);
            let number = t.const_int(7);
            t.push(Op::Store, &[other, number], place, 0);
            let after = t.push(Op::Load, &[one], place, 0);
            let number = t.const_int(8);
            t.push(Op::Store, &[one, number], place, 0);
            t.result(before);
            t.result(after);
            let tree = t.done();
            let mut memory = [0_u64, 6];
            let base = memory.as_mut_ptr().cast();
            let left = run_direct(&tree, &layout, &options(level), &[base, base]);
            assert_eq!(left.values, [6, 7]);
            assert_eq!(memory, [0, 8]);
        }
    }
}

#[test]
fn frame_and_thread() {
    let layout = layout();
    let mut t = Direct::new();
    let frame = t.op(Op::Frame, &[]);
    let thread = t.op(Op::Thread, &[]);
    let slot = FRAME_SLOTS as i32 + 8;
    let second = t.push(Op::Load, &[frame], mem(slot, Width::Ptr, Region::Frames), 0);
    let first = t.object(0);
    let above = mem(slot + 8, Width::Obj, Region::Frames);
    t.push(Op::Store, &[frame, first], above, 0);
    for value in [frame, thread, second] {
        t.result(value);
    }
    let tree = t.done();
    let (mut one, mut two) = (0_u64, 0_u64);
    let slots = [(&raw mut one).cast(), (&raw mut two).cast()];
    let mut memory = frame_memory(slots.into_iter().chain([std::ptr::null_mut(); 14]));
    let at = memory.as_mut_ptr().addr() as u64;
    let left = run_in(&tree, &layout, &Options::default(), &mut memory);
    assert_eq!(left.values, [at, THREAD, slots[1].addr() as u64]);
    assert_eq!(memory[FRAME_SLOTS / 8 + 2], slots[0]);
}

/// The buffer has the values of all frames, without gaps, and then those that are pending.
#[test]
fn exits_hand_over_values_in_order() {
    use pyrt_trace::{End, FrameHome, FrameState, Place, Snapshot, Write};
    let mut t = Direct::new();
    let (function, first, second) = (t.object(0), t.object(1), t.object(2));
    let (int, truth) = (t.const_int(-3), t.const_bool(true));
    let mut tree = t.done();
    let write = |slot, value| Write {
        place: Place::Slot(slot),
        value,
        owned: false,
        stale: false,
        current: false,
    };
    let frames = vec![
        FrameState {
            purpose: Purpose::Call,
            home: FrameHome::Root,
            ip: 8,
            depth: 0,
            writes: vec![write(3, None), write(4, Some(int)), write(5, None)],
        },
        FrameState {
            purpose: Purpose::Call,
            home: FrameHome::New {
                function,
                owned: false,
            },
            ip: 21,
            depth: 1,
            writes: vec![write(0, Some(truth)), write(1, Some(first))],
        },
    ];
    let pending = vec![second, function];
    let End::Exit(exit) = tree.traces[0].end else {
        panic!("the tree leaves");
    };
    let snapshot = tree.exit(exit).snapshot;
    tree.snapshots[snapshot.index()] = Snapshot {
        frames,
        pending,
        virtuals: Vec::new(),
    };
    let mut objects = [0_u64; 3];
    let slots: Vec<*mut u8> = objects.iter_mut().map(|it| (&raw mut *it).cast()).collect();
    let at = |slot: usize| slots[slot].addr() as u64;
    let left = run_direct(&tree, &layout(), &Options::default(), &slots);
    let int = (-3_i64).cast_unsigned();
    assert_eq!((left.exit, left.ip), (exit, 21));
    assert_eq!(left.buffer, [int, at(0), 1, at(1), at(2), at(0)]);
    assert_eq!(left.pending, [at(2), at(0)]);
}
