//! Side traces that have been compiled alone, see [`pyrt_trace::bridge`](mod@pyrt_trace::bridge), because their tree is too
//! long to be compiled anew with them.
//!
//! The exits of a tree and of its bridges are numbered through, so that the number that compiled code stores when it
//! leaves says which of them it was.

use std::cell::{Cell, OnceCell, RefCell};

use pyrt_codegen::{TreeFn, exit_of, is_forced};
use pyrt_trace::ExitId;

use super::compile::Compiled;
use super::deopt::ExitPlan;
use crate::config::options;

/// No bridge.
const NONE: u16 = 0;

/// What there is at the exit with a number, of the tree or of one of its bridges; bridges count from 1.
#[derive(Clone, Copy)]
struct Numbered {
    /// The bridge whose exit it is; [`NONE`] for one of the tree's own.
    of: u16,
    /// The bridge that begins there, or [`NONE`].
    begins: u16,
}

impl Numbered {
    /// An exit of this bridge, where none begins.
    const fn of(bridge: u16) -> Numbered {
        Numbered {
            of: bridge,
            begins: NONE,
        }
    }
}

/// A compiled bridge.
pub(crate) struct CompiledBridge {
    pub(crate) compiled: Compiled,
    /// By exit of its own, the one of the recorded tree.
    exits: Box<[Option<ExitId>]>,
    /// The number of its first exit.
    first: u32,
    bytes: usize,
    compile_ns: u64,
}

impl CompiledBridge {
    pub(super) fn new(
        compiled: Compiled,
        exits: Box<[Option<ExitId>]>,
        first: u32,
        (bytes, compile_ns): (usize, u64),
    ) -> CompiledBridge {
        CompiledBridge {
            compiled,
            exits,
            first,
            bytes,
            compile_ns,
        }
    }

    /// Bytes of code and metadata.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn end(&self) -> u32 {
        self.first + self.exits.len() as u32
    }
}

/// The bridges of a tree.
pub(super) struct Bridges {
    /// How many exits the tree has as it was recorded, and with those that its optimiser has made.
    recorded: u32,
    own: u32,
    /// Room for as many as the options allow, once there is one.
    built: OnceCell<Box<[OnceCell<Box<CompiledBridge>>]>>,
    count: Cell<usize>,
    /// By number of the exit.
    numbered: RefCell<Vec<Numbered>>,
}

impl Bridges {
    /// Of a tree that has so many exits as it was recorded, and in all.
    pub(super) fn new(recorded: usize, own: usize) -> Bridges {
        Bridges {
            recorded: recorded as u32,
            own: own as u32,
            built: OnceCell::new(),
            count: Cell::new(0),
            numbered: RefCell::default(),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &CompiledBridge> {
        let built = self.built.get().into_iter().flatten();
        built.map_while(OnceCell::get).map(|bridge| &**bridge)
    }

    /// How long one of them took to compile on average, if there are any.
    pub(super) fn mean_compile_ns(&self) -> Option<u64> {
        let spent: u64 = self.iter().map(|bridge| bridge.compile_ns).sum();
        spent.checked_div(self.count.get() as u64)
    }

    /// The number that the next bridge's first exit gets.
    pub(super) fn end(&self) -> u32 {
        self.iter().last().map_or(self.own, CompiledBridge::end)
    }

    /// Adds a bridge at an exit of the recorded tree. False, and nothing done, if it was made for another state of
    /// these bridges.
    pub(super) fn add(&self, at: ExitId, bridge: CompiledBridge) -> bool {
        let index = self.count.get();
        let room = || {
            (0..options().side_traces)
                .map(|_| OnceCell::new())
                .collect()
        };
        let place = self.built.get_or_init(room).get(index);
        let number = self.number(at).filter(|_| bridge.first == self.end());
        let (Some(place), Some(number)) = (place, number) else {
            return false;
        };
        let name = index as u16 + 1;
        let mut numbered = self.numbered.borrow_mut();
        numbered.resize(bridge.first as usize, Numbered::of(NONE));
        numbered.resize(bridge.end() as usize, Numbered::of(name));
        numbered[number as usize].begins = name;
        self.count.set(index + 1);
        place.set(Box::new(bridge)).is_ok()
    }

    /// The number that compiled code gives an exit of the recorded tree.
    pub(super) fn number(&self, exit: ExitId) -> Option<u32> {
        let of_bridge = |bridge: &CompiledBridge| {
            let own = bridge.exits.iter().position(|known| *known == Some(exit))?;
            Some(bridge.first + own as u32)
        };
        match exit.0 < self.recorded {
            true => Some(exit.0),
            false => self.iter().find_map(of_bridge),
        }
    }

    /// Whether a bridge begins at the exit with this number.
    pub(super) fn begins_at(&self, number: ExitId) -> bool {
        self.at(number).begins != NONE
    }

    /// The plan of the exit with this number, which is not the tree's own.
    pub(super) fn plan(&self, number: ExitId) -> &ExitPlan {
        let bridge = self
            .bridge(self.at(number).of)
            .expect("exits are numbered through");
        bridge.compiled.plans.get(ExitId(number.0 - bridge.first))
    }

    fn at(&self, number: ExitId) -> Numbered {
        let numbered = self.numbered.borrow();
        let known = numbered.get(number.index()).copied();
        known.unwrap_or(Numbered::of(NONE))
    }

    /// Whether there are any.
    #[inline(always)]
    pub(super) fn exist(&self) -> bool {
        self.count.get() > 0
    }

    /// The bridge that follows the exit by which compiled code has just left.
    ///
    /// # Safety
    /// `values` is the buffer with which it was run.
    #[inline(always)]
    pub(super) unsafe fn next(&self, values: *const u64) -> Option<TreeFn> {
        // SAFETY: by the caller's promise.
        let (number, forced) = unsafe { (exit_of(values), is_forced(values)) };
        let bridge = self.bridge(self.at(number).begins)?;
        (!forced).then_some(bridge.compiled.entry)
    }

    /// A bridge by what it is called.
    fn bridge(&self, name: u16) -> Option<&CompiledBridge> {
        let index = usize::from(name).checked_sub(1)?;
        Some(self.built.get()?.get(index)?.get()?)
    }
}
