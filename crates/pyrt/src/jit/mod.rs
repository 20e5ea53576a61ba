//! jit
pub(crate) mod anchors;
pub(crate) mod driver;
