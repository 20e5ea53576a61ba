//! Recording arithmetic and comparisons.

use pyrt_cpython::inline::{is_int, is_str, type_of};
use pyrt_cpython::object::PyObject;
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, InsRef, ObjKind, Op, Type};

use super::stack::Popped;
use super::{Recorded, Recorder, built, int_value};
use crate::interp::Regs;
use crate::jit::lookup::{compares_identity, version_of};

/// The largest constant exponent of `int ** int` that becomes multiplications.
const MAX_UNROLLED_POWER: i64 = 4;

/// `NB_*` operators (`Include/opcode.h`), in-place forms folded in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    And,
    FloorDivide,
    LeftShift,
    MatrixMultiply,
    Multiply,
    Remainder,
    Or,
    Power,
    RightShift,
    Subtract,
    TrueDivide,
    Xor,
}

impl Operator {
    fn new(oparg: usize) -> Operator {
        use Operator::*;
        const BY_NUMBER: [Operator; 13] = [
            Add,
            And,
            FloorDivide,
            LeftShift,
            MatrixMultiply,
            Multiply,
            Remainder,
            Or,
            Power,
            RightShift,
            Subtract,
            TrueDivide,
            Xor,
        ];
        BY_NUMBER[oparg % BY_NUMBER.len()]
    }
}

/// Comparison operators by `Py_LT` … `Py_GE`: for ints and for floats.
const COMPARISONS: [(Op, Op); 6] = [
    (Op::LtI64, Op::LtF64),
    (Op::LeI64, Op::LeF64),
    (Op::EqI64, Op::EqF64),
    (Op::NeI64, Op::NeF64),
    (Op::GtI64, Op::GtF64),
    (Op::GeI64, Op::GeF64),
];

/// Whether the result of an operator of two ints or bools does not fit 64 bits, or there is none.
unsafe fn outgrows(operator: Operator, left: *mut PyObject, right: *mut PyObject) -> bool {
    // SAFETY: live ints.
    let operands = unsafe { (int_value(left), int_value(right)) };
    let (Some(left), Some(right)) = operands else {
        return true;
    };
    match operator {
        Operator::Add => left.checked_add(right).is_none(),
        Operator::Subtract => left.checked_sub(right).is_none(),
        Operator::Multiply => left.checked_mul(right).is_none(),
        Operator::LeftShift => {
            right >= 0 && left != 0 && (right >= 63 || left << right >> right != left)
        }
        Operator::FloorDivide | Operator::Remainder | Operator::TrueDivide => right == 0,
        _ => false,
    }
}

impl Recorder {
    pub(super) unsafe fn unary(&mut self, r: Regs, opcode: u8) -> Recorded {
        let depth = self.at.depth;
        // SAFETY: the operand is on the stack.
        let value = match unsafe { self.peek_number(r, 1)? } {
            Some(value) => value,
            None if opcode == opcodes::UNARY_NOT => {
                // SAFETY: as above.
                let (truth, _) = unsafe { self.truth_of_object(r)? };
                let result = self.op(Op::NotBool, &[truth])?;
                return self.replace_by(1, result);
            }
            None => return Err(AbortReason::UnsupportedType),
        };
        let result = match (opcode, self.ty(value)) {
            (opcodes::UNARY_NOT, _) => {
                let truth = self.truth(value)?;
                self.op(Op::NotBool, &[truth])?
            }
            (_, Type::Bool) if opcode != opcodes::UNARY_NOT => {
                let int = self.op(Op::BoolToI64, &[value])?;
                self.unary_number(opcode, int, Type::I64, depth)?
            }
            (_, ty) => self.unary_number(opcode, value, ty, depth)?,
        };
        self.replace_by(1, result)
    }

