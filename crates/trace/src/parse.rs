//! Reads the text form of trees that [`print`](crate::print()) writes.
//!
//! A value has to be defined above its uses in operands, which printed trees satisfy; `enter`,
//! `jump` and snapshots may name any value. Beyond syntax, the parser checks each instruction
//! against the table of ops, and nothing else: the verifier does the rest.

mod lexer;

use crate::builder::check_ins;
use crate::helpers::Helper;
use crate::ids::{ConstObj, ExitId, InsRef, SiteId, SnapshotId};
use crate::ops::{ImmKind, Op};
use crate::tree::{
    Args, End, Exit, FrameHome, FrameState, Imm, Ins, Memory, ObjConst, Param, Snapshot, Trace,
    TraceTree, VirtualObject, Write,
};
use crate::types::{Mem, ObjKind, Place, RangeField, Region, Type, Width};
use lexer::{Lexer, Token};
use pyrt_spec::{ExitReason, Purpose};
use std::collections::HashMap;
use std::fmt;

/// Where and why a text is not a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1.
    pub line: u32,
    /// The column, in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

type Result<T> = std::result::Result<T, ParseError>;

/// Reads one tree.
///
/// # Errors
///
/// At the first token that does not fit.
pub fn parse(text: &str) -> Result<TraceTree> {
    let mut parser = Parser {
        lexer: Lexer::new(text)?,
        tree: TraceTree::new("", 0, 0, 0),
        values: HashMap::new(),
    };
    parser.tree()?;
    Ok(parser.tree)
}

struct Parser {
    lexer: Lexer,
    tree: TraceTree,
    values: HashMap<u32, InsRef>,
}

impl Parser {
    fn tree(&mut self) -> Result<()> {
        self.lexer.word("tree")?;
        self.tree.name = self.lexer.string()?;
        self.lexer.word("locals")?;
        self.tree.locals = self.small()?;
        self.lexer.mark('{')?;
        self.header()?;
        self.consts()?;
        self.entry()?;
        while self.lexer.at_word("trace") {
            self.trace()?;
        }
        self.snapshots()?;
        if let Some(header) = self.tree.snapshots[0].frames.first() {
            self.tree.sites[SiteId::HEADER.index()].ip = header.ip;
        }
        self.exits()?;
        self.lexer.mark('}')?;
        self.lexer.end()
    }

    fn header(&mut self) -> Result<()> {
        self.lexer.word("header")?;
        self.lexer.mark('(')?;
        while !self.lexer.try_mark(')') {
            let name = self.lexer.id("v")?;
            self.lexer.mark(':')?;
            let ty = self.lexer.named("type", Type::from_name)?;
            let value = self.define(name, Ins::param(ty))?;
            let place = self.lexer.at(&Token::Mark('@')).then(|| self.place());
            let place = place.transpose()?;
            self.tree.params.push(Param { place, value, ty });
            self.separator(')')?;
        }
        Ok(())
    }

    fn consts(&mut self) -> Result<()> {
        if !self.lexer.at_word("consts") {
            return Ok(());
        }
        self.section("consts")?;
        while self.lexer.at_id("c") {
            self.numbered("c", self.tree.consts.len())?;
            self.lexer.mark('=')?;
            let addr = self.lexer.unsigned()?;
            let label = self.lexer.string()?;
            self.tree.consts.push(ObjConst { addr, label });
        }
        Ok(())
    }

    fn entry(&mut self) -> Result<()> {
        self.section("entry")?;
        while !self.lexer.at_word("enter") {
            let value = self.instruction()?;
            self.tree.entry.push(value);
        }
        self.lexer.word("enter")?;
        self.tree.initial = self.value_list()?;
        Ok(())
    }

    fn trace(&mut self) -> Result<()> {
        self.lexer.word("trace")?;
        let at = self.lexer.position();
        let number = self.lexer.unsigned()?;
        if number != self.tree.traces.len() as u64 {
            return Err(at.error(format!("expected trace {}", self.tree.traces.len())));
        }
        let parent = if self.lexer.try_word("at") {
            Some(self.exit_id()?)
        } else {
            None
        };
        self.lexer.mark(':')?;
        let mut body = Vec::new();
        let end = loop {
            if self.lexer.try_word("jump") {
                break End::Jump(self.value_list()?);
            }
            if self.lexer.try_word("leave") {
                break End::Exit(self.exit_id()?);
            }
            body.push(self.instruction()?);
        };
        self.tree.traces.push(Trace { parent, body, end });
        Ok(())
    }

