//! Boxes: objects for numbers, made and given up.
//!
//! Dead floats are kept by the interpreter in a list, linked by their type pointers. Where the caller allows it, boxes
//! come from there and go there without a call, as the interpreter's own functions would do it.

use super::Lowering;
use crate::error::Bug;
use crate::layout::{Collector, FloatList};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, MemFlagsData, Value, types};
use pyrt_trace::{Imm, Ins, ObjKind};

impl Lowering<'_> {
    /// Small ints are preallocated; others come from the caller's helper.
    pub(super) fn box_int(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let value = self.arg(ins, 0)?;
        let from_least = self.ins().iadd_imm_s(value, 5);
        let is_small = self
            .ins()
            .icmp_imm_s(IntCC::UnsignedLessThan, from_least, 262);
        let (small, large, done) = (
            self.b.create_block(),
            self.b.create_block(),
            self.b.create_block(),
        );
        let result = self.b.append_block_param(done, types::I64);
        self.ins().brif(is_small, small, &[], large, &[]);

        self.b.switch_to_block(small);
        let size = i64::from(self.layout.small_int_size);
        let offset = self.ins().imul_imm_s(from_least, size);
        let table = self.address(self.layout.small_ints);
        let object = self.ins().iadd(table, offset);
        self.take_reference(object);
        self.ins().jump(done, &[BlockArg::Value(object)]);

        self.b.switch_to_block(large);
        let helper = self.layout.helpers.box_int as usize;
        let object = self.call(helper, &[types::I64], types::I64, &[value]);
        self.leave_unless(object, ins)?;
        self.ins().jump(done, &[BlockArg::Value(object)]);

        self.b.switch_to_block(done);
        Ok(result)
    }

    pub(super) fn box_float(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let value = self.arg(ins, 0)?;
        let helper = self.layout.helpers.box_float as usize;
        let Some(list) = self.layout.floats else {
            let object = self.call(helper, &[types::F64], types::I64, &[value]);
            self.leave_unless(object, ins)?;
            return Ok(object);
        };
        let (empty, done) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, types::I64);
        self.b.set_cold_block(empty);
        let object = self.take_from(&list, empty);
        let (type_at, value_at) = (self.layout.ob_type, self.layout.float_value);
        let (one, ty) = (
            self.iconst(1),
            self.address(self.layout.type_of(ObjKind::Float)),
        );
        self.set_refcount(object, one);
        let flags = MemFlagsData::trusted();
        self.ins().store(flags, ty, object, type_at);
        self.ins().store(flags, value, object, value_at);
        self.ins().jump(done, &[BlockArg::Value(object)]);

        self.b.switch_to_block(empty);
        let object = self.call_rarely(helper, &[types::F64], types::I64, &[value])?;
        self.leave_unless(object, ins)?;
        self.mark_cold();
        self.ins().jump(done, &[BlockArg::Value(object)]);

        self.b.switch_to_block(done);
        Ok(result)
    }

    /// Puts an int of one digit into the box of another one that nobody else has, or else makes a box.
    pub(super) fn rebox_int(&mut self, ins: &Ins) -> Result<Value, Bug> {
        const LEAST: i64 = 257;
        let value = self.arg(ins, 0)?;
        let magnitude = self.ins().iabs(value);
        let from_least = self.ins().iadd_imm_s(magnitude, -LEAST);
        let digits = (1 << self.layout.int_digit_bits) - LEAST;
        let is_other = self
            .ins()
            .icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, from_least, digits);
        self.rebox(ins, ObjKind::Int, Some(is_other), |lowering, object| {
            let flags = MemFlagsData::trusted();
            let (size_at, digit_at) = (lowering.layout.int_size, lowering.layout.int_digit);
            let negative = lowering.ins().sshr_imm_u(value, 63);
            let size = lowering.ins().bor_imm_s(negative, 1);
            lowering.ins().store(flags, size, object, size_at);
            lowering.ins().istore32(flags, magnitude, object, digit_at);
        })
    }

    /// The same of a float.
    pub(super) fn rebox_float(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let value = self.arg(ins, 0)?;
        self.rebox(ins, ObjKind::Float, None, |lowering, object| {
            let value_at = lowering.layout.float_value;
            let flags = MemFlagsData::trusted();
            lowering.ins().store(flags, value, object, value_at);
        })
    }

    /// Puts a number into the box of another one, by `put`, unless somebody else has that, or wants to know of new
    /// objects, or it is of another size: then it makes a box.
    fn rebox(
        &mut self,
        ins: &Ins,
        kind: ObjKind,
        is_other: Option<Value>,
        put: impl FnOnce(&mut Self, Value),
    ) -> Result<Value, Bug> {
        let old = self.arg(ins, 1)?;
        let new = |lowering: &mut Self| {
            let made = match kind {
                ObjKind::Int => lowering.box_int(ins)?,
                _ => lowering.box_float(ins)?,
            };
            lowering.give_up_leaf(old, Some(kind))?;
            Ok(made)
        };
        let Some(list) = self.layout.floats else {
            return new(self);
        };
        let [other, same, done] = [(); 3].map(|()| self.b.create_block());
        let result = self.b.append_block_param(done, types::I64);
        let flags = MemFlagsData::trusted();
        let others = self.refcount(old);
        let others = self.ins().iadd_imm_s(others, -1);
        let watched = self.address(list.watched);
        let watched = self.ins().uload32(flags, watched, 0);
        let mut keeps = self.ins().bor(others, watched);
        if let Some(is_other) = is_other {
            let is_other = self.ins().uextend(types::I64, is_other);
            keeps = self.ins().bor(keeps, is_other);
        }
        self.ins().brif(keeps, other, &[], same, &[]);

        self.b.switch_to_block(same);
        put(self, old);
        self.ins().jump(done, &[BlockArg::Value(old)]);

        self.b.switch_to_block(other);
        let made = new(self)?;
        self.ins().jump(done, &[BlockArg::Value(made)]);

        self.b.switch_to_block(done);
        Ok(result)
    }

    /// The memory of a dead float, taken out of the list. Goes to `otherwise` if there is none, or if the box must
    /// not be made without a call.
    fn take_from(&mut self, list: &FloatList, otherwise: Block) -> Value {
        let (flags, next_at) = (MemFlagsData::trusted(), self.layout.ob_type);
        let watched = self.address(list.watched);
        let watched = self.ins().load(types::I32, flags, watched, 0);
        let unwatched = self.b.create_block();
        self.ins().brif(watched, otherwise, &[], unwatched, &[]);

        self.b.switch_to_block(unwatched);
        let head = self.address(list.head);
        let object = self.ins().load(types::I64, flags, head, 0);
        let none = self.ins().icmp_imm_s(IntCC::Equal, object, 0);
        let found = self.b.create_block();
        self.ins().brif(none, otherwise, &[], found, &[]);

        self.b.switch_to_block(found);
        let next = self.ins().load(types::I64, flags, object, next_at);
        self.ins().store(flags, next, head, 0);
        self.add_to_length(list, -1);
        object
    }

    fn add_to_length(&mut self, list: &FloatList, change: i64) {
        let flags = MemFlagsData::trusted();
        let at = self.address(list.length);
        let length = self.ins().load(types::I32, flags, at, 0);
        let length = self.ins().iadd_imm_s(length, change);
        self.ins().store(flags, length, at, 0);
    }

    /// Frees a number or string, whose kind may be known, and goes on at `done`.
    pub(super) fn free_leaf(
        &mut self,
        object: Value,
        kind: Option<ObjKind>,
        done: Block,
    ) -> Result<(), Bug> {
        if let (Some(list), None | Some(ObjKind::Float)) = (self.layout.floats, kind) {
            let other = self.b.create_block();
            if kind.is_none() {
                let have = self.field(types::I64, object, self.layout.ob_type);
                let float = self.address(self.layout.type_of(ObjKind::Float));
                let differs = self.ins().icmp(IntCC::NotEqual, have, float);
                let is_float = self.b.create_block();
                self.ins().brif(differs, other, &[], is_float, &[]);
                self.b.switch_to_block(is_float);
            } else {
                self.b.set_cold_block(other);
            }
            self.put_into(&list, object, other);
            self.ins().jump(done, &[]);
            self.b.switch_to_block(other);
        }
        let helper = self.layout.helpers.dealloc_leaf as usize;
        self.call_rarely(helper, &[types::I64], types::I64, &[object])?;
        self.ins().jump(done, &[]);
        Ok(())
    }

    /// Puts a dead float into the list; goes to `full` if that has no room.
    fn put_into(&mut self, list: &FloatList, object: Value, full: Block) {
        let (flags, next_at) = (MemFlagsData::trusted(), self.layout.ob_type);
        let (length, head) = (self.address(list.length), self.address(list.head));
        let length = self.ins().load(types::I32, flags, length, 0);
        let most = i64::from(list.most);
        let no_room = self
            .ins()
            .icmp_imm_s(IntCC::SignedGreaterThanOrEqual, length, most);
        let room = self.b.create_block();
        self.ins().brif(no_room, full, &[], room, &[]);

        self.b.switch_to_block(room);
        let next = self.ins().load(types::I64, flags, head, 0);
        self.ins().store(flags, next, object, next_at);
        self.ins().store(flags, object, head, 0);
        self.add_to_length(list, 1);
    }

    /// Counts an object that is not made; leaves if the collector would run for it.
    pub(super) fn count_new(&mut self, ins: &Ins) -> Result<(), Bug> {
        let Some(collector) = self.layout.collector else {
            return Ok(());
        };
        let done = self.unless_kept(&collector, ins);
        let [count, threshold] =
            [collector.count, collector.threshold].map(|at| self.number_at(at));
        let is_full = self
            .ins()
            .icmp(IntCC::SignedGreaterThanOrEqual, count, threshold);
        let (full, counted) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(full);
        self.ins().brif(is_full, full, &[], counted, &[]);

        self.b.switch_to_block(full);
        let [enabled, collecting] =
            [collector.enabled, collector.collecting].map(|at| self.number_at(at));
        let runs = self.ins().icmp_imm_s(IntCC::NotEqual, enabled, 0);
        let rests = self.ins().icmp_imm_s(IntCC::Equal, collecting, 0);
        let ever = self.ins().icmp_imm_s(IntCC::NotEqual, threshold, 0);
        let is_due = self.ins().band(runs, rests);
        let is_due = self.ins().band(is_due, ever);
        self.leave_if(is_due, ins)?;
        self.mark_cold();
        self.ins().jump(counted, &[]);

        self.b.switch_to_block(counted);
        let more = self.ins().iadd_imm_s(count, 1);
        self.set_number_at(collector.count, more);
        self.go_on_at(done);
        Ok(())
    }

    /// Counts that such an object is gone: never below zero, as the collector does.
    pub(super) fn count_gone(&mut self, ins: &Ins) {
        let Some(collector) = self.layout.collector else {
            return;
        };
        let done = self.unless_kept(&collector, ins);
        let count = self.number_at(collector.count);
        let less = self.ins().iadd_imm_s(count, -1);
        let is_some = self.ins().icmp_imm_s(IntCC::SignedGreaterThan, count, 0);
        let less = self.ins().select(is_some, less, count);
        self.set_number_at(collector.count, less);
        self.go_on_at(done);
    }

    /// Begins what is done only if there is no dead tuple of the size of a virtual one; for which block that is to end.
    fn unless_kept(&mut self, collector: &Collector, ins: &Ins) -> Option<Block> {
        let size = match ins.imm {
            Imm::Int(size) if (1..=collector.longest_tuple).contains(&size) => size as usize,
            _ => return None,
        };
        let kept = self.number_at(collector.tuples + (size - 1) * size_of::<i32>());
        let (count, done) = (self.b.create_block(), self.b.create_block());
        self.ins().brif(kept, done, &[], count, &[]);
        self.b.switch_to_block(count);
        Some(done)
    }

    fn go_on_at(&mut self, done: Option<Block>) {
        if let Some(done) = done {
            self.ins().jump(done, &[]);
            self.b.switch_to_block(done);
        }
    }

    fn number_at(&mut self, address: usize) -> Value {
        let at = self.address(address);
        self.ins().load(types::I32, MemFlagsData::trusted(), at, 0)
    }

    fn set_number_at(&mut self, address: usize, value: Value) {
        let at = self.address(address);
        self.ins().store(MemFlagsData::trusted(), value, at, 0);
    }

    pub(super) fn box_bool(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let value = self.arg(ins, 0)?;
        let yes = self.address(self.layout.true_object);
        let no = self.address(self.layout.false_object);
        Ok(self.ins().select(value, yes, no))
    }

    pub(super) fn box_char(&mut self, ins: &Ins) -> Result<Value, Bug> {
        let code = self.arg(ins, 0)?;
        let first = self.address(self.layout.characters);
        let size = i64::from(self.layout.character_size);
        let distance = self.ins().imul_imm_s(code, size);
        Ok(self.ins().iadd(first, distance))
    }
}
