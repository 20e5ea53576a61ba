//! The usual cases of CPython's allocator for small objects, *pymalloc*, without a call.
//!
//! Pymalloc cuts arenas of 1 MiB into pools of 16 KiB, and pools into blocks of one size. Pools
//! that have both free and used blocks are in a ring per size, whose first pool gives the next
//! block. Here is what changes a pool and its place in the ring. What needs a new pool or leaves
//! one empty is left to `PyObject_Malloc` and `PyObject_Free`, and so is everything while the
//! allocator is not pymalloc itself: for `tracemalloc`, `PYTHONMALLOC` and `PyMem_SetAllocator`.
//! Blocks have the same addresses, in the same order, and are counted by
//! `sys.getallocatedblocks` all the same.
//!
//! The variables that this needs are private to CPython's `obmalloc.c`; the build makes them
//! global where it recognises them, by name and size. Where it does not, both functions decline.

use core::ffi::c_void;

/// Bytes of the largest blocks.
pub const LARGEST: usize = 512;
/// Bytes of the blocks that hold ints of up to two digits, and floats.
pub const SMALL: usize = 32;
/// Bytes of the blocks that hold ints of three to six digits.
pub const MEDIUM: usize = 48;

/// Whose allocator a block comes from; programs can replace each. Both are pymalloc otherwise.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    /// `PyObject_Malloc` and `PyObject_Free`.
    Object,
    /// `PyMem_Malloc` and `PyMem_Free`.
    Mem,
}

#[cfg(pyrt_pymalloc)]
mod pools {
    use super::Domain;
    use core::ffi::c_void;

    /// Blocks are multiples of this, and so are their sizes.
    const ALIGNMENT: usize = 16;
    /// Bits of an address that say where it is in its arena.
    const ARENA_BITS: u32 = 20;
    /// Bits that choose a node of the tree of arenas, on each of the two levels above the last.
    const INTERIOR_BITS: u32 = 15;
    /// Bits that choose an entry of the tree's last level.
    const BOTTOM_BITS: u32 = 64 - ARENA_BITS - 2 * INTERIOR_BITS;
    /// Size and alignment of pools.
    const POOL_SIZE: usize = 1 << 14;

    /// `struct pool_header`.
    #[repr(C)]
    struct Pool {
        /// Blocks in use.
        count: u32,
        /// The first free block, whose first word is the next one.
        freeblock: *mut *mut c_void,
        /// The next pool of the ring. A ring without pools has a sentinel, which is its own.
        nextpool: *mut Pool,
        prevpool: *mut Pool,
        arenaindex: u32,
        /// Which size the blocks have.
        szidx: u32,
        /// Where the next block is that was never used, and where the last one is.
        nextoffset: u32,
        maxnextoffset: u32,
    }

    /// `arena_coverage_t`: which parts of an aligned MiB belong to arenas.
    #[repr(C)]
    struct Coverage {
        /// Where an arena begins, or 0.
        tail_hi: i32,
        /// Where an arena ends.
        tail_lo: i32,
    }

    /// `PyMemAllocatorEx`.
    #[repr(C)]
    struct Allocator {
        ctx: *mut c_void,
        malloc: *const c_void,
        calloc: *const c_void,
        realloc: *const c_void,
        free: *const c_void,
    }

    unsafe extern "C" {
        static pyrt_usedpools: [*mut Pool; 64];
        static pyrt_arena_map_root: [*const *const Coverage; 1 << INTERIOR_BITS];
        static pyrt_PyObject: Allocator;
        static pyrt_PyMem: Allocator;
        static pyrt_PyObject_Malloc: u8;
        static pyrt_PyObject_Free: u8;
    }

    /// The allocator of a domain.
    #[inline(always)]
    fn allocator_of(domain: Domain) -> *const Allocator {
        match domain {
            Domain::Object => &raw const pyrt_PyObject,
            Domain::Mem => &raw const pyrt_PyMem,
        }
    }

    /// The first pool for blocks of a size, or the sentinel.
    #[inline(always)]
    unsafe fn first_pool(szidx: usize) -> *mut Pool {
        // SAFETY: an index of a size up to 512; the GIL is held by the caller's promise.
        unsafe {
            (&raw const pyrt_usedpools)
                .cast::<*mut Pool>()
                .add(2 * szidx)
                .read()
        }
    }

    /// `arena_map_is_used`: whether an address is in an arena.
    #[inline(always)]
    unsafe fn is_in_arena(address: usize) -> bool {
        const fn bits(address: usize, low: u32, count: u32) -> usize {
            address >> low & ((1 << count) - 1)
        }
        // SAFETY: nodes of the tree are never freed, and indices are within them.
        unsafe {
            let root: *const *const *const Coverage = (&raw const pyrt_arena_map_root).cast();
            let middle = *root.add(address >> (64 - INTERIOR_BITS));
            if middle.is_null() {
                return false;
            }
            let bottom = *middle.add(bits(address, ARENA_BITS + BOTTOM_BITS, INTERIOR_BITS));
            if bottom.is_null() {
                return false;
            }
            let coverage = bottom.add(bits(address, ARENA_BITS, BOTTOM_BITS));
            let tail = bits(address, 0, ARENA_BITS) as i32;
            let begin = (*coverage).tail_hi;
            tail < (*coverage).tail_lo || (begin != 0 && tail >= begin)
        }
    }