    fn unary_number(
        &mut self,
        opcode: u8,
        value: InsRef,
        ty: Type,
        depth: u16,
    ) -> Recorded<InsRef> {
        match (opcode, ty) {
            (opcodes::UNARY_POSITIVE, _) => Ok(value),
            (opcodes::UNARY_NEGATIVE, Type::I64) => {
                self.checked(Op::NegOvf, &[value], ExitReason::Overflow, depth)
            }
            (opcodes::UNARY_NEGATIVE, Type::F64) => self.op(Op::NegF64, &[value]),
            (opcodes::UNARY_INVERT, Type::I64) => self.op(Op::NotI64, &[value]),
            _ => Err(AbortReason::UnsupportedType),
        }
    }

    pub(super) unsafe fn binary(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the operands are on the stack.
        unsafe {
            match self.number_binary(r, oparg) {
                Err(reason) if reason.is_generic() => {
                    if self.quiet_binary(r, oparg)? {
                        return Ok(());
                    }
                    let number = self.builder.const_i64(oparg as i64);
                    self.foreign(r, Helper::BinaryOp, 2, Some(number))
                }
                recorded => recorded,
            }
        }
    }

    unsafe fn number_binary(&mut self, r: Regs, oparg: usize) -> Recorded {
        let depth = self.at.depth;
        // SAFETY: the operands are on the stack.
        let operands = unsafe { (self.peek_number(r, 2)?, self.peek_number(r, 1)?) };
        let (Some(left), Some(right)) = operands else {
            return Err(AbortReason::UnsupportedType);
        };
        let operator = Operator::new(oparg);
        if self.ty(left) == Type::Bool
            && self.ty(right) == Type::Bool
            && matches!(operator, Operator::And | Operator::Or | Operator::Xor)
        {
            // Their result is a bool, which the IR has no operator for.
            return Err(AbortReason::UnsupportedType);
        }
        let (left, right) = (self.number(left)?, self.number(right)?);
        let result = match (self.ty(left), self.ty(right)) {
            // SAFETY: as above.
            (Type::I64, Type::I64) if unsafe { outgrows(operator, r.peek(2), r.peek(1)) } => {
                return Err(AbortReason::BigInt);
            }
            (Type::I64, Type::I64) => self.int_binary(operator, left, right, depth)?,
            _ => {
                let (left, right) = (self.widened(left)?, self.widened(right)?);
                self.float_binary(operator, left, right, depth)?
            }
        };
        self.replace_by(2, result)
    }

    fn int_binary(
        &mut self,
        operator: Operator,
        left: InsRef,
        right: InsRef,
        depth: u16,
    ) -> Recorded<InsRef> {
        let overflow = ExitReason::Overflow;
        match operator {
            Operator::Add => self.checked(Op::AddOvf, &[left, right], overflow, depth),
            Operator::Subtract => self.checked(Op::SubOvf, &[left, right], overflow, depth),
            Operator::Multiply => self.checked(Op::MulOvf, &[left, right], overflow, depth),
            Operator::LeftShift => self.checked(Op::ShlOvf, &[left, right], overflow, depth),
            Operator::RightShift => {
                self.checked(Op::ShrI64, &[left, right], ExitReason::Domain, depth)
            }
            Operator::FloorDivide => self.checked(
                Op::FloordivI64,
                &[left, right],
                ExitReason::ZeroDivision,
                depth,
            ),
            Operator::Remainder => {
                self.checked(Op::ModI64, &[left, right], ExitReason::ZeroDivision, depth)
            }
            Operator::And => self.op(Op::AndI64, &[left, right]),
            Operator::Or => self.op(Op::OrI64, &[left, right]),
            Operator::Xor => self.op(Op::XorI64, &[left, right]),
            Operator::TrueDivide => {
                // Division of exactly converted operands rounds once, as Python does.
                let left = self.checked(Op::I64ToF64Exact, &[left], ExitReason::IntRange, depth)?;
                let right =
                    self.checked(Op::I64ToF64Exact, &[right], ExitReason::IntRange, depth)?;
                self.checked(Op::DivF64, &[left, right], ExitReason::ZeroDivision, depth)
            }
            Operator::Power => self.int_power(left, right, depth),
            Operator::MatrixMultiply => Err(AbortReason::GenericOperation),
        }
    }

