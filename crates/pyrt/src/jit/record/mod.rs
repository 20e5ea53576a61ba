//! The recorder: turns instructions into trace IR as tier 1 executes them.
//!
//! While a recording runs, its evaluation dispatches through a table whose every
//! entry is [`step`](steps::step): it shows the instruction to the recorder, with its operands
//! still on the stack, and then runs it. The recorder keeps a symbolic copy of the
//! frame (in [`TreeBuilder`]): types of what the trace itself computes come from
//! there, types of what it finds in the frame from the objects at hand, which the
//! entry of the tree will guard.
//!
//! A recording ends well at the jump back to the loop header, and in all other cases
//! with an [`AbortReason`], which is normal. Calls of Python functions are followed: the
//! trace inlines them. Families of instructions are in [`arith`], [`control`], [`attr`],
//! [`call`], [`callee`], [`operations`], [`returning`], [`results`], [`raise`] and [`container`].
//!
//! [`stack`] is the symbolic stack, with its [`references`]; [`flush`] makes the frames in memory true, and [`header`] brings
//! everything back to where the loop begins.

mod arith;
mod attr;
mod builtins;
mod call;
mod callee;
mod container;
mod control;
mod entries;
mod flush;
mod foreign;
mod generator;
mod generic;
mod header;
mod inner;
mod iteration;
mod live_code;
mod memory;
mod method;
mod operations;
mod raise;
mod references;
mod refused;
mod results;
mod returning;
mod spread;
mod stack;
mod steps;
mod stopping;
mod unroll;

use std::time::Instant;

