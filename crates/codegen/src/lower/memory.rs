//! Memory, references, and calls of helpers.
//!
//! Loads and stores of memory that changes carry no promise to Cranelift but that they do not trap:
//! what may be merged or moved, the trace passes have merged and moved.

use super::objects::ASIDE_WORD;
use super::{Lowering, malformed, type_of};
use crate::error::Bug;
use crate::machine;
use cranelift_codegen::ir::{
    AbiParam, Block, InstBuilder, MemFlagsData, SigRef, Signature, Type as ClType, Value, types,
};
use cranelift_codegen::isa::CallConv;
use pyrt_trace::{Helper, Imm, Ins, Mem, ObjKind, Operand, Region, Type, Width};

impl Lowering<'_> {
    fn mem(ins: &Ins) -> Result<Mem, Bug> {
        match ins.imm {
            Imm::Mem(mem) => Ok(mem),
            _ => Err(malformed(ins)),
        }
    }

    fn load_at(&mut self, base: Value, mem: Mem) -> Value {
        let flags = match mem.region {
            Region::Fixed => MemFlagsData::trusted().with_readonly(),
            _ => MemFlagsData::trusted(),
        };
        match mem.width {
            Width::I64 | Width::Obj | Width::Ptr => {
                self.ins().load(types::I64, flags, base, mem.offset)
            }
            Width::F64 => self.ins().load(types::F64, flags, base, mem.offset),
            Width::I32 => {
                let value = self.ins().load(types::I32, flags, base, mem.offset);
                self.ins().sextend(types::I64, value)
            }
            Width::U32 => {
                let value = self.ins().load(types::I32, flags, base, mem.offset);
                self.ins().uextend(types::I64, value)
            }
            Width::U8 => {
                let value = self.ins().load(types::I8, flags, base, mem.offset);
                self.ins().uextend(types::I64, value)
            }
        }
    }

    /// The buffer's words change with the next exit, but these are read before anything else happens.
    pub(super) fn handed(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let region = Region::Other;
        let mem = Mem {
            region,
            ..Self::mem(ins)?
        };
        Ok(self.load_at(self.buffer, mem))
    }

    fn store_at(&mut self, base: Value, value: Value, mem: Mem) {
        let value = match mem.width {
            Width::I64 | Width::F64 | Width::Obj | Width::Ptr => value,
            Width::I32 | Width::U32 => self.ins().ireduce(types::I32, value),
            Width::U8 => self.ins().ireduce(types::I8, value),
        };
        self.ins()
            .store(MemFlagsData::trusted(), value, base, mem.offset);
    }

    /// The base of an indexed access.
    fn indexed(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let (base, index) = (self.arg(ins, 0)?, self.arg(ins, 1)?);
        let bytes = self.ins().ishl_imm_u(index, 3);
        Ok(self.ins().iadd(base, bytes))
    }

    pub(super) fn load(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let base = self.arg(ins, 0)?;
        Ok(self.load_at(base, Self::mem(ins)?))
    }

    pub(super) fn load_index(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let base = self.indexed(ins)?;
        Ok(self.load_at(base, Self::mem(ins)?))
    }

    pub(super) fn store_mem(&mut self, ins: &Ins) -> Result<(), Bug> {
        let (base, value) = self.pair(ins)?;
        self.store_at(base, value, Self::mem(ins)?);
        Ok(())
    }

    pub(super) fn store_index(&mut self, ins: &Ins) -> Result<(), Bug> {
        let base = self.indexed(ins)?;
        let value = self.arg(ins, 2)?;
        self.store_at(base, value, Self::mem(ins)?);
        Ok(())
    }

    pub(super) fn refcount(&mut self, object: Value) -> Value {
        let offset = self.layout.ob_refcnt;
        self.ins()
            .load(types::I64, MemFlagsData::trusted(), object, offset)
    }

    pub(super) fn set_refcount(&mut self, object: Value, count: Value) {
        let offset = self.layout.ob_refcnt;
        self.ins()
            .store(MemFlagsData::trusted(), count, object, offset);
    }

    pub(super) fn own(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let object = self.arg(ins, 0)?;
        self.take_reference(object);
        Ok(object)
    }

    /// Counts references that come or go, if somebody wants to know how many there are.
    pub(super) fn count_in_total(&mut self, change: i64) {
        if self.layout.ref_total != 0 {
            let (total, flags) = (self.address(self.layout.ref_total), MemFlagsData::trusted());
            let count = self.ins().load(types::I64, flags, total, 0);
            let count = self.ins().iadd_imm_s(count, change);
            self.ins().store(flags, count, total, 0);
        }
    }

    pub(super) fn take_reference(&mut self, object: Value) {
        self.count_in_total(1);
        let count = self.refcount(object);
        let more = self.ins().iadd_imm_s(count, 1);
        self.set_refcount(object, more);
    }

    /// Gives up a reference: counted down, unless it is the last one; then `last` is emitted in a block
    /// of its own, which goes on in the block that it is given. The count is stored in either case, and
    /// set to 1 again for `last`, because that is a block less than not storing it.
    fn give_up(
        &mut self,
        object: Value,
        last: impl FnOnce(&mut Self, Value, Block) -> Result<(), Bug>,
    ) -> Result<(), Bug> {
        self.count_in_total(-1);
        let count = self.refcount(object);
        let fewer = self.ins().iadd_imm_s(count, -1);
        self.set_refcount(object, fewer);
        let (dies, done) = (self.b.create_block(), self.b.create_block());
        self.ins().brif(fewer, done, &[], dies, &[]);

        self.b.switch_to_block(dies);
        let one = self.iconst(1);
        self.set_refcount(object, one);
        self.count_in_total(1);
        last(self, object, done)?;

        self.b.switch_to_block(done);
        Ok(())
    }

    pub(super) fn release(&mut self, ins: &Ins) -> Result<(), Bug> {
        let object = self.arg(ins, 0)?;
        self.give_up(object, |lowering, object, done| {
            let helper = lowering.layout.helpers.release_quiet as usize;
            let quiet = lowering.call_rarely(helper, &[types::I64], types::I8, &[object])?;
            lowering.go_on_if(quiet, done, ins)
        })
    }

    /// The same of what may be NULL.
    pub(super) fn release_any(&mut self, ins: &Ins) -> Result<(), Bug> {
        let object = self.arg(ins, 0)?;
        let (some, done) = (self.b.create_block(), self.b.create_block());
        self.ins().brif(object, some, &[], done, &[]);
        self.b.switch_to_block(some);
        self.release(ins)?;
        self.ins().jump(done, &[]);
        self.b.switch_to_block(done);
        Ok(())
    }

    pub(super) fn release_leaf(&mut self, ins: &Ins) -> Result<(), Bug> {
        let kind = ins
            .args
            .first()
            .map(|object| self.kinds.of(self.tree, *object));
        let kind = kind.ok_or_else(|| malformed(ins))?;
        let object = self.arg(ins, 0)?;
        self.give_up_leaf(object, kind)
    }

    /// Gives up a reference to a number or string, whose kind may be known.
    pub(super) fn give_up_leaf(&mut self, object: Value, kind: Option<ObjKind>) -> Result<(), Bug> {
        self.give_up(object, |lowering, object, done| {
            lowering.free_leaf(object, kind, done)
        })
    }

    pub(super) fn call_helper(&mut self, ins: &Ins) -> Result<Option<Value>, Bug> {
        let Imm::Helper(helper) = ins.imm else {
            return Err(malformed(ins));
        };
        if helper == Helper::NoteValue {
            self.note_value(ins)?;
            return Ok(None);
        }
        let address = self.layout.helper_addresses[helper as usize];
        let args: Result<Vec<_>, _> = (0..ins.args.len()).map(|at| self.arg(ins, at)).collect();
        let params = operands(helper);
        let returns = helper.result().map(type_of);
        Ok(self.call_raw(address, &params, returns, &args?))
    }

    /// What [`Helper::NoteValue`] does: appends an index to the order of the inline values.
    fn note_value(&mut self, ins: &Ins) -> Result<(), Bug> {
        let (values, index) = (self.arg(ins, 0)?, self.arg(ins, 1)?);
        let (count, order) = (self.layout.values_count, self.layout.values_order);
        let flags = MemFlagsData::trusted();
        let before = self.ins().uload8(types::I64, flags, values, count);
        let place = self.ins().isub(values, before);
        self.ins().istore8(flags, index, place, order);
        let now = self.ins().iadd_imm_s(before, 1);
        self.ins().istore8(flags, now, values, count);
        Ok(())
    }

    /// Calls a function at a constant address, which may have no result.
    pub(super) fn call_raw(
        &mut self,
        function: usize,
        params: &[ClType],
        returns: Option<ClType>,
        args: &[Value],
    ) -> Option<Value> {
        let convention = self.config.default_call_conv;
        let signature = self.signature(convention, params, returns);
        let function = self.address(function);
        let call = self.ins().call_indirect(signature, function, args);
        self.b.inst_results(call).first().copied()
    }

    /// Calls a function at a constant address off the usual path. In a tree that carries floats, all values stay in
    /// their registers, see [`machine`]. If there is no result, what this gives means nothing.
    pub(super) fn call_rarely(
        &mut self,
        function: usize,
        params: &[ClType],
        returns: ClType,
        args: &[Value],
    ) -> Result<Value, Bug> {
        if !self.tree.params.iter().any(|param| param.ty == Type::F64) {
            return Ok(self.call(function, params, returns, args));
        }
        let words = params.iter().filter(|ty| !ty.is_float()).count();
        if words > machine::MOST_OPERANDS {
            return Err(Bug::Tree("a call has too many operands".into()));
        }
        let own = [types::I64; 2];
        let params: Vec<_> = own.iter().chain(params).copied().collect();
        let (function, place) = (self.address(function), self.scratch(ASIDE_WORD));
        let args: Vec<_> = [function, place].iter().chain(args).copied().collect();
        let signature = self.signature(CallConv::PreserveAll, &params, None);
        let target = self.address(machine::call_aside as *const () as usize);
        self.ins().call_indirect(signature, target, &args);
        Ok(self.scratch_value(returns, ASIDE_WORD))
    }

    /// A signature, imported once: Cranelift works out each anew.
    fn signature(
        &mut self,
        convention: CallConv,
        params: &[ClType],
        returns: Option<ClType>,
    ) -> SigRef {
        let mut signature = Signature::new(convention);
        signature.params = params.iter().copied().map(AbiParam::new).collect();
        signature.returns = returns.into_iter().map(AbiParam::new).collect();
        let known = self.b.func.dfg.signatures.iter();
        let known = known.filter(|(_, known)| **known == signature);
        match known.map(|(reference, _)| reference).next() {
            Some(reference) => reference,
            None => self.b.import_signature(signature),
        }
    }
}

/// The Cranelift types of a helper's operands.
fn operands(helper: Helper) -> Vec<ClType> {
    let of = |operand: &Operand| match operand {
        Operand::F64 => types::F64,
        Operand::Bool => types::I8,
        Operand::I64 | Operand::Obj | Operand::Ptr | Operand::Any => types::I64,
    };
    helper.args().iter().map(of).collect()
}
