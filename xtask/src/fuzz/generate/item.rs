//! Whole programs: classes, functions, and the rounds that run them.

use super::prelude;
use super::{Callable, Generator, Scope};
use crate::fuzz::tree::{Clause, Expr, Kind, Stmt, print};

/// The letters of parameters: what they hold, and how an argument is written.
const PARAMETERS: &[(Kind, char, &str)] = &[
    (Kind::Int, 'i', "$j"),
    (Kind::Int, 'i', "$j"),
    (Kind::Float, 'f', "$f"),
    (Kind::List, 'l', "$l"),
    (Kind::Object, 'o', "$o"),
    (Kind::Any, 'a', "$a"),
    (Kind::Str, 's', "$S"),
    (Kind::Dict, 'd', "$D"),
];

/// What a function's variables start with: name, kind, template.
const LOCALS: &[(&str, Kind, &str)] = &[
    ("i1", Kind::Int, "$c"),
    ("i2", Kind::Int, "$i"),
    ("f1", Kind::Float, "$z"),
    ("f2", Kind::Float, "$f"),
    ("b1", Kind::Bool, "$b"),
    ("s1", Kind::Str, "$q"),
    ("l1", Kind::List, "$l"),
    ("t1", Kind::Tuple, "$t"),
    ("d1", Kind::Dict, "$d"),
    ("n1", Kind::Set, "$e"),
    ("o1", Kind::Object, "$o"),
    ("a1", Kind::Any, "$a"),
    ("g1", Kind::Generator, "$g"),
];

impl Generator {
    pub(super) fn program(&mut self) -> Vec<Stmt> {
        self.next_name = 10;
        let mut program = Vec::new();
        for number in 0..self.number(&self.size.classes) {
            program.push(self.class_definition(number));
        }
        program.extend(self.locals("g"));
        for _ in 0..self.number(&self.size.functions) {
            let function = self.function();
            program.extend(self.decorated(function));
        }
        for _ in 0..self.number(&self.size.loop_functions) {
            program.push(self.loop_function(75));
        }
        program.extend(self.main());
        let needed = prelude::of(&print(&program));
        needed.into_iter().map(Stmt::line).chain(program).collect()
    }

