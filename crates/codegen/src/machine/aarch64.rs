//! AArch64: the procedure call standard (Arm's "Procedure Call Standard for the Arm 64-bit Architecture"), and caches
//! that software keeps coherent (the architecture reference manual, DDI 0487, part B2: "Synchronization and coherency
//! issues between data and instruction accesses", "Concurrent modification and execution of instructions").

use core::arch::{asm, naked_asm};
use core::ffi::c_void;
use std::io;

use cranelift_codegen::CompiledCode;
use cranelift_codegen::gimli::write::CallFrameInstruction;

use super::FrameRecord;
use crate::TreeFn;

/// Makes new code visible to the fetches of all processors, and has them refuse to branch to anything in its pages that
/// is not meant for that.
///
/// The manual's sequence comes first: clean the data cache to the point of unification, wait until all have seen that,
/// invalidate the instruction caches, wait again, and synchronise the context. Cache operations reach all
/// processors that run this process, but the last step only the one that does it; the others are asked by the
/// kernel to do it ([`synchronize_others`]), as one of them might have fetched from these addresses when
/// there was other code.
pub(crate) fn publish(code: &[u8]) -> io::Result<()> {
    let sizes = cache_type();
    // SAFETY: cleaning and invalidating the caches of memory that can be read changes nothing of its content.
    unsafe {
        for line in lines(code, sizes >> DATA_LINE) {
            asm!("dc cvau, {}", in(reg) line, options(nostack, preserves_flags));
        }
        asm!("dsb ish", options(nostack, preserves_flags));
        for line in lines(code, sizes >> INSTRUCTION_LINE) {
            asm!("ic ivau, {}", in(reg) line, options(nostack, preserves_flags));
        }
        asm!("dsb ish", "isb", options(nostack, preserves_flags));
    }
    synchronize_others()?;
    guard(code)
}

/// Has the processor raise an error when a branch through a register goes to these pages and does not find a landing
/// pad there, `bti` (in the manual's part D8, "guarded pages"); if it can.
fn guard(code: &[u8]) -> io::Result<()> {
    if !std::arch::is_aarch64_feature_detected!("bti") {
        return Ok(());
    }
    let protection = libc::PROT_READ | libc::PROT_EXEC | libc::PROT_BTI;
    // SAFETY: the pages are executable already, and belong to the code alone.
    match unsafe { libc::mprotect(code.as_ptr().cast_mut().cast(), code.len(), protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Where `CTR_EL0` has the binary logarithms of the sizes, in words, of the smallest lines of the caches.
const INSTRUCTION_LINE: u32 = 0;
const DATA_LINE: u32 = 16;

fn cache_type() -> u64 {
    let value;
    // SAFETY: Linux lets every program read this register.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// The first addresses of the lines of a cache in which the code is.
fn lines(code: &[u8], log_words: u64) -> impl Iterator<Item = usize> {
    let size = 4 << (log_words & 0xf);
    let range = code.as_ptr_range();
    (range.start.addr() & !(size - 1)..range.end.addr()).step_by(size)
}

/// Has the other processors that run this process synchronise their context before they run on.
///
/// A process has to announce itself first. The kernel knows best whether it has, in the child of a fork, too.
fn synchronize_others() -> io::Result<()> {
    use libc::{
        MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE as SYNCHRONIZE,
        MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE as ANNOUNCE,
    };
    match membarrier(SYNCHRONIZE) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
            membarrier(ANNOUNCE)?;
            membarrier(SYNCHRONIZE)
        }
        result => result,
    }
}

fn membarrier(command: libc::c_int) -> io::Result<()> {
    // SAFETY: touches no memory of ours.
    match unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Nothing: the frame pointer says where the frame is, and C code says where it has taken that back.
pub(crate) fn frame_rules(_code: &CompiledCode) -> Vec<(u32, CallFrameInstruction)> {
    Vec::new()
}

/// See [`call_framed`](super::call_framed). Compilers for this machine keep frame records, so there is nothing to add.
///
/// # Safety
///
/// As there.
pub unsafe extern "C" fn call_framed(
    frame: *mut c_void,
    thread: *mut c_void,
    values: *mut u64,
    eval_breaker: *const u32,
    code: TreeFn,
    _bottom: *const FrameRecord,
) -> *mut c_void {
    // SAFETY: by the caller's promise.
    unsafe { code(frame, thread, values, eval_breaker) }
}

/// See [`call_aside`](super::call_aside).
///
/// What the callee keeps by the standard is not saved here: `x19` to `x28`, and the lower halves of `v8` to `v15`.
/// Nor are `x16` and `x17`, in which Cranelift keeps nothing from one instruction to the next.
///
/// # Safety
///
/// As there.
#[unsafe(naked)]
pub unsafe extern "C" fn call_aside(function: usize, result: *mut u64) {
    naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset x29, -16",
        ".cfi_offset x30, -8",
        "mov x29, sp",
        ".cfi_def_cfa x29, 16",
        "sub sp, sp, #320",
        "stp x0, x1, [sp]",
        "stp x2, x3, [sp, #16]",
        "stp x4, x5, [sp, #32]",
        "stp x6, x7, [sp, #48]",
        "stp x8, x9, [sp, #64]",
        "stp x10, x11, [sp, #80]",
        "stp x12, x13, [sp, #96]",
        "stp x14, x15, [sp, #112]",
        "stp d0, d1, [sp, #128]",
        "stp d2, d3, [sp, #144]",
        "stp d4, d5, [sp, #160]",
        "stp d6, d7, [sp, #176]",
        "stp d16, d17, [sp, #192]",
        "stp d18, d19, [sp, #208]",
        "stp d20, d21, [sp, #224]",
        "stp d22, d23, [sp, #240]",
        "stp d24, d25, [sp, #256]",
        "stp d26, d27, [sp, #272]",
        "stp d28, d29, [sp, #288]",
        "stp d30, d31, [sp, #304]",
        "mov x16, x0",
        "mov x0, x2",
        "mov x1, x3",
        "mov x2, x4",
        "mov x3, x5",
        "blr x16",
        "ldr x1, [sp, #8]",
        "str x0, [x1]",
        "ldp x0, x1, [sp]",
        "ldp x2, x3, [sp, #16]",
        "ldp x4, x5, [sp, #32]",
        "ldp x6, x7, [sp, #48]",
        "ldp x8, x9, [sp, #64]",
        "ldp x10, x11, [sp, #80]",
        "ldp x12, x13, [sp, #96]",
        "ldp x14, x15, [sp, #112]",
        "ldp d0, d1, [sp, #128]",
        "ldp d2, d3, [sp, #144]",
        "ldp d4, d5, [sp, #160]",
        "ldp d6, d7, [sp, #176]",
        "ldp d16, d17, [sp, #192]",
        "ldp d18, d19, [sp, #208]",
        "ldp d20, d21, [sp, #224]",
        "ldp d22, d23, [sp, #240]",
        "ldp d24, d25, [sp, #256]",
        "ldp d26, d27, [sp, #272]",
        "ldp d28, d29, [sp, #288]",
        "ldp d30, d31, [sp, #304]",
        "mov sp, x29",
        ".cfi_def_cfa sp, 16",
        "ldp x29, x30, [sp], #16",
        ".cfi_def_cfa_offset 0",
        ".cfi_restore x29",
        ".cfi_restore x30",
        "ret",
        ".cfi_endproc",
    )
}
