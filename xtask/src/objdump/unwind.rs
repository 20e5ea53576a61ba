//! Where a function makes a call, its unwind information says where its return address is on the stack.
//!
//! Exceptions of C++, cancelled threads, debuggers and profilers go through pyrt's frames by it. A row that says the
//! address was still in its register has them go round for ever: the call has overwritten that.

use super::flow::Machine;
use super::listing::Function;
use crate::Result;
use gimli::{BaseAddresses, CieOrFde, EhFrame, EndianSlice, RunTimeEndian, UnwindContext};
use gimli::{Register, RegisterRule, UnwindSection};
use object::{Object, ObjectSection};
use std::collections::BTreeMap;
use std::path::Path;

/// By where they begin, the ends of stretches of code, and whether a caller is found from there.
pub(super) struct Rows(BTreeMap<u64, (u64, bool)>);

impl Rows {
    /// Those in an executable's `.eh_frame`, of which `return_address` is the column that tells of callers.
    pub(super) fn read(executable: &Path, return_address: Register) -> Result<Self> {
        let bytes = std::fs::read(executable)?;
        let file = object::File::parse(&*bytes)?;
        let section = file.section_by_name(".eh_frame");
        let section = section.ok_or("the executable has no .eh_frame")?;
        let frames = EhFrame::from(EndianSlice::new(section.data()?, RunTimeEndian::Little));
        let bases = BaseAddresses::default().set_eh_frame(section.address());
        let mut context = UnwindContext::new();
        let mut rows = BTreeMap::new();
        let mut entries = frames.entries(&bases);
        while let Some(entry) = entries.next()? {
            let CieOrFde::Fde(partial) = entry else {
                continue;
            };
            let fde = partial.parse(EhFrame::cie_from_offset)?;
            let mut table = fde.rows(&frames, &bases, &mut context)?;
            while let Some(row) = table.next_row()? {
                // "Undefined" is said of what has no caller.
                let is_known = !matches!(
                    row.register(return_address),
                    None | Some(RegisterRule::SameValue)
                );
                rows.insert(row.start_address(), (row.end_address(), is_known));
            }
        }
        Ok(Self(rows))
    }

    /// The calls in a function from where unwinding would not find its caller. Code without unwind information, which
    /// is written in assembly, has none.
    pub(super) fn lost<'a>(&self, function: &Function<'a>, machine: &dyn Machine) -> Vec<&'a str> {
        let calls = function.instructions.iter();
        let calls = calls.filter(|instruction| machine.is_call(instruction));
        calls
            .map(|call| call.address)
            .filter(|address| self.is_known(address) == Some(false))
            .collect()
    }

    fn is_known(&self, address: &str) -> Option<bool> {
        let address = u64::from_str_radix(address, 16).ok()?;
        let (_, &(end, is_known)) = self.0.range(..=address).next_back()?;
        (address < end).then_some(is_known)
    }
}
