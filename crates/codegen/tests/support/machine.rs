//! What tests say in the processor's own instructions.

use std::arch::asm;

/// Leaves nothing in the registers that the C convention lets a function use.
pub fn spoil_registers() {
    // SAFETY: the clobbers are declared.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!(
            "pcmpeqd xmm0, xmm0",
            "movaps xmm1, xmm0",
            "movaps xmm2, xmm0",
            "movaps xmm3, xmm0",
            "movaps xmm4, xmm0",
            "movaps xmm5, xmm0",
            "movaps xmm6, xmm0",
            "movaps xmm7, xmm0",
            "movaps xmm8, xmm0",
            "movaps xmm9, xmm0",
            "movaps xmm10, xmm0",
            "movaps xmm11, xmm0",
            "movaps xmm12, xmm0",
            "movaps xmm13, xmm0",
            "movaps xmm14, xmm0",
            "movaps xmm15, xmm0",
            "mov rax, -1",
            "mov rcx, rax",
            "mov rdx, rax",
            "mov rsi, rax",
            "mov rdi, rax",
            "mov r8, rax",
            "mov r9, rax",
            "mov r10, rax",
            "mov r11, rax",
            clobber_abi("C"),
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        asm!(
            "movi v0.16b, #255",
            "movi v1.16b, #255",
            "movi v2.16b, #255",
            "movi v3.16b, #255",
            "movi v4.16b, #255",
            "movi v5.16b, #255",
            "movi v6.16b, #255",
            "movi v7.16b, #255",
            "movi v16.16b, #255",
            "movi v17.16b, #255",
            "movi v18.16b, #255",
            "movi v19.16b, #255",
            "movi v20.16b, #255",
            "movi v21.16b, #255",
            "movi v22.16b, #255",
            "movi v23.16b, #255",
            "movi v24.16b, #255",
            "movi v25.16b, #255",
            "movi v26.16b, #255",
            "movi v27.16b, #255",
            "movi v28.16b, #255",
            "movi v29.16b, #255",
            "movi v30.16b, #255",
            "movi v31.16b, #255",
            "mov x0, #-1",
            "mov x1, #-1",
            "mov x2, #-1",
            "mov x3, #-1",
            "mov x4, #-1",
            "mov x5, #-1",
            "mov x6, #-1",
            "mov x7, #-1",
            "mov x8, #-1",
            "mov x9, #-1",
            "mov x10, #-1",
            "mov x11, #-1",
            "mov x12, #-1",
            "mov x13, #-1",
            "mov x14, #-1",
            "mov x15, #-1",
            "mov x16, #-1",
            "mov x17, #-1",
            clobber_abi("C"),
        );
    }
}
