//! Control flow: the tree's blocks, exits, polling, and the stress mode.

use super::stores::Stores;
use super::{Lowering, malformed, type_of};
use crate::error::Bug;
use crate::tree::FORCED;
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, InstructionData, MemFlagsData, SourceLoc, Value, types,
};
use pyrt_trace::handover::{EXIT_WORD, FIRST_VALUE, ROUNDS_HALF};
use pyrt_trace::{End, ExitId, Handover, Ins, InsRef, SiteId, SnapshotId, Trace, TraceTree};

/// Where exits lead. Blocks are made when first asked for.
pub(super) struct Targets {
    /// Per exit, the index of the side trace that continues it.
    sides: Vec<Option<usize>>,
    /// Per trace, its first block; the root's is the header.
    starts: Vec<Option<Block>>,
    /// Per exit, the block that leaves to the interpreter, and the one that does because a stress mode forces it.
    leaves: Vec<[Option<Block>; 2]>,
}

impl Targets {
    pub(super) fn new(tree: &TraceTree) -> Targets {
        let mut sides = vec![None; tree.exits.len()];
        for (index, trace) in tree.traces.iter().enumerate() {
            let side = trace.parent.and_then(|exit| sides.get_mut(exit.index()));
            if let Some(side) = side {
                *side = Some(index);
            }
        }
        Targets {
            sides,
            starts: vec![None; tree.traces.len()],
            leaves: vec![[None; 2]; tree.exits.len()],
        }
    }
}

