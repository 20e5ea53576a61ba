//! Guards. A guard is a branch, and Cranelift fuses it with the comparison that it tests.

use super::{Lowering, malformed};
use crate::error::Bug;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use pyrt_trace::{Imm, Ins, Op};

impl Lowering<'_> {
    pub(super) fn guard_type(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let Imm::Kind(kind) = ins.imm else {
            return Err(malformed(ins));
        };
        let object = self.arg(ins, 0)?;
        let have = self.field(types::I64, object, self.layout.ob_type);
        let want = self.address(self.layout.type_of(kind));
        let other = self.ins().icmp(IntCC::NotEqual, have, want);
        self.leave_if(other, ins)?;
        Ok(object)
    }

    pub(super) fn guard_version(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let Imm::Int(version) = ins.imm else {
            return Err(malformed(ins));
        };
        let object = self.arg(ins, 0)?;
        let flags = MemFlagsData::trusted();
        let (ob_type, tag) = (self.layout.ob_type, self.layout.type_version);
        let class = self.ins().load(types::I64, flags, object, ob_type);
        let have = self.ins().load(types::I32, flags, class, tag);
        let want = i64::from(version as u32 as i32);
        let other = self.ins().icmp_imm_s(IntCC::NotEqual, have, want);
        self.leave_if(other, ins)?;
        Ok(object)
    }

    pub(super) fn guard_obj(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let object = self.arg(ins, 0)?;
        self.leave_unless(object, ins)?;
        Ok(object)
    }

    pub(super) fn guard_null(&mut self, ins: &Ins) -> Result<(), Bug> {
        let pointer = self.arg(ins, 0)?;
        self.leave_if(pointer, ins)
    }

    pub(super) fn guard_same(&mut self, ins: &Ins, wanted: bool) -> Result<(), Bug> {
        let (a, b) = self.pair(ins)?;
        let same = self.ins().icmp(IntCC::Equal, a, b);
        if wanted {
            self.leave_unless(same, ins)
        } else {
            self.leave_if(same, ins)
        }
    }

    /// `guard_true` and `guard_false`. Negations in between are looked through, so that the
    /// comparison below them is what the branch tests.
    pub(super) fn guard_truth(&mut self, ins: &Ins, mut want: bool) -> Result<(), Bug> {
        let mut at = *ins.args.first().ok_or_else(|| malformed(ins))?;
        while let Some(negation) = self.tree.ins.get(at.index())
            && negation.op == Op::NotBool
        {
            at = *negation.args.first().ok_or_else(|| malformed(ins))?;
            want = !want;
        }
        let condition = self.value(at)?;
        if want {
            self.leave_unless(condition, ins)
        } else {
            self.leave_if(condition, ins)
        }
    }
}
