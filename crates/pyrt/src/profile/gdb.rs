//! gdb's interface for code that is made at run time (its manual's chapter "JIT Compilation Interface").
//!
//! The process has a list of small ELF files in its memory, and calls a function at which gdb has a
//! breakpoint whenever the list changes. A file has the code's address, its name, and how to unwind it.

use core::ffi::c_char;
use core::ptr::null_mut;

use super::Region;
use crate::machine;

/// `struct jit_code_entry`.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    prev: *mut Entry,
    file: *const c_char,
    size: u64,
}

/// `struct jit_descriptor`.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

/// By this name gdb finds the list.
#[unsafe(no_mangle)]
static mut __jit_debug_descriptor: Descriptor = Descriptor {
    version: 1,
    action: 0,
    relevant: null_mut(),
    first: null_mut(),
};

/// gdb has a breakpoint here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn __jit_debug_register_code() {
    // Whoever calls it has written the list before, for all that the compiler knows.
    // SAFETY: it does nothing.
    unsafe { core::arch::asm!("", options(nostack)) }
}

/// A region that gdb knows until this is dropped.
pub(crate) struct Registered {
    entry: *mut Entry,
    _file: Box<[u8]>,
}

// SAFETY: the list is changed with the GIL held, by whichever thread.
unsafe impl Send for Registered {}

impl Registered {
    /// Tells gdb of a region. The GIL is held.
    pub(super) fn new(region: &Region<'_>) -> Registered {
        let file = elf(region).into_boxed_slice();
        // SAFETY: the list is changed with the GIL held; its entries live until they are taken out.
        unsafe {
            let list = &raw mut __jit_debug_descriptor;
            let entry = Box::into_raw(Box::new(Entry {
                next: (*list).first,
                prev: null_mut(),
                file: file.as_ptr().cast(),
                size: file.len() as u64,
            }));
            if let Some(next) = (*list).first.as_mut() {
                next.prev = entry;
            }
            (*list).first = entry;
            tell(REGISTER, entry);
            Registered { entry, _file: file }
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: as in `new`; trees die with the GIL held.
        unsafe {
            let list = &raw mut __jit_debug_descriptor;
            let Entry { next, prev, .. } = *self.entry;
            match prev.as_mut() {
                Some(prev) => prev.next = next,
                None => (*list).first = next,
            }
            if let Some(next) = next.as_mut() {
                next.prev = prev;
            }
            tell(UNREGISTER, self.entry);
            drop(Box::from_raw(self.entry));
        }
    }
}

unsafe fn tell(action: u32, entry: *mut Entry) {
    // SAFETY: the GIL is held.
    unsafe {
        let list = &raw mut __jit_debug_descriptor;
        ((*list).action, (*list).relevant) = (action, entry);
        __jit_debug_register_code();
        ((*list).action, (*list).relevant) = (0, null_mut());
    }
}

const HEADER_SIZE: usize = 64;
const SECTION_SIZE: usize = 64;
const SYMBOL_SIZE: usize = 24;

/// The names of the sections, and where each begins.
const NAMES: &[u8] = b"\0.text\0.eh_frame\0.symtab\0.strtab\0.shstrtab\0";
const TEXT: u32 = 1;
const EH_FRAME: u32 = 7;
const SYMTAB: u32 = 17;
const STRTAB: u32 = 25;
const SHSTRTAB: u32 = 33;

/// Kinds of sections: `SHT_…`.
const PROGBITS: u32 = 1;
const SYMBOLS: u32 = 2;
const STRINGS: u32 = 3;
const NOBITS: u32 = 8;

/// Flags of sections: `SHF_…`.
const ALLOCATED: u64 = 2;
const EXECUTABLE: u64 = 4;

/// `ET_EXEC`.
const LINKED: u16 = 2;

/// A section's row.
#[derive(Clone, Copy, Default)]
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    address: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    align: u64,
    entry: u64,
}

