//! What a tree still boxes, and what for: for people who ask why a number did not stay in a register.
//!
//! Of each box in the loop, follows the object through guards and references to what takes it. Quadratic in the size of
//! the tree in the worst case, which is that everything is a box.

use crate::helpers::Helper;
use crate::ids::{InsRef, SiteId};
use crate::ops::Op;
use crate::tree::{End, Imm, Ins, TraceTree};
use crate::types::Region;

/// A number that is made an object each time round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boxed {
    /// Where in the program.
    pub site: SiteId,
    /// `int` or `float`.
    pub what: &'static str,
    /// What takes it, each once; nothing if only exits do.
    pub takers: Vec<Taker>,
}

/// What takes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// A call.
    Helper(Helper),
    /// A store to memory.
    Memory(Region),
    /// The next round of the loop, to which it is passed as an object.
    NextRound,
}

impl Taker {
    /// The helper's name, that of the memory's region, or `next round`.
    pub fn name(self) -> &'static str {
        match self {
            Taker::Helper(helper) => helper.name(),
            Taker::Memory(region) => region.name(),
            Taker::NextRound => "next round",
        }
    }
}

impl TraceTree {
    /// What the traces box, in order; the tree has been optimised.
    pub fn boxed(&self) -> Vec<Boxed> {
        let bodies = self.traces.iter().flat_map(|trace| &trace.body);
        bodies.filter_map(|at| self.boxed_by(*at)).collect()
    }

    fn boxed_by(&self, at: InsRef) -> Option<Boxed> {
        let what = match self.at(at).op {
            Op::BoxInt | Op::ReboxInt => "int",
            Op::BoxFloat | Op::ReboxFloat => "float",
            _ => return None,
        };
        Some(Boxed {
            site: self.site_of(at),
            what,
            takers: self.takers_of(at),
        })
    }

    /// Where in the program an instruction is.
    pub fn site_of(&self, at: InsRef) -> SiteId {
        let of_exit = || {
            let exit = self.exits.get(self.at(at).exit?.index())?.as_ref();
            exit.map(|exit| exit.site)
        };
        let known = self.ins_sites.get(at.index()).copied();
        known.or_else(of_exit).unwrap_or(SiteId::HEADER)
    }

    fn takers_of(&self, object: InsRef) -> Vec<Taker> {
        let mut same = vec![object];
        let mut takers = Vec::new();
        for trace in &self.traces {
            for at in &trace.body {
                let ins = self.at(*at);
                let Some(position) = ins.args.iter().position(|value| same.contains(value)) else {
                    continue;
                };
                match ins.op {
                    Op::Own | Op::GuardObj | Op::GuardType | Op::GuardVersion => same.push(*at),
                    _ => takers.extend(taker(ins, position)),
                }
            }
            if let End::Jump(values) = &trace.end
                && values.iter().any(|value| same.contains(value))
            {
                takers.push(Taker::NextRound);
            }
        }
        let mut seen = Vec::new();
        takers.retain(|taker| !seen.contains(taker) && (seen.push(*taker), true).1);
        takers
    }
}

/// What an instruction does with an object that is its operand at this position, if it takes it.
fn taker(ins: &Ins, position: usize) -> Option<Taker> {
    match (ins.op, ins.imm) {
        (Op::Call, Imm::Helper(helper)) => Some(Taker::Helper(helper)),
        (Op::Store | Op::StoreIndex, Imm::Mem(mem)) if position + 1 == ins.args.len() => {
            Some(Taker::Memory(mem.region))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