    /// Assignments to a variable of each kind, in a random order, so that few fail.
    fn locals(&mut self, prefix: &str) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for (name, kind, template) in LOCALS {
            let name = match prefix {
                "" => (*name).to_owned(),
                _ => format!("{}{prefix}{}", &name[..1], &name[1..]),
            };
            // Few functions need all of them.
            let percent = match prefix {
                "" => self.size.locals,
                _ => self.size.globals,
            };
            if !self.chance(percent) {
                continue;
            }
            if let Some(made) = self.fill(template, Kind::Fixed, 1) {
                stmts.push(Stmt::Line(Expr {
                    kind: Kind::Fixed,
                    ..made.expr.wrapped(&format!("{name} = "), "")
                }));
                self.declare(&name, *kind);
            }
        }
        stmts
    }

    /// Whether a variable of the innermost function is the module's.
    pub(super) fn is_global(&self, name: &str) -> bool {
        self.scopes[0]
            .variables
            .iter()
            .any(|variable| variable.name == name)
    }

    fn function(&mut self) -> Stmt {
        match self.below(10) {
            0 | 1 => self.generator(),
            2 => self.recursive(),
            3..=5 => self.small_function(),
            _ => self.loop_function(30),
        }
    }

    /// The parameters of a function as they are written, and templates that call it.
    fn signature(&mut self, name: &str) -> (String, Vec<String>) {
        let mut written = Vec::new();
        let (mut all, mut named, mut required) = (Vec::new(), Vec::new(), Vec::new());
        let mut defaults = false;
        for _ in 0..self.below(4) {
            let (kind, letter, argument) = self.pick(PARAMETERS);
            let parameter = self.fresh(&letter.to_string());
            self.declare(&parameter, kind);
            defaults |= self.chance(30);
            all.push(argument.to_owned());
            named.push(format!("{parameter}={argument}"));
            if defaults {
                let default = kind.simplest().first().unwrap_or(&"None");
                written.push(format!("{parameter}={default}"));
            } else {
                written.push(parameter);
                required.push(argument.to_owned());
            }
        }
        let mut calls = vec![all.clone(), all.clone(), named, required];
        calls.push(vec![format!("*[{}]", all.join(", "))]);
        if self.chance(20) {
            written.push("*rest".to_owned());
            self.declare("rest", Kind::Tuple);
            calls.push([all.clone(), vec!["$k".into(), "$j".into()]].concat());
        } else if self.chance(20) && !written.is_empty() {
            written.push("*".to_owned());
        }
        if written.last().is_some_and(|last| last == "*") || self.chance(15) {
            if !written.iter().any(|parameter| parameter.starts_with('*')) {
                written.push("*".to_owned());
            }
            written.push("i0=7".to_owned());
            self.declare("i0", Kind::Int);
            calls.push([all.clone(), vec!["i0=$j".into()]].concat());
        }
        if self.chance(10) {
            written.push("**named".to_owned());
            calls.push([all, vec!["zz=$k".into()]].concat());
        }
        let templates = calls
            .iter()
            .map(|arguments| format!("{name}({})", arguments.join(", ")))
            .collect();
        (written.join(", "), templates)
    }

    /// Opens a function's scope, and closes it when `write` has written the body.
    fn define(&mut self, returns: Kind, write: impl FnOnce(&mut Generator) -> Vec<Stmt>) -> Stmt {
        let name = self.fresh("fn_");
        let scope = Scope {
            function: true,
            generator: returns == Kind::Generator,
            returns: Some(returns),
            ..Scope::default()
        };
        self.scopes.push(scope);
        self.plain = returns != Kind::Generator && self.chance(60);
        let known = self.callables.len();
        let (parameters, templates) = self.signature(&name);
        let mut clause = Clause::plain(&format!("def {name}({parameters}):"), Vec::new());
        clause.fixed.extend(self.declare_globals());
        self.prints = 10;
        clause.body = write(self);
        self.plain = false;
        let cost = self.scopes.pop().map_or(0, |scope| scope.cost);
        self.callables.truncate(known);
        self.callables.push(Callable {
            templates,
            kind: returns,
            cost: cost + 1,
        });
        Stmt::Compound(vec![clause])
    }

    /// Decorators, which make calls go through functions of stars.
    fn decorated(&mut self, function: Stmt) -> Vec<Stmt> {
        let decorator = match self.below(12) {
            0 => Some("@counted"),
            1 => Some("@tallied"),
            _ => None,
        };
        decorator
            .map(Stmt::line)
            .into_iter()
            .chain([function])
            .collect()
    }

    /// Some of the module's variables, to be assigned here.
    fn declare_globals(&mut self) -> Option<String> {
        let percent = if self.plain { 5 } else { 35 };
        let count = self.scopes[0].variables.len();
        if !self.chance(percent) || count == 0 {
            return None;
        }
        let mut names = Vec::new();
        for _ in 0..2 {
            let number = self.below(count);
            let variable = self.scopes[0].variables[number].clone();
            if !names.contains(&variable.name) {
                names.push(variable.name.clone());
                self.scope().variables.push(variable);
            }
        }
        Some(format!("global {}", names.join(", ")))
    }

    /// A function without loops, cheap enough to be called in them.
    fn small_function(&mut self) -> Stmt {
        let returns = self.pick(&[Kind::Int, Kind::Int, Kind::Float, Kind::Object, Kind::Any]);
        self.define(returns, |this| {
            let length = this.below(3);
            let mut body = this.body(length, 1);
            body.push(this.return_());
            body
        })
    }

    /// A function of loops, plain in so many of a hundred cases.
    fn loop_function(&mut self, plain: u32) -> Stmt {
        let returns = self.pick(&[
            Kind::Int,
            Kind::Int,
            Kind::Float,
            Kind::Any,
            Kind::List,
            Kind::Str,
        ]);
        self.define(returns, |this| {
            this.plain = this.chance(plain);
            let mut body = this.locals("");
            body.extend(this.body(1, 0));
            if this.chance(15) {
                // Its loops read and write cells.
                body.extend(this.closure(1).unwrap_or_default());
            }
            let depth = this.size.depth;
            body.extend(this.for_loop(depth).unwrap_or_default());
            let length = this.number(&this.size.after_loop);
            body.extend(this.body(length, depth));
            body.push(this.return_());
            body
        })
    }

    fn generator(&mut self) -> Stmt {
        self.define(Kind::Generator, |this| {
            let mut body = this.locals("");
            let length = 1 + this.below(this.size.block);
            body.extend(this.body(length, this.size.depth));
            body.push(Stmt::line("yield 1"));
            body
        })
    }

    /// A function that calls itself with a smaller number.
    fn recursive(&mut self) -> Stmt {
        let name = self.fresh("fn_");
        self.scopes.push(Scope {
            function: true,
            returns: Some(Kind::Int),
            ..Scope::default()
        });
        let known = self.callables.len();
        self.declare_read_only("depth", Kind::Int);
        self.declare("i0", Kind::Int);
        let mut clause = Clause::plain(&format!("def {name}(depth, i0=1):"), Vec::new());
        clause.fixed.push("if depth <= 0:".to_owned());
        clause.fixed.push("    return i0".to_owned());
        self.prints = 0;
        let outside = std::mem::replace(&mut self.leaf, true);
        let length = 1 + self.below(3);
        clause.body = self.body(length, 2);
        self.leaf = outside;
        let template = self.pick(&[
            "return NAME(depth - 1, $j)",
            "return NAME(depth - 1) + $k",
            "return $i + NAME(depth - 1, i0=$j)",
            "return NAME(depth - 1, $k) - NAME(depth - 2, i0)",
        ]);
        self.callables.truncate(known);
        let call = self.fill(&template.replace("NAME", &name), Kind::Fixed, 1);
        clause.body.extend(call.map(|made| Stmt::Line(made.expr)));
        let cost = self.scopes.pop().map_or(1, |scope| scope.cost);
        self.callables.push(Callable {
            templates: vec![format!("{name}($k, $j)"), format!("{name}($k)")],
            kind: Kind::Int,
            cost: 10 * (cost + 1),
        });
        Stmt::Compound(vec![clause])
    }

    /// The rounds: calls of the functions, whose results are printed, and changes between them.
    fn main(&mut self) -> Vec<Stmt> {
        let inside = self.chance(85);
        if inside {
            self.scopes.push(Scope {
                returns: Some(Kind::Any),
                ..Scope::default()
            });
        }
        self.prints = 40;
        let mut start = if inside { self.locals("") } else { Vec::new() };
        self.declare_read_only("turn", Kind::Int);
        self.scope().cost = 0;
        let (mut work, mut cost) = (Vec::new(), 1);
        let calls = self.number(&self.size.statements);
        let least = self.callables.len().saturating_sub(4);
        let all = (least..self.callables.len()).map(Some);
        let all: Vec<_> = all.chain(vec![None; calls]).collect();
        for number in all {
            let (stmts, called) = self.work(number);
            if self.chance(96) {
                let report = vec![Stmt::line("report(e)")];
                let handler = Clause::plain("except Exception as e:", report);
                work.push(Stmt::Compound(vec![Clause::plain("try:", stmts), handler]));
            } else {
                work.extend(stmts);
            }
            cost += called;
        }
        work.extend(self.print_state());
        for _ in 0..self.below(3) {
            work.extend(self.change_between_rounds());
        }
        let rounds = (self.size.program_budget / (cost + self.scope().cost)).clamp(3, 40);
        let rounds = Expr::text(Kind::Count, rounds.to_string());
        let head = Expr {
            kind: Kind::Fixed,
            ..rounds.wrapped("for turn in range(", "):")
        };
        start.push(Stmt::block(head, work));
        start.extend(self.print_state());
        start.push(Stmt::line(
            "print(deaths[:40], seen[:40], hash(str((deaths, seen))))",
        ));
        if !inside {
            return start;
        }
        self.scopes.pop();
        vec![
            Stmt::Compound(vec![Clause::plain("def main():", start)]),
            Stmt::line("main()"),
        ]
    }

    /// A call of the function of that number with its cost, or else a statement.
    fn work(&mut self, number: Option<usize>) -> (Vec<Stmt>, u64) {
        let Some(number) = number else {
            return (self.body(1, 2), 0);
        };
        let (kind, cost) = (self.callables[number].kind, self.callables[number].cost);
        let choice = self.below(self.callables[number].templates.len());
        let call = self.callables[number].templates[choice].clone();
        let template = match kind {
            Kind::Generator => format!("print(turn, list({call}))"),
            _ => format!("print(turn, {call})"),
        };
        match self.fill(&template, Kind::Fixed, 2) {
            Some(made) => (vec![Stmt::Line(made.expr)], cost),
            None => (self.body(1, 2), 0),
        }
    }

    fn change_between_rounds(&mut self) -> Option<Stmt> {
        let change = self.mutation(0)?.pop()?;
        let Stmt::Compound(mut clauses) = change else {
            return None;
        };
        let round = 1 + self.below(8);
        clauses[0].head = Expr::text(Kind::Fixed, format!("if turn == {round}:"));
        Some(Stmt::Compound(clauses))
    }

    fn print_state(&mut self) -> Option<Stmt> {
        let print = self.fill("print(turn, $I, $F, $A, $O)", Kind::Fixed, 0)?;
        Some(Stmt::Line(print.expr))
    }
}