/// An ELF file without the code itself, which is in memory already.
fn elf(region: &Region<'_>) -> Vec<u8> {
    let (address, size) = (region.address(), region.code.len() as u64);
    let name: Vec<u8> = [0]
        .into_iter()
        .chain(region.name.bytes())
        .chain([0])
        .collect();
    let symbols = symbols(address, size);
    let mut bytes = vec![0; HEADER_SIZE];
    let mut put = |content: &[u8]| {
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(content);
        ((bytes.len() - content.len()) as u64, content.len() as u64)
    };
    let [eh_frame, symtab, strtab, shstrtab] =
        [region.eh_frame, &symbols, &name, NAMES].map(&mut put);
    let file_part = |name, kind, (offset, size)| Section {
        name,
        kind,
        offset,
        size,
        align: 8,
        ..Section::default()
    };
    let sections = [
        Section::default(),
        Section {
            flags: ALLOCATED | EXECUTABLE,
            address,
            ..file_part(TEXT, NOBITS, (HEADER_SIZE as u64, size))
        },
        Section {
            flags: ALLOCATED,
            address: address + size.next_multiple_of(8),
            ..file_part(EH_FRAME, PROGBITS, eh_frame)
        },
        Section {
            link: 4,
            info: 1,
            entry: SYMBOL_SIZE as u64,
            ..file_part(SYMTAB, SYMBOLS, symtab)
        },
        file_part(STRTAB, STRINGS, strtab),
        file_part(SHSTRTAB, STRINGS, shstrtab),
    ];
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let table = bytes.len() as u64;
    for section in sections {
        bytes.extend(section.bytes());
    }
    bytes[..HEADER_SIZE].copy_from_slice(&header(table, sections.len() as u16));
    bytes
}

impl Section {
    fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTION_SIZE);
        bytes.extend([self.name, self.kind].map(u32::to_ne_bytes).concat());
        let words = [self.flags, self.address, self.offset, self.size];
        bytes.extend(words.map(u64::to_ne_bytes).concat());
        bytes.extend([self.link, self.info].map(u32::to_ne_bytes).concat());
        bytes.extend([self.align, self.entry].map(u64::to_ne_bytes).concat());
        bytes
    }
}

/// The empty symbol, and a function that is the first section.
fn symbols(address: u64, size: u64) -> Vec<u8> {
    /// Global, a function; ordinary visibility.
    const KIND: [u8; 2] = [0x12, 0];
    let mut bytes = vec![0; SYMBOL_SIZE];
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend(KIND);
    bytes.extend(1_u16.to_ne_bytes());
    bytes.extend([address, size].map(u64::to_ne_bytes).concat());
    bytes
}

/// Of a file for this processor that is linked, with this table of sections.
fn header(sections: u64, count: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([LINKED, machine::ELF].map(u16::to_ne_bytes).concat());
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend([0, 0, sections].map(u64::to_ne_bytes).concat());
    bytes.extend(0_u32.to_ne_bytes());
    let names = count - 1;
    let sizes = [HEADER_SIZE as u16, 0, 0, SECTION_SIZE as u16, count, names];
    bytes.extend(sizes.map(u16::to_ne_bytes).concat());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::{Object, ObjectSection, ObjectSymbol};

    #[test]
    fn others_can_read_the_file() {
        let region = Region {
            name: "py:f (a.py:1)".into(),
            code: &[0xc3],
            eh_frame: &[0; 4],
            lines: Vec::new(),
        };
        let bytes = elf(&region);
        let file = object::File::parse(&*bytes).unwrap();
        let symbol = file.symbols().next().unwrap();
        assert_eq!(symbol.name(), Ok("py:f (a.py:1)"));
        assert_eq!((symbol.address(), symbol.size()), (region.address(), 1));
        let text = file.section_by_name(".text").unwrap();
        assert_eq!((text.address(), text.size()), (region.address(), 1));
        let unwind = file.section_by_name(".eh_frame").unwrap();
        assert_eq!(unwind.address(), region.address() + 8);
        assert_eq!(unwind.data(), Ok(&[0_u8; 4][..]));
    }
}
