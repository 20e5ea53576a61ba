//! Counters and trees by loop header, hung off the code object.
//!
//! The memory is attached to `co_extra` when the first loop of a code object goes
//! around for the first time, and freed with the code object. The slot of
//! `co_extra` is reserved before any other user can ask for one, so its index is 0.

use core::ffi::c_void;
use core::ptr::null_mut;

use core::mem::size_of;
use pyrt_cpython::api;

use pyrt_cpython::code::{CodeExtra, CodeUnit, PyCodeObject};
use pyrt_cpython::inline::{self, first_instr};

use super::driver::Tree;

/// A loop header.
///
/// ```text
///   counting ──hot──► recording ──► compiled ──leaves too early──► retired
///       ▲                │                                           │
///       └────aborted─────┴──too often──► blacklisted ◄───too often───┘
/// ```
pub(crate) struct Anchor {
    /// Rounds until something is to be done; below 0 each round asks the driver.
    pub(crate) heat: i32,
    /// Offset of the header in code units.
    pub(crate) offset: u32,
    /// Recordings that were aborted and trees that were retired.
    pub(crate) penalties: u32,
    /// How often recording may still wait for the interpreter to specialise the loop.
    pub(crate) patience: u8,
    /// The compiled loop.
    pub(crate) tree: Option<Box<Tree>>,
}

/// What the compiler knows of a code object.
pub(crate) struct CodeMeta {
    /// Function entries until the function counts as hot.
    pub(crate) entry_heat: u32,
    /// By code unit: 0, or 1 + the index of its anchor.
    numbers: Box<[u16]>,
    anchors: Vec<Anchor>,
}

/// Heat of an anchor that is given up: it is asked about again after two thousand
/// million rounds.
pub(crate) const NEVER: i32 = i32::MAX;

/// Our index in `co_extra`.
const EXTRA_INDEX: isize = 0;

/// Reserves the slot; false if it cannot be had.
pub(crate) fn reserve_extra_slot() -> bool {
    // SAFETY: the interpreter is initialised and the GIL held.
    unsafe { api::_PyEval_RequestCodeExtraIndex(free_meta) == EXTRA_INDEX }
}

unsafe extern "C" fn free_meta(meta: *mut c_void) {
    if !meta.is_null() {
        // SAFETY: it was made by `meta_for`, and the code object is dying, so no
        // frame runs its trees.
        drop(unsafe { Box::from_raw(meta.cast::<CodeMeta>()) });
    }
}

/// What is attached to a code object, or null.
#[inline(always)]
pub(crate) unsafe fn meta_of(code: *mut PyCodeObject) -> *mut CodeMeta {
    // SAFETY: a live code object of the interpreter that reserved the slot.
    unsafe {
        let extra = (*code).co_extra;
        if extra.is_null() {
            null_mut()
        } else {
            (*extra).ce_extras[EXTRA_INDEX as usize].cast()
        }
    }
}

/// The anchor of the loop header at `ip`, or null if it has none yet.
#[inline(always)]
pub(crate) unsafe fn anchor_at(code: *mut PyCodeObject, ip: *const CodeUnit) -> *mut Anchor {
    // SAFETY: `ip` lies in the code.
    unsafe {
        let meta = meta_of(code);
        if meta.is_null() {
            return null_mut();
        }
        let offset = ip.offset_from(first_instr(code)) as usize;
        let number = *(*meta).numbers.as_ptr().add(offset);
        if number == 0 {
            null_mut()
        } else {
            (*meta).anchors.as_mut_ptr().add(number as usize - 1)
        }
    }
}

/// Attaches `meta` to a code object. Where that has no extra data yet, it gets room for
/// our slot alone: `_PyCode_SetExtra` would make room for every user there is, and have
/// all of their free functions called for code that they never touched.
unsafe fn attach(code: *mut PyCodeObject, meta: *mut CodeMeta) -> bool {
    // SAFETY: a live code object; the memory is what `Objects/codeobject.c` would
    // allocate for one user.
    unsafe {
        if !(*code).co_extra.is_null() {
            let attached = api::_PyCode_SetExtra(code, EXTRA_INDEX, meta.cast()) == 0;
            if !attached {
                api::PyErr_Clear();
            }
            return attached;
        }
        let extra: *mut CodeExtra = api::PyMem_Malloc(size_of::<CodeExtra>()).cast();
        if extra.is_null() {
            return false;
        }
        extra.write(CodeExtra {
            ce_size: 1,
            ce_extras: [meta.cast()],
        });
        (*code).co_extra = extra;
        true
    }
}

/// The anchor at an offset, made if need be with `heat`; `None` when memory is out
/// or the code has more loops than can be numbered.
pub(crate) unsafe fn make_anchor(
    code: *mut PyCodeObject,
    offset: u32,
    heat: i32,
    entry_heat: u32,
) -> Option<*mut Anchor> {
    // SAFETY: a live code object, the GIL held.
    unsafe {
        let mut meta = meta_of(code);
        if meta.is_null() {
            let numbers = vec![0; inline::size_of(code.cast()) as usize].into_boxed_slice();
            meta = Box::into_raw(Box::new(CodeMeta {
                entry_heat,
                numbers,
                anchors: Vec::new(),
            }));
            if !attach(code, meta) {
                drop(Box::from_raw(meta));
                return None;
            }
        }
        let meta = &mut *meta;
        let number = u16::try_from(meta.anchors.len() + 1).ok()?;
        meta.numbers[offset as usize] = number;
        meta.anchors.push(Anchor {
            heat,
            offset,
            penalties: 0,
            patience: 2,
            tree: None,
        });
        meta.anchors.last_mut().map(|anchor| &raw mut *anchor)
    }
}
