//! Random programs, each from one number.
//!
//! Programs end by construction: loops have bounds, functions call only functions that were
//! written before them and methods call none, and every call is paid for from a budget of
//! iterations. Values stay small by construction, too: what may grow is cut back where it is kept.

mod class;
mod expr;
mod item;
mod prelude;
mod size;
mod stmt;

use super::grammar::{Row, is_exotic};
use super::tree::{Expr, Kind, Stmt};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use size::Size;

/// The program of that seed.
pub(crate) fn program(seed: u64) -> Vec<Stmt> {
    Generator::new(seed).program()
}

/// What is known while a program is written.
struct Generator {
    random: ChaCha8Rng,
    size: &'static Size,
    /// The module's names, then those of the functions that are being written, innermost last.
    scopes: Vec<Scope>,
    callables: Vec<Callable>,
    classes: usize,
    /// In a method, a lambda of a class, or the like: may not run the program's own code, which
    /// would recurse.
    leaf: bool,
    /// How often the innermost loop's body runs per call of the function.
    iterations: u64,
    /// Lines that the function may still print.
    prints: u64,
    /// In a function that should compile: exotic templates are seldom taken.
    plain: bool,
    next_name: usize,
}

/// The names of one function or of the module.
#[derive(Default)]
struct Scope {
    variables: Vec<Variable>,
    /// Loops around the statement that is being written.
    loops: u32,
    /// Iterations and calls so far, per call of the function.
    cost: u64,
    generator: bool,
    function: bool,
    /// What the function returns.
    returns: Option<Kind>,
}

#[derive(Clone)]
struct Variable {
    name: String,
    kind: Kind,
    /// Loop counters of `while`, and variables of other scopes.
    read_only: bool,
}

/// A function that may be called: by which templates, what it returns, and what a call costs.
struct Callable {
    templates: Vec<String>,
    kind: Kind,
    cost: u64,
}

impl Generator {
    fn new(seed: u64) -> Generator {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        Generator {
            size: Size::draw(&mut random),
            random,
            scopes: vec![Scope::default()],
            callables: Vec::new(),
            classes: 0,
            leaf: false,
            iterations: 1,
            prints: 0,
            plain: false,
            next_name: 0,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random.random_range(0..bound)
    }

    /// True that many times in a hundred.
    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn pick_row(&mut self, rows: &[Row]) -> &'static str {
        for _ in 0..5 {
            let template = self.pick_any_row(rows);
            if !self.plain || !is_exotic(template) || self.below(400) == 0 {
                return template;
            }
        }
        rows[0].1
    }

    fn pick_any_row(&mut self, rows: &[Row]) -> &'static str {
        let total: u32 = rows.iter().map(|(weight, _)| weight).sum();
        let mut left = self.random.random_range(0..total);
        for (weight, template) in rows {
            if left < *weight {
                return template;
            }
            left -= weight;
        }
        unreachable!("the weights add up to the total")
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next_name += 1;
        format!("{prefix}{}", self.next_name)
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("the module's scope stays")
    }

    fn declare(&mut self, name: &str, kind: Kind) {
        let name = name.to_owned();
        self.scope().variables.push(Variable {
            name,
            kind,
            read_only: false,
        });
    }

    fn declare_read_only(&mut self, name: &str, kind: Kind) {
        self.declare(name, kind);
        if let Some(variable) = self.scope().variables.last_mut() {
            variable.read_only = true;
        }
    }

    /// A variable of the kind: mostly of this function, sometimes of one around it.
    fn variable(&mut self, kind: Kind, assigned: bool) -> Option<Expr> {
        let innermost = self.scopes.len() - 1;
        let outer = !assigned && innermost > 0 && self.chance(12);
        let scope = if outer {
            self.below(innermost)
        } else {
            innermost
        };
        let fitting: Vec<_> = self.scopes[scope]
            .variables
            .iter()
            .filter(|variable| variable.kind == kind && !(assigned && variable.read_only))
            .map(|variable| variable.name.clone())
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let name = fitting[self.below(fitting.len())].clone();
        Some(Expr::text(if assigned { Kind::Fixed } else { kind }, name))
    }

    /// Adds to what the function costs; false, and nothing added, if that would be too much.
    fn pay(&mut self, cost: u64) -> bool {
        let cost = cost.saturating_mul(self.iterations);
        let affordable = self.scope().cost + cost <= self.size.function_budget;
        if affordable {
            self.scope().cost += cost;
        }
        affordable
    }
}

#[cfg(test)]
mod tests;
