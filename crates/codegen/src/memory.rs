//! Pages for machine code.
//!
//! # write-xor-execute
//! Pages are filled while they may be written and not executed; then their protection is changed to
//! read and execute, once. Nothing changes code afterwards, so no page is ever both.
//!
//! Each piece of code has pages of its own, and wastes what it does not fill of the last one: for a small
//! tree of half a kilobyte, most of a page. That buys freeing without bookkeeping, and protection
//! changes that touch no running code. With thousands of trees an arena would pay; `tests/timing.rs`
//! prints how large trees are.

use crate::error::Bug;
use crate::machine::{self, page_size};
use memmap2::{Mmap, MmapMut};

/// Executable code, freed on drop.
#[derive(Debug)]
pub struct CodeMemory {
    pages: Mmap,
    len: usize,
}

impl CodeMemory {
    /// Copies code into pages of its own. The code must not depend on its address.
    ///
    /// # Errors
    ///
    /// [`Bug::Memory`] if the system gives no pages, or refuses to make them executable on all processors.
    pub fn new(code: &[u8]) -> Result<CodeMemory, Bug> {
        let mut pages = MmapMut::map_anon(code.len().max(1))?;
        pages[..code.len()].copy_from_slice(code);
        let pages = pages.make_exec()?;
        machine::publish(&pages[..code.len()])?;
        Ok(CodeMemory {
            pages,
            len: code.len(),
        })
    }

    /// The code.
    pub fn code(&self) -> &[u8] {
        &self.pages[..self.len]
    }

    /// How many bytes of memory are in use: whole pages.
    pub fn size(&self) -> usize {
        self.pages.len().next_multiple_of(page_size())
    }
}
