//! Reading the frame and objects.
//!
//! All this memory stays as it is while the tree runs (`# kept-while-running`), so loads are
//! `readonly`. They are not `can_move`: a field exists only after the guard of its object's type, and
//! must not be read before it. Making equal loads one is left to the trace passes. A number is another matter: the trace may put
//! another one into its box.

use super::{Lowering, malformed};
use crate::error::Bug;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    BlockArg, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Type as ClType, Value, types,
};
use pyrt_trace::{Imm, Ins, RangeField};

/// The word on the stack for a result that a helper writes by pointer.
pub(super) const OUT_WORD: i32 = 0;
/// The word for the result of a rare call.
pub(super) const ASIDE_WORD: i32 = 1;

impl Lowering<'_> {
    /// A field of an object.
    pub(super) fn field(&mut self, ty: ClType, object: Value, offset: i32) -> Value {
        let flags = MemFlagsData::trusted().with_readonly();
        self.ins().load(ty, flags, object, offset)
    }

    /// A field of a number's box.
    fn field_of_number(&mut self, ty: ClType, object: Value, offset: i32) -> Value {
        let flags = MemFlagsData::trusted();
        self.ins().load(ty, flags, object, offset)
    }

    pub(super) fn load_slot(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let Imm::Slot(slot) = ins.imm else {
            return Err(malformed(ins));
        };
        let offset = self.layout.frame_slots + i32::from(slot) * 8;
        let object = self.field(types::I64, self.frame, offset);
        self.leave_unless(object, ins)?;
        Ok(object)
    }

    pub(super) fn load_range_field(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let offset = match ins.imm {
            Imm::Field(RangeField::Index) => self.layout.range_index,
            Imm::Field(RangeField::Start) => self.layout.range_start,
            Imm::Field(RangeField::Step) => self.layout.range_step,
            Imm::Field(RangeField::Len) => self.layout.range_len,
            _ => return Err(malformed(ins)),
        };
        let iterator = self.arg(ins, 0)?;
        Ok(self.field(types::I64, iterator, offset))
    }

    pub(super) fn unbox_float(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let object = self.arg(ins, 0)?;
        Ok(self.field_of_number(types::F64, object, self.layout.float_value))
    }

    pub(super) fn unbox_bool(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let object = self.arg(ins, 0)?;
        let truth = self.address(self.layout.true_object);
        Ok(self.ins().icmp(IntCC::Equal, object, truth))
    }

    /// Up to one digit inline (`# int-layout`), more by the caller's helper.
    pub(super) fn unbox_int(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let object = self.arg(ins, 0)?;
        let size = self.field_of_number(types::I64, object, self.layout.int_size);
        let from_zero = self.ins().iadd_imm_s(size, 1);
        let long = self
            .ins()
            .icmp_imm_s(IntCC::UnsignedGreaterThan, from_zero, 2);
        let (digits, digit, done) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        let value = self.b.append_block_param(done, types::I64);
        self.b.set_cold_block(digits);
        self.ins().brif(long, digits, &[], digit, &[]);

        self.b.switch_to_block(digit);
        let first = self.field_of_number(types::I32, object, self.layout.int_digit);
        let first = self.ins().uextend(types::I64, first);
        let short = self.ins().imul(size, first);
        self.ins().jump(done, &[BlockArg::Value(short)]);

        self.b.switch_to_block(digits);
        let long = self.unbox_digits(object, ins)?;
        self.ins().jump(done, &[BlockArg::Value(long)]);

        self.b.switch_to_block(done);
        Ok(value)
    }

    fn unbox_digits(&mut self, object: Value, ins: &Ins) -> Result<Value, Bug> {
        let helper = self.layout.helpers.unbox_int as usize;
        let out = self.scratch(OUT_WORD);
        let (params, args) = ([types::I64, types::I64], [object, out]);
        let fits = self.call_rarely(helper, &params, types::I8, &args)?;
        self.leave_unless(fits, ins)?;
        self.mark_cold();
        Ok(self.scratch_value(types::I64, OUT_WORD))
    }

    /// The address of a word on the stack for results by pointer.
    pub(super) fn scratch(&mut self, word: i32) -> Value {
        let b = &mut self.b;
        let slot = *self.scratch.get_or_insert_with(|| {
            b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 16, 3))
        });
        self.ins().stack_addr(types::I64, slot, word * 8)
    }

    /// What a helper has written there.
    pub(super) fn scratch_value(&mut self, ty: ClType, word: i32) -> Value {
        let at = self.scratch(word);
        self.ins().load(ty, MemFlagsData::trusted(), at, 0)
    }

    /// Calls a function at a constant address.
    pub(super) fn call(
        &mut self,
        function: usize,
        params: &[ClType],
        returns: ClType,
        args: &[Value],
    ) -> Value {
        let result = self.call_raw(function, params, Some(returns), args);
        result.expect("the signature has a result")
    }
}
