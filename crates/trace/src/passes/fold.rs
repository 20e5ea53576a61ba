//! Constant folding and identities that are exact.
//!
//! One forward walk. An op whose operands are constants becomes a constant, or, if it exits for
//! them, ends its trace. Identities apply to integers, truth values and float sign bits only:
//! `x + 0.0`, `x * 1.0` and their like change signed zeros or NaNs. `pow_f64` is not folded, because
//! its last bit depends on the machine's C library. Cost: linear.

use super::walk::{Action, Visitor, walk};
use crate::frames::origin;
use crate::ids::InsRef;
use crate::ops::Op;
use crate::semantics::{Computed, Scalar, compute};
use crate::tree::{Imm, Ins, TraceTree};
use crate::types::Type;

pub(super) fn run(tree: &mut TraceTree) {
    let gives_up = |ins: &Ins| {
        matches!(
            ins.op,
            Op::Release | Op::ReleaseAny | Op::ReleaseLeaf | Op::Call
        )
    };
    let gives_up = tree.ins.iter().any(gives_up);
    walk(tree, &mut Fold { gives_up });
}

struct Fold {
    /// Some trace may give up references.
    gives_up: bool,
}

impl Visitor for Fold {
    fn visit(&mut self, tree: &mut TraceTree, at: InsRef) -> Action {
        let ins = *tree.at(at);
        match ins.op {
            Op::GuardTrue | Op::GuardFalse => fold_guard(tree, at, ins),
            Op::PowF64 => Action::Keep,
            Op::UnboxInt | Op::UnboxFloat => unbox_of_box(tree, &ins),
            Op::BoxInt | Op::BoxFloat if self.gives_up => Action::Keep,
            Op::BoxInt | Op::BoxFloat => box_of_unbox(tree, at, &ins),
            _ => match fold_constants(tree, at, &ins) {
                Some(action) => action,
                None => fold_identity(tree, at, &ins),
            },
        }
    }

    fn passed(&mut self, _: &TraceTree, _: InsRef) {}

    fn enter_side(&mut self, _: &TraceTree, _: Option<InsRef>) {}

    fn leave_side(&mut self) {}
}

/// The constant that a value is.
pub(super) fn scalar_of(tree: &TraceTree, value: InsRef) -> Option<Scalar> {
    if !tree.at(value).op.is_const() {
        return None;
    }
    match tree.at(value).imm {
        Imm::Int(value) => Some(Scalar::I64(value)),
        Imm::Float(bits) => Some(Scalar::F64(f64::from_bits(bits))),
        Imm::Truth(value) => Some(Scalar::Bool(value)),
        _ => None,
    }
}

/// Turns an instruction into a constant, in place.
pub(super) fn set_constant(tree: &mut TraceTree, at: InsRef, value: Scalar) -> Action {
    tree.ins[at.index()] = match value {
        Scalar::I64(value) => Ins::int(value),
        Scalar::F64(value) => Ins::float(value),
        Scalar::Bool(value) => Ins::truth(value),
    };
    Action::Keep
}

/// Turns an instruction into another op without exit and immediate, in place.
pub(super) fn set_op(tree: &mut TraceTree, at: InsRef, op: Op, args: &[InsRef]) -> Action {
    tree.ins[at.index()] = Ins::plain(op, args, None);
    Action::Keep
}

/// The value that was put into the box.
fn unbox_of_box(tree: &TraceTree, ins: &Ins) -> Action {
    let boxed = tree.at(origin(tree, ins.args[0]));
    match boxed.op {
        Op::BoxInt if ins.op == Op::UnboxInt => Action::Replace(boxed.args[0]),
        Op::BoxFloat if ins.op == Op::UnboxFloat => Action::Replace(boxed.args[0]),
        _ => Action::Keep,
    }
}

/// The object whose value is boxed again, if the frame is certain to hold it still: it was loaded from a slot
/// in the entry, and no parameter has taken its place. Not where references are given up: the slot's own may be,
/// when its variable gets an equal number, by the trace or by a call that takes it; what memory has of it
/// has another name by then.
fn box_of_unbox(tree: &mut TraceTree, at: InsRef, ins: &Ins) -> Action {
    let source = tree.at(ins.args[0]);
    let unbox = if ins.op == Op::BoxInt {
        Op::UnboxInt
    } else {
        Op::UnboxFloat
    };
    if source.op != unbox {
        return Action::Keep;
    }
    let object = source.args[0];
    if tree.at(origin(tree, object)).op != Op::LoadSlot {
        return Action::Keep;
    }
    set_op(tree, at, Op::Own, &[object])
}

fn fold_guard(tree: &mut TraceTree, at: InsRef, ins: Ins) -> Action {
    let condition = ins.args[0];
    let wanted = ins.op == Op::GuardTrue;
    if let Some(Scalar::Bool(truth)) = scalar_of(tree, condition) {
        return if truth == wanted {
            Action::Remove
        } else {
            Action::Leave
        };
    }
    let source = tree.at(condition);
    if source.op == Op::NotBool {
        let inverse = if wanted {
            Op::GuardFalse
        } else {
            Op::GuardTrue
        };
        tree.ins[at.index()] = Ins {
            op: inverse,
            args: source.args,
            ..ins
        };
    }
    Action::Keep
}

