//! How to compile: an immutable value, made once and passed down.

use std::num::NonZeroU32;

/// How much work Cranelift does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// Straight lowering: compiles faster, unless the other level removes much code.
    None,
    /// Cranelift's e-graph pass: common subexpressions, constant division, loop invariants.
    #[default]
    Speed,
}

/// The stress mode "every Nth guard fails".
///
/// Before each op that has an exit, compiled code decrements a counter; when that makes it zero,
/// the code sets it to `every` again and leaves to the interpreter through that op's exit, also if a
/// side trace continues there, because the side trace relies on the op having really failed. Leaving
/// is always allowed: the interpreter executes the instruction again.
#[derive(Clone, Copy, Debug)]
pub struct Stress {
    /// The N.
    pub every: NonZeroU32,
    /// The address of the counter, an aligned `u32` that is 1 or more and lives as long as the
    /// code; one thread at a time runs code that uses it.
    pub counter: usize,
}

/// What is made of the code's unwind information.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnwindInfo {
    /// Nothing.
    #[default]
    None,
    /// It is kept, for debuggers and profilers: [`CompiledTree::eh_frame`](crate::CompiledTree::eh_frame).
    Described,
    /// The process's unwinder gets it, too.
    Registered,
}

/// All options.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How much work Cranelift does.
    pub opt_level: OptLevel,
    /// Fail guards on purpose.
    pub fail_every_nth: Option<Stress>,
    /// Unwind information, for those who do not follow frame pointers.
    pub unwind: UnwindInfo,
    /// The number by which the tree's first exit says that it was taken; the others follow.
    pub first_exit: u32,
}
