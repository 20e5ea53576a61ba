//! Unwind information: how to walk the native stack through compiled code without frame pointers.
//!
//! Compiled code keeps frame pointers, which is enough for profilers, and no exception passes through it,
//! so this is for debuggers and profilers, and off by default. They get a description that says where the code
//! is from its own place, so that it can be put into files. The process's own unwinder gets another one,
//! with the address; that is for tests. Registering is not free: with the libgcc of Debian 12, each exception that goes
//! through the unwinder of this registration searches the frames one by one.

use crate::error::Bug;
use crate::machine;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::gimli::write::{Address, EhFrame, EndianVec, FrameTable};
use cranelift_codegen::gimli::{DW_EH_PE_pcrel, DW_EH_PE_sdata4, DwEhPe, RunTimeEndian};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::isa::unwind::UnwindInfo;
use std::fmt;

unsafe extern "C" {
    fn __register_frame(eh_frame: *const u8);
    fn __deregister_frame(eh_frame: *const u8);
}

/// An `.eh_frame` section that the unwinder knows about, until it is dropped.
pub(crate) struct Unwind {
    eh_frame: Box<[u8]>,
}

impl Unwind {
    /// Describes code that is at an address, and registers that.
    pub(crate) fn new(code: &CompiledCode, isa: &dyn TargetIsa, at: usize) -> Result<Unwind, Bug> {
        let eh_frame = eh_frame(code, isa, at as u64, None)?;
        // SAFETY: the section is complete, ends with a zero length, and does not move: the box is dropped
        // only after it was deregistered.
        unsafe { __register_frame(eh_frame.as_ptr()) };
        Ok(Unwind { eh_frame })
    }
}

/// An `.eh_frame` section that describes the code, if it begins at the next multiple of eight after that.
pub(crate) fn describe(code: &CompiledCode, isa: &dyn TargetIsa) -> Result<Box<[u8]>, Bug> {
    let before = code.code_buffer().len().next_multiple_of(8) as u64;
    let relative = DwEhPe(DW_EH_PE_pcrel.0 | DW_EH_PE_sdata4.0);
    eh_frame(code, isa, before.wrapping_neg(), Some(relative))
}

impl Drop for Unwind {
    fn drop(&mut self) {
        // SAFETY: this section was registered in `new`, once.
        unsafe { __deregister_frame(self.eh_frame.as_ptr()) };
    }
}

impl fmt::Debug for Unwind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unwind({} bytes)", self.eh_frame.len())
    }
}

fn eh_frame(
    code: &CompiledCode,
    isa: &dyn TargetIsa,
    at: u64,
    encoding: Option<DwEhPe>,
) -> Result<Box<[u8]>, Bug> {
    let bug = |error: &dyn fmt::Display| Bug::Cranelift(error.to_string());
    let info = code.create_unwind_info(isa).map_err(|error| bug(&error))?;
    let (Some(UnwindInfo::SystemV(info)), Some(mut cie)) = (info, isa.create_systemv_cie()) else {
        return Err(bug(&"there is no unwind information"));
    };
    if let Some(encoding) = encoding {
        cie.fde_address_encoding = encoding;
    }
    let mut table = FrameTable::default();
    let cie = table.add_cie(cie);
    let mut description = info.to_fde(Address::Constant(at));
    for (offset, rule) in machine::frame_rules(code) {
        description.add_instruction(offset, rule);
    }
    table.add_fde(cie, description);
    let mut section = EhFrame(EndianVec::new(RunTimeEndian::default()));
    table
        .write_eh_frame(&mut section)
        .map_err(|error| bug(&error))?;
    let mut bytes = section.0.into_vec();
    bytes.extend([0; 4]);
    Ok(bytes.into_boxed_slice())
}