impl Lowering<'_> {
    /// Lowers the whole tree.
    pub(super) fn tree(&mut self) -> Result<(), Bug> {
        let tree = self.tree;
        self.b.set_srcloc(SourceLoc::new(SiteId::HEADER.0));
        self.list(&tree.entry)?;
        let header = self.b.create_block();
        for param in &tree.params {
            let value = self.b.append_block_param(header, type_of(param.ty));
            let slot = self.values.get_mut(param.value.index());
            *slot.ok_or_else(|| Bug::Tree("a parameter does not exist".into()))? = Some(value);
        }
        self.rounds = tree.counts_rounds.then(|| self.ins().iconst(types::I32, 0));
        self.transfer(header, &tree.initial)?;
        if let Some(rounds) = &mut self.rounds {
            *rounds = self.b.append_block_param(header, types::I32);
        }
        for (index, trace) in tree.traces.iter().enumerate() {
            let start = match index {
                0 => Some(header),
                _ => self.targets.starts[index],
            };
            // Without a start, its guard was found to hold always, or stands in no list.
            if let Some(start) = start {
                self.b.switch_to_block(start);
                self.trace(trace, header)?;
            }
        }
        self.leaves()
    }

    fn trace(&mut self, trace: &Trace, header: Block) -> Result<(), Bug> {
        self.list(&trace.body)?;
        match &trace.end {
            End::Jump(values) => self.transfer(header, values),
            End::Exit(exit) => {
                let target = self.target(*exit)?;
                self.ins().jump(target, &[]);
                Ok(())
            }
        }
    }

    fn transfer(&mut self, header: Block, values: &[InsRef]) -> Result<(), Bug> {
        if values.len() != self.tree.params.len() {
            return Err(Bug::Tree("a jump does not fit the header".into()));
        }
        let args: Result<Vec<_>, _> = values.iter().map(|value| self.value(*value)).collect();
        let rounds = self.rounds;
        let rounds = rounds.map(|before| self.ins().iadd_imm_s(before, 1));
        let args: Vec<_> = args?
            .into_iter()
            .chain(rounds)
            .map(BlockArg::Value)
            .collect();
        self.ins().jump(header, &args);
        Ok(())
    }

    /// Where an exit continues when its condition fails: its side trace, or the interpreter.
    pub(super) fn target(&mut self, exit: ExitId) -> Result<Block, Bug> {
        let side = self.targets.sides.get(exit.index()).copied().flatten();
        let Some(side) = side else {
            return self.leave_block(exit, false);
        };
        let b = &mut self.b;
        Ok(*self.targets.starts[side].get_or_insert_with(|| b.create_block()))
    }

    /// The block that leaves to the interpreter.
    fn leave_block(&mut self, exit: ExitId, forced: bool) -> Result<Block, Bug> {
        let known = self.tree.exits.get(exit.index()).copied().flatten();
        let is_cold = known.is_none_or(|known| self.tree.result(known).is_none());
        let b = &mut self.b;
        let slots = self.targets.leaves.get_mut(exit.index());
        let slots = slots.ok_or_else(|| Bug::Tree(format!("{exit} does not exist")))?;
        Ok(*slots[usize::from(forced)].get_or_insert_with(|| {
            let block = b.create_block();
            if is_cold {
                b.set_cold_block(block);
            }
            block
        }))
    }

    /// Fills the blocks that leave: they come last, when all values are known. Each says which exit
    /// it is, and then shares what it stores with others, see [`Stores`].
    fn leaves(&mut self) -> Result<(), Bug> {
        let tree = self.tree;
        let handover = Handover::new(tree);
        let mut stores = Stores::new();
        let mut nodes: Vec<Option<usize>> = vec![None; tree.snapshots.len()];
        let (mut starts, mut cleared) = (Vec::new(), Vec::new());
        let leaves = std::mem::take(&mut self.targets.leaves);
        let leaves = leaves
            .iter()
            .enumerate()
            .flat_map(|(index, [as_is, forced])| {
                let number = self.options.first_exit + index as u32;
                let forced = forced.map(|block| (index, block, number | FORCED));
                as_is
                    .map(|block| (index, block, number))
                    .into_iter()
                    .chain(forced)
            });
        for (index, block, number) in leaves.collect::<Vec<_>>() {
            let id = ExitId::new(index);
            let known = tree.exits[index];
            let known = known.ok_or_else(|| Bug::Tree(format!("{id} is unused")))?;
            let at = known.snapshot.index();
            let snapshot = tree.snapshots.get(at);
            let snapshot = snapshot.ok_or_else(|| Bug::Tree(format!("{id} has no snapshot")))?;
            if let Some(result) = tree.result(known) {
                cleared.push((number, block, snapshot, result));
                continue;
            }
            let node =
                *nodes[at].get_or_insert_with(|| stores.path(&handover.stored(tree, snapshot)));
            stores.arrive(node);
            starts.push((number, block, node, known));
        }
        self.values_len = FIRST_VALUE + stores.deepest();
        stores.make_blocks(&mut self.b);
        for (number, block, node, known) in starts {
            self.b.switch_to_block(block);
            self.b.set_srcloc(SourceLoc::new(known.site.0));
            self.store_number(number, known.snapshot == SnapshotId::ENTRY);
            self.store_from(&stores, node)?;
        }
        for (number, block, snapshot, result) in cleared {
            self.b.switch_to_block(block);
            self.b.set_srcloc(SourceLoc::new(snapshot.frame().ip));
            self.leave_cleared(number, &handover.stored(tree, snapshot), result)?;
        }
        // Where ways have met, the instruction is not known.
        self.b.set_srcloc(SourceLoc::default());
        for (block, node) in stores.joins() {
            self.b.switch_to_block(block);
            match stores.edge(node) {
                Some((value, word, parent)) => {
                    let value = self.value(value)?;
                    self.store(value, word);
                    self.store_from(&stores, parent)?;
                }
                None => {
                    let nothing = self.iconst(0);
                    self.ins().return_(&[nothing]);
                }
            }
        }
        Ok(())
    }

    /// Leaves by an exit of a function that has nothing left to do: whoever called it gets its result at once,
    /// and whoever wants to restore the frame finds that stored as for other exits.
    fn leave_cleared(&mut self, number: u32, stored: &[InsRef], result: InsRef) -> Result<(), Bug> {
        self.store_number(number, false);
        for (word, value) in (FIRST_VALUE..).zip(stored) {
            let value = self.value(*value)?;
            self.store(value, word);
        }
        self.values_len = self.values_len.max(FIRST_VALUE + stored.len());
        let result = self.value(result)?;
        self.ins().return_(&[result]);
        Ok(())
    }

    /// Says which exit it is, and how often the loop header was reached, if that is counted.
    fn store_number(&mut self, number: u32, in_entry: bool) {
        let number = self.ins().iconst(types::I32, i64::from(number));
        self.store(number, EXIT_WORD);
        if let Some(counted) = self.rounds {
            let rounds = match in_entry {
                true => self.ins().iconst(types::I32, 0),
                false => counted,
            };
            let (buffer, at) = (self.buffer, (EXIT_WORD * 8 + ROUNDS_HALF * 4) as i32);
            self.ins()
                .store(MemFlagsData::trusted(), rounds, buffer, at);
        }
    }

    /// Stores what is on the way from a node to the next one with a block, and goes on there.
    fn store_from(&mut self, stores: &Stores, mut node: usize) -> Result<(), Bug> {
        loop {
            if let Some(join) = stores.join(node) {
                self.ins().jump(join, &[]);
                return Ok(());
            }
            let edge = stores.edge(node);
            let (value, word, parent) = edge.ok_or_else(|| Bug::Tree("exits do not end".into()))?;
            let value = self.value(value)?;
            self.store(value, word);
            node = parent;
        }
    }

    /// Stores into a word of the buffer.
    fn store(&mut self, value: Value, word: usize) {
        let value = match self.b.func.dfg.value_type(value) {
            types::I8 => self.ins().uextend(types::I64, value),
            _ => value,
        };
        let buffer = self.buffer;
        self.ins()
            .store(MemFlagsData::trusted(), value, buffer, word as i32 * 8);
    }

    /// Leaves when the eval breaker is set. The load is atomic, which is a plain `mov` on x86-64 and an
    /// `ldar` on AArch64, because Cranelift would merge two ordinary loads of the same address.
    pub(super) fn poll(&mut self, ins: &Ins) -> Result<(), Bug> {
        let at = self.eval_breaker;
        let word = self
            .ins()
            .atomic_load(types::I32, MemFlagsData::trusted(), at);
        self.leave_if(word, ins)
    }

    /// Continues in a new block if `condition` is zero, else at the instruction's exit.
    pub(super) fn leave_if(&mut self, condition: Value, ins: &Ins) -> Result<(), Bug> {
        let target = self.target(exit_of(ins)?)?;
        let next = self.b.create_block();
        self.ins().brif(condition, target, &[], next, &[]);
        self.b.switch_to_block(next);
        Ok(())
    }

    /// Continues in a new block if `condition` is not zero, else at the instruction's exit.
    pub(super) fn leave_unless(&mut self, condition: Value, ins: &Ins) -> Result<(), Bug> {
        let next = self.b.create_block();
        self.go_on_if(condition, next, ins)?;
        self.b.switch_to_block(next);
        Ok(())
    }

    /// Goes on in this block if `condition` is not zero, else at the instruction's exit.
    ///
    /// The exit is the branch's first target, for which the condition is inverted: Cranelift lays out
    /// second targets first, so that all exits come after all that goes on. Between the two an exit would be
    /// a hole in the live range of each value that it does not need.
    pub(super) fn go_on_if(&mut self, condition: Value, next: Block, ins: &Ins) -> Result<(), Bug> {
        let target = self.target(exit_of(ins)?)?;
        let inverse = self.inverse(condition);
        self.ins().brif(inverse, target, &[], next, &[]);
        Ok(())
    }

    /// What is zero exactly if a value is not: another comparison, where it is one.
    fn inverse(&mut self, condition: Value) -> Value {
        let dfg = &self.b.func.dfg;
        let definition = dfg.value_def(condition).inst();
        match definition.map(|inst| dfg.insts[inst]) {
            Some(InstructionData::IntCompare { cond, args, .. }) => {
                self.ins().icmp(cond.complement(), args[0], args[1])
            }
            Some(InstructionData::FloatCompare { cond, args, .. }) => {
                self.ins().fcmp(cond.complement(), args[0], args[1])
            }
            _ => self.ins().icmp_imm_s(IntCC::Equal, condition, 0),
        }
    }

    /// Continues at the instruction's exit. What follows is lowered all the same, into a block that
    /// nothing reaches.
    pub(super) fn leave_always(&mut self, ins: &Ins) -> Result<(), Bug> {
        let target = self.target(exit_of(ins)?)?;
        self.ins().jump(target, &[]);
        let next = self.b.create_block();
        self.b.switch_to_block(next);
        Ok(())
    }

    /// Marks the current block as cold, which being reached only from cold blocks does not.
    pub(super) fn mark_cold(&mut self) {
        if let Some(block) = self.b.current_block() {
            self.b.set_cold_block(block);
        }
    }

    /// In the stress mode, counts an instruction that has an exit, and leaves there when it is the
    /// Nth, even if a side trace continues the exit.
    pub(super) fn stress(&mut self, ins: &Ins) -> Result<(), Bug> {
        let (Some(stress), Some(exit)) = (self.options.fail_every_nth, ins.exit) else {
            return Ok(());
        };
        let reason = self.tree.exits.get(exit.index()).copied().flatten();
        if reason.is_none_or(|exit| !exit.reason.can_be_forced()) {
            return Ok(());
        }
        let leave = self.leave_block(exit, true)?;
        let (forced, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(forced);
        let flags = MemFlagsData::trusted();
        let counter = self.address(stress.counter);
        let count = self.ins().load(types::I32, flags, counter, 0);
        let count = self.ins().iadd_imm_s(count, -1);
        self.ins().store(flags, count, counter, 0);
        let zero = self.ins().icmp_imm_s(IntCC::Equal, count, 0);
        self.ins().brif(zero, forced, &[], next, &[]);

        self.b.switch_to_block(forced);
        let every = self.ins().iconst(types::I32, i64::from(stress.every.get()));
        self.ins().store(flags, every, counter, 0);
        self.ins().jump(leave, &[]);
        self.b.switch_to_block(next);
        Ok(())
    }
}

/// The exit of an instruction that must have one.
fn exit_of(ins: &Ins) -> Result<ExitId, Bug> {
    ins.exit.ok_or_else(|| malformed(ins))
}
