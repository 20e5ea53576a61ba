//! Integer arithmetic.
//!
//! Overflow is what the flags say, except where an operand is a constant: then comparing the result
//! with the other operand is one instruction, which fuses with the branch.
//!
//! # no-trap
//! Division by zero and `MIN / -1` would trap; both have left the trace before the division.

use super::Lowering;
use crate::error::Bug;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::FuncInstBuilder;
use pyrt_trace::Ins;

impl Lowering<'_> {
    pub(super) fn add_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        match (self.constant_arg(ins, 0), self.constant_arg(ins, 1)) {
            (_, Some(constant)) => self.moved(ins, a, constant > 0, |i| i.iadd(a, b)),
            (Some(constant), _) => self.moved(ins, b, constant > 0, |i| i.iadd(a, b)),
            _ => {
                let (sum, overflow) = self.ins().sadd_overflow(a, b);
                self.leave_if(overflow, ins)?;
                Ok(sum)
            }
        }
    }

    pub(super) fn sub_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        match self.constant_arg(ins, 1) {
            Some(constant) => self.moved(ins, a, constant < 0, |i| i.isub(a, b)),
            None => {
                let (difference, overflow) = self.ins().ssub_overflow(a, b);
                self.leave_if(overflow, ins)?;
                Ok(difference)
            }
        }
    }

    /// `from` moved by a constant, `up` or not: it has overflowed if it went the other way.
    fn moved(
        &mut self,
        ins: &Ins,
        from: Value,
        up: bool,
        make: impl FnOnce(FuncInstBuilder<'_, '_>) -> Value,
    ) -> Result<Value, Bug> {
        let to = make(self.ins());
        let wrong = if up {
            IntCC::SignedLessThan
        } else {
            IntCC::SignedGreaterThan
        };
        let overflow = self.ins().icmp(wrong, to, from);
        self.leave_if(overflow, ins)?;
        Ok(to)
    }

    pub(super) fn mul_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        let (product, overflow) = self.ins().smul_overflow(a, b);
        self.leave_if(overflow, ins)?;
        Ok(product)
    }

    pub(super) fn neg_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        let zero = self.iconst(0);
        let (negated, overflow) = self.ins().ssub_overflow(zero, a);
        self.leave_if(overflow, ins)?;
        Ok(negated)
    }

    /// Only `MIN` has a negative absolute value.
    pub(super) fn abs_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        let value = self.ins().iabs(a);
        let overflow = self.ins().icmp_imm_s(IntCC::SignedLessThan, value, 0);
        self.leave_if(overflow, ins)?;
        Ok(value)
    }

    /// Rounds towards minus infinity: a shift for powers of two.
    pub(super) fn floordiv(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        let constant = self.constant_arg(ins, 1);
        if let Some(power) = constant.and_then(power_of_two) {
            return Ok(self.ins().sshr_imm_u(a, i64::from(power)));
        }
        self.leave_before_trap(ins, a, b, constant)?;
        if constant == Some(0) {
            return Ok(a);
        }
        let quotient = self.ins().sdiv(a, b);
        let rest = self.rest(a, b, quotient);
        let adjust = self.is_on_wrong_side(rest, b, constant);
        let adjust = self.ins().uextend(types::I64, adjust);
        Ok(self.ins().isub(quotient, adjust))
    }

    /// Has the sign of the divisor: a mask for powers of two.
    pub(super) fn modulo(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        let constant = self.constant_arg(ins, 1);
        if let Some(power) = constant.and_then(power_of_two) {
            let mask = (1_i64 << power) - 1;
            return Ok(self.ins().band_imm_u(a, mask));
        }
        self.leave_before_trap(ins, a, b, constant)?;
        if constant == Some(0) {
            return Ok(a);
        }
        let quotient = self.ins().sdiv(a, b);
        let rest = self.rest(a, b, quotient);
        let adjust = self.is_on_wrong_side(rest, b, constant);
        let moved = self.ins().iadd(rest, b);
        Ok(self.ins().select(adjust, moved, rest))
    }

    /// `a - b * quotient`, which lets `//` and `%` of the same operands share one division.
    fn rest(&mut self, a: Value, b: Value, quotient: Value) -> Value {
        let whole = self.ins().imul(quotient, b);
        self.ins().isub(a, whole)
    }

    /// Whether the rest is not zero and its sign is not the divisor's.
    fn is_on_wrong_side(&mut self, rest: Value, b: Value, constant: Option<i64>) -> Value {
        match constant {
            Some(1..) => self.ins().icmp_imm_s(IntCC::SignedLessThan, rest, 0),
            Some(_) => self.ins().icmp_imm_s(IntCC::SignedGreaterThan, rest, 0),
            None => {
                let signs = self.ins().bxor(rest, b);
                let differ = self.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
                let inexact = self.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
                self.ins().band(differ, inexact)
            }
        }
    }

    /// Keeps `# no-trap`. The divisors -1 and 0 are 0 and 1 after adding one, so that one unsigned
    /// comparison keeps both from the usual path.
    fn leave_before_trap(
        &mut self,
        ins: &Ins,
        a: Value,
        b: Value,
        constant: Option<i64>,
    ) -> Result<(), Bug> {
        match constant {
            Some(0) => return self.leave_always(ins),
            Some(-1) => {
                let least = self.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
                return self.leave_if(least, ins);
            }
            Some(_) => return Ok(()),
            None => {}
        }
        let (special, usual) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(special);
        let from_zero = self.ins().iadd_imm_s(b, 1);
        let risky = self
            .ins()
            .icmp_imm_s(IntCC::UnsignedLessThanOrEqual, from_zero, 1);
        self.ins().brif(risky, special, &[], usual, &[]);

        self.b.switch_to_block(special);
        self.leave_unless(b, ins)?;
        self.mark_cold();
        let least = self.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
        self.leave_if(least, ins)?;
        self.mark_cold();
        self.ins().jump(usual, &[]);
        self.b.switch_to_block(usual);
        Ok(())
    }

    /// Overflows if shifting back gives something else.
    pub(super) fn shl_ovf(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        match self.constant_arg(ins, 1) {
            Some(0..63) => {}
            Some(_) => {
                self.leave_always(ins)?;
                return Ok(a);
            }
            None => {
                let wide = self
                    .ins()
                    .icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, b, 63);
                self.leave_if(wide, ins)?;
            }
        }
        let shifted = self.ins().ishl(a, b);
        let back = self.ins().sshr(shifted, b);
        let lost = self.ins().icmp(IntCC::NotEqual, back, a);
        self.leave_if(lost, ins)?;
        Ok(shifted)
    }

    /// Shifting by 63 leaves only the sign, and so does shifting by more.
    pub(super) fn shr(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        match self.constant_arg(ins, 1) {
            Some(amount @ 0..) => Ok(self.ins().sshr_imm_u(a, amount.min(63))),
            Some(_) => {
                self.leave_always(ins)?;
                Ok(a)
            }
            None => {
                let negative = self.ins().icmp_imm_s(IntCC::SignedLessThan, b, 0);
                self.leave_if(negative, ins)?;
                let most = self.iconst(63);
                let amount = self.ins().umin(b, most);
                Ok(self.ins().sshr(a, amount))
            }
        }
    }
}

/// The exponent, if the number is a power of two.
fn power_of_two(number: i64) -> Option<u32> {
    (number.count_ones() == 1 && number > 0).then(|| number.trailing_zeros())
}
