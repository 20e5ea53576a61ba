//! Where Rust's memory comes from: the C library, called without Rust's detour, but for large blocks.
//!
//! Compiling takes megabytes for milliseconds: tables that grow, and go with the tree. The C library
//! would cut them from the heap of the compiler's thread, where what is left of one tree (its code's plans, its
//! packed recording) keeps the pages of the rest, and a table that grows is there twice. A block of pages of its own
//! goes back to the system whole, grows where it is or without a copy, and what was reserved and not used is not
//! there at all. CPython's blocks are no business of this allocator.

use core::ptr::null_mut;
use std::alloc::{GlobalAlloc, Layout, System};

/// See the module's description.
pub(crate) struct Allocator;

/// The size from which on a block has pages of its own.
const LARGE: usize = 32 << 10;

/// The largest alignment that all pages have.
const PAGE: usize = 4096;

fn is_large(size: usize, align: usize) -> bool {
    size >= LARGE && align <= PAGE
}

/// Pages full of zeros; null if there are none.
fn map(size: usize) -> *mut u8 {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, wherever there is room.
    checked(unsafe { libc::mmap(null_mut(), size, protection, flags, -1, 0) })
}

/// Pointer or null, of the system's pointer or error.
fn checked(pages: *mut libc::c_void) -> *mut u8 {
    if pages == libc::MAP_FAILED {
        null_mut()
    } else {
        pages.cast()
    }
}

// SAFETY: blocks do not overlap, and have the size and the alignment asked for: the system's allocator and
// the system see to that. Whose a block is follows from its layout, which whoever frees it gives back.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            return map(layout.size());
        }
        // SAFETY: by the caller's promise.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            return map(layout.size());
        }
        // SAFETY: by the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(layout.size(), layout.align()) {
            // SAFETY: mapped by `map`, or by `realloc`, with this size.
            unsafe { libc::munmap(block.cast(), layout.size()) };
        } else {
            // SAFETY: by the caller's promise.
            unsafe { System.dealloc(block, layout) }
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let is = |size| is_large(size, layout.align());
        match (is(layout.size()), is(size)) {
            // SAFETY: by the caller's promise.
            (false, false) => unsafe { System.realloc(block, layout, size) },
            // SAFETY: as in `dealloc`; nobody else knows the old place.
            (true, true) => checked(unsafe {
                libc::mremap(block.cast(), layout.size(), size, libc::MREMAP_MAYMOVE)
            }),
            // SAFETY: by the caller's promise; the new block is at least as large as what is copied.
            _ => unsafe {
                let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                if !new.is_null() {
                    new.copy_from_nonoverlapping(block, size.min(layout.size()));
                    self.dealloc(block, layout);
                }
                new
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Allocator, LARGE};
    use std::alloc::{GlobalAlloc, Layout};

    /// Fills a block, has it change its size, and looks whether what was in it still is.
    fn survives(sizes: [usize; 2], align: usize) {
        let layout = |size| Layout::from_size_align(size, align).expect("sizes are small");
        let byte = |at: usize| (at % 251) as u8;
        // SAFETY: within the block's size, and with its layout.
        unsafe {
            let block = Allocator.alloc(layout(sizes[0]));
            (0..sizes[0]).for_each(|at| block.add(at).write(byte(at)));
            let block = Allocator.realloc(block, layout(sizes[0]), sizes[1]);
            assert!(block.addr().is_multiple_of(align));
            let kept = sizes[0].min(sizes[1]);
            assert!((0..kept).all(|at| block.add(at).read() == byte(at)));
            (kept..sizes[1]).for_each(|at| block.add(at).write(1));
            Allocator.dealloc(block, layout(sizes[1]));
        }
    }

    #[test]
    fn blocks_keep_their_content_when_their_size_changes() {
        let sizes = [100, LARGE - 1, LARGE, LARGE + 1, 5 * LARGE];
        for from in sizes {
            for to in sizes {
                survives([from, to], 16);
            }
        }
    }

    #[test]
    fn blocks_are_aligned_beyond_pages() {
        survives([LARGE, 2 * LARGE], 1 << 16);
    }

    #[test]
    fn zeroed_blocks_are_zero() {
        for size in [LARGE / 2, LARGE * 2] {
            let layout = Layout::from_size_align(size, 16).expect("sizes are small");
            // SAFETY: within the block's size, and with its layout.
            unsafe {
                let block = Allocator.alloc_zeroed(layout);
                assert!((0..size).all(|at| block.add(at).read() == 0));
                Allocator.dealloc(block, layout);
            }
        }
    }
}
