//! The recorder: turns instructions into trace IR as tier 1 executes them.
//!
//! While a recording runs, its evaluation dispatches through a table whose every
//! entry is [`step`]: it shows the instruction to the recorder, with its operands
//! still on the stack, and then runs it. The recorder keeps a symbolic copy of the
//! frame (in [`TreeBuilder`]): types of what the trace itself computes come from
//! there, types of what it finds in the frame from the objects at hand, which the
//! entry of the tree will guard.
//!
//! A recording ends well at the jump back to the loop header, and in all other cases
//! with an [`AbortReason`], which is normal. Families of instructions are in
//! [`arith`] and [`control`].
//!
//! What it does not do yet: calls, attributes, containers. Only exact ints that fit
//! 64 bits, floats, bools, and the iterators of ranges may be touched.

mod arith;
mod control;

use std::time::Instant;

use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{BuildError, ExitId, InsRef, Place, ReadAs, TraceTree, TreeBuilder, Type};

use super::{driver, state};
use crate::config::options;
use crate::interp::{Regs, Table, counted_handlers};

/// What to do after an instruction was recorded.
enum Flow {
    /// Record the next one.
    Continue,
    /// It jumps to the loop header: the trace is complete.
    Close,
}

type Recorded<T = ()> = Result<T, AbortReason>;

/// A recording in progress.
pub(crate) struct Recorder {
    builder: TreeBuilder,
    /// The thread that records.
    ts: *mut PyThreadState,
    /// The frame being recorded.
    frame: *mut PyInterpreterFrame,
    /// Its code.
    pub(crate) code: LiveCode,
    /// Offset of the loop header.
    pub(crate) header: u32,
    /// The exit that a side trace continues.
    pub(crate) parent: Option<ExitId>,
    /// Slots before the value stack.
    locals: u16,
    /// Offset of the `EXTENDED_ARG` that belongs to the next instruction.
    prefix: Option<u32>,
    /// The instruction being recorded.
    at: At,
    /// When it began.
    pub(crate) started: Instant,
}

/// A code object kept alive: a recording may outlive the frame that it watched.
pub(crate) struct LiveCode(pub(crate) *mut PyCodeObject);

impl LiveCode {
    unsafe fn new(code: *mut PyCodeObject) -> LiveCode {
        // SAFETY: a live code object.
        unsafe { incref(code.cast()) };
        LiveCode(code)
    }
}

impl Drop for LiveCode {
    fn drop(&mut self) {
        // SAFETY: owned since `new`; recordings end with the GIL held.
        unsafe { decref(self.0.cast()) }
    }
}

/// Where the instruction being recorded is.
#[derive(Clone, Copy, Default)]
struct At {
    /// Its offset, prefixes included: where an exit resumes.
    ip: u32,
    /// Depth of the value stack before it.
    depth: u16,
}

fn built<T>(result: Result<T, BuildError>) -> Recorded<T> {
    result.map_err(|error| error.abort_reason())
}

impl Recorder {
    /// Starts a root trace at the loop header at which `r` is.
    pub(crate) unsafe fn root(r: Regs, name: String) -> Recorder {
        // SAFETY: the registers are those of a running frame.
        unsafe {
            let code = r.code();
            let locals = (*code).co_nlocalsplus as u16;
            let depth = r.sp.offset_from(stack_base(r.frame)) as u16;
            let header = r.offset() as u32;
            Recorder::new(
                TreeBuilder::root(name, locals, header, depth),
                r,
                header,
                None,
            )
        }
    }

    /// Starts a side trace at `exit` of a recorded tree, whose state `r` has.
    pub(crate) unsafe fn side(r: Regs, tree: TraceTree, exit: ExitId) -> Recorded<Recorder> {
        let header = tree.header().ip;
        let builder = built(TreeBuilder::side(tree, exit))?;
        // SAFETY: as for `root`.
        Ok(unsafe { Recorder::new(builder, r, header, Some(exit)) })
    }

    unsafe fn new(builder: TreeBuilder, r: Regs, header: u32, parent: Option<ExitId>) -> Recorder {
        // SAFETY: as for `root`.
        unsafe {
            let code = r.code();
            Recorder {
                builder,
                ts: r.ts,
                frame: r.frame,
                code: LiveCode::new(code),
                header,
                parent,
                locals: (*code).co_nlocalsplus as u16,
                prefix: None,
                at: At::default(),
                started: Instant::now(),
            }
        }
    }

