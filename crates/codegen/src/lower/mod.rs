//! Trace IR to Cranelift IR.
//!
//! The function has this shape:
//!
//! ```text
//!   start: entry list ──► header(params): root body ──► header
//!             │               │ a guard fails
//!             │               ├── side trace there? ──► its blocks ──► header
//!             ▼               ▼
//!           exit blocks (cold): store which exit, and the snapshot's values
//! ```
//!
//! A value of the tree is one Cranelift value, used directly wherever it is visible: the tree's
//! scoping rule is dominance in this graph. Integers and object pointers are `i64`, floats are `f64`,
//! and truth values are `i8`, 0 or 1.
//!
//! Time is linear in the size of the tree and its snapshots. Each op is one arm of
//! [`Lowering::value_of`]; what takes more than a line is in the file of its family.

mod arith;
mod boxes;
mod control;
mod float;
mod guards;
mod memory;
mod objects;
mod stores;

use crate::error::Bug;
use crate::layout::Layout;
use crate::options::Options;
use control::Targets;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, Function, InstBuilder, Signature, SourceLoc, StackSlot, Type as ClType, Value, types,
};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FuncInstBuilder, FunctionBuilder, FunctionBuilderContext};
use pyrt_trace::kinds::Kinds;
use pyrt_trace::{Imm, Ins, InsRef, Op, TraceTree, Type};

/// Builds the tree's function, and says how many words of the buffer its exits use.
pub(crate) fn lower(
    tree: &TraceTree,
    layout: &Layout,
    options: &Options,
    config: TargetFrontendConfig,
    func: &mut Function,
    scratch: &mut FunctionBuilderContext,
) -> Result<usize, Bug> {
    func.signature = signature(config);
    let mut builder = FunctionBuilder::new(func, scratch);
    let start = builder.create_block();
    builder.append_block_params_for_function_params(start);
    builder.switch_to_block(start);
    let &[frame, thread, buffer, eval_breaker] = builder.block_params(start) else {
        return Err(Bug::Cranelift("the function has four parameters".into()));
    };
    let mut lowering = Lowering {
        tree,
        layout,
        options,
        config,
        b: builder,
        values: vec![None; tree.ins.len()],
        kinds: Kinds::new(tree),
        targets: Targets::new(tree),
        scratch: None,
        frame,
        thread,
        buffer,
        eval_breaker,
        values_len: 0,
        rounds: None,
    };
    lowering.tree()?;
    let values_len = lowering.values_len;
    lowering.b.seal_all_blocks();
    lowering.b.finalize(config);
    Ok(values_len)
}

fn signature(config: TargetFrontendConfig) -> Signature {
    let mut signature = Signature::new(config.default_call_conv);
    signature.params = vec![AbiParam::new(types::I64); 4];
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The Cranelift type of a value.
const fn type_of(ty: Type) -> ClType {
    match ty {
        Type::I64 | Type::Obj | Type::Ptr => types::I64,
        Type::F64 => types::F64,
        Type::Bool => types::I8,
    }
}

/// The function being built.
struct Lowering<'a> {
    tree: &'a TraceTree,
    layout: &'a Layout,
    options: &'a Options,
    config: TargetFrontendConfig,
    b: FunctionBuilder<'a>,
    /// What each instruction of the tree defined so far.
    values: Vec<Option<Value>>,
    kinds: Kinds,
    targets: Targets,
    /// The stack slot for results that come by pointer.
    scratch: Option<StackSlot>,
    frame: Value,
    thread: Value,
    buffer: Value,
    eval_breaker: Value,
    /// How many words of the buffer the exits use.
    values_len: usize,
    /// How often the loop header has been reached, if that is counted.
    rounds: Option<Value>,
}

impl<'a> Lowering<'a> {
    fn ins(&mut self) -> FuncInstBuilder<'_, 'a> {
        self.b.ins()
    }

