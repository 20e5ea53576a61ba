//! A number that takes the place of another one takes over its memory, if nobody else has that.
//!
//! `a[i] += x`, where the item is a float or an int, makes a box, puts it where the old one was, and gives that up. The old box
//! mostly dies there, so its memory may as well hold the new number: nothing is allocated, nothing freed. Whether the trace has
//! the last reference is known when it runs.
//!
//! The reference to the old number is given up where the new one is made, before it would have been. So nothing may happen in
//! between that could look: no exit, no call, no other reference given up, and nothing that uses the old number.
//!
//! One forward pass, which looks ahead from each box as far as the next exit. Cost: linear in practice.

use crate::frames::origin;
use crate::ids::InsRef;
use crate::kinds::Kinds;
use crate::ops::{Effect, Op};
use crate::tree::{Ins, TraceTree};
use crate::types::ObjKind;

pub(super) fn run(tree: &mut TraceTree) {
    let kinds = Kinds::new(tree);
    for trace in 0..tree.traces.len() {
        let mut body = std::mem::take(&mut tree.traces[trace].body);
        let mut at = 0;
        while at < body.len() {
            if let Some((op, old, release)) = replaced(tree, &kinds, &body[at..]) {
                let ins = *tree.at(body[at]);
                tree.ins[body[at].index()] = Ins::plain(op, &[ins.args[0], old], ins.exit);
                body.remove(at + release);
            }
            at += 1;
        }
        tree.traces[trace].body = body;
    }
}

/// If these instructions begin with a box that takes the place of another one: what makes it of that, the other one, and
/// where the reference to it is given up.
fn replaced(tree: &TraceTree, kinds: &Kinds, body: &[InsRef]) -> Option<(Op, InsRef, usize)> {
    let (first, rest) = body.split_first()?;
    let (op, kind) = match tree.at(*first).op {
        Op::BoxInt => (Op::ReboxInt, ObjKind::Int),
        Op::BoxFloat => (Op::ReboxFloat, ObjKind::Float),
        _ => return None,
    };
    for (at, ins) in rest.iter().map(|ins| tree.at(*ins)).enumerate() {
        if ins.op == Op::ReleaseLeaf {
            let old = ins.args[0];
            let is_other = kinds.of(tree, old) == Some(kind) && same(tree, old) != *first;
            let uses = |ins: &Ins| {
                ins.args
                    .iter()
                    .any(|arg| same(tree, *arg) == same(tree, old))
            };
            let is_used = rest[..at].iter().any(|between| uses(tree.at(*between)));
            return (is_other && !is_used).then_some((op, old, at + 1));
        }
        let looks = matches!(ins.op.effect(), Effect::Count | Effect::Call);
        if ins.exit.is_some() || looks {
            return None;
        }
    }
    None
}

/// The value of which this one is another name.
fn same(tree: &TraceTree, value: InsRef) -> InsRef {
    let value = origin(tree, value);
    let ins = tree.at(value);
    match ins.op {
        Op::GuardObj => same(tree, ins.args[0]),
        _ => value,
    }
}
