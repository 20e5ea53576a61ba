//! Trees over raw pointers: built without text, run without an evaluator.

use super::heap::frame_memory;
use super::run::handed_over;
use pyrt_codegen::{Layout, Options, compile};
use pyrt_spec::ExitReason;
use pyrt_trace::frames::{Held, Slot};
use pyrt_trace::{
    ExitId, Helper, Imm, InsRef, Mem, Op, Place, ReadAs, Region, TraceTree, TreeBuilder, Type,
    Width, print,
};

/// How many slots a test can read; as many again take results.
const SLOTS: u16 = 8;
/// Where a tree that did not fail leaves.
pub const DONE: u32 = 99;
/// What a thread pointer looks like.
pub const THREAD: u64 = 0x7ead_0000;

/// Builds a tree that reads its slots, does something, and hands over results.
pub struct Direct {
    builder: TreeBuilder,
    results: u16,
}

impl Direct {
    pub fn new() -> Direct {
        Direct {
            builder: TreeBuilder::root("direct", 2 * SLOTS, 0, 0),
            results: 0,
        }
    }

    /// The object in a slot.
    pub fn object(&mut self, slot: u16) -> InsRef {
        let read = self.builder.read(Place::Slot(slot), ReadAs::Object);
        read.expect("the slot exists")
    }

    /// The value of a slot that holds an int.
    pub fn int(&mut self, slot: u16) -> InsRef {
        let read = self.builder.read(Place::Slot(slot), ReadAs::Int);
        read.expect("the slot exists")
    }

    /// The value of a slot that holds a float.
    pub fn float(&mut self, slot: u16) -> InsRef {
        let read = self.builder.read(Place::Slot(slot), ReadAs::Float);
        read.expect("the slot exists")
    }

    pub fn const_int(&mut self, value: i64) -> InsRef {
        self.builder.const_i64(value)
    }

    pub fn const_bool(&mut self, value: bool) -> InsRef {
        self.builder.const_bool(value)
    }

    /// Any instruction; what has an exit leaves at `ip` with what was handed over so far.
    pub fn push(&mut self, op: Op, args: &[InsRef], imm: Imm, ip: u32) -> InsRef {
        self.push_for(op, args, imm, ExitReason::Type, ip)
    }

    /// Any instruction, with the reason of its exit.
    pub fn push_for(
        &mut self,
        op: Op,
        args: &[InsRef],
        imm: Imm,
        reason: ExitReason,
        ip: u32,
    ) -> InsRef {
        let exit = op.has_exit().then(|| self.builder.exit(reason, ip, 0));
        let pushed = self.builder.push(op, args, imm, exit);
        pushed.expect("the instruction fits the table")
    }

    /// An instruction without immediate, which leaves at 1.
    pub fn op(&mut self, op: Op, args: &[InsRef]) -> InsRef {
        self.push(op, args, Imm::None, 1)
    }

    pub fn call(&mut self, helper: Helper, args: &[InsRef]) -> InsRef {
        self.push(Op::Call, args, Imm::Helper(helper), 0)
    }

    /// `release` of an object, which is pending where it cannot be done.
    pub fn release(&mut self, object: InsRef) {
        let pending = vec![object];
        let exit = self.builder.exit_pending(ExitReason::Death, 1, 0, pending);
        let pushed = self
            .builder
            .push(Op::Release, &[object], Imm::None, Some(exit));
        pushed.expect("the instruction fits the table");
    }

    /// Hands a value over at all exits from here on.
    pub fn result(&mut self, value: InsRef) {
        let value = match self.builder.ty(value) {
            // No slot can hold it.
            Type::Ptr => self.op(Op::GuardObj, &[value]),
            _ => value,
        };
        let slot = Slot::new(value, Held::Lent);
        self.builder.write(Place::Slot(SLOTS + self.results), slot);
        self.results += 1;
    }

    pub fn done(mut self) -> TraceTree {
        let exit = self.builder.exit(ExitReason::Leave, DONE, 0);
        self.builder.end_exit(exit)
    }
}

/// A place in memory.
pub fn mem(offset: i32, width: Width, region: Region) -> Imm {
    Imm::Mem(Mem {
        offset,
        width,
        region,
    })
}

/// Where a run left, and with which values.
#[derive(Debug, PartialEq)]
pub struct Left {
    pub exit: ExitId,
    pub ip: u32,
    /// All that was handed over, in the order of the buffer.
    pub buffer: Vec<u64>,
    /// What [`Direct::result`] handed over.
    pub values: Vec<u64>,
    /// The references to be given up.
    pub pending: Vec<u64>,
}

impl Left {
    /// What was handed over last.
    pub fn result(&self) -> u64 {
        *self.values.last().expect("there are results")
    }
}

/// Compiles and runs a tree with these pointers in its first slots.
pub fn run_direct(tree: &TraceTree, layout: &Layout, options: &Options, slots: &[*mut u8]) -> Left {
    let all = slots.iter().copied();
    let all = all.chain(std::iter::repeat(std::ptr::null_mut()));
    let mut memory = frame_memory(all.take(2 * usize::from(SLOTS)));
    run_in(tree, layout, options, &mut memory)
}

/// The same with a frame in memory.
pub fn run_in(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    memory: &mut [*mut u8],
) -> Left {
    let compiled = compile(tree, layout, options);
    let compiled = compiled.unwrap_or_else(|bug| panic!("{bug}\n{}", print(tree)));
    let mut values = vec![0; compiled.values_len()];
    let (breaker, frame) = (0, memory.as_mut_ptr().cast());
    let thread = std::ptr::without_provenance_mut::<std::ffi::c_void>(THREAD as usize);
    // SAFETY: the frame has all slots of the tree, with what the test has put there for it.
    let exit = unsafe { compiled.run(frame, thread, values.as_mut_ptr(), &raw const breaker) };
    let snapshot = tree.exit_snapshot(exit);
    let values = handed_over(tree, exit, &values);
    let len = values.len();
    let pending = values[len - snapshot.pending.len()..].to_vec();
    let written = snapshot.root().writes.iter();
    let written = written.filter(|write| write.value.is_some()).zip(&values);
    let results = written.filter(|(write, _)| write.place.slot() >= SLOTS);
    Left {
        exit,
        ip: snapshot.frame().ip,
        values: results.map(|(_, value)| *value).collect(),
        pending,
        buffer: values,
    }
}
