//! The code objects that sites of trees name by number, as long as they live.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::iter::successors;

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::inline::{first_instr, size_of, tuple_item};
use pyrt_cpython::object::PyObject;
use pyrt_spec::opcodes::OPCODES;
use pyrt_trace::{Site, SiteId, TraceTree};

use super::{anchors, driver};

struct Codes(RefCell<BTreeMap<u64, *mut PyCodeObject>>);

// SAFETY: accessed with the GIL held.
unsafe impl Sync for Codes {}

static CODES: Codes = Codes(RefCell::new(BTreeMap::new()));

/// The number of a code object; 0, which none has, when memory is out.
pub(super) unsafe fn number_of(code: *mut PyCodeObject) -> u64 {
    // SAFETY: live code, the GIL held.
    unsafe {
        let meta = anchors::make_meta(code, driver::entry_heat());
        if meta.is_null() {
            return 0;
        }
        let id = (*meta).id as u64;
        CODES.0.borrow_mut().insert(id, code);
        id
    }
}

/// A code object dies.
pub(super) fn forget(id: i64) {
    CODES.0.borrow_mut().remove(&(id as u64));
}

/// The code objects that have numbers.
pub(crate) fn all() -> Vec<*mut PyCodeObject> {
    CODES.0.borrow().values().copied().collect()
}

/// Where in its source an instruction is.
pub(crate) struct Line {
    /// The qualified name of the function.
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The name of the instruction.
    pub(crate) instruction: &'static str,
}

impl Line {
    /// The line of an instruction, at an offset in code units.
    pub(crate) unsafe fn new(code: *mut PyCodeObject, at: u32) -> Line {
        // SAFETY: live code, and an offset in it.
        unsafe {
            let opcode = *first_instr(code).add(at as usize) as u8;
            Line {
                name: driver::qualified_name(code),
                file: text((*code).co_filename),
                line: line_of(code, at),
                instruction: OPCODES[opcode as usize].map_or("?", |info| info.name),
            }
        }
    }

    /// Qualified name, line, and instruction.
    pub(crate) fn place(&self) -> String {
        format!("{}:{} {}", self.name, self.line, self.instruction)
    }
}

/// Where in its source a site of a tree is; `None` if its code is dead.
pub(crate) unsafe fn line(sites: &[Site], site: SiteId) -> Option<Line> {
    // SAFETY: the GIL is held, and codes are forgotten when they die.
    unsafe {
        let Site { code, ip, .. } = *sites.get(site.index())?;
        let code = *CODES.0.borrow().get(&code)?;
        Some(Line::new(code, ip))
    }
}

/// The name of a local variable of the function in which a site is; `None` if the slot is none, or the code is dead.
pub(crate) unsafe fn local_name(sites: &[Site], site: SiteId, slot: u16) -> Option<String> {
    let code = sites.get(site.index())?.code;
    let code = *CODES.0.borrow().get(&code)?;
    // SAFETY: the GIL is held, and codes are forgotten when they die; a tuple of strs, one for each local.
    unsafe {
        let names = (*code).co_localsplusnames;
        let slot = usize::from(slot);
        (slot < size_of(names) as usize).then(|| text(tuple_item(names, slot)))
    }
}

/// The instructions of the program of which a tree was recorded, each once, in order. What is called is indented.
pub(super) unsafe fn listing(tree: &TraceTree) -> String {
    let caller_of = |site: &Site| tree.sites.get(site.caller?.index());
    let mut text = String::new();
    for site in &tree.sites {
        let code = CODES.0.borrow().get(&site.code).copied();
        // SAFETY: the GIL is held, and codes are forgotten when they die.
        let line = unsafe {
            code.filter(|code| begins_instruction(*code, site.ip))
                .map(|code| Line::new(code, site.ip))
        };
        // Other sites are where callers go on.
        let Some(line) = line else { continue };
        let calls = successors(caller_of(site), |site| caller_of(site)).count();
        let place = format!("{}:{}", line.name, line.line);
        let instruction = format!("{:indent$}{}", "", line.instruction, indent = 2 * calls);
        text.push_str(&format!("{place:<36}{:>5}  {instruction}\n", site.ip));
    }
    text
}

/// Whether an instruction is at an offset in code units, rather than an inline cache.
unsafe fn begins_instruction(code: *mut PyCodeObject, offset: u32) -> bool {
    let mut at = 0;
    while at < offset {
        // SAFETY: live code, and an offset in it.
        let opcode = unsafe { *first_instr(code).add(at as usize) } as u8;
        at += 1 + OPCODES[opcode as usize].map_or(0, |info| u32::from(info.caches));
    }
    at == offset
}

/// Where a site is, in a few words, for people.
pub(crate) unsafe fn place(tree: &TraceTree, site: SiteId) -> String {
    // SAFETY: as for `line`.
    unsafe { line(&tree.sites, site) }.map_or_else(|| tree.name.clone(), |line| line.place())
}

/// The line of an instruction, at an offset in code units. Some that the bytecode compiler adds have none: they
/// count to the one before, or to the line on which the code begins.
pub(crate) unsafe fn line_of(code: *mut PyCodeObject, at: u32) -> u32 {
    let unit = core::mem::size_of::<CodeUnit>() as i32;
    // SAFETY: live code, and offsets in it.
    unsafe {
        let lines = (0..=at as i32).rev();
        let mut lines = lines.map(|at| api::PyCode_Addr2Line(code, at * unit));
        let line = lines.find(|line| *line > 0);
        line.unwrap_or((*code).co_firstlineno).max(0) as u32
    }
}

/// The text of a str.
pub(crate) unsafe fn text(object: *mut PyObject) -> String {
    // SAFETY: a live str.
    unsafe {
        let mut size = 0;
        let text = api::PyUnicode_AsUTF8AndSize(object, &mut size);
        if text.is_null() {
            api::PyErr_Clear();
            return String::from("?");
        }
        String::from_utf8_lossy(core::slice::from_raw_parts(text.cast(), size as usize))
            .into_owned()
    }
}
