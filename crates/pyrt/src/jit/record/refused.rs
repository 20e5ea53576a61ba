//! Why the entry of a tree refuses a frame: variables that are unbound, or of another type than the header carries.

use pyrt_cpython::inline::locals;
use pyrt_trace::{Place, Type};

use super::read_as;
use crate::interp::Regs;
use crate::jit::tree::Recorded;

/// Local variables of a frame that are not what the header of a tree carries.
pub(in crate::jit) struct Misfits {
    /// They are unbound.
    pub(in crate::jit) unbound: Vec<u16>,
    /// They are carried as numbers of one type, and are something else.
    pub(in crate::jit) boxed: Vec<u16>,
}

impl Misfits {
    /// Those of a frame that is at the header.
    ///
    /// # Safety
    /// The registers are those of a frame of the tree's code.
    pub(in crate::jit) unsafe fn of(tree: &Recorded, r: Regs) -> Misfits {
        let mut misfits = Misfits {
            unbound: Vec::new(),
            boxed: Vec::new(),
        };
        for param in &tree.params {
            let Some(Place::Slot(slot)) = param.place else {
                continue;
            };
            if slot >= tree.locals {
                continue;
            }
            // SAFETY: a local variable's slot, with a live object or null.
            let object = unsafe { *locals(r.frame).add(usize::from(slot)) };
            if object.is_null() {
                misfits.unbound.push(slot);
            } else if param.ty != Type::Obj
                // SAFETY: a live object.
                && unsafe { read_as(object) }.map(|read| read.ty()) != Some(param.ty)
            {
                misfits.boxed.push(slot);
            }
        }
        misfits
    }
}
