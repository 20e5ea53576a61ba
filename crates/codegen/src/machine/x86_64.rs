//! x86-64: the System V convention, and caches that are coherent ("Self-Modifying Code" in volume 3 of Intel's
//! manual and "Cross-Modifying Code" in volume 2 of AMD's).

use core::arch::naked_asm;
use core::ffi::c_void;
use std::io;

use cranelift_codegen::CompiledCode;
use cranelift_codegen::gimli::write::CallFrameInstruction;
use cranelift_codegen::gimli::{Register, X86_64};
use cranelift_codegen::isa::unwind::UnwindInst;

use super::FrameRecord;
use crate::TreeFn;

/// Nothing: other processors see what was stored before they are told of it, as data and as instructions. A
/// processor that has fetched from these addresses before was interrupted to forget the pages that were there.
#[expect(clippy::unnecessary_wraps, reason = "other machines can refuse")]
pub(crate) fn publish(_code: &[u8]) -> io::Result<()> {
    Ok(())
}

/// The return address and the frame pointer of the caller.
const PUSHED: i32 = 16;
/// `mov rsp, rbp; pop rbp; ret`: how each function that Cranelift compiles ends, after it has let go of the rest of
/// its frame. Where the bytes are something else by chance, what is said of them does no harm outside of them.
const EPILOGUE: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc3];
/// The bytes of the epilogue before the frame pointer is the caller's again.
const BEFORE_POP: usize = 4;

/// How the frame is found by the stack pointer, which does not move between prologue and epilogue.
///
/// Cranelift says how by the frame pointer. But a sampler copies the stack from the stack pointer on, and after a callee
/// in C has popped the frame pointer, its unwind information still says that this is in memory, below the copy. So stacks
/// would end here if a callee is just about to return.
pub(crate) fn frame_rules(code: &CompiledCode) -> Vec<(u32, CallFrameInstruction)> {
    const SP: Register = X86_64::RSP;
    const FP: Register = X86_64::RBP;
    let set_up = code.buffer.unwind_info.last();
    let (Some(&(set_up, UnwindInst::SaveReg { .. })), Some(frame)) =
        (set_up, code.buffer.frame_layout())
    else {
        // Nothing is saved, so the end of the prologue is not known; no need either if nothing is called.
        return Vec::new();
    };
    let size = frame.frame_to_fp_offset as i32 + PUSHED;
    let mut rules = vec![(set_up, CallFrameInstruction::Cfa(SP, size))];
    let bytes = code.code_buffer();
    let ends = bytes.windows(EPILOGUE.len()).enumerate();
    for (start, _) in ends.filter(|(_, window)| *window == EPILOGUE) {
        let at = |offset: usize| (start + offset) as u32;
        rules.extend([
            (at(0), CallFrameInstruction::RememberState),
            (at(0), CallFrameInstruction::CfaOffset(PUSHED)),
            (at(BEFORE_POP), CallFrameInstruction::CfaOffset(PUSHED / 2)),
            (at(BEFORE_POP), CallFrameInstruction::Restore(FP)),
            (at(EPILOGUE.len()), CallFrameInstruction::RestoreState),
        ]);
    }
    rules
}

/// See [`call_framed`](super::call_framed).
///
/// # Safety
///
/// As there.
#[unsafe(naked)]
pub unsafe extern "C" fn call_framed(
    frame: *mut c_void,
    thread: *mut c_void,
    values: *mut u64,
    eval_breaker: *const u32,
    code: TreeFn,
    bottom: *const FrameRecord,
) -> *mut c_void {
    naked_asm!(
        ".cfi_startproc",
        "mov rax, [rsp]",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        // A record: the caller's address, and the record after that.
        "push rax",
        ".cfi_def_cfa_offset 24",
        "push r9",
        ".cfi_def_cfa_offset 32",
        "mov rbp, rsp",
        "call r8",
        "add rsp, 16",
        ".cfi_def_cfa_offset 16",
        "pop rbp",
        ".cfi_def_cfa_offset 8",
        ".cfi_restore rbp",
        "ret",
        ".cfi_endproc",
    )
}

/// See [`call_aside`](super::call_aside).
///
/// # Safety
///
/// As there.
#[unsafe(naked)]
pub unsafe extern "C" fn call_aside(function: usize, result: *mut u64) {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "sub rsp, 208",
        "mov [rsp], rax",
        "mov [rsp + 8], rcx",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rsi",
        "mov [rsp + 32], rdi",
        "mov [rsp + 40], r8",
        "mov [rsp + 48], r9",
        "mov [rsp + 56], r10",
        "mov [rsp + 64], r11",
        "movsd [rsp + 72], xmm0",
        "movsd [rsp + 80], xmm1",
        "movsd [rsp + 88], xmm2",
        "movsd [rsp + 96], xmm3",
        "movsd [rsp + 104], xmm4",
        "movsd [rsp + 112], xmm5",
        "movsd [rsp + 120], xmm6",
        "movsd [rsp + 128], xmm7",
        "movsd [rsp + 136], xmm8",
        "movsd [rsp + 144], xmm9",
        "movsd [rsp + 152], xmm10",
        "movsd [rsp + 160], xmm11",
        "movsd [rsp + 168], xmm12",
        "movsd [rsp + 176], xmm13",
        "movsd [rsp + 184], xmm14",
        "movsd [rsp + 192], xmm15",
        "mov rax, rdi",
        "mov rdi, rdx",
        "mov rsi, rcx",
        "mov rdx, r8",
        "mov rcx, r9",
        "call rax",
        "mov rsi, [rsp + 24]",
        "mov [rsi], rax",
        "mov rax, [rsp]",
        "mov rcx, [rsp + 8]",
        "mov rdx, [rsp + 16]",
        "mov rsi, [rsp + 24]",
        "mov rdi, [rsp + 32]",
        "mov r8, [rsp + 40]",
        "mov r9, [rsp + 48]",
        "mov r10, [rsp + 56]",
        "mov r11, [rsp + 64]",
        "movsd xmm0, [rsp + 72]",
        "movsd xmm1, [rsp + 80]",
        "movsd xmm2, [rsp + 88]",
        "movsd xmm3, [rsp + 96]",
        "movsd xmm4, [rsp + 104]",
        "movsd xmm5, [rsp + 112]",
        "movsd xmm6, [rsp + 120]",
        "movsd xmm7, [rsp + 128]",
        "movsd xmm8, [rsp + 136]",
        "movsd xmm9, [rsp + 144]",
        "movsd xmm10, [rsp + 152]",
        "movsd xmm11, [rsp + 160]",
        "movsd xmm12, [rsp + 168]",
        "movsd xmm13, [rsp + 176]",
        "movsd xmm14, [rsp + 184]",
        "movsd xmm15, [rsp + 192]",
        "leave",
        ".cfi_def_cfa rsp, 8",
        ".cfi_restore rbp",
        "ret",
        ".cfi_endproc",
    )
}