    /// Small constant powers; others depend on the exponent's sign and size.
    fn int_power(&mut self, base: InsRef, exponent: InsRef, depth: u16) -> Recorded<InsRef> {
        let exponent = match self.builder.tree().at(exponent).imm {
            pyrt_trace::Imm::Int(exponent @ 1..=MAX_UNROLLED_POWER) => exponent,
            _ => return Err(AbortReason::GenericOperation),
        };
        let mut result = base;
        for _ in 1..exponent {
            result = self.checked(Op::MulOvf, &[result, base], ExitReason::Overflow, depth)?;
        }
        Ok(result)
    }

    fn float_binary(
        &mut self,
        operator: Operator,
        left: InsRef,
        right: InsRef,
        depth: u16,
    ) -> Recorded<InsRef> {
        let operands = [left, right];
        match operator {
            Operator::Add => self.op(Op::AddF64, &operands),
            Operator::Subtract => self.op(Op::SubF64, &operands),
            Operator::Multiply => self.op(Op::MulF64, &operands),
            Operator::TrueDivide => {
                self.checked(Op::DivF64, &operands, ExitReason::ZeroDivision, depth)
            }
            Operator::FloorDivide => {
                self.checked(Op::FloordivF64, &operands, ExitReason::ZeroDivision, depth)
            }
            Operator::Remainder => {
                self.checked(Op::ModF64, &operands, ExitReason::ZeroDivision, depth)
            }
            Operator::Power => self.checked(Op::PowF64, &operands, ExitReason::Domain, depth),
            _ => Err(AbortReason::GenericOperation),
        }
    }

    pub(super) unsafe fn compare(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the operands are on the stack.
        unsafe {
            if is_str(r.peek(1)) && is_str(r.peek(2)) && matches!(oparg, 2 | 3) {
                return self.compare_strs(r, oparg == 3);
            }
            if is_str(r.peek(1)) && is_str(r.peek(2)) {
                return self.order(r, (ObjKind::Str, Helper::StrCompare), COMPARISONS[oparg].0);
            }
            if matches!(oparg, 2 | 3) && self.compare_identities(r, oparg == 3)? {
                return Ok(());
            }
            match self.number_compare(r, oparg) {
                // Big ones.
                Err(reason) if reason.is_generic() && is_int(r.peek(1)) && is_int(r.peek(2)) => {
                    self.order(r, (ObjKind::Int, Helper::IntCompare), COMPARISONS[oparg].0)
                }
                Err(reason) if reason.is_generic() => {
                    let number = self.builder.const_i64(oparg as i64);
                    self.foreign(r, Helper::Compare, 2, Some(number))
                }
                recorded => recorded,
            }
        }
    }

    /// `==` and `!=` of strs.
    unsafe fn compare_strs(&mut self, r: Regs, differ: bool) -> Recorded {
        // SAFETY: the operands are on the stack.
        let (left, right) = unsafe { (self.peek(r, 2)?, self.peek(r, 1)?) };
        let left = self.guard_kind(left, ObjKind::Str)?;
        let right = self.guard_kind(right, ObjKind::Str)?;
        // SAFETY: the operands are on the stack.
        let mut result = match unsafe { self.codes_of(r, left, right) } {
            Some((left, right)) => self.op(Op::EqI64, &[left, right])?,
            None => {
                let equal = self.call_helper(Helper::StrEq, &[left, right])?;
                self.op(Op::I64IsTrue, &[equal])?
            }
        };
        if differ {
            result = self.op(Op::NotBool, &[result])?;
        }
        self.replace_by(2, result)
    }