    #[inline(always)]
    pub(super) unsafe fn take(domain: Domain, size: usize) -> *mut c_void {
        // SAFETY: the GIL is held by the caller's promise; a pool that is not the sentinel has a
        // free block.
        unsafe {
            let pool = first_pool((size - 1) / ALIGNMENT);
            let malloc = (&raw const (*allocator_of(domain)).malloc).read();
            if malloc != (&raw const pyrt_PyObject_Malloc).cast() || (*pool).nextpool == pool {
                return core::ptr::null_mut();
            }
            let block = (*pool).freeblock;
            let free = *block;
            (*pool).count += 1;
            (*pool).freeblock = free.cast();
            if free.is_null() {
                refill(pool);
            }
            block.cast()
        }
    }

    /// `pymalloc_pool_extend`, after the last block of the list was taken: goes on with one that
    /// was never used, or takes the pool out of its ring.
    #[inline(always)]
    unsafe fn refill(pool: *mut Pool) {
        // SAFETY: a pool of a ring, of which the caller has the GIL; the offset is in the pool.
        unsafe {
            let offset = (*pool).nextoffset;
            if offset <= (*pool).maxnextoffset {
                let block: *mut *mut c_void = pool.byte_add(offset as usize).cast();
                *block = core::ptr::null_mut();
                (*pool).freeblock = block;
                (*pool).nextoffset = offset + ((*pool).szidx + 1) * ALIGNMENT as u32;
            } else {
                let (next, previous) = ((*pool).nextpool, (*pool).prevpool);
                (*next).prevpool = previous;
                (*previous).nextpool = next;
            }
        }
    }

    #[inline(always)]
    pub(super) unsafe fn give(domain: Domain, block: *mut c_void, size: usize) -> bool {
        // SAFETY: the GIL is held by the caller's promise. What lies in an arena is a block of a
        // pool; so is what lies in the first pool, as no pool is where the sentinel is.
        unsafe {
            let pool: *mut Pool = (block.addr() & !(POOL_SIZE - 1)) as *mut Pool;
            let free = (&raw const (*allocator_of(domain)).free).read();
            if free != (&raw const pyrt_PyObject_Free).cast()
                || (pool != first_pool((size - 1) / ALIGNMENT) && !is_in_arena(block.addr()))
            {
                return false;
            }
            let count = (*pool).count - 1;
            if count == 0 {
                return false;
            }
            let free = (*pool).freeblock;
            *block.cast() = free;
            (*pool).freeblock = block.cast();
            (*pool).count = count;
            if free.is_null() {
                insert(pool);
            }
            true
        }
    }

    /// `insert_to_usedpool`: a pool that was full becomes the first of its ring.
    #[inline(always)]
    unsafe fn insert(pool: *mut Pool) {
        // SAFETY: a pool that is in no ring; the caller has the GIL.
        unsafe {
            let next = first_pool((*pool).szidx as usize);
            let previous = (*next).prevpool;
            (*pool).nextpool = next;
            (*pool).prevpool = previous;
            (*next).prevpool = pool;
            (*previous).nextpool = pool;
        }
    }
}

/// `PyObject_Malloc` of a size, or null: then it takes a call.
///
/// # Safety
/// The GIL is held, and the size is from 1 to [`LARGEST`].
#[inline(always)]
pub unsafe fn take(size: usize) -> *mut c_void {
    // SAFETY: as ours.
    unsafe { take_in(Domain::Object, size) }
}

/// The same of an allocator.
///
/// # Safety
/// As for [`take`].
#[inline(always)]
pub unsafe fn take_in(domain: Domain, size: usize) -> *mut c_void {
    #[cfg(pyrt_pymalloc)]
    // SAFETY: as ours.
    return unsafe { pools::take(domain, size) };
    #[cfg(not(pyrt_pymalloc))]
    {
        let _ = (domain, size);
        core::ptr::null_mut()
    }
}

/// `PyObject_Free` of a block, which is probably of that size, or false: then it takes a call.
///
/// # Safety
/// The GIL is held, the size is from 1 to [`LARGEST`], and the block was `PyObject_Malloc`'s.
#[inline(always)]
pub unsafe fn give(block: *mut c_void, size: usize) -> bool {
    // SAFETY: as ours.
    unsafe { give_in(Domain::Object, block, size) }
}

/// The same to an allocator.
///
/// # Safety
/// As for [`give`]; the block came from that allocator.
#[inline(always)]
pub unsafe fn give_in(domain: Domain, block: *mut c_void, size: usize) -> bool {
    #[cfg(pyrt_pymalloc)]
    // SAFETY: as ours.
    return unsafe { pools::give(domain, block, size) };
    #[cfg(not(pyrt_pymalloc))]
    {
        let _ = (domain, block, size);
        false
    }
}
