//! perf's map: a line for each region, with address, size and name.

use std::fs::File;
use std::io::{Result, Write};
use std::path::Path;

use super::Region;
use crate::files;

/// The map of this process.
pub(super) struct Map(File);

impl Map {
    pub(super) fn create(path: &Path) -> Result<Map> {
        files::create(path, true).map(Map)
    }

    pub(super) fn add(&mut self, region: &Region<'_>) -> Result<()> {
        let name = region.name.replace('\n', " ");
        let line = format!("{:x} {:x} {name}\n", region.address(), region.code.len());
        self.0.write_all(line.as_bytes())
    }
}
