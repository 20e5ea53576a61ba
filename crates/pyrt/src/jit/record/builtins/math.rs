//! Functions of the module `math` on registers.

use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, InsRef, Op, Type};

use crate::interp::Regs;
use crate::jit::record::{Recorded, Recorder, read_as};

/// Functions of one float that are called with what is in the register.
const OF_FLOAT: [(&str, Helper); 11] = [
    ("sqrt", Helper::Sqrt),
    ("sin", Helper::Sin),
    ("cos", Helper::Cos),
    ("tan", Helper::Tan),
    ("asin", Helper::Asin),
    ("acos", Helper::Acos),
    ("atan", Helper::Atan),
    ("exp", Helper::Exp),
    ("log", Helper::Log),
    ("log2", Helper::Log2),
    ("log10", Helper::Log10),
];

/// The same of two floats.
const OF_FLOATS: [(&str, Helper); 3] = [
    ("atan2", Helper::Atan2),
    ("pow", Helper::PowFinite),
    ("fmod", Helper::Fmod),
];

impl Recorder {
    /// Functions of `math` on registers.
    pub(super) unsafe fn of_math(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let ints = (1..=total).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some());
            let of_ints = match (name, total) {
                ("gcd", 2) => Some(Helper::GcdI64),
                ("isqrt", 1) => Some(Helper::IsqrtI64),
                _ => None,
            };
            if let Some(helper) = of_ints.filter(|_| ints) {
                self.guard_function(r, total as u16 + 1, callee)?;
                let mut operands = Vec::new();
                for at in (1..=total).rev() {
                    operands.push(self.peek_number(r, at as u16)?.ok_or(AbortReason::BigInt)?);
                }
                let result = self.call_helper(helper, &operands)?;
                self.finish_status(result, ExitReason::Domain)?;
                return self.replace_by(n, result).map(|()| true);
            }
            let numbers =
                (1..=total).all(|at| !is_bool(r.peek(at)) && read_as(r.peek(at)).is_some());
            if !numbers || total == 0 || total > 2 {
                return Ok(false);
            }
            let one = OF_FLOAT
                .iter()
                .find(|(known, _)| *known == name && total == 1);
            let two = OF_FLOATS
                .iter()
                .find(|(known, _)| *known == name && total == 2);
            let rounds = total == 1 && matches!(name, "floor" | "ceil" | "trunc");
            let tests = total == 1 && matches!(name, "isnan" | "isfinite" | "fabs");
            if one.is_none() && two.is_none() && !rounds && !tests {
                return Ok(false);
            }
            self.guard_function(r, total as u16 + 1, callee)?;
            self.guard_recursion()?;
            let mut operands = Vec::new();
            for at in (1..=total).rev() {
                operands.push(
                    self.peek_number(r, at as u16)?
                        .ok_or(AbortReason::UnsupportedType)?,
                );
            }
            let depth = self.at.depth;
            if rounds && self.ty(operands[0]) == Type::I64 {
                return self.replace_by(n, operands[0]).map(|()| true);
            }
            for operand in &mut operands {
                *operand = self.widened(*operand)?;
            }
            let x = operands[0];
            let result = match name {
                "floor" | "ceil" | "trunc" => {
                    let whole = match name {
                        "floor" => self.call_helper(Helper::Floor, &operands)?,
                        "ceil" => self.call_helper(Helper::Ceil, &operands)?,
                        _ => x,
                    };
                    self.checked(Op::F64ToI64, &[whole], ExitReason::Domain, depth)?
                }
                "isnan" => self.op(Op::NeF64, &[x, x])?,
                "isfinite" => self.is_finite(x)?,
                "fabs" => self.op(Op::AbsF64, &[x])?,
                _ => {
                    let helper = one
                        .or(two)
                        .map(|(_, helper)| *helper)
                        .ok_or(AbortReason::Call)?;
                    let result = self.call_helper(helper, &operands)?;
                    // Where it is not, Python may raise.
                    let finite = self.is_finite(result)?;
                    self.checked(Op::GuardTrue, &[finite], ExitReason::Domain, depth)?;
                    result
                }
            };
            self.replace_by(n, result).map(|()| true)
        }
    }

    fn is_finite(&mut self, value: InsRef) -> Recorded<InsRef> {
        let zero = self.builder.const_f64(0.0);
        let difference = self.op(Op::SubF64, &[value, value])?;
        self.op(Op::EqF64, &[difference, zero])
    }
}
