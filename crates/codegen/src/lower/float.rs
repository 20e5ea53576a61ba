//! Floats, and conversions between them and integers.
//!
//! Cranelift never contracts a multiplication and an addition, nor reorders float operations, so
//! these are IEEE 754 to the bit.

use super::Lowering;
use super::objects::OUT_WORD;
use crate::error::Bug;
use crate::layout::FloatOp;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{ConstantData, InstBuilder, Value, types};
use pyrt_trace::{Imm, Ins};

/// How many constants may stay in registers.
const MOST_KEPT: usize = 8;
/// 2**53: up to here, all integers are floats.
const EXACT: i64 = 1 << 53;
/// 2**63: the first float that is too large for an `i64`.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

impl Lowering<'_> {
    pub(super) fn f64const(&mut self, value: f64) -> Value {
        self.ins().f64const(value)
    }

    /// A constant of the tree. Cranelift makes a plain one anew at each use, by two instructions; as an element of a
    /// vector it is loaded before the loop, and stays in a register. So do the first few that are not zero.
    pub(super) fn float_constant(&mut self, bits: u64) -> Value {
        if bits == 0 || self.b.func.dfg.constants.len() >= MOST_KEPT {
            return self.f64const(f64::from_bits(bits));
        }
        let lanes = [bits, 0].map(u64::to_le_bytes).concat();
        let pool = &mut self.b.func.dfg.constants;
        let handle = pool.insert(ConstantData::from(lanes));
        let vector = self.ins().vconst(types::F64X2, handle);
        self.ins().extractlane(vector, 0)
    }

    /// Leaves if the second operand is zero, of either sign.
    fn leave_if_zero_divisor(&mut self, ins: &Ins) -> Result<(), Bug> {
        match self.immediate_of_arg(ins, 1) {
            Some(Imm::Float(bits)) if f64::from_bits(bits) != 0.0 => Ok(()),
            Some(Imm::Float(_)) => self.leave_always(ins),
            _ => {
                let divisor = self.arg(ins, 1)?;
                let zero = self.f64const(0.0);
                let is_zero = self.ins().fcmp(FloatCC::Equal, divisor, zero);
                self.leave_if(is_zero, ins)
            }
        }
    }

    pub(super) fn div_f64(&mut self, ins: &Ins) -> Result<Value, Bug> {
        self.leave_if_zero_divisor(ins)?;
        self.binary(ins, |i, a, b| i.fdiv(a, b))
    }

    /// `//` and `%`.
    pub(super) fn call_division(&mut self, ins: &Ins, function: FloatOp) -> Result<Value, Bug> {
        self.leave_if_zero_divisor(ins)?;
        let (a, b) = self.pair(ins)?;
        let params = [types::F64, types::F64];
        Ok(self.call(function as usize, &params, types::F64, &[a, b]))
    }

    pub(super) fn pow(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        let out = self.scratch(OUT_WORD);
        let function = self.layout.helpers.float_pow as usize;
        let params = [types::F64, types::F64, types::I64];
        let done = self.call(function, &params, types::I8, &[a, b, out]);
        self.leave_unless(done, ins)?;
        Ok(self.scratch_value(types::F64, OUT_WORD))
    }

    pub(super) fn f64_is_true(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        let zero = self.f64const(0.0);
        Ok(self.ins().fcmp(FloatCC::NotEqual, a, zero))
    }

    /// One unsigned comparison: -2**53 <= a <= 2**53.
    pub(super) fn i64_to_f64_exact(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        let from_zero = self.ins().iadd_imm_s(a, EXACT);
        let limit = self.iconst(2 * EXACT);
        let inexact = self
            .ins()
            .icmp(IntCC::UnsignedGreaterThan, from_zero, limit);
        self.leave_if(inexact, ins)?;
        Ok(self.ins().fcvt_from_sint(types::F64, a))
    }

    /// NaN fails both comparisons. The saturating conversion is the one that never traps.
    pub(super) fn f64_to_i64(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        let (low, high) = (self.f64const(-LIMIT), self.f64const(LIMIT));
        let above = self.ins().fcmp(FloatCC::GreaterThanOrEqual, a, low);
        self.leave_unless(above, ins)?;
        let below = self.ins().fcmp(FloatCC::LessThan, a, high);
        self.leave_unless(below, ins)?;
        Ok(self.ins().fcvt_to_sint_sat(types::I64, a))
    }
}