    fn iconst(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    /// An address as a constant.
    fn address(&mut self, address: usize) -> Value {
        self.iconst(address as i64)
    }

    fn value(&self, of: InsRef) -> Result<Value, Bug> {
        let value = self.values.get(of.index()).copied().flatten();
        value.ok_or_else(|| Bug::Tree(format!("{of} is used before it is defined")))
    }

    fn arg(&self, ins: &Ins, index: usize) -> Result<Value, Bug> {
        let arg = ins.args.get(index);
        self.value(*arg.ok_or_else(|| malformed(ins))?)
    }

    fn pair(&self, ins: &Ins) -> Result<(Value, Value), Bug> {
        Ok((self.arg(ins, 0)?, self.arg(ins, 1)?))
    }

    /// The immediate of the instruction that defines an operand: its value, if that is a constant.
    fn immediate_of_arg(&self, ins: &Ins, index: usize) -> Option<Imm> {
        let arg = ins.args.get(index)?;
        Some(self.tree.ins.get(arg.index())?.imm)
    }

    /// The value of an operand that is a constant integer.
    fn constant_arg(&self, ins: &Ins, index: usize) -> Option<i64> {
        match self.immediate_of_arg(ins, index)? {
            Imm::Int(value) => Some(value),
            _ => None,
        }
    }

    fn unary(
        &mut self,
        ins: &Ins,
        make: impl FnOnce(FuncInstBuilder<'_, 'a>, Value) -> Value,
    ) -> Result<Value, Bug> {
        let a = self.arg(ins, 0)?;
        Ok(make(self.ins(), a))
    }

    fn binary(
        &mut self,
        ins: &Ins,
        make: impl FnOnce(FuncInstBuilder<'_, 'a>, Value, Value) -> Value,
    ) -> Result<Value, Bug> {
        let (a, b) = self.pair(ins)?;
        Ok(make(self.ins(), a, b))
    }

    fn icmp(&mut self, ins: &Ins, cc: IntCC) -> Result<Value, Bug> {
        self.binary(ins, |i, a, b| i.icmp(cc, a, b))
    }

    fn fcmp(&mut self, ins: &Ins, cc: FloatCC) -> Result<Value, Bug> {
        self.binary(ins, |i, a, b| i.fcmp(cc, a, b))
    }

    /// Lowers a list of instructions, into the current block and those that guards add.
    fn list(&mut self, list: &[InsRef]) -> Result<(), Bug> {
        for &at in list {
            let ins = self.tree.ins.get(at.index());
            let ins = ins.ok_or_else(|| Bug::Tree(format!("{at} does not exist")))?;
            self.locate(at, ins);
            self.stress(ins)?;
            self.values[at.index()] = self.value_of(ins)?;
        }
        Ok(())
    }

    /// Tells Cranelift where in the program this is. Those of which nobody knows it count to the one before.
    fn locate(&mut self, at: InsRef, ins: &Ins) {
        let of_exit = || {
            let exit = self.tree.exits.get(ins.exit?.index())?.as_ref();
            exit.map(|exit| exit.site)
        };
        let known = self.tree.ins_sites.get(at.index()).copied();
        if let Some(site) = known.or_else(of_exit) {
            self.b.set_srcloc(SourceLoc::new(site.0));
        }
    }

    /// Lowers one instruction: the value that it defines, if any.
    fn value_of(&mut self, ins: &Ins) -> Result<Option<Value>, Bug> {
        let value = match ins.op {
            Op::Param => return Err(Bug::Tree("a parameter stands in a list".into())),
            Op::ConstI64 | Op::ConstF64 | Op::ConstBool | Op::ConstObj => self.constant(ins)?,

            Op::LoadSlot => self.load_slot(ins)?,
            Op::LoadRangeField => self.load_range_field(ins)?,
            Op::UnboxInt => self.unbox_int(ins)?,
            Op::UnboxFloat => self.unbox_float(ins)?,
            Op::UnboxBool => self.unbox_bool(ins)?,

            Op::Frame => self.frame,
            Op::Thread => self.thread,
            Op::Handed => self.handed(ins)?,
            Op::Offset => self.binary(ins, |i, a, b| i.iadd(a, b))?,
            Op::Load => self.load(ins)?,
            Op::LoadIndex => self.load_index(ins)?,
            Op::Store => return self.store_mem(ins).map(|()| None),
            Op::StoreIndex => return self.store_index(ins).map(|()| None),

            Op::Own => self.own(ins)?,
            Op::Release => return self.release(ins).map(|()| None),
            Op::ReleaseAny => return self.release_any(ins).map(|()| None),
            Op::ReleaseLeaf => return self.release_leaf(ins).map(|()| None),
            Op::BoxInt => self.box_int(ins)?,
            Op::BoxFloat => self.box_float(ins)?,
            Op::ReboxInt => self.rebox_int(ins)?,
            Op::ReboxFloat => self.rebox_float(ins)?,
            Op::BoxBool => self.box_bool(ins)?,
            Op::BoxChar => self.box_char(ins)?,
            Op::Call => return self.call_helper(ins),
            // Whoever uses it gets an error.
            Op::Virtual => return Ok(None),
            Op::CountNew => return self.count_new(ins).map(|()| None),
            Op::CountGone => {
                self.count_gone(ins);
                return Ok(None);
            }

            Op::GuardType => self.guard_type(ins)?,
            Op::GuardVersion => self.guard_version(ins)?,
            Op::GuardObj => self.guard_obj(ins)?,
            Op::GuardNull => return self.guard_null(ins).map(|()| None),
            Op::GuardSame => return self.guard_same(ins, true).map(|()| None),
            Op::GuardNotSame => return self.guard_same(ins, false).map(|()| None),
            Op::Same => self.icmp(ins, IntCC::Equal)?,
            Op::GuardTrue => return self.guard_truth(ins, true).map(|()| None),
            Op::GuardFalse => return self.guard_truth(ins, false).map(|()| None),
            Op::Poll => return self.poll(ins).map(|()| None),

            Op::AddOvf => self.add_ovf(ins)?,
            Op::SubOvf => self.sub_ovf(ins)?,
            Op::MulOvf => self.mul_ovf(ins)?,
            Op::NegOvf => self.neg_ovf(ins)?,
            Op::AbsOvf => self.abs_ovf(ins)?,
            Op::AddWrap => self.binary(ins, |i, a, b| i.iadd(a, b))?,
            Op::SubWrap => self.binary(ins, |i, a, b| i.isub(a, b))?,
            Op::MulWrap => self.binary(ins, |i, a, b| i.imul(a, b))?,
            Op::FloordivI64 => self.floordiv(ins)?,
            Op::ModI64 => self.modulo(ins)?,
            Op::ShlOvf => self.shl_ovf(ins)?,
            Op::ShrI64 => self.shr(ins)?,
            Op::AndI64 => self.binary(ins, |i, a, b| i.band(a, b))?,
            Op::OrI64 => self.binary(ins, |i, a, b| i.bor(a, b))?,
            Op::XorI64 => self.binary(ins, |i, a, b| i.bxor(a, b))?,
            Op::NotI64 => self.unary(ins, |i, a| i.bnot(a))?,
            Op::EqI64 => self.icmp(ins, IntCC::Equal)?,
            Op::NeI64 => self.icmp(ins, IntCC::NotEqual)?,
            Op::LtI64 => self.icmp(ins, IntCC::SignedLessThan)?,
            Op::LeI64 => self.icmp(ins, IntCC::SignedLessThanOrEqual)?,
            Op::GtI64 => self.icmp(ins, IntCC::SignedGreaterThan)?,
            Op::GeI64 => self.icmp(ins, IntCC::SignedGreaterThanOrEqual)?,

            Op::AddF64 => self.binary(ins, |i, a, b| i.fadd(a, b))?,
            Op::SubF64 => self.binary(ins, |i, a, b| i.fsub(a, b))?,
            Op::MulF64 => self.binary(ins, |i, a, b| i.fmul(a, b))?,
            Op::NegF64 => self.unary(ins, |i, a| i.fneg(a))?,
            Op::AbsF64 => self.unary(ins, |i, a| i.fabs(a))?,
            Op::DivF64 => self.div_f64(ins)?,
            Op::FloordivF64 => self.call_division(ins, self.layout.helpers.float_floordiv)?,
            Op::ModF64 => self.call_division(ins, self.layout.helpers.float_mod)?,
            Op::PowF64 => self.pow(ins)?,
            Op::EqF64 => self.fcmp(ins, FloatCC::Equal)?,
            Op::NeF64 => self.fcmp(ins, FloatCC::NotEqual)?,
            Op::LtF64 => self.fcmp(ins, FloatCC::LessThan)?,
            Op::LeF64 => self.fcmp(ins, FloatCC::LessThanOrEqual)?,
            Op::GtF64 => self.fcmp(ins, FloatCC::GreaterThan)?,
            Op::GeF64 => self.fcmp(ins, FloatCC::GreaterThanOrEqual)?,

            Op::I64ToF64 => self.unary(ins, |i, a| i.fcvt_from_sint(types::F64, a))?,
            Op::I64ToF64Exact => self.i64_to_f64_exact(ins)?,
            Op::F64ToI64 => self.f64_to_i64(ins)?,
            Op::F64IsTrue => self.f64_is_true(ins)?,
            Op::BoolToI64 => self.unary(ins, |i, a| i.uextend(types::I64, a))?,
            Op::I64IsTrue => self.unary(ins, |i, a| i.icmp_imm_s(IntCC::NotEqual, a, 0))?,
            Op::NotBool => self.unary(ins, |i, a| i.icmp_imm_s(IntCC::Equal, a, 0))?,
        };
        Ok(Some(value))
    }

    fn constant(&mut self, ins: &Ins) -> Result<Value, Bug> {
        Ok(match ins.imm {
            Imm::Int(value) => self.iconst(value),
            Imm::Float(bits) => self.float_constant(bits),
            Imm::Truth(value) => self.ins().iconst(types::I8, i64::from(value)),
            Imm::Const(id) => {
                let object = self.tree.consts.get(id.index());
                let object = object.ok_or_else(|| malformed(ins))?;
                self.iconst(object.addr.cast_signed())
            }
            _ => return Err(malformed(ins)),
        })
    }
}

/// An instruction does not look as the table of ops says.
fn malformed(ins: &Ins) -> Bug {
    Bug::Tree(format!("{} is malformed", ins.op))
}
