//! Counters and trees by the place where a trace may begin, hung off the code object.
//!
//! Such places are loop headers and the entry of the function. The memory is attached to
//! `co_extra` when the function has been called a few times, or when its first loop goes around for
//! the first time, and freed with the code object. The slot of `co_extra` is reserved before any
//! other user can ask for one, so its index is 0.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr::{null, null_mut};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use core::mem::size_of;
use pyrt_cpython::api;

use pyrt_cpython::code::{CodeExtra, CodeUnit, PyCodeObject, co};
use pyrt_cpython::inline::{self, first_instr};
use pyrt_cpython::object::PyObject;
use pyrt_spec::AbortReason;

use super::background::JobId;
use super::driver::{Trial, Tried};
use super::moment::Moment;
use super::policy::Policy;
use super::tree::Tree;
use super::{codes, driver, evict, state};
use crate::interp::stand_in;

/// What kind of place an anchor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The instruction after `RESUME`.
    Entry,
    /// A target of jumps backward.
    Loop,
}

/// A place where a trace may begin.
///
/// ```text
///   counting ──hot──► recording ──► compiled ──is not worth it───► retired
///       ▲                │                                           │
///       └────aborted─────┴──too often──► blacklisted ◄───too often───┘
/// ```
pub(crate) struct Anchor {
    /// Passes until something is to be done; below 0 each one asks the driver.
    pub(crate) heat: i32,
    /// Offset of the place in code units.
    pub(crate) offset: u32,
    pub(crate) kind: Kind,
    /// Recordings that were aborted and trees that were retired.
    pub(crate) penalties: u32,
    /// How often recording may still wait for the interpreter to specialise the code.
    pub(crate) patience: u8,
    /// Since when its passes are timed, and how often it has been found to be passed too seldom.
    pub(crate) timed_since: Moment,
    pub(crate) lukewarm: u8,
    /// How often a recording ended before it was worth anything.
    pub(crate) short: u8,
    /// A loop that goes round too often to be unrolled in the traces of others.
    pub(crate) is_long: bool,
    /// How often its tree had to make room.
    pub(crate) evictions: u8,
    /// Why recordings ended without a trace, where, and how often.
    pub(crate) aborts: Vec<(AbortReason, String, u32)>,
    /// Slots that change their type from round to round: carried as objects.
    pub(crate) boxed: Vec<u16>,
    /// Variables that are often unbound where the loop is entered: left in memory.
    pub(crate) unbound: Vec<u16>,
    /// What is being compiled: a tree, or the present one with another side trace.
    pub(crate) pending: Option<JobId>,
    /// What is compiled. Shared with whoever runs it: it may be replaced meanwhile.
    pub(crate) tree: Option<Rc<Tree>>,
    /// The tree does so little that it is for calls by C and by traces: the interpreter is as quick.
    pub(crate) brief: bool,
    /// One round, compiled, of a loop that begins in another state than it goes on in: it leads to the tree.
    pub(crate) first: Option<Rc<Tree>>,
    /// How often that was tried in vain.
    pub(crate) first_failures: u8,
    /// Whether the tree is worth it is being tried; the loop is interpreted meanwhile, for as long as its heat lasts.
    pub(super) trial: Option<Box<Trial>>,
    pub(super) rests: bool,
    pub(super) tries_next: Tried,
}

impl Anchor {
    fn new(kind: Kind, offset: u32, heat: i32) -> Anchor {
        Anchor {
            heat,
            offset,
            kind,
            penalties: 0,
            patience: 2,
            timed_since: Moment::now(),
            lukewarm: 0,
            short: 0,
            is_long: false,
            evictions: 0,
            aborts: Vec::new(),
            boxed: Vec::new(),
            unbound: Vec::new(),
            pending: None,
            tree: None,
            brief: false,
            first: None,
            first_failures: 0,
            trial: None,
            rests: false,
            tries_next: Tried::default(),
        }
    }
}

impl Anchor {
    /// Notes why a recording ended without a trace.
    pub(super) fn note_abort(&mut self, reason: AbortReason, place: &str) {
        let same =
            |(known, at, _): &&mut (AbortReason, String, u32)| *known == reason && at == place;
        match self.aborts.iter_mut().find(same) {
            Some((.., count)) => *count += 1,
            None => self.aborts.push((reason, place.to_owned(), 1)),
        }
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        if self.tree.is_some() {
            // SAFETY: code objects die with the GIL held.
            unsafe { evict::strike(self) };
        }
    }
}

