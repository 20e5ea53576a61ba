//! The text form of a tree. [`parse`](crate::parse()) reads it back exactly.
//!
//! ```text
//! tree "mod.func:12" locals 3 {
//! header(v0: i64 @0)
//! entry:
//!   v1: obj = load_slot @0 ! x0
//!   ...
//!   enter(v2)
//! trace 0:
//!   v3: i64 = add_ovf v0, v0 ! x2
//!   jump(v3)
//! trace 1 at x2:
//!   leave x3
//! snapshots:
//!   s0: ip 24 depth 1 {}
//!   s1: ip 40 depth 2 {@0 = v3, @1 = null, @3.index = v9}
//! exits:
//!   x0: s0 unbound
//!   x2: s1 overflow pinned
//! }
//! ```
//!
//! Values are numbered in the order in which they appear, whatever their place in the arena.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{self, End, Exit, FrameHome, FrameState, Imm, Ins, Snapshot, TraceTree};
use pyrt_spec::Purpose;
use std::fmt::{self, Display, Formatter, Write};

/// The text of a tree.
pub fn print(tree: &TraceTree) -> String {
    let tree = tree.compact();
    let names = Names::new(&tree);
    Printed {
        tree: &tree,
        names: &names,
    }
    .to_string()
}

/// The text of one instruction, with arena numbers for values: for messages about broken trees.
pub fn print_ins(tree: &TraceTree, value: InsRef) -> String {
    let names = Names { dense: None };
    match tree.ins.get(value.index()) {
        Some(ins) => PrintedIns {
            ins,
            value,
            names: &names,
        }
        .to_string(),
        None => format!("{value}?"),
    }
}

/// How values are called.
struct Names {
    /// Numbers in order of definition, by value; `None` prints arena numbers.
    dense: Option<Vec<u32>>,
}

impl Names {
    fn new(tree: &TraceTree) -> Names {
        let mut next = 0;
        let number = |ins: &Ins| {
            let own = next;
            next += u32::from(ins.ty.is_some());
            own
        };
        Names {
            dense: Some(tree.ins.iter().map(number).collect()),
        }
    }

    fn of(&self, value: InsRef) -> InsRef {
        match &self.dense {
            Some(dense) => InsRef(dense[value.index()]),
            None => value,
        }
    }

    fn list(&self, values: &[InsRef]) -> String {
        comma(values.iter().map(|value| self.of(*value)))
    }
}

fn comma<T: Display>(items: impl Iterator<Item = T>) -> String {
    let mut out = String::new();
    for item in items {
        let separator = if out.is_empty() { "" } else { ", " };
        write!(out, "{separator}{item}").expect("writing to a string cannot fail");
    }
    out
}

struct Printed<'a> {
    tree: &'a TraceTree,
    names: &'a Names,
}

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tree = self.tree;
        writeln!(f, "tree {:?} locals {} {{", tree.name, tree.locals)?;
        self.header(f)?;
        if !tree.consts.is_empty() {
            writeln!(f, "consts:")?;
            for (index, object) in tree.consts.iter().enumerate() {
                writeln!(f, "  c{index} = {:#x} {:?}", object.addr, object.label)?;
            }
        }
        writeln!(f, "entry:")?;
        self.body(f, &tree.entry)?;
        writeln!(f, "  enter({})", self.names.list(&tree.initial))?;
        self.traces(f)?;
        writeln!(f, "snapshots:")?;
        for (index, snapshot) in tree.snapshots.iter().enumerate() {
            write!(f, "  s{index}: ")?;
            self.snapshot(f, snapshot)?;
        }
        writeln!(f, "exits:")?;
        for (index, exit) in tree.exits.iter().enumerate() {
            match exit {
                Some(exit) => writeln!(f, "  x{index}: {}", PrintedExit(exit))?,
                None => writeln!(f, "  x{index}: unused")?,
            }
        }
        writeln!(f, "}}")
    }
}

