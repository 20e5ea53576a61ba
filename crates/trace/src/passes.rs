//! The optimiser: passes over a trace tree, and the pipeline that runs them.
//!
//! Contract of every pass: the tree stays valid ([`verify`](mod@crate::verify)), exits keep their numbers,
//! and a run from any frame leaves in the same state, at the same instruction. `licm` is the
//! exception: a guard that it moved to the entry makes the run stop there, with the frame untouched,
//! where it would have left in the first round of the loop.
//!
//! The recorder keeps the tree as it was built and optimises a copy each time a side trace is
//! added. Builders must not extend an optimised tree: places that `params` took out of the header
//! can no longer be told from places that were never in it.

mod bounds;
mod carry;
mod cse;
mod dce;
mod fold;
mod guards;
mod interval;
mod licm;
mod params;
mod rebox;
mod relation;
mod settle;
mod virtuals;
pub(crate) mod walk;

use crate::tree::TraceTree;
use crate::verify::{VerifyError, verify};
use std::fmt;

macro_rules! passes {
    ($($name:ident $doc:literal,)*) => {
        /// Which passes run. The order is the pipeline's, see [`optimize`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct PassConfig {
            $(#[doc = $doc] pub $name: bool,)*
        }

        impl PassConfig {
            /// Every pass.
            pub const fn all() -> PassConfig {
                PassConfig { $($name: true,)* }
            }

            const fn nothing() -> PassConfig {
                PassConfig { $($name: false,)* }
            }

            /// Switches a pass by name; false if there is none of that name.
            pub fn set(&mut self, name: &str, on: bool) -> bool {
                match name {
                    $(stringify!($name) => self.$name = on,)*
                    _ => return false,
                }
                true
            }

            /// The names of all passes.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];
        }
    };
}

passes! {
    params "Header parameters that never change become values of the entry.",
    fold "Constant folding and exact identities.",
    cse "Equal computations and guards are done once.",
    guards "Guards that earlier facts imply go; checked arithmetic that cannot overflow loses its check.",
    settle "What an exit writes of its own guard's condition is a constant.",
    virtuals "Instances that nobody else gets to see are not made.",
    licm "Computations and guards that do not depend on the loop move to the entry.",
    carry "Computations and guards that change in outer rounds only move there.",
    rebox "A number that takes the place of another one takes over its memory.",
    dce "Values that nothing uses are not computed.",
}

impl PassConfig {
    /// What `PYRT_JIT_OPT=none` runs. `params` stays on: it is what keeps an exit from writing new
    /// boxes over objects that the loop only read.
    pub const fn minimal() -> PassConfig {
        let mut config = PassConfig::nothing();
        config.params = true;
        config.dce = true;
        config
    }

    /// One pass alone, by name, for tests of that pass.
    pub fn only(name: &str) -> Option<PassConfig> {
        let mut config = PassConfig::nothing();
        config.set(name, true).then_some(config)
    }
}

impl Default for PassConfig {
    fn default() -> PassConfig {
        PassConfig::all()
    }
}

/// A pass broke the tree: a bug of the pass. The tree is unusable.
#[derive(Clone, Debug)]
pub struct PassError {
    /// The pass, or `input` if the tree was broken before.
    pub pass: &'static str,
    /// What is broken.
    pub errors: Vec<VerifyError>,
}

impl fmt::Display for PassError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after pass {}:", self.pass)?;
        self.errors
            .iter()
            .try_for_each(|error| write!(f, " {error};"))
    }
}

impl std::error::Error for PassError {}

type Pass = fn(&mut TraceTree);

/// Runs the passes that `config` switches on, calling `observe` with the name of each pass and the
/// tree after it. Debug builds verify the tree before the first pass and after each.
///
/// The second `cse` merges what `licm` and `carry` brought together, the second `params` takes out what `virtuals` has found to be the
/// same in all rounds.
///
/// # Errors
///
/// [`PassError`] in debug builds, if a pass broke an invariant.
pub fn optimize(
    tree: &mut TraceTree,
    config: &PassConfig,
    observe: &mut dyn FnMut(&'static str, &TraceTree),
) -> Result<(), PassError> {
    let pipeline: [(&'static str, bool, Pass); 13] = [
        ("params", config.params, params::run),
        ("fold", config.fold, fold::run),
        ("cse", config.cse, cse::run),
        ("guards", config.guards, guards::run),
        ("settle", config.settle, settle::run),
        ("fold", config.fold && config.guards, fold::run),
        ("virtuals", config.virtuals, virtuals::run),
        ("params", config.params && config.virtuals, params::run),
        ("licm", config.licm, licm::run),
        ("carry", config.carry, carry::run),
        ("cse", config.cse && (config.licm || config.carry), cse::run),
        ("rebox", config.rebox, rebox::run),
        ("dce", config.dce, dce::run),
    ];
    check("input", tree)?;
    for frame in tree
        .snapshots
        .iter_mut()
        .flat_map(|snapshot| &mut snapshot.frames)
    {
        frame.writes.retain(|write| !write.current);
    }
    for (name, on, pass) in pipeline {
        if on {
            pass(tree);
            walk::sweep(tree);
            check(name, tree)?;
            observe(name, tree);
        }
    }
    Ok(())
}

fn check(pass: &'static str, tree: &TraceTree) -> Result<(), PassError> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    verify(tree).map_err(|errors| PassError { pass, errors })
}

#[cfg(test)]
mod tests;