/// What the compiler knows of a code object.
pub(crate) struct CodeMeta {
    /// Names the code as long as the process lives: addresses are used again.
    pub(super) id: i64,
    /// What the program says of the function.
    pub(crate) policy: Policy,
    /// The function's entry.
    pub(crate) entry: Anchor,
    /// What calls of its functions have to know of the code.
    pub(super) call: CallShape,
    /// Functions that stand in for builtins to which generators of the code are given.
    pub(crate) stand_ins: [*mut PyObject; stand_in::COUNT],
    /// How often such builtins were called, while that counts.
    pub(crate) consumed: u8,
    /// How many items they took then.
    pub(crate) items: u32,
    /// The loop header that was passed last, and its anchor: of most loops, for as long as they run.
    recent: (*const CodeUnit, *mut Anchor),
    /// By code unit: 0, or 1 + the index of the loop's anchor. Empty until there is one.
    numbers: Box<[u16]>,
    /// Of the loops; they stay where they are, because running trees refer to them.
    #[expect(clippy::vec_box, reason = "they must not move")]
    loops: Vec<Box<Anchor>>,
    /// Traces call the function instead of inlining it: some loop has gone round too often, or it is too long.
    called: bool,
    /// Whether the code is alive, for traces that know it by its address: 1, or 0 when it is gone. It is never
    /// given back.
    life: Option<&'static Cell<u8>>,
}

/// What a call has to know of a function's code to make its frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallShape {
    /// Slots of a frame.
    pub(super) size: usize,
    /// Those before the value stack.
    pub(super) variables: usize,
    /// How many arguments a call has that simply are the values of the first slots; no call has as many if there is
    /// more to do about them.
    pub(super) arity: usize,
}

impl CallShape {
    unsafe fn of(code: *mut PyCodeObject) -> CallShape {
        // SAFETY: a live code object.
        let (code, size) = unsafe { (&*code, inline::frame_size(code)) };
        let plain = code.co_flags & co::OPTIMIZED != 0
            && code.co_flags & (co::VARARGS | co::VARKEYWORDS) == 0
            && code.co_kwonlyargcount == 0;
        CallShape {
            size,
            variables: code.co_nlocalsplus as usize,
            arity: if plain {
                code.co_argcount as usize
            } else {
                usize::MAX
            },
        }
    }
}

impl CodeMeta {
    /// Whether a call with this many arguments has nothing to do but to put them into their slots.
    pub(super) fn takes_plainly(&self, count: usize) -> bool {
        self.call.arity == count
    }

    /// Does something with all places where a trace may begin.
    pub(super) fn for_each_anchor(&mut self, mut act: impl FnMut(&mut Anchor)) {
        act(&mut self.entry);
        self.loops.iter_mut().for_each(|anchor| act(anchor));
    }
}

impl Drop for CodeMeta {
    fn drop(&mut self) {
        codes::forget(self.id);
        if let Some(life) = self.life {
            life.set(0);
        }
    }
}

/// Heat of an anchor that is given up: it is asked about again after two thousand
/// million passes.
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
        // SAFETY: it was made by `make_meta`, and the code object is dying, so no
        // frame runs its trees. What is being compiled for it comes to nothing.
        unsafe {
            let meta = meta.cast::<CodeMeta>();
            driver::forget(&mut state().pending, meta);
            let meta = Box::from_raw(meta);
            stand_in::discard(meta.stand_ins);
        }
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
        let meta = &mut *meta;
        match meta.numbers.get(offset) {
            None | Some(0) => null_mut(),
            Some(&number) => match meta.loops.get_mut(usize::from(number) - 1) {
                Some(anchor) => &raw mut **anchor,
                None => null_mut(),
            },
        }
    }
}

/// The anchor of the loop header at `ip` if no other one of the code was passed since, or null.
#[inline(always)]
pub(crate) unsafe fn recent_anchor(code: *mut PyCodeObject, ip: *const CodeUnit) -> *mut Anchor {
    // SAFETY: `ip` lies in the code.
    unsafe {
        let meta = meta_of(code);
        if meta.is_null() || (*meta).recent.0 != ip {
            return null_mut();
        }
        (*meta).recent.1
    }
}