    /// `==` and `!=` of objects whose classes define neither, so that each equals itself alone; false if they are no
    /// such objects.
    unsafe fn compare_identities(&mut self, r: Regs, differ: bool) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let classes = [r.peek(2), r.peek(1)].map(|object| type_of(object));
            if !classes.iter().all(|class| compares_identity(*class)) {
                return Ok(false);
            }
            let Some(versions) = version_of(classes[0]).zip(version_of(classes[1])) else {
                return Ok(false);
            };
            let (left, right) = (self.peek_object(r, 2)?, self.peek_object(r, 1)?);
            let left = self.guard_version(left, versions.0)?;
            let right = self.guard_version(right, versions.1)?;
            let mut result = self.op(Op::Same, &[left, right])?;
            if differ {
                result = self.op(Op::NotBool, &[result])?;
            }
            self.replace_by(2, result)?;
            Ok(true)
        }
    }

    unsafe fn number_compare(&mut self, r: Regs, oparg: usize) -> Recorded {
        let depth = self.at.depth;
        // SAFETY: the operands are on the stack.
        let operands = unsafe { (self.peek_number(r, 2)?, self.peek_number(r, 1)?) };
        let (Some(left), Some(right)) = operands else {
            return Err(AbortReason::UnsupportedType);
        };
        let (left, right) = (self.number(left)?, self.number(right)?);
        let (for_ints, for_floats) = COMPARISONS[oparg];
        let result = match (self.ty(left), self.ty(right)) {
            (Type::I64, Type::I64) => self.op(for_ints, &[left, right])?,
            (Type::F64, Type::F64) => self.op(for_floats, &[left, right])?,
            // Python compares an int with a float exactly.
            (Type::I64, _) => {
                let left = self.checked(Op::I64ToF64Exact, &[left], ExitReason::IntRange, depth)?;
                self.op(for_floats, &[left, right])?
            }
            _ => {
                let right =
                    self.checked(Op::I64ToF64Exact, &[right], ExitReason::IntRange, depth)?;
                self.op(for_floats, &[left, right])?
            }
        };
        self.replace_by(2, result)
    }

    /// `is` and `is not`.
    pub(super) unsafe fn is_op(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the operands are on the stack.
        let (left, right) = unsafe { (self.peek_object(r, 2)?, self.peek_object(r, 1)?) };
        let mut same = self.op(Op::Same, &[left, right])?;
        if oparg != 0 {
            same = self.op(Op::NotBool, &[same])?;
        }
        self.replace_by(2, same)
    }

    /// Replaces the topmost values by an unboxed one.
    pub(super) fn replace_by(&mut self, n: u16, value: InsRef) -> Recorded {
        let held = Held::Owned;
        self.replace(n, &[Popped { value, held }])
    }

    /// A bool as the int that it is in arithmetic; other numbers as they are.
    pub(super) fn number(&mut self, value: InsRef) -> Recorded<InsRef> {
        match self.ty(value) {
            Type::Bool => self.op(Op::BoolToI64, &[value]),
            Type::I64 | Type::F64 => Ok(value),
            Type::Obj | Type::Ptr => Err(AbortReason::UnsupportedType),
        }
    }

    pub(super) fn widened(&mut self, value: InsRef) -> Recorded<InsRef> {
        if self.ty(value) == Type::I64 {
            self.op(Op::I64ToF64, &[value])
        } else {
            Ok(value)
        }
    }

    /// The truth of a number.
    pub(super) fn truth(&mut self, value: InsRef) -> Recorded<InsRef> {
        match self.ty(value) {
            Type::Bool => Ok(value),
            Type::I64 => self.op(Op::I64IsTrue, &[value]),
            Type::F64 => self.op(Op::F64IsTrue, &[value]),
            Type::Obj | Type::Ptr => Err(AbortReason::UnsupportedType),
        }
    }

    pub(super) fn op(&mut self, op: Op, args: &[InsRef]) -> Recorded<InsRef> {
        built(self.builder.op(op, args))
    }

    /// An op that leaves before the present instruction where it cannot compute.
    pub(super) fn checked(
        &mut self,
        op: Op,
        args: &[InsRef],
        reason: ExitReason,
        depth: u16,
    ) -> Recorded<InsRef> {
        let exit = self.exit(reason, depth);
        built(self.builder.op_exit(op, args, exit))
    }
}
