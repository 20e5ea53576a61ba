//! The interpreter's registers and the macros that handlers are written with.

use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::{first_instr, locals, tuple_item};
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

use super::Evaluation;

/// A table of 256 handlers, by opcode.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Table(*const Handler);

impl Table {
    /// The table that lives in a static.
    pub(crate) const fn new(handlers: &'static [Handler; 256]) -> Table {
        Table(handlers.as_ptr())
    }

    /// The handler of an opcode.
    #[inline(always)]
    pub(crate) fn handler(self, opcode: u8) -> Handler {
        // SAFETY: tables have 256 entries.
        unsafe { *self.0.add(opcode as usize) }
    }
}

/// An instruction's code. Arguments: next instruction, stack pointer, frame,
/// thread state, the instruction's argument, the table to dispatch through.
/// Returns the evaluation's result.
pub(crate) type Handler = unsafe extern "C" fn(
    *const CodeUnit,
    *mut *mut PyObject,
    *mut PyInterpreterFrame,
    *mut PyThreadState,
    usize,
    Table,
) -> *mut PyObject;

/// The registers of a running frame. Only ever a local that LLVM dissolves: all
/// methods are inlined, and nothing takes its address.
#[derive(Clone, Copy)]
pub(crate) struct Regs {
    /// Next code unit.
    pub(crate) ip: *const CodeUnit,
    /// First free slot of the value stack.
    pub(crate) sp: *mut *mut PyObject,
    /// The frame.
    pub(crate) frame: *mut PyInterpreterFrame,
    /// The thread.
    pub(crate) ts: *mut PyThreadState,
    /// Where to dispatch.
    pub(crate) table: Table,
}

/// SAFETY of all methods: the registers describe a running frame, and stack
/// accesses stay within what the bytecode's stack effects guarantee.
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one promise for all, stated above"
)]
impl Regs {
    /// Registers of a frame that was suspended by storing them in the frame.
    #[inline(always)]
    pub(crate) unsafe fn resume(
        frame: *mut PyInterpreterFrame,
        ts: *mut PyThreadState,
        table: Table,
    ) -> Regs {
        unsafe {
            let ip = (*frame).prev_instr.add(1);
            let sp = locals(frame).offset((*frame).stacktop as isize);
            // While it runs, the collector must not look into it.
            (*frame).stacktop = -1;
            Regs {
                ip,
                sp,
                frame,
                ts,
                table,
            }
        }
    }

    /// Stores where the frame is; everything that may look at frames needs it.
    #[inline(always)]
    pub(crate) unsafe fn save_ip(self) {
        unsafe { (*self.frame).prev_instr = self.ip.sub(1).cast_mut() };
    }

    /// Stores the stack pointer in the frame.
    #[inline(always)]
    pub(crate) unsafe fn save_sp(self) {
        unsafe { (*self.frame).stacktop = self.sp.offset_from(locals(self.frame)) as i32 };
    }

    #[inline(always)]
    pub(crate) unsafe fn push(&mut self, value: *mut PyObject) {
        unsafe {
            *self.sp = value;
            self.sp = self.sp.add(1);
        }
    }

    #[inline(always)]
    pub(crate) unsafe fn pop(&mut self) -> *mut PyObject {
        unsafe {
            self.sp = self.sp.sub(1);
            *self.sp
        }
    }

    /// The `n`th value from the top, 1 being the top.
    #[inline(always)]
    pub(crate) unsafe fn peek(self, n: usize) -> *mut PyObject {
        unsafe { *self.sp.sub(n) }
    }

    /// Replaces the `n`th value from the top.
    #[inline(always)]
    pub(crate) unsafe fn set_peek(self, n: usize, value: *mut PyObject) {
        unsafe { *self.sp.sub(n) = value };
    }

    #[inline(always)]
    pub(crate) unsafe fn shrink(&mut self, n: usize) {
        self.sp = unsafe { self.sp.sub(n) };
    }

    #[inline(always)]
    pub(crate) unsafe fn jump(&mut self, distance: isize) {
        self.ip = unsafe { self.ip.offset(distance) };
    }

    /// As [`jump`](Regs::jump), in one arm of a condition: LLVM must make it a branch,
    /// which is predicted. If it computed the distance from the condition instead, the
    /// next instruction could not begin before that is known.
    #[inline(always)]
    pub(crate) unsafe fn branch(&mut self, distance: isize) {
        unsafe { self.jump(settled(distance as i64) as isize) };
    }

    #[inline(always)]
    pub(crate) unsafe fn local(self, index: usize) -> *mut *mut PyObject {
        unsafe { locals(self.frame).add(index) }
    }

    #[inline(always)]
    pub(crate) unsafe fn code(self) -> *mut PyCodeObject {
        unsafe { (*self.frame).f_code }
    }

    /// Item of `co_consts`, borrowed.
    #[inline(always)]
    pub(crate) unsafe fn constant(self, index: usize) -> *mut PyObject {
        unsafe { tuple_item((*self.code()).co_consts, index) }
    }