fn fold_constants(tree: &mut TraceTree, at: InsRef, ins: &Ins) -> Option<Action> {
    let mut args = [Scalar::Bool(false); 2];
    let args = args.get_mut(..ins.args.len())?;
    for (scalar, &arg) in args.iter_mut().zip(ins.args.iter()) {
        *scalar = scalar_of(tree, arg)?;
    }
    match compute(ins.op, args) {
        Computed::Value(value) => Some(set_constant(tree, at, value)),
        Computed::Exit => Some(Action::Leave),
        Computed::Not => None,
    }
}

fn fold_identity(tree: &mut TraceTree, at: InsRef, ins: &Ins) -> Action {
    match *ins.args {
        [a] => fold_unary(tree, at, ins.op, a),
        [a, b] if tree.at(a).ty == Some(Type::I64) => {
            let constants = (int_of(tree, a), int_of(tree, b));
            fold_binary(tree, at, ins.op, (a, b), constants)
        }
        _ => Action::Keep,
    }
}

fn int_of(tree: &TraceTree, value: InsRef) -> Option<i64> {
    if !tree.at(value).op.is_const() {
        return None;
    }
    match tree.at(value).imm {
        Imm::Int(value) => Some(value),
        _ => None,
    }
}

fn fold_unary(tree: &mut TraceTree, at: InsRef, op: Op, a: InsRef) -> Action {
    let inner = *tree.at(a);
    match (op, inner.op) {
        (Op::NotI64, Op::NotI64)
        | (Op::NegF64, Op::NegF64)
        | (Op::NotBool, Op::NotBool)
        | (Op::NegOvf, Op::NegOvf)
        | (Op::I64IsTrue, Op::BoolToI64)
        | (Op::F64ToI64, Op::I64ToF64Exact) => Action::Replace(inner.args[0]),
        (Op::AbsF64, Op::AbsF64) | (Op::AbsOvf, Op::AbsOvf) => Action::Replace(a),
        (Op::AbsF64, Op::NegF64) => set_op(tree, at, Op::AbsF64, &[inner.args[0]]),
        (Op::NotBool, compare) => match inverse(compare) {
            Some(inverse) => set_op(tree, at, inverse, &inner.args),
            None => Action::Keep,
        },
        _ => Action::Keep,
    }
}

/// The comparison that is true exactly when this one is false. Ordered float comparisons have none:
/// both are false for NaN.
const fn inverse(op: Op) -> Option<Op> {
    Some(match op {
        Op::EqI64 => Op::NeI64,
        Op::NeI64 => Op::EqI64,
        Op::LtI64 => Op::GeI64,
        Op::GeI64 => Op::LtI64,
        Op::GtI64 => Op::LeI64,
        Op::LeI64 => Op::GtI64,
        Op::EqF64 => Op::NeF64,
        Op::NeF64 => Op::EqF64,
        _ => return None,
    })
}

fn fold_binary(
    tree: &mut TraceTree,
    at: InsRef,
    op: Op,
    (a, b): (InsRef, InsRef),
    constants: (Option<i64>, Option<i64>),
) -> Action {
    if a == b
        && let Some(action) = fold_same(tree, at, op, a)
    {
        return action;
    }
    match (op, constants) {
        (Op::AddOvf | Op::AddWrap | Op::OrI64 | Op::XorI64, (Some(0), _)) => Action::Replace(b),
        (
            Op::AddOvf | Op::AddWrap | Op::SubOvf | Op::SubWrap | Op::OrI64 | Op::XorI64,
            (_, Some(0)),
        ) => Action::Replace(a),
        (Op::MulOvf | Op::MulWrap, (Some(1), _)) | (Op::AndI64, (Some(-1), _)) => {
            Action::Replace(b)
        }
        (Op::MulOvf | Op::MulWrap | Op::FloordivI64, (_, Some(1)))
        | (Op::AndI64, (_, Some(-1)))
        | (Op::ShlOvf | Op::ShrI64, (_, Some(0))) => Action::Replace(a),
        (Op::MulOvf | Op::MulWrap | Op::AndI64, (Some(0), _) | (_, Some(0)))
        | (Op::ModI64, (_, Some(1))) => set_constant(tree, at, Scalar::I64(0)),
        (Op::OrI64, (Some(-1), _) | (_, Some(-1))) => set_constant(tree, at, Scalar::I64(-1)),
        _ => Action::Keep,
    }
}

/// Integer ops of a value with itself.
fn fold_same(tree: &mut TraceTree, at: InsRef, op: Op, a: InsRef) -> Option<Action> {
    Some(match op {
        Op::SubOvf | Op::SubWrap | Op::XorI64 => set_constant(tree, at, Scalar::I64(0)),
        Op::AndI64 | Op::OrI64 => Action::Replace(a),
        Op::EqI64 | Op::LeI64 | Op::GeI64 => set_constant(tree, at, Scalar::Bool(true)),
        Op::NeI64 | Op::LtI64 | Op::GtI64 => set_constant(tree, at, Scalar::Bool(false)),
        _ => return None,
    })
}
