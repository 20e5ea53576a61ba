//! What is known of the processor here. The compiler has such a module of its own, `pyrt_codegen::machine`.

/// By which number ELF files name the processor: `EM_X86_64`, `EM_AARCH64`.
pub(crate) const ELF: u16 = if cfg!(target_arch = "x86_64") {
    62
} else {
    183
};

/// The registers of a thread that a signal has interrupted, as far as they say where it is.
pub(crate) struct Interrupted {
    /// The next instruction.
    pub(crate) ip: usize,
    /// The stack pointer.
    pub(crate) sp: *const usize,
    /// Where the present function may return to, if calls leave that in a register: the function has not
    /// necessarily stored it.
    pub(crate) link: Option<usize>,
}

impl Interrupted {
    /// What the kernel has saved of a thread.
    pub(crate) fn of(context: &libc::ucontext_t) -> Interrupted {
        let registers = &context.uc_mcontext;
        #[cfg(target_arch = "x86_64")]
        return Interrupted {
            ip: registers.gregs[libc::REG_RIP as usize] as usize,
            sp: registers.gregs[libc::REG_RSP as usize] as *const usize,
            link: None,
        };
        #[cfg(target_arch = "aarch64")]
        return Interrupted {
            ip: registers.pc as usize,
            sp: registers.sp as *const usize,
            link: Some(registers.regs[30] as usize),
        };
    }
}
