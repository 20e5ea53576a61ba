//! Small typed indices of the entities of a trace tree.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident $prefix:literal,)*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            pub struct $name(pub u32);

            impl $name {
                /// The id of the entity at this index of its table.
                pub fn new(index: usize) -> $name {
                    $name(u32::try_from(index).expect("a tree has fewer than 2^32 entities"))
                }

                /// The index into the entity's table.
                pub const fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, concat!($prefix, "{}"), self.0)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }
        )*
    };
}

ids! {
    /// An instruction, and the value it defines if it has one. Indexes [`TraceTree::ins`](crate::TraceTree::ins).
    InsRef "v",
    /// A snapshot. Indexes [`TraceTree::snapshots`](crate::TraceTree::snapshots).
    SnapshotId "s",
    /// An exit. Stable: no pass renumbers exits. Indexes [`TraceTree::exits`](crate::TraceTree::exits).
    ExitId "x",
    /// A trace of the tree; 0 is the root. Indexes [`TraceTree::traces`](crate::TraceTree::traces).
    TraceId "t",
    /// A place in the program. Indexes [`TraceTree::sites`](crate::TraceTree::sites).
    SiteId "p",
    /// An object constant. Indexes [`TraceTree::consts`](crate::TraceTree::consts).
    ConstObj "c",
}

impl TraceId {
    /// The root trace of every tree.
    pub const ROOT: TraceId = TraceId(0);
}

impl SiteId {
    /// Where every tree begins.
    pub const HEADER: SiteId = SiteId(0);
}

impl SnapshotId {
    /// The snapshot of every tree's entry: the loop header, with nothing to write.
    pub const ENTRY: SnapshotId = SnapshotId(0);
}