    fn instruction(&mut self) -> Result<InsRef> {
        let at = self.lexer.position();
        let mut result = None;
        if self.lexer.at_id("v") {
            let name = self.lexer.id("v")?;
            self.lexer.mark(':')?;
            result = Some((name, self.lexer.named("type", Type::from_name)?));
            self.lexer.mark('=')?;
        }
        let op = self.lexer.named("op", Op::from_name)?;
        let args = self.operands(op)?;
        let imm = self.imm(op)?;
        let exit = if self.lexer.try_mark('!') {
            Some(self.exit_id()?)
        } else {
            None
        };
        let ins = Ins {
            op,
            args,
            imm,
            exit,
            ty: result.map(|(_, ty)| ty),
        };
        check_ins(&self.tree, &ins).map_err(|why| at.error(why))?;
        if op == Op::Param {
            return Err(at.error("parameters stand in the header".into()));
        }
        match result {
            Some((name, _)) => self.define(name, ins),
            None => Ok(self.tree.push_ins(ins)),
        }
    }

    fn operands(&mut self, op: Op) -> Result<Args> {
        let mut args = Vec::new();
        while op == Op::Call && self.lexer.at_id("v") && args.len() < Args::MAX {
            args.push(self.value()?);
            self.lexer.mark(',')?;
        }
        if op == Op::Call {
            return Ok(Args::new(&args));
        }
        for index in 0..op.args().len() {
            if index > 0 {
                self.lexer.mark(',')?;
            }
            args.push(self.value()?);
        }
        if !args.is_empty() && op.imm() != ImmKind::NoImm {
            self.lexer.mark(',')?;
        }
        Ok(Args::new(&args))
    }

    fn imm(&mut self, op: Op) -> Result<Imm> {
        Ok(match op.imm() {
            ImmKind::NoImm => Imm::None,
            ImmKind::Int => Imm::Int(self.lexer.signed()?),
            ImmKind::Float => Imm::Float(self.lexer.float()?),
            ImmKind::Truth => {
                Imm::Truth(self.lexer.named("truth value", |word| word.parse().ok())?)
            }
            ImmKind::Const => Imm::Const(ConstObj(self.lexer.id("c")?)),
            ImmKind::Slot => {
                self.lexer.mark('@')?;
                Imm::Slot(self.small()?)
            }
            ImmKind::Kind => Imm::Kind(self.lexer.named("kind", ObjKind::from_name)?),
            ImmKind::Mem => Imm::Mem(self.mem()?),
            ImmKind::Helper => Imm::Helper(self.lexer.named("helper", Helper::from_name)?),
            ImmKind::Field => Imm::Field(self.lexer.named("field", RangeField::from_name)?),
        })
    }

    fn snapshots(&mut self) -> Result<()> {
        self.section("snapshots")?;
        self.tree.snapshots.clear();
        while self.lexer.at_id("s") {
            self.numbered("s", self.tree.snapshots.len())?;
            self.lexer.mark(':')?;
            let mut frames = vec![self.frame()?];
            while self.lexer.try_mark('/') {
                frames.push(self.frame()?);
            }
            let mut virtuals = Vec::new();
            while self.lexer.try_word("virtual") {
                virtuals.push(self.virtual_object()?);
            }
            let pending = match self.lexer.try_word("pending") {
                true => self.value_list()?,
                false => Vec::new(),
            };
            self.tree.snapshots.push(Snapshot {
                frames,
                pending,
                virtuals,
            });
        }
        match self.tree.snapshots.is_empty() {
            true => Err(self
                .lexer
                .position()
                .error("expected the entry's snapshot, s0".into())),
            false => Ok(()),
        }
    }

    fn virtual_object(&mut self) -> Result<VirtualObject> {
        let value = self.value()?;
        self.lexer.word("of")?;
        let of = self.value()?;
        let shell = match self.lexer.try_word("in") {
            true => {
                let object = self.value()?;
                let references = self.offset("count")?;
                let borrows = match self.lexer.try_word("borrows") {
                    true => self.lexer.signed()?,
                    false => 0,
                };
                Some(Memory {
                    object,
                    borrows,
                    references,
                })
            }
            false => None,
        };
        let mut attributes = Vec::new();
        self.lexer.mark('{')?;
        while !self.lexer.try_mark('}') {
            let index = self.small()?;
            self.lexer.mark(':')?;
            attributes.push((index, self.value()?));
            self.separator('}')?;
        }
        Ok(VirtualObject {
            value,
            of,
            shell,
            attributes,
        })
    }

    fn mem(&mut self) -> Result<Mem> {
        let at = self.lexer.position();
        let offset = self.lexer.signed()?;
        let offset =
            i32::try_from(offset).map_err(|_| at.error(format!("{offset} is too large")))?;
        Ok(Mem {
            offset,
            width: self.lexer.named("width", Width::from_name)?,
            region: self.lexer.named("region", Region::from_name)?,
        })
    }

    fn home(&mut self) -> Result<FrameHome> {
        Ok(if self.lexer.try_word("memory") {
            FrameHome::Memory(self.value()?)
        } else if self.lexer.try_word("resumed") {
            FrameHome::Resumed(self.value()?)
        } else if self.lexer.try_word("suspended") {
            let generator = self.value()?;
            self.lexer.word("at")?;
            let at = self.offset("at")?;
            FrameHome::Suspended { generator, at }
        } else if self.lexer.try_word("settled") {
            FrameHome::Settled
        } else if self.lexer.try_word("new") {
            let owned = self.lexer.try_word("own");
            FrameHome::New {
                function: self.value()?,
                owned,
            }
        } else {
            FrameHome::Root
        })
    }