    /// Item of `co_names`, borrowed.
    #[inline(always)]
    pub(crate) unsafe fn name(self, index: usize) -> *mut PyObject {
        unsafe { tuple_item((*self.code()).co_names, index) }
    }

    /// 16-bit entry of the inline cache that follows the instruction.
    #[inline(always)]
    pub(crate) unsafe fn cache16(self, index: usize) -> u16 {
        unsafe { *self.ip.add(index) }
    }

    /// 32-bit entry (two code units, not aligned).
    #[inline(always)]
    pub(crate) unsafe fn cache32(self, index: usize) -> u32 {
        unsafe { self.ip.add(index).cast::<u32>().read_unaligned() }
    }

    /// Object pointer (four code units, not aligned), borrowed.
    #[inline(always)]
    pub(crate) unsafe fn cache_object(self, index: usize) -> *mut PyObject {
        unsafe { self.ip.add(index).cast::<*mut PyObject>().read_unaligned() }
    }

    /// The argument of an instruction whose arguments are all below 256, in which case no
    /// `EXTENDED_ARG` adds to it. Costs a load, but no register until then.
    #[inline(always)]
    pub(crate) unsafe fn own_oparg(self) -> usize {
        unsafe { (*self.ip.sub(1) >> 8) as usize }
    }

    /// Offset of the next instruction in its code, in code units.
    #[inline(always)]
    pub(crate) unsafe fn offset(self) -> usize {
        unsafe { self.ip.offset_from(first_instr(self.code())) as usize }
    }

    /// The slot for keyword names of the running evaluation.
    #[inline(always)]
    pub(crate) unsafe fn kwnames(self) -> *mut *mut PyObject {
        unsafe { &raw mut (*(*self.ts).cframe.cast::<Evaluation>()).kwnames }
    }
}

/// The same number, computed here and now: LLVM likes to compute it only where it is used,
/// and until then to keep everything that it is computed from in registers.
#[inline(always)]
pub(crate) fn settled(mut number: i64) -> i64 {
    // SAFETY: does nothing. As it might write memory, objects are looked at again after it.
    unsafe { core::arch::asm!("/* {0} */", inout(reg) number, options(nostack, preserves_flags)) };
    number
}