    /// Whether it is this frame of this thread that is being recorded.
    pub(crate) fn records(&self, frame: *mut PyInterpreterFrame, ts: *mut PyThreadState) -> bool {
        self.frame == frame && self.ts == ts
    }

    /// The finished tree.
    pub(crate) fn finish(self) -> Recorded<TraceTree> {
        built(self.builder.end_jump())
    }

    /// Records the instruction before `r.ip`, which has the argument `oparg`.
    unsafe fn observe(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the registers are those of the recorded frame.
        unsafe {
            let offset = r.offset() as u32 - 1;
            let depth = r.sp.offset_from(stack_base(r.frame)) as u16;
            if generic(opcode) == opcodes::EXTENDED_ARG {
                self.prefix.get_or_insert(offset);
                return Ok(Flow::Continue);
            }
            self.at = At {
                ip: self.prefix.take().unwrap_or(offset),
                depth,
            };
            if self.builder.body_len() > options().trace_length as usize {
                return Err(AbortReason::TraceTooLong);
            }
            if loads_unbound_second(r, opcode) {
                return Err(AbortReason::SlotUnbound);
            }
            self.instruction(r, generic(opcode), oparg)
        }
    }

    /// Records one instruction at `self.at`.
    unsafe fn instruction(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: as for `observe`.
        unsafe {
            match opcode {
                opcodes::NOP => {}
                opcodes::LOAD_FAST => {
                    let value = self.local(r, oparg)?;
                    self.push(value);
                }
                opcodes::LOAD_CONST => {
                    let value = self.constant(r.constant(oparg))?;
                    self.push(value);
                }
                opcodes::STORE_FAST => {
                    let value = self.pop(r)?;
                    self.builder.write(Place::Slot(oparg as u16), Some(value));
                }
                opcodes::POP_TOP => {
                    self.pop(r)?;
                }
                opcodes::COPY => {
                    let value = self.peek(r, oparg as u16)?;
                    self.push(value);
                }
                opcodes::SWAP => {
                    let (top, other) = (self.peek(r, 1)?, self.peek(r, oparg as u16)?);
                    self.set(1, other);
                    self.set(oparg as u16, top);
                }
                opcodes::UNARY_POSITIVE
                | opcodes::UNARY_NEGATIVE
                | opcodes::UNARY_INVERT
                | opcodes::UNARY_NOT => {
                    self.unary(r, opcode)?;
                }
                opcodes::BINARY_OP => self.binary(r, oparg)?,
                opcodes::COMPARE_OP => self.compare(r, oparg)?,
                _ => return self.control(r, opcode, oparg),
            }
            Ok(Flow::Continue)
        }
    }

    // The symbolic value stack. Within an instruction `at.depth` moves with it, and
    // exits are taken before anything is popped.

    fn slot_from_top(&self, n: u16) -> Place {
        Place::Slot(self.locals + self.at.depth - n)
    }

    fn push(&mut self, value: InsRef) {
        self.builder
            .write(Place::Slot(self.locals + self.at.depth), Some(value));
        self.at.depth += 1;
    }

    fn set(&mut self, n: u16, value: InsRef) {
        self.builder.write(self.slot_from_top(n), Some(value));
    }

    /// The `n`th value from the top.
    unsafe fn peek(&mut self, r: Regs, n: u16) -> Recorded<InsRef> {
        let Place::Slot(slot) = self.slot_from_top(n) else {
            unreachable!("it makes slots")
        };
        // SAFETY: the slot is in use.
        unsafe { self.read(r, slot) }
    }

    unsafe fn pop(&mut self, r: Regs) -> Recorded<InsRef> {
        // SAFETY: the compiler's bytecode keeps to the stack effects.
        let value = unsafe { self.peek(r, 1)? };
        self.at.depth -= 1;
        Ok(value)
    }

    unsafe fn local(&mut self, r: Regs, index: usize) -> Recorded<InsRef> {
        // SAFETY: a local of the code.
        unsafe { self.read(r, index as u16) }
    }

    /// The unboxed value of a slot; a slot that the trace has not met yet is read as
    /// what it holds now.
    unsafe fn read(&mut self, r: Regs, slot: u16) -> Recorded<InsRef> {
        let place = Place::Slot(slot);
        if let Some(value) = self.builder.current(place) {
            return value.ok_or(AbortReason::SlotUnbound);
        }
        // SAFETY: the slot is one of the frame's.
        let read = unsafe { read_as(*r.local(slot as usize))? };
        built(self.builder.read(place, read))
    }

