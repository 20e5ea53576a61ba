//! Calls that leave all registers as they are, but that of the result.
//!
//! The C convention lets a callee use every vector register and most others, so what lives across a call has to be
//! in memory; and Cranelift's register allocator then keeps it there in the loop around the call, also where the
//! call is rare. A call off the usual path goes by [`call_aside`] instead, which does the saving.

use core::arch::naked_asm;

/// Most operands that are no floats.
pub(crate) const MOST_OPERANDS: usize = 5;

/// Calls `function`, which has the C convention and gives a word or nothing, with up to [`MOST_OPERANDS`] words and
/// any number of floats in registers. To the caller this is `CallConv::PreserveAll` with a result.
///
/// Of the vector registers, the lower half is kept: compiled code has nothing larger than an `f64`.
///
/// # Safety
///
/// As for calling the function.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn call_aside(function: usize) -> u64 {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "sub rsp, 192",
        "mov [rsp], rcx",
        "mov [rsp + 8], rdx",
        "mov [rsp + 16], rsi",
        "mov [rsp + 24], rdi",
        "mov [rsp + 32], r8",
        "mov [rsp + 40], r9",
        "mov [rsp + 48], r10",
        "mov [rsp + 56], r11",
        "movsd [rsp + 64], xmm0",
        "movsd [rsp + 72], xmm1",
        "movsd [rsp + 80], xmm2",
        "movsd [rsp + 88], xmm3",
        "movsd [rsp + 96], xmm4",
        "movsd [rsp + 104], xmm5",
        "movsd [rsp + 112], xmm6",
        "movsd [rsp + 120], xmm7",
        "movsd [rsp + 128], xmm8",
        "movsd [rsp + 136], xmm9",
        "movsd [rsp + 144], xmm10",
        "movsd [rsp + 152], xmm11",
        "movsd [rsp + 160], xmm12",
        "movsd [rsp + 168], xmm13",
        "movsd [rsp + 176], xmm14",
        "movsd [rsp + 184], xmm15",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov rcx, r8",
        "mov r8, r9",
        "call rax",
        "mov rcx, [rsp]",
        "mov rdx, [rsp + 8]",
        "mov rsi, [rsp + 16]",
        "mov rdi, [rsp + 24]",
        "mov r8, [rsp + 32]",
        "mov r9, [rsp + 40]",
        "mov r10, [rsp + 48]",
        "mov r11, [rsp + 56]",
        "movsd xmm0, [rsp + 64]",
        "movsd xmm1, [rsp + 72]",
        "movsd xmm2, [rsp + 80]",
        "movsd xmm3, [rsp + 88]",
        "movsd xmm4, [rsp + 96]",
        "movsd xmm5, [rsp + 104]",
        "movsd xmm6, [rsp + 112]",
        "movsd xmm7, [rsp + 120]",
        "movsd xmm8, [rsp + 128]",
        "movsd xmm9, [rsp + 136]",
        "movsd xmm10, [rsp + 144]",
        "movsd xmm11, [rsp + 152]",
        "movsd xmm12, [rsp + 160]",
        "movsd xmm13, [rsp + 168]",
        "movsd xmm14, [rsp + 176]",
        "movsd xmm15, [rsp + 184]",
        "leave",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}