    fn offset(&mut self, name: &str) -> Result<u32> {
        let at = self.lexer.position();
        let offset = self.lexer.unsigned()?;
        u32::try_from(offset).map_err(|_| at.error(format!("{name} is too large")))
    }

    /// What a frame was made for.
    fn purpose(&mut self) -> Result<Purpose> {
        if !self.lexer.try_word("for") {
            return Ok(Purpose::Call);
        }
        let mut purposes = Purpose::ALL.iter().copied();
        purposes
            .find(|purpose| self.lexer.try_word(purpose.name()))
            .ok_or_else(|| self.lexer.expected("what a frame is for"))
    }

    fn frame(&mut self) -> Result<FrameState> {
        let home = self.home()?;
        let purpose = self.purpose()?;
        self.lexer.word("ip")?;
        let ip = self.offset("ip")?;
        self.lexer.word("depth")?;
        let depth = self.small()?;
        self.lexer.mark('{')?;
        let mut writes: Vec<Write> = Vec::new();
        while !self.lexer.try_mark('}') {
            let place = self.place()?;
            self.lexer.mark('=')?;
            let owned = self.lexer.try_word("own");
            let value = if self.lexer.try_word("null") {
                None
            } else {
                Some(self.value()?)
            };
            let stale = self.lexer.try_word("stale");
            let current = self.lexer.try_word("current");
            writes.push(Write {
                place,
                value,
                owned,
                stale,
                current,
            });
            self.separator('}')?;
        }
        Ok(FrameState {
            home,
            purpose,
            ip,
            depth,
            writes,
        })
    }

    fn exits(&mut self) -> Result<()> {
        self.section("exits")?;
        while self.lexer.at_id("x") {
            self.numbered("x", self.tree.exits.len())?;
            self.lexer.mark(':')?;
            let exit = if self.lexer.try_word("unused") {
                None
            } else {
                Some(self.exit()?)
            };
            self.tree.exits.push(exit);
        }
        Ok(())
    }

    fn exit(&mut self) -> Result<Exit> {
        let at = self.lexer.position();
        let snapshot = SnapshotId(self.lexer.id("s")?);
        if snapshot.index() >= self.tree.snapshots.len() {
            return Err(at.error(format!("there is no snapshot {snapshot}")));
        }
        let mut exit = Exit::new(snapshot, self.lexer.named("reason", ExitReason::from_name)?);
        if self.lexer.try_word("from") {
            exit.hoisted_from = Some(self.exit_id()?);
        }
        exit.pinned = self.lexer.try_word("pinned");
        Ok(exit)
    }

    // Pieces.

    fn section(&mut self, name: &str) -> Result<()> {
        self.lexer.word(name)?;
        self.lexer.mark(':')
    }

    fn numbered(&mut self, prefix: &str, expected: usize) -> Result<()> {
        let at = self.lexer.position();
        match self.lexer.id(prefix)? as usize == expected {
            true => Ok(()),
            false => Err(at.error(format!("expected {prefix}{expected}"))),
        }
    }

    fn separator(&mut self, close: char) -> Result<()> {
        if self.lexer.at(&Token::Mark(close)) {
            Ok(())
        } else {
            self.lexer.mark(',')
        }
    }

    fn value_list(&mut self) -> Result<Vec<InsRef>> {
        let mut values = Vec::new();
        self.lexer.mark('(')?;
        while !self.lexer.try_mark(')') {
            values.push(self.value()?);
            self.separator(')')?;
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<InsRef> {
        let at = self.lexer.position();
        let name = self.lexer.id("v")?;
        let value = self.values.get(&name).copied();
        value.ok_or_else(|| at.error(format!("v{name} is not defined above")))
    }

    fn define(&mut self, name: u32, ins: Ins) -> Result<InsRef> {
        let value = self.tree.push_ins(ins);
        match self.values.insert(name, value) {
            None => Ok(value),
            Some(_) => Err(self
                .lexer
                .position()
                .error(format!("v{name} is defined twice"))),
        }
    }

    fn exit_id(&mut self) -> Result<ExitId> {
        self.lexer.id("x").map(ExitId)
    }

    fn place(&mut self) -> Result<Place> {
        self.lexer.mark('@')?;
        let slot = self.small()?;
        if self.lexer.try_mark('.') {
            self.lexer.word("index")?;
            return Ok(Place::RangeIndex(slot));
        }
        Ok(Place::Slot(slot))
    }

    fn small(&mut self) -> Result<u16> {
        let at = self.lexer.position();
        let number = self.lexer.unsigned()?;
        u16::try_from(number).map_err(|_| at.error(format!("{number} is too large")))
    }
}

#[cfg(test)]
mod tests;
