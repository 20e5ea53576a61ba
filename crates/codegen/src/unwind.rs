//! Unwind information: how to walk the native stack through compiled code without frame pointers.
//!
//! Compiled code keeps frame pointers, which is enough for profilers, and no exception passes through it,
//! so this is for debuggers and dumps, and off by default. Registering is not free: with the libgcc of
//! Debian 12, each exception that goes through the unwinder of this registration searches the frames one by one.

use crate::error::Bug;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::gimli::RunTimeEndian;
use cranelift_codegen::gimli::write::{Address, EhFrame, EndianVec, FrameTable};
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
        let eh_frame = eh_frame(code, isa, at)?;
        // SAFETY: the section is complete, ends with a zero length, and does not move: the box is dropped
        // only after it was deregistered.
        unsafe { __register_frame(eh_frame.as_ptr()) };
        Ok(Unwind { eh_frame })
    }

    /// The section.
    pub(crate) fn eh_frame(&self) -> &[u8] {
        &self.eh_frame
    }
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

fn eh_frame(code: &CompiledCode, isa: &dyn TargetIsa, at: usize) -> Result<Box<[u8]>, Bug> {
    let bug = |error: &dyn fmt::Display| Bug::Cranelift(error.to_string());
    let info = code.create_unwind_info(isa).map_err(|error| bug(&error))?;
    let (Some(UnwindInfo::SystemV(info)), Some(cie)) = (info, isa.create_systemv_cie()) else {
        return Err(bug(&"there is no unwind information"));
    };
    let mut table = FrameTable::default();
    let cie = table.add_cie(cie);
    table.add_fde(cie, info.to_fde(Address::Constant(at as u64)));
    let mut section = EhFrame(EndianVec::new(RunTimeEndian::default()));
    table
        .write_eh_frame(&mut section)
        .map_err(|error| bug(&error))?;
    let mut bytes = section.0.into_vec();
    bytes.extend([0; 4]);
    Ok(bytes.into_boxed_slice())
}