impl Printed<'_> {
    fn header(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let param = |p: &tree::Param| {
            let place = p
                .place
                .map_or_else(String::new, |place| format!(" {place}"));
            format!("{}: {}{place}", self.names.of(p.value), p.ty)
        };
        writeln!(f, "header({})", comma(self.tree.params.iter().map(param)))
    }

    fn body(&self, f: &mut Formatter<'_>, list: &[InsRef]) -> fmt::Result {
        for &value in list {
            let ins = self.tree.at(value);
            writeln!(
                f,
                "  {}",
                PrintedIns {
                    ins,
                    value,
                    names: self.names
                }
            )?;
        }
        Ok(())
    }

    fn traces(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, trace) in self.tree.traces.iter().enumerate() {
            match trace.parent {
                Some(exit) => writeln!(f, "trace {index} at {exit}:")?,
                None => writeln!(f, "trace {index}:")?,
            }
            self.body(f, &trace.body)?;
            match &trace.end {
                End::Jump(values) => writeln!(f, "  jump({})", self.names.list(values))?,
                End::Exit(exit) => writeln!(f, "  leave {exit}")?,
            }
        }
        Ok(())
    }

    fn snapshot(&self, f: &mut Formatter<'_>, snapshot: &Snapshot) -> fmt::Result {
        for (index, frame) in snapshot.frames.iter().enumerate() {
            let separator = if index == 0 { "" } else { " / " };
            let FrameState {
                home,
                purpose,
                ip,
                depth,
                writes,
            } = frame;
            let purpose = match purpose {
                Purpose::Call => String::new(),
                purpose => format!("for {} ", purpose.name()),
            };
            let home = match *home {
                FrameHome::Root => String::new(),
                FrameHome::Settled => "settled ".to_owned(),
                FrameHome::Memory(frame) => format!("memory {} ", self.names.of(frame)),
                FrameHome::Resumed(frame) => format!("resumed {} ", self.names.of(frame)),
                FrameHome::Suspended { generator, at } => {
                    format!("suspended {} at {at} ", self.names.of(generator))
                }
                FrameHome::New { function, owned } => {
                    let own = if owned { "own " } else { "" };
                    format!("new {own}{} ", self.names.of(function))
                }
            };
            let write = |write: &tree::Write| {
                let own = if write.owned { "own " } else { "" };
                let stale = if write.stale { " stale" } else { "" };
                let current = if write.current { " current" } else { "" };
                let value = match write.value {
                    Some(value) => self.names.of(value).to_string(),
                    None => "null".into(),
                };
                format!("{} = {own}{value}{stale}{current}", write.place)
            };
            let writes = comma(writes.iter().map(write));
            write!(
                f,
                "{separator}{home}{purpose}ip {ip} depth {depth} {{{writes}}}"
            )?;
        }
        for made in &snapshot.virtuals {
            let attribute =
                |(index, value): &(u16, InsRef)| format!("{index}: {}", self.names.of(*value));
            let attributes = comma(made.attributes.iter().map(attribute));
            let (value, of) = (self.names.of(made.value), self.names.of(made.of));
            write!(f, " virtual {value} of {of} ")?;
            if let Some(memory) = made.shell {
                let object = self.names.of(memory.object);
                write!(f, "in {object} {} ", memory.references)?;
                if memory.borrows != 0 {
                    write!(f, "borrows {} ", memory.borrows)?;
                }
            }
            write!(f, "{{{attributes}}}")?;
        }
        if !snapshot.pending.is_empty() {
            write!(f, " pending ({})", self.names.list(&snapshot.pending))?;
        }
        writeln!(f)
    }
}

struct PrintedIns<'a> {
    ins: &'a Ins,
    value: InsRef,
    names: &'a Names,
}

impl Display for PrintedIns<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Ins {
            op,
            args,
            imm,
            exit,
            ty,
        } = self.ins;
        if let Some(ty) = ty {
            write!(f, "{}: {ty} = ", self.names.of(self.value))?;
        }
        write!(f, "{op}")?;
        let mut operands: Vec<String> = args
            .iter()
            .map(|arg| self.names.of(*arg).to_string())
            .collect();
        operands.extend(print_imm(imm));
        if !operands.is_empty() {
            write!(f, " {}", operands.join(", "))?;
        }
        match exit {
            Some(exit) if *op != Op::Param => write!(f, " ! {exit}"),
            _ => Ok(()),
        }
    }
}

fn print_imm(imm: &Imm) -> Option<String> {
    Some(match imm {
        Imm::None => return None,
        Imm::Int(value) => value.to_string(),
        Imm::Float(bits) => print_float(*bits),
        Imm::Truth(value) => value.to_string(),
        Imm::Const(id) => id.to_string(),
        Imm::Slot(slot) => format!("@{slot}"),
        Imm::Kind(kind) => kind.to_string(),
        Imm::Field(field) => field.to_string(),
        Imm::Mem(mem) => format!("{} {} {}", mem.offset, mem.width, mem.region),
        Imm::Helper(helper) => helper.to_string(),
    })
}

/// The shortest decimal that reads back as the same bits; NaNs by their bits.
fn print_float(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_nan() {
        format!("nan:{bits:#x}")
    } else {
        format!("{value:?}")
    }
}

struct PrintedExit<'a>(&'a Exit);

impl Display for PrintedExit<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Exit {
            snapshot,
            reason,
            hoisted_from,
            pinned,
            work: _,
            site: _,
        } = self.0;
        write!(f, "{snapshot} {reason}")?;
        if let Some(exit) = hoisted_from {
            write!(f, " from {exit}")?;
        }
        if *pinned {
            f.write_str(" pinned")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
