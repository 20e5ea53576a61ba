//! What depends on the processor, apart from the code that Cranelift makes: a file for each that is supported.
//!
//! Each has
//! - `publish`, after which every processor fetches code as it was stored;
//! - `frame_rules`, what Cranelift's unwind information does not say of its code;
//! - [`call_aside`], a call that leaves all registers as they are;
//! - [`call_framed`], a call from which one can walk on by frame pointer.
//!
//! # Calls that leave all registers as they are
//!
//! The C convention lets a callee use every vector register and most others, so what lives across a call has to be
//! in memory; and Cranelift's register allocator then keeps it there in the loop around the call, also where the
//! call is rare. A call off the usual path goes by [`call_aside`] instead, which does the saving. To its caller,
//! compiled code, it is `CallConv::PreserveAll`, which has no results.

use crate::TreeFn;
use core::ffi::c_void;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod own;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod own;

#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
compile_error!("pyrt's compiler knows 64-bit x86 and Arm only");

pub(crate) use own::{frame_rules, publish};

/// Calls `function`, which has the C convention and gives a word or nothing, with up to [`MOST_OPERANDS`] words and
/// any number of floats in registers, and writes the word to `result`.
///
/// Of the vector registers, the lower half is kept: compiled code looks at nothing else of them.
///
/// # Safety
///
/// As for calling the function; the result's place is writable and aligned.
pub use own::call_aside;

/// What a frame pointer points to.
#[repr(C)]
#[derive(Debug)]
pub struct FrameRecord {
    /// That of the caller; null at the end.
    pub next: *const FrameRecord,
    /// Where the present function returns to.
    pub address: *const c_void,
}

// SAFETY: plain words to everybody but those who walk the stack.
unsafe impl Sync for FrameRecord {}

/// Calls compiled code so that who walks the stack by frame pointer comes from it to the caller of this, and from there to
/// the `bottom`. Where C code keeps no frame pointers, the walk would end in nonsense otherwise.
///
/// # Safety
///
/// As for calling the code; the record lives for ever.
pub use own::call_framed;

/// What [`call_framed`] is.
pub type CallFramed = unsafe extern "C" fn(
    frame: *mut c_void,
    thread: *mut c_void,
    values: *mut u64,
    eval_breaker: *const u32,
    code: TreeFn,
    bottom: *const FrameRecord,
) -> *mut c_void;

/// Both machines have it in the same form.
const _: CallFramed = call_framed;

/// Most operands of [`call_aside`] that are no floats.
pub const MOST_OPERANDS: usize = 4;

/// The size in which the system hands out memory: 4 KiB on x86-64, and 4, 16 or 64 KiB on AArch64, where the kernel
/// decides.
pub(crate) fn page_size() -> usize {
    // SAFETY: asks for a number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("Linux always says")
}
