//! Where exits stand in the tree, and with that, which values are visible where.
//!
//! A value is visible at a point of a trace if it is defined in the entry, is a header parameter,
//! or is defined before that point in the trace itself or, recursively, before the trace's parent
//! exit in the parent. The instruction that exits defines its value only on the path that goes on.

use crate::ids::{ExitId, InsRef, TraceId};
use crate::tree::{End, TraceTree};

/// Where an exit is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// By the instruction at this position of the entry.
    Entry(usize),
    /// By the instruction at this position of a trace's body.
    Body(TraceId, usize),
    /// At the end of a trace.
    End(TraceId),
}

/// The sites of all exits, indexed by exit; empty for unused ones, several for misused ones.
pub fn exit_sites(tree: &TraceTree) -> Vec<Vec<Site>> {
    let mut sites = vec![Vec::new(); tree.exits.len()];
    let mut add = |exit: Option<ExitId>, site| {
        if let Some(list) = exit.and_then(|exit: ExitId| sites.get_mut(exit.index())) {
            list.push(site);
        }
    };
    for (at, &ins) in tree.entry.iter().enumerate() {
        add(tree.at(ins).exit, Site::Entry(at));
    }
    for (index, trace) in tree.traces.iter().enumerate() {
        let id = TraceId::new(index);
        for (at, &ins) in trace.body.iter().enumerate() {
            add(tree.at(ins).exit, Site::Body(id, at));
        }
        if let End::Exit(exit) = trace.end {
            add(Some(exit), Site::End(id));
        }
    }
    sites
}

/// Definitions of the tree, to answer which values are visible at a site.
pub struct Scope {
    /// The site of each definition by value; `Body(root, _)` at no position stands for parameters.
    defs: Vec<Option<Def>>,
    /// Per trace, the sites at which its ancestors are left, nearest first.
    parents: Vec<Option<Site>>,
}

#[derive(Clone, Copy)]
enum Def {
    Entry(usize),
    Header,
    Body(TraceId, usize),
}

impl Scope {
    /// Collects all definitions: linear in the size of the tree.
    pub fn new(tree: &TraceTree) -> Scope {
        let mut defs = vec![None; tree.ins.len()];
        let mut define = |value: InsRef, def| {
            if let Some(slot) = defs.get_mut(value.index()) {
                slot.get_or_insert(def);
            }
        };
        for param in &tree.params {
            define(param.value, Def::Header);
        }
        for (at, &ins) in tree.entry.iter().enumerate() {
            define(ins, Def::Entry(at));
        }
        for (index, trace) in tree.traces.iter().enumerate() {
            for (at, &ins) in trace.body.iter().enumerate() {
                define(ins, Def::Body(TraceId::new(index), at));
            }
        }
        let sites = exit_sites(tree);
        let site_of = |exit: ExitId| {
            sites
                .get(exit.index())
                .and_then(|list| list.first().copied())
        };
        let parents = tree
            .traces
            .iter()
            .map(|trace| trace.parent.and_then(site_of))
            .collect();
        Scope { defs, parents }
    }

    /// Whether the value is visible just before what stands at the site.
    pub fn visible(&self, value: InsRef, site: Site) -> bool {
        match (self.defs.get(value.index()).copied().flatten(), site) {
            (None, _) => false,
            (Some(Def::Entry(def)), Site::Entry(at)) => def < at,
            (Some(_), Site::Entry(_)) => false,
            (Some(Def::Entry(_) | Def::Header), _) => true,
            (Some(Def::Body(trace, def)), site) => self.visible_in_body(trace, def, site),
        }
    }

    fn visible_in_body(&self, trace: TraceId, def: usize, mut site: Site) -> bool {
        // Parents come before children, so the walk upwards ends; the verifier reports trees where
        // they do not, and the bound keeps it from hanging on them.
        for _ in 0..=self.parents.len() {
            let parent = match site {
                Site::Entry(_) => return false,
                Site::Body(here, at) if here == trace => return def < at,
                Site::End(here) if here == trace => return true,
                Site::Body(here, _) | Site::End(here) => self.parents[here.index()],
            };
            match parent {
                Some(up) => site = up,
                None => return false,
            }
        }
        false
    }
}