use builtins::deferred::Deferred;
pub(in crate::jit) use inner::last_edge;
use iteration::Asked;
pub(crate) use live_code::LiveCode;
use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::frame::{ENTRY, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{BuildError, ExitId, InsRef, Op, Place, ReadAs, TraceTree, TreeBuilder, Type};
pub(super) use refused::Misfits;
use stack::Popped;
use steps::loads_unbound_second;
pub(crate) use steps::{step, step_tracing};
use stopping::Checkpoint;
use unroll::InnerLoop;

use super::anchors::Kind;
use super::codes;
use super::deaths;
use super::driver::{self, Origin};
use crate::config::options;
use crate::interp::Regs;
use crate::interp::comparisons::COMPARE_OP_METHOD;
use crate::interp::handlers::generic;
use crate::interp::handlers::subscr::BINARY_SUBSCR_GETITEM;
use crate::interp::operators::BINARY_OP_METHOD;
use crate::interp::properties::LOAD_ATTR_BY_GETTER;
use crate::interp::protocols::protocol_method;
use crate::interp::regs::Handler;

/// What to do after an instruction was recorded.
enum Flow {
    /// Record the next one.
    Continue,
    /// Record the next one; this one is executed by another handler, which stays in the frame.
    Nested(Handler),
    /// The loop that begins here runs as a tree of its own; record what comes after it.
    Loop,
    /// It jumps to the loop header: the trace is complete.
    Close,
    /// The trace ends at this exit.
    Finish(ExitId),
}

/// Fewest instructions of the program in a root that ends where it cannot go on: entering and leaving
/// compiled code costs about as much as executing them.
pub(crate) const LEAST_PARTIAL: u16 = 16;

/// How many functions or classes may be called at an instruction for each of them to get a trace.
const MOST_CALLEES: usize = 4;

/// How many classes the objects at an instruction may have for each of them to get a trace; and where it only asks
/// something about them, of which what follows knows the answer.
const MOST_CLASSES: usize = 3;
const MOST_CLASSES_ASKED: usize = 1;

/// A slot that is NULL, in memory too.
const EMPTY: Slot = Slot {
    value: None,
    held: Held::Lent,
    memory: Memory::Current,
};

type Recorded<T = ()> = Result<T, AbortReason>;

/// What the driver says about a recording that begins.
pub(crate) struct Root {
    /// What kind of place the tree's root begins at.
    pub(crate) kind: Kind,
    /// Slots that are carried as objects.
    pub(crate) boxed: Vec<u16>,
    /// Slots that are not carried, but left in memory.
    pub(crate) unbound: Vec<u16>,
    /// The trace may end where it cannot go on, by leaving there.
    pub(crate) partial: bool,
    /// It is of one round that leads to the loop's tree; see [`Anchor::first`](super::anchors::Anchor::first).
    pub(crate) first: bool,
    /// A side trace that leaves the loop ends there.
    pub(crate) ends_with_loop: bool,
}

/// A recording in progress.
pub(crate) struct Recorder {
    builder: TreeBuilder,
    root: Root,
    /// Before the present instruction.
    before: Option<Checkpoint>,
    /// The loops that the trace is in, besides its own.
    inner: Vec<InnerLoop>,
    /// Of the tree's loop, the offset of the last jump back to its header.
    last_edge: u32,
    /// The state where a side trace has left the tree's loop.
    outside: Option<Checkpoint>,
    /// Offset of a loop that runs as a tree of its own, and the depth of the stack there.
    called: Option<(u32, u16)>,
    /// It is of a function that C, or a trace, has called.
    called_by_c: bool,
    /// A loop has run, and the recording has gone on after it.
    has_run_loop: bool,
    /// Where the next instruction must be; if it is elsewhere, the present one did not do what was
    /// recorded: it raised an exception, or an iterator had come to its end.
    expected: Option<u32>,
    /// The present instruction has asked an iterator for its next item.
    asked: Option<Asked>,
    /// The thread that records.
    ts: *mut PyThreadState,
    /// The frames being recorded, outermost first.
    chain: Vec<*mut PyInterpreterFrame>,
    /// How long the trace was when each of them was entered; of the first ones, with which it began, all that there can be.
    begun: Vec<usize>,
    /// Code of the outermost one.
    code: LiveCode,
    /// Offset of the place where the root begins.
    header: u32,
    /// The exit that a side trace continues.
    parent: Option<ExitId>,
    /// Slots before the value stack of the innermost frame.
    locals: u16,
    /// Offset of the `KW_NAMES` that belongs to the next call.
    keywords: Option<u32>,
    /// What is not made because the next instruction makes something else of it.
    deferred: Option<Deferred>,
    /// Offset of the `EXTENDED_ARG` that belongs to the next instruction.
    prefix: Option<u32>,
    /// The instruction being recorded.
    at: At,
    /// The frame whose exception is on its way to the frame being recorded, or null.
    raising: *mut PyInterpreterFrame,
    /// Where an operation has refused to be quiet, at which a side trace begins.
    refused: Option<u32>,
    /// The return at this offset gives up what may run code.
    dying: Option<u32>,
    /// The trace has found that the C stack has room for evaluations. It runs at one place of the stack.
    has_room: bool,
    /// Where something else was called than what was guarded, at which a side trace begins, and how often that was so in a row.
    elsewhere: Option<(u32, usize)>,
    /// Where objects of other classes were met, at which a side trace begins, and how many of these have traces.
    classes: Option<(u32, usize)>,
    /// The code of the function whose frame comes next, or null.
    entering: *mut PyCodeObject,
    /// A slot whose type is not what the header carries.
    unsettled: Option<u16>,
    /// Jumps backward in generators that the trace has resumed: how many frames there were, and the target.
    rounds: Vec<(usize, u32)>,
    /// When it began.
    pub(crate) started: Instant,
}

/// Where the instruction being recorded is.
#[derive(Clone, Copy, Default)]
struct At {
    /// Its offset, prefixes included: where an exit resumes.
    ip: u32,
    /// The offset of the instruction itself.
    op: u32,
    /// The offset of the instruction after it.
    next: u32,
    /// Depth of the value stack before it.
    depth: u16,
}

fn built<T>(result: Result<T, BuildError>) -> Recorded<T> {
    result.map_err(|error| error.abort_reason())
}

impl Recorder {
    /// Starts a root trace at the place at which `r` is.
    pub(crate) unsafe fn root(r: Regs, name: String, root: Root) -> Recorder {
        // SAFETY: the registers are those of a running frame.
        unsafe {
            let code = r.code();
            let locals = (*code).co_nlocalsplus as u16;
            let depth = r.sp.offset_from(stack_base(r.frame)) as u16;
            let header = r.offset() as u32;
            let mut builder = TreeBuilder::root(name, locals, header, depth);
            builder.set_code(codes::number_of(code));
            if root.kind == Kind::Entry {
                // Whoever calls a function leaves all but arguments and cells empty.
                for slot in 0..locals {
                    if (*r.local(usize::from(slot))).is_null() {
                        builder.write(Place::Slot(slot), EMPTY);
                    }
                }
            }
            Recorder::new(builder, r, vec![r.frame], header, None, root)
        }
    }

    /// Starts a side trace at `exit` of a recorded tree, whose state `r` has: the exit has
    /// just been taken, and its frames are in memory. If it was taken because of an exception, the trace
    /// follows that to its handler.
    pub(crate) unsafe fn side(
        r: Regs,
        tree: TraceTree,
        exit: ExitId,
        root: Root,
    ) -> Recorded<Recorder> {
        let header = tree.header().ip;
        let frames = tree.exit_snapshot(exit).frames.len();
        let reason = tree.exit(exit).reason;
        let alternatives = tree.alternatives(exit);
        let dropped_at = tree.instruction_at(exit);
        let raises = reason == ExitReason::Raise;
        let refuses = matches!(
            reason,
            ExitReason::Missing | ExitReason::Domain | ExitReason::Refused
        );
        // SAFETY: as for `root`; an exit leaves as many frames as its snapshot has.
        unsafe {
            let mut chain = vec![r.frame];
            for _ in 1..frames {
                let inner = *chain.last().expect("there is one");
                chain.push((*inner).previous);
            }
            chain.reverse();
            let locals: Vec<u16> = chain
                .iter()
                .map(|frame| (*(**frame).f_code).co_nlocalsplus as u16)
                .collect();
            let snapshot = tree.exit_snapshot(exit);
            let (pending, state) = (snapshot.pending.clone(), snapshot.frame());
            let at = At {
                ip: state.ip,
                op: state.ip,
                next: state.ip,
                depth: state.depth,
            };
            let builder = built(TreeBuilder::side(tree, exit, &locals))?;
            let mut recorder = Recorder::new(builder, r, chain, header, Some(exit), root);
            // An exit that goes on in the trace does not give up what it would have.
            recorder.at = at;
            if reason == ExitReason::Death && pending.is_empty() {
                recorder.dying = Some(at.ip);
            } else if reason == ExitReason::Death {
                recorder.drop_all(r, &pending, dropped_at.map_or(at.ip, |at| at + 1))?;
            } else {
                recorder.release(pending)?;
            }
            if refuses {
                recorder.refused = Some(at.ip);
            }
            if reason == ExitReason::Beyond {
                recorder.called = Some((at.ip, at.depth));
                recorder.go_on_after_loop(r)?;
            }
            if reason == ExitReason::Callee {
                recorder.elsewhere = Some((at.ip, alternatives));
            }
            if matches!(reason, ExitReason::Class | ExitReason::Type) {
                recorder.classes = Some((at.ip, alternatives));
            }
            if raises {
                recorder.raising = r.frame;
                recorder.unwind_first(r)?;
            }
            Ok(recorder)
        }
    }

    unsafe fn new(
        builder: TreeBuilder,
        r: Regs,
        chain: Vec<*mut PyInterpreterFrame>,
        header: u32,
        parent: Option<ExitId>,
        root: Root,
    ) -> Recorder {
        // SAFETY: as for `root`.
        unsafe {
            let called_by_c = root.kind == Kind::Entry && (*chain[0]).is_entry == ENTRY;
            Recorder {
                builder,
                root,
                before: None,
                inner: Vec::new(),
                last_edge: last_edge((*chain[0]).f_code, header),
                outside: None,
                called: None,
                called_by_c,
                has_run_loop: false,
                expected: None,
                asked: None,
                ts: r.ts,
                code: LiveCode::new((*chain[0]).f_code),
                begun: vec![usize::MAX; chain.len()],
                chain,
                header,
                parent,
                locals: (*r.code()).co_nlocalsplus as u16,
                keywords: None,
                deferred: None,
                prefix: None,
                at: At::default(),
                raising: core::ptr::null_mut(),
                refused: None,
                dying: None,
                has_room: false,
                elsewhere: None,
                classes: None,
                entering: core::ptr::null_mut(),
                unsettled: None,
                rounds: Vec::new(),
                started: Instant::now(),
            }
        }
    }

    /// What the recording began at.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            code: self.code.clone(),
            kind: self.root.kind,
            header: self.header,
            parent: self.parent,
            reshapes: false,
            bridges: None,
            first: self.root.first,
            brief: self.called_by_c && !self.does_enough(),
            started: self.started,
            place: self.place(),
        }
    }

    /// Whether it has not yet had the time after which another recording may replace it.
    pub(crate) fn is_recent(&self) -> bool {
        self.started.elapsed() < driver::PATIENCE
    }

    /// Whether a frame is one of those being recorded.
    pub(crate) fn includes(&self, frame: *mut PyInterpreterFrame) -> bool {
        self.chain.contains(&frame)
    }

    /// The frame being recorded.
    fn frame(&self) -> *mut PyInterpreterFrame {
        *self.chain.last().expect("the outermost frame stays")
    }

    /// Whether it is this frame of this thread that is being recorded.
    pub(crate) fn records(&self, frame: *mut PyInterpreterFrame, ts: *mut PyThreadState) -> bool {
        (self.frame() == frame || self.raising == frame) && self.ts == ts
    }

    /// The finished tree: ends at an exit, or else jumps to the header. The error may name a slot
    /// whose type is another one than the header carries.
    pub(crate) fn finish(
        mut self,
        end: Option<ExitId>,
    ) -> Result<TraceTree, (AbortReason, Option<u16>)> {
        if let Some(exit) = end {
            return Ok(self.builder.end_exit(exit));
        }
        self.settle()
            .map_err(|reason| (reason, self.unsettled.take()))?;
        self.builder.end_jump().map_err(|error| {
            let slot = match &error {
                BuildError::TypeUnstable { place, .. } => Some(place.slot()),
                _ => None,
            };
            (error.abort_reason(), slot)
        })
    }

    /// Says where in the program the instruction at this offset is.
    unsafe fn locate(&mut self, offset: u32) {
        // SAFETY: the frames that are recorded are live, and the outer ones at their calls.
        unsafe {
            let (inner, callers) = self.chain.split_last().expect("the outermost frame stays");
            let at_call = |frame: &*mut PyInterpreterFrame| {
                let code = (**frame).f_code;
                let at = (**frame).prev_instr.offset_from(first_instr(code));
                (codes::number_of(code), at.max(0) as u32)
            };
            let mut chain: Vec<_> = callers.iter().map(at_call).collect();
            chain.push((codes::number_of((**inner).f_code), offset));
            self.builder.set_site(chain);
        }
    }

    /// Where the present instruction is, in a few words.
    fn place(&self) -> String {
        // SAFETY: the GIL is held.
        unsafe { codes::place(self.builder.tree(), self.builder.site()) }
    }

    /// Records the instruction before `r.ip`, which has the argument `oparg`.
    unsafe fn observe(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the registers are those of the recorded frame.
        unsafe {
            self.raising = core::ptr::null_mut();
            let offset = r.offset() as u32 - 1;
            let depth = r.sp.offset_from(stack_base(r.frame)) as u16;
            if let Err(reason) = self.hear(self.prefix.unwrap_or(offset)) {
                return self.stop(reason);
            }
            let continues = self.expected.is_none_or(|expected| expected == offset);
            if self.prefix.is_none() && continues && self.calls_loop(r, offset) {
                self.expected = None;
                self.note_leaving_loop();
                let called = match self.has_reached_end() {
                    true => Err(AbortReason::LeftLoop),
                    false => self.call_loop(r, offset, depth),
                };
                let called = called.or_else(|reason| self.stop(reason));
                return self.end_where_loop_ends(called);
            }
            if generic(opcode) == opcodes::EXTENDED_ARG {
                self.prefix.get_or_insert(offset);
                return Ok(Flow::Continue);
            }
            let start = self.prefix.unwrap_or(offset);
            if self.deferred.is_some() && self.expected != Some(start) {
                return self.stop(AbortReason::Exception);
            }
            if let Some(expected) = self.expected.take()
                && expected != start
            {
                return match self.has_raised(start) {
                    true => self.stop_after(expected),
                    false => self.stop(AbortReason::LeftLoop),
                };
            }
            self.refused.take_if(|refused| *refused != start);
            self.classes.take_if(|(at, _)| *at != start);
            let caches = u32::from(OPCODES[generic(opcode) as usize].map_or(0, |info| info.caches));
            self.at = At {
                ip: self.prefix.take().unwrap_or(offset),
                op: offset,
                next: offset + 1 + caches,
                depth,
            };
            if let Some(names) = self.keywords
                && matches!(generic(opcode), opcodes::PRECALL | opcodes::CALL)
            {
                // The interpreter keeps the names outside the frame, so it has to get them again.
                self.at.ip = names;
            }
            let deferred = self.deferred.take();
            if let Some(deferred) = &deferred {
                // The interpreter has it in the place of its parts.
                self.at.ip = deferred.ip;
                self.at.depth += deferred.parts - 1;
            }
            self.locate(offset);
            self.before = Some(self.checkpoint());
            self.note_leaving_loop();
            self.builder.count_work();
            let recorded = if self.builder.body_len() > options().trace_length as usize {
                Err(self.too_long())
            } else if self.has_reached_end() {
                Err(AbortReason::LeftLoop)
            } else if loads_unbound_second(r, opcode) {
                Err(AbortReason::SlotUnbound)
            } else if let Some(deferred) = &deferred {
                self.take_deferred(deferred).map(|()| Flow::Continue)
            } else {
                self.instruction(r, generic(opcode), oparg)
            };
            let recorded = recorded.or_else(|reason| match reason {
                _ if reason.is_generic() && deferred.is_none() => {
                    self.generic(r, reason, generic(opcode), oparg)
                }
                _ => Err(reason),
            });
            let recorded = recorded.or_else(|reason| self.stop(reason));
            let recorded = self.end_where_loop_ends(recorded);
            self.expected = self.entering.is_null().then_some(self.at.next);
            recorded
        }
    }

    /// Records one instruction at `self.at`.
    unsafe fn instruction(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<Flow> {
        // SAFETY: as for `observe`.
        unsafe {
            if opcode != opcodes::CALL && self.protocol(r, opcode, oparg)? {
                return Ok(Flow::Nested(protocol_method));
            }
            match opcode {
                opcodes::NOP => {}
                opcodes::KW_NAMES => self.keywords = Some(self.at.ip),
                opcodes::PRECALL => self.precall(r, oparg)?,
                opcodes::RESUME => {
                    if self.chain.len() > 1 && oparg < 2 {
                        let depth = self.at.depth;
                        let exit = self.exit(ExitReason::Poll, depth);
                        built(self.builder.op_exit(Op::Poll, &[], exit))?;
                    }
                }
                opcodes::LOAD_FAST => {
                    let slot = self.slot(r, oparg as u16)?;
                    self.push_slot(slot)?;
                }
                opcodes::LOAD_CONST => {
                    let value = self.constant(r.constant(oparg))?;
                    self.push(value, Held::Lent);
                }
                opcodes::PUSH_NULL => self.push_null(),
                opcodes::STORE_FAST if deaths::may_run_code(*r.local(oparg)) => {
                    self.replace_mortal(r, oparg as u16, true)?;
                }
                opcodes::DELETE_FAST if deaths::may_run_code(*r.local(oparg)) => {
                    self.replace_mortal(r, oparg as u16, false)?;
                }
                opcodes::PUSH_EXC_INFO => self.begin_handling(r)?,
                opcodes::POP_EXCEPT => self.end_handling(r)?,
                opcodes::CHECK_EXC_MATCH => self.check_match(r)?,
                opcodes::STORE_FAST => {
                    self.slot(r, self.top(1))?;
                    self.known(r, oparg as u16)?;
                    let dead = self.drop_place(oparg as u16);
                    let Popped { value, held } = self.pop()?;
                    self.put(oparg as u16, Some(value), held);
                    self.release(dead)?;
                }
                opcodes::DELETE_FAST => {
                    self.slot(r, oparg as u16)?;
                    let dead = self.drop_place(oparg as u16);
                    self.release(dead)?;
                }
                opcodes::POP_TOP => {
                    self.slot(r, self.top(1))?;
                    self.replace(1, &[])?;
                }
                opcodes::COPY => {
                    let slot = self.slot(r, self.top(oparg as u16))?;
                    self.push_slot(slot)?;
                }
                opcodes::SWAP => {
                    self.slot(r, self.top(1))?;
                    self.slot(r, self.top(oparg as u16))?;
                    self.swap(self.top(1), self.top(oparg as u16))?;
                }
                opcodes::UNARY_POSITIVE
                | opcodes::UNARY_NEGATIVE
                | opcodes::UNARY_INVERT
                | opcodes::UNARY_NOT => {
                    self.unary(r, opcode)?;
                }
                opcodes::BINARY_OP => {
                    if self.operator_method(r, oparg)? {
                        return Ok(Flow::Nested(BINARY_OP_METHOD));
                    }
                    self.binary(r, oparg)?;
                }
                opcodes::COMPARE_OP => {
                    if self.comparison_method(r, oparg)? {
                        return Ok(Flow::Nested(COMPARE_OP_METHOD));
                    }
                    self.compare(r, oparg)?;
                }
                opcodes::IS_OP => self.is_op(r, oparg)?,
                opcodes::LOAD_ATTR => {
                    if self.getter(r, oparg)? {
                        return Ok(Flow::Nested(LOAD_ATTR_BY_GETTER));
                    }
                    self.load_attr(r, oparg)?;
                }
                opcodes::STORE_ATTR => self.store_attr(r, oparg)?,
                opcodes::LOAD_METHOD => return self.load_method(r, oparg),
                opcodes::LOAD_GLOBAL => self.load_global(r, oparg)?,
                opcodes::BINARY_SUBSCR => {
                    if self.getitem_call(r)? {
                        return Ok(Flow::Nested(BINARY_SUBSCR_GETITEM));
                    }
                    self.binary_subscr(r)?;
                }
                opcodes::STORE_SUBSCR => self.store_subscr(r)?,
                opcodes::UNPACK_SEQUENCE => self.unpack_sequence(r, oparg)?,
                opcodes::GET_ITER => self.get_iter(r)?,
                opcodes::CONTAINS_OP => self.contains(r, oparg != 0)?,
                opcodes::LIST_APPEND => self.comprehension_append(r, oparg as u16)?,
                opcodes::SET_ADD if self.comprehension_add(r, oparg as u16)? => {}
                opcodes::MAP_ADD if self.comprehension_insert(r, oparg as u16)? => {}
                opcodes::LOAD_DEREF => self.load_deref(r, oparg as u16)?,
                opcodes::STORE_DEREF => self.store_deref(r, oparg as u16)?,
                opcodes::LOAD_CLOSURE => {
                    let slot = self.slot(r, oparg as u16)?;
                    self.push_slot(slot)?;
                }
                opcodes::BUILD_LIST => self.build_list(r, oparg as u16)?,
                opcodes::BUILD_TUPLE => self.build_tuple(r, oparg as u16)?,
                opcodes::SEND => return self.send(r, oparg),
                opcodes::GET_AWAITABLE if self.new_coroutine(r)? => {}
                opcodes::MAKE_CELL if self.chain.len() > 1 => self.make_cell(oparg as u16)?,
                opcodes::COPY_FREE_VARS if self.chain.len() > 1 => {
                    self.copy_free_vars(oparg as u16)?;
                }
                opcodes::BUILD_MAP if oparg == 0 => self.new_dict()?,
                opcodes::LIST_EXTEND if self.extend_list(r, oparg as u16)? => {}
                opcodes::LIST_TO_TUPLE => self.list_to_tuple(r)?,
                opcodes::DICT_MERGE | opcodes::DICT_UPDATE
                    if self.merge_dict(r, oparg as u16)? => {}
                opcodes::MAKE_FUNCTION if self.make_function(r, oparg)? => {}
                opcodes::BUILD_SLICE => self.build_slice(r, oparg)?,
                opcodes::BUILD_STRING => self.build_string(r, oparg)?,
                opcodes::FORMAT_VALUE => self.format_value(r, oparg)?,
                opcodes::DELETE_SUBSCR if self.quiet_delete(r)? => {}
                opcodes::CALL => return self.call(r, oparg),
                opcodes::RETURN_VALUE if self.in_generator() => self.end_generator(r)?,
                opcodes::RETURN_VALUE if self.chain.len() > 1 => self.return_value(r)?,
                opcodes::YIELD_VALUE if self.in_generator() => self.yield_value(r)?,
                _ => return self.control(r, opcode, oparg),
            }
            Ok(Flow::Continue)
        }
    }

    /// A constant of the code; numbers as their values.
    unsafe fn constant(&mut self, object: *mut PyObject) -> Recorded<InsRef> {
        // SAFETY: a live constant.
        unsafe {
            Ok(match read_as(object) {
                Some(ReadAs::Int) if int_value(object).is_some() => self
                    .builder
                    .const_i64(int_value(object).expect("just seen")),
                Some(ReadAs::Float) => self
                    .builder
                    .const_f64((*object.cast::<pyrt_cpython::object::PyFloatObject>()).ob_fval),
                Some(ReadAs::Bool) => self.builder.const_bool(object == true_()),
                _ => self.object_constant(object),
            })
        }
    }

    /// An object that is alive wherever the trace needs it.
    unsafe fn object_constant(&mut self, object: *mut PyObject) -> InsRef {
        // SAFETY: a live object.
        let label = unsafe { core::ffi::CStr::from_ptr((*type_of(object)).tp_name) };
        self.builder
            .const_obj(object as u64, label.to_string_lossy())
    }

    fn ty(&self, value: InsRef) -> Type {
        self.builder.ty(value)
    }

    /// An exit that executes the present instruction again. `depth` is that before it.
    fn exit(&mut self, reason: ExitReason, depth: u16) -> ExitId {
        self.builder.exit(reason, self.at.ip, depth)
    }
}

/// As what a number can be carried in a trace; `None` for all other objects.
unsafe fn read_as(object: *mut PyObject) -> Option<ReadAs> {
    // SAFETY: live.
    unsafe {
        if is_int(object) {
            int_value(object).map(|_| ReadAs::Int)
        } else if is_float(object) {
            Some(ReadAs::Float)
        } else if is_bool(object) {
            Some(ReadAs::Bool)
        } else {
            None
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