/// Defines handlers: `op! { fn NAME(r, oparg) { … } … }`. Each begins by storing
/// where the frame is.
macro_rules! op {
    ($($(#[$meta:meta])* fn $name:ident($r:ident, $oparg:pat_param) $body:block)*) => {
        $(
            $(#[$meta])*
            #[allow(non_snake_case, reason = "handlers carry their opcodes' names")]
            #[inline(never)]
            pub(crate) unsafe extern "C" fn $name(
                ip: *const pyrt_cpython::code::CodeUnit,
                sp: *mut *mut pyrt_cpython::object::PyObject,
                frame: *mut pyrt_cpython::frame::PyInterpreterFrame,
                ts: *mut pyrt_cpython::state::PyThreadState,
                oparg: usize,
                table: $crate::interp::Table,
            ) -> *mut pyrt_cpython::object::PyObject {
                #[allow(unused_mut, reason = "not every instruction moves its registers")]
                let mut $r = $crate::interp::Regs { ip, sp, frame, ts, table };
                let $oparg = oparg;
                // SAFETY: dispatch keeps the registers those of a running frame, and
                // the compiler's bytecode keeps to the stack effects.
                unsafe {
                    $r.save_ip();
                    $body
                }
            }
        )*
    };
}

/// As [`op!`], for instructions that call nothing and cannot fail, so that nobody
/// can look at the frame while they run.
macro_rules! leaf_op {
    ($($(#[$meta:meta])* fn $name:ident($r:ident, $oparg:pat_param) $body:block)*) => {
        $(
            $(#[$meta])*
            #[allow(non_snake_case, reason = "handlers carry their opcodes' names")]
            #[inline(never)]
            pub(crate) unsafe extern "C" fn $name(
                ip: *const pyrt_cpython::code::CodeUnit,
                sp: *mut *mut pyrt_cpython::object::PyObject,
                frame: *mut pyrt_cpython::frame::PyInterpreterFrame,
                ts: *mut pyrt_cpython::state::PyThreadState,
                oparg: usize,
                table: $crate::interp::Table,
            ) -> *mut pyrt_cpython::object::PyObject {
                #[allow(unused_mut, reason = "not every instruction moves its registers")]
                let mut $r = $crate::interp::Regs { ip, sp, frame, ts, table };
                let $oparg = oparg;
                // SAFETY: as for `op!`.
                unsafe { $body }
            }
        )*
    };
}

/// Goes on with `handler` for the same instruction.
macro_rules! become_op {
    ($r:ident, $oparg:expr, $handler:expr) => {
        return $handler($r.ip, $r.sp, $r.frame, $r.ts, $oparg, $r.table)
    };
}

/// Dispatches the next instruction, after one that cannot have run foreign code.
macro_rules! next {
    ($r:ident) => {{
        let unit = *$r.ip;
        let handler = $r.table.handler(unit as u8);
        return handler(
            $r.ip.add(1),
            $r.sp,
            $r.frame,
            $r.ts,
            (unit >> 8) as usize,
            $r.table,
        );
    }};
}

/// Dispatches the next instruction, or the hand-over if a trace or profile
/// function has been set meanwhile (`use_tracing` is 0 or 255, see `DO_TRACING`).
macro_rules! next_checked {
    ($r:ident) => {{
        let unit = *$r.ip;
        let opcode = unit as u8 | (*(*$r.ts).cframe).use_tracing;
        let handler = $r.table.handler(opcode);
        return handler(
            $r.ip.add(1),
            $r.sp,
            $r.frame,
            $r.ts,
            (unit >> 8) as usize,
            $r.table,
        );
    }};
}

/// As [`next_checked!`], after serving signals, pending calls and GIL requests.
macro_rules! next_polled {
    ($r:ident) => {{
        if pyrt_cpython::inline::eval_breaker($r.ts) {
            $crate::interp::regs::become_op!($r, 0, $crate::interp::pending::handle);
        }
        $crate::interp::regs::next_checked!($r)
    }};
}

/// Dispatches the same instruction again, which was just rewritten in place.
macro_rules! again {
    ($r:ident, $oparg:expr) => {{
        let opcode = *$r.ip.sub(1) as u8;
        let handler = $r.table.handler(opcode);
        return handler($r.ip, $r.sp, $r.frame, $r.ts, $oparg, $r.table);
    }};
}

/// An exception is set: unwinds.
macro_rules! error {
    ($r:ident) => {
        $crate::interp::regs::become_op!($r, 0, $crate::interp::unwind::error)
    };
}

/// Leaves a specialised form whose assumption does not hold.
macro_rules! deopt_if {
    ($r:ident, $oparg:expr, $condition:expr) => {
        if $condition {
            $crate::interp::regs::become_op!($r, $oparg, $crate::interp::handlers::miss);
        }
    };
}

/// Begins executing a Python function in `frame`, fresh room for it, and leaves the registers
/// as those with which the caller goes on. Takes over the function and its arguments, of
/// which more may be filled in from defaults.
macro_rules! enter_function {
    ($r:ident, $frame:expr, $func:expr, $arguments:expr, $count:expr $(, |$slots:ident| $defaults:expr)?) => {{
        let frame = $frame;
        let code = (*$func).func_code;
        // The caller first, whose registers are then free for other things.
        $r.save_sp();
        $r.save_ip();
        (*frame).previous = $r.frame;
        pyrt_cpython::inline::initialize_specials(frame, $func, core::ptr::null_mut());
        let slots = pyrt_cpython::inline::locals(frame);
        let top = slots.add((*code).co_nlocalsplus as usize);
        $crate::interp::regs::fill_slots(slots, top, $arguments, $count);
        $(
            let $slots = slots;
            $defaults;
        )?
        (*(*$r.ts).cframe).current_frame = frame;
        let r = $crate::interp::Regs {
            ip: pyrt_cpython::inline::first_instr(code),
            sp: top,
            frame,
            ts: $r.ts,
            table: $r.table,
        };
        let remaining = (*r.ts).recursion_remaining;
        (*r.ts).recursion_remaining = remaining - 1;
        if remaining <= 0 {
            $crate::interp::regs::become_op!(r, 0, $crate::interp::unwind::check_recursion)
        }
        (*frame).stacktop = -1;
        $crate::interp::regs::next_checked!(r)
    }};
}

/// Moves arguments to the first slots of a frame and sets the others, up to `top`, to null.
#[inline(always)]
pub(crate) unsafe fn fill_slots(
    slots: *mut *mut PyObject,
    top: *mut *mut PyObject,
    arguments: *const *mut PyObject,
    count: usize,
) {
    // There are few of either: LLVM must not unroll these loops, nor make calls of them.
    // SAFETY: the caller has as many arguments as it says, and the frame more slots.
    unsafe {
        let mut i = 0;
        while i < count {
            *slots.add(i) = *arguments.add(i);
            i = settled(i as i64 + 1) as usize;
        }
        let mut slot = slots.add(i);
        while slot < top {
            slot.write_volatile(core::ptr::null_mut());
            slot = slot.add(1);
        }
    }
}

/// Begins executing a frame that is linked to its caller.
macro_rules! start_frame {
    ($r:ident, $frame:expr) => {{
        let frame = $frame;
        (*frame).previous = $r.frame;
        (*(*$r.ts).cframe).current_frame = frame;
        let r = $crate::interp::Regs::resume(frame, $r.ts, $r.table);
        let remaining = (*r.ts).recursion_remaining;
        (*r.ts).recursion_remaining = remaining - 1;
        if remaining <= 0 {
            $crate::interp::regs::become_op!(r, 0, $crate::interp::unwind::check_recursion)
        }
        $crate::interp::regs::next_checked!(r)
    }};
}

pub(crate) use {
    again, become_op, deopt_if, enter_function, error, leaf_op, next, next_checked, next_polled,
    op, start_frame,
};