/// Notes that the loop header at `ip`, which has this anchor, was passed last.
pub(crate) unsafe fn note_recent(
    code: *mut PyCodeObject,
    ip: *const CodeUnit,
    anchor: *mut Anchor,
) {
    // SAFETY: the code has an anchor, so that there is something attached to it.
    unsafe { (*meta_of(code)).recent = (ip, anchor) }
}

/// The anchor of this kind at an offset, or null.
pub(crate) unsafe fn anchor_of(code: *mut PyCodeObject, kind: Kind, offset: u32) -> *mut Anchor {
    // SAFETY: a live code object.
    unsafe {
        match kind {
            Kind::Loop => anchor_at(code, first_instr(code).add(offset as usize)),
            Kind::Entry => match meta_of(code) {
                meta if meta.is_null() => null_mut(),
                meta => &raw mut (*meta).entry,
            },
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

/// What is attached to a code object, attached if need be; null when memory is out.
pub(crate) unsafe fn make_meta(code: *mut PyCodeObject, entry_heat: i32) -> *mut CodeMeta {
    // SAFETY: a live code object, the GIL held.
    unsafe {
        let meta = meta_of(code);
        if !meta.is_null() {
            return meta;
        }
        static NEXT_ID: AtomicI64 = AtomicI64::new(1);
        let meta = Box::into_raw(Box::new(CodeMeta {
            id: NEXT_ID.fetch_add(1, Relaxed),
            policy: Policy::default(),
            entry: Anchor::new(Kind::Entry, 0, entry_heat),
            call: CallShape::of(code),
            stand_ins: [null_mut(); stand_in::COUNT],
            consumed: 0,
            items: 0,
            recent: (null(), null_mut()),
            numbers: Box::default(),
            loops: Vec::new(),
            called: false,
            life: None,
        }));
        if !attach(code, meta) {
            drop(Box::from_raw(meta));
            return null_mut();
        }
        meta
    }
}

/// Notes that a function is to be called by traces, not inlined: its loops go round too often, or it is too long.
pub(crate) unsafe fn note_called(code: *mut PyCodeObject) {
    // SAFETY: a live code object, the GIL held.
    if let Some(meta) = unsafe { make_meta(code, driver::entry_heat()).as_mut() } {
        meta.called = true;
    }
}

/// Whether a function is known to be better called by traces than inlined.
pub(crate) unsafe fn is_called(code: *mut PyCodeObject) -> bool {
    // SAFETY: a live code object, the GIL held.
    unsafe { meta_of(code).as_ref() }.is_some_and(|meta| meta.called)
}

/// The address of a byte that is 1 as long as a code object is alive; `None` when memory is out.
pub(crate) unsafe fn life_of(code: *mut PyCodeObject) -> Option<u64> {
    // SAFETY: a live code object, the GIL held.
    let meta = unsafe { make_meta(code, driver::entry_heat()).as_mut()? };
    let life = meta
        .life
        .get_or_insert_with(|| Box::leak(Box::new(Cell::new(1))));
    Some(life.as_ptr().addr() as u64)
}

/// The anchor of the loop at an offset, made if need be with `heat`; `None` when memory is out
/// or the code has more loops than can be numbered.
pub(crate) unsafe fn make_loop_anchor(
    code: *mut PyCodeObject,
    offset: u32,
    heat: i32,
    entry_heat: i32,
) -> Option<*mut Anchor> {
    // SAFETY: a live code object, the GIL held.
    unsafe {
        let meta = make_meta(code, entry_heat).as_mut()?;
        let number = u16::try_from(meta.loops.len() + 1).ok()?;
        if meta.numbers.is_empty() {
            meta.numbers = vec![0; inline::size_of(code.cast()) as usize].into_boxed_slice();
        }
        meta.numbers[offset as usize] = number;
        let anchor = Anchor::new(Kind::Loop, offset, heat);
        meta.loops.push(Box::new(anchor));
        meta.loops.last_mut().map(|anchor| &raw mut **anchor)
    }
}