    unsafe fn constant(&mut self, object: *mut PyObject) -> Recorded<InsRef> {
        // SAFETY: a live constant.
        unsafe {
            Ok(match read_as(object)? {
                ReadAs::Int => self
                    .builder
                    .const_i64(int_value(object).ok_or(AbortReason::BigInt)?),
                ReadAs::Float => self
                    .builder
                    .const_f64((*object.cast::<pyrt_cpython::object::PyFloatObject>()).ob_fval),
                _ => self.builder.const_bool(object == true_()),
            })
        }
    }

    fn ty(&self, value: InsRef) -> Type {
        self.builder.ty(value)
    }

    /// An exit that executes the present instruction again. `depth` is that before it.
    fn exit(&mut self, reason: ExitReason, depth: u16) -> ExitId {
        self.builder.exit(reason, self.at.ip, depth)
    }
}

/// As what an object can be carried in a trace.
unsafe fn read_as(object: *mut PyObject) -> Recorded<ReadAs> {
    if object.is_null() {
        return Err(AbortReason::SlotUnbound);
    }
    // SAFETY: live.
    unsafe {
        if is_int(object) {
            if int_value(object).is_some() {
                Ok(ReadAs::Int)
            } else {
                Err(AbortReason::BigInt)
            }
        } else if is_float(object) {
            Ok(ReadAs::Float)
        } else if is_bool(object) {
            Ok(ReadAs::Bool)
        } else {
            Err(AbortReason::UnsupportedType)
        }
    }
}

/// The value of an exact int if it fits.
pub(in crate::jit) unsafe fn int_value(object: *mut PyObject) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: an exact int never raises here.
    let value = unsafe { pyrt_cpython::api::PyLong_AsLongLongAndOverflow(object, &mut overflow) };
    (overflow == 0).then_some(value)
}

/// Every entry of the recorder's dispatch table: records the instruction, then runs it
/// in its generic form, so that each bytecode passes by here once: fused pairs come
/// apart, and nothing specialises itself meanwhile.
pub(crate) unsafe extern "C" fn step(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    oparg: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        let opcode = *ip.sub(1) as u8;
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        if record_step(r, opcode, oparg) {
            let handler = counted_handlers().handler(generic(opcode));
            return handler(ip, sp, frame, ts, oparg, table);
        }
        let table = counted_handlers();
        table.handler(opcode)(ip, sp, frame, ts, oparg, table)
    }
}

/// Whether a fused pair will fail in its second half, which only the fused handler
/// reports as CPython does: at the first half.
unsafe fn loads_unbound_second(r: Regs, opcode: u8) -> bool {
    let loads = matches!(
        opcode,
        opcodes::LOAD_FAST__LOAD_FAST
            | opcodes::LOAD_CONST__LOAD_FAST
            | opcodes::STORE_FAST__LOAD_FAST
    );
    // SAFETY: the second half follows, and its argument is a local.
    loads && unsafe { (*r.local((*r.ip >> 8) as usize)).is_null() }
}

/// The opcode of which `opcode` is a specialised form.
fn generic(opcode: u8) -> u8 {
    OPCODES[opcode as usize].map_or(opcode, |info| info.base)
}

/// In the recorder's table at the index that tracing dispatches to.
pub(crate) unsafe extern "C" fn step_tracing(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    oparg: usize,
    _: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        driver::abort_recording(AbortReason::Tracing);
        counted_handlers().handler(opcodes::DO_TRACING)(
            ip,
            sp,
            frame,
            ts,
            oparg,
            counted_handlers(),
        )
    }
}

/// Whether the recording goes on after this instruction.
#[inline(never)]
unsafe fn record_step(r: Regs, opcode: u8, oparg: usize) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let Some(recorder) = state().recorder.as_mut() else {
            return false;
        };
        if recorder.ts != r.ts {
            // Another thread began a recording meanwhile; this one is gone.
            return false;
        }
        if recorder.frame != r.frame {
            driver::abort_recording(AbortReason::Call);
            return false;
        }
        match recorder.observe(r, opcode, oparg) {
            Ok(Flow::Continue) => true,
            Ok(Flow::Close) => {
                driver::recording_closed();
                false
            }
            Err(reason) => {
                driver::abort_recording(reason);
                false
            }
        }
    }
}
