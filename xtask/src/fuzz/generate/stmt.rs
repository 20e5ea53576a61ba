//! Statements, from single lines to loops, handlers and closures.

use super::{Generator, Scope};
use crate::fuzz::constants::EXCEPTIONS;
use crate::fuzz::grammar::{LINES, MUTATIONS};
use crate::fuzz::tree::{Clause, Expr, Kind, Stmt};

/// Kinds of statement, with weights.
const FORMS: &[(u32, Form)] = &[
    (56, Generator::lines),
    (12, Generator::branch),
    (9, Generator::for_loop),
    (5, Generator::while_loop),
    (6, Generator::print),
    (5, Generator::leave_loop),
    (5, Generator::leave_function),
    (3, Generator::change_type),
    (5, Generator::try_block),
    (3, Generator::closure),
    (2, Generator::with_block),
    (3, Generator::match_block),
    (2, Generator::raise),
    (1, Generator::mutation),
    (12, Generator::yield_),
];

/// The first so many are those of plain functions.
const PLAIN_FORMS: usize = 9;

/// Makes statements, or none where the form does not fit.
type Form = fn(&mut Generator, u32) -> Option<Vec<Stmt>>;

/// How deep expressions in statements are.
const EXPR_DEPTH: u32 = 3;

/// What a loop over anything but a range is taken to run.
const USUAL_LENGTH: u64 = 6;

/// Limits at which an int variable that grows starts anew.
const LIMITS: &[&str] = &["2**31", "2**62", "2**66", "10**30", "2**200"];

impl Generator {
    /// About that many statements, with blocks of at most that depth.
    pub(super) fn body(&mut self, length: usize, depth: u32) -> Vec<Stmt> {
        let mut body = Vec::new();
        for _ in 0..length {
            body.extend(self.statement(depth));
        }
        body
    }

    fn short_body(&mut self, depth: u32) -> Vec<Stmt> {
        let length = 1 + self.below(self.size.block);
        self.block(length, depth.saturating_sub(1))
    }

    /// A body whose new variables are mostly not used after it, where they may not exist.
    fn block(&mut self, length: usize, depth: u32) -> Vec<Stmt> {
        let (known, functions) = (self.scope().variables.len(), self.callables.len());
        let body = self.body(length, depth);
        if self.chance(95) {
            self.scope().variables.truncate(known);
            self.callables.truncate(functions);
        }
        body
    }

    fn statement(&mut self, depth: u32) -> Vec<Stmt> {
        let all = if self.plain && !self.chance(1) {
            &FORMS[..PLAIN_FORMS]
        } else {
            FORMS
        };
        let total: u32 = all.iter().map(|(weight, _)| weight).sum();
        for _ in 0..4 {
            let mut left = self.below(total as usize) as u32;
            let form = all.iter().find(|(weight, _)| {
                let found = left < *weight;
                left = left.saturating_sub(*weight);
                found
            });
            let (_, form) = form.expect("the weights add up to the total");
            if self.pay(1)
                && let Some(made) = form(self, depth)
            {
                return made;
            }
        }
        vec![Stmt::line("pass")]
    }

    /// A line, and what cuts its targets back if they may have grown.
    pub(super) fn lines(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        let template = self.pick_row(LINES);
        let depth = 1 + self.below(EXPR_DEPTH as usize) as u32;
        let made = self.fill(template, Kind::Fixed, depth)?;
        let mut stmts = Vec::new();
        if made.grows {
            let targets = template.matches("$>").count().max(1);
            for target in &made.expr.holes[..targets] {
                stmts.extend(target.plain().and_then(|name| self.cut_back(name)));
            }
        }
        stmts.insert(0, Stmt::Line(made.expr));
        Some(stmts)
    }

    fn cut_back(&mut self, name: &str) -> Option<Stmt> {
        let mut known = self.scopes.iter().rev().flat_map(|scope| &scope.variables);
        match known.find(|variable| variable.name == name)?.kind {
            Kind::Int => {
                let limit = self.pick(LIMITS);
                let start = self.int_constant();
                let restart = start.wrapped(&format!("{name} = "), "");
                let head = format!("if not -({limit}) < {name} < {limit}:");
                let head = Expr::text(Kind::Fixed, head);
                Some(Stmt::block(head, vec![Stmt::Line(fixed(restart))]))
            }
            Kind::List => {
                let head = Expr::text(Kind::Fixed, format!("if len({name}) > 9:"));
                let keep = if self.plain {
                    Stmt::line(format!("{name}.clear()"))
                } else {
                    Stmt::line(format!("del {name}[5:]"))
                };
                Some(Stmt::block(head, vec![keep]))
            }
            Kind::Str if self.plain => {
                let head = Expr::text(Kind::Fixed, format!("if len({name}) > 12:"));
                Some(Stmt::block(head, vec![Stmt::line(format!("{name} = 'a'"))]))
            }
            Kind::Str => Some(Stmt::line(format!("{name} = {name}[-12:]"))),
            Kind::Tuple => Some(Stmt::line(format!("{name} = {name}[-4:]"))),
            _ => None,
        }
    }

    fn condition(&mut self, before: &str) -> Expr {
        let condition = self.expr(Kind::Bool, 2);
        fixed(condition.wrapped(before, ":"))
    }

    /// A condition that seldom holds: `if` some variable has some value.
    fn rarely(&mut self) -> Expr {
        let template = self.pick(&["if $I == $k:", "if $I % 13 == $k:", "if $I == $c:"]);
        match self.fill(template, Kind::Fixed, 0) {
            Some(made) => made.expr,
            None => self.condition("if "),
        }
    }

    fn branch(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        let head = self.condition("if ");
        let mut clauses = vec![Clause::new(head, self.short_body(depth))];
        if self.chance(25) {
            let head = self.condition("elif ");
            clauses.push(Clause::new(head, self.short_body(depth)));
        }
        if self.chance(45) {
            clauses.push(Clause::plain("else:", self.short_body(depth)));
        }
        Some(vec![Stmt::Compound(clauses)])
    }

    pub(super) fn for_loop(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        let (iterable, kinds) = self.iterable();
        let known = self.scope().variables.len();
        let times = count_in(&iterable).unwrap_or(USUAL_LENGTH);
        let mut targets = Vec::new();
        for &kind in kinds {
            let target = match self.variable(kind, true) {
                Some(variable) if self.chance(25) => variable.to_string(),
                _ => self.fresh(kind.letter()),
            };
            self.declare(&target, kind);
            targets.push(target);
        }
        let targets = targets.join(", ");
        let head = fixed(iterable.wrapped(&format!("for {targets} in "), ":"));
        let body = self.loop_body(known, times, depth)?;
        let mut clauses = vec![Clause::new(head, body)];
        if self.chance(8) {
            clauses.push(Clause::plain("else:", self.short_body(depth)));
        }
        Some(vec![Stmt::Compound(clauses)])
    }

    fn while_loop(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        let known = self.scope().variables.len();
        let name = self.fresh("w");
        self.declare_read_only(&name, Kind::Int);
        let count = self.count();
        let times = count_in(&count).unwrap_or(USUAL_LENGTH);
        let mut counted = vec![format!("{name} += 1")];
        let head = match self.below(3) {
            0 => {
                counted.push(format!("if {name} > {times}: break"));
                Expr::text(Kind::Fixed, "while True:")
            }
            1 => {
                let condition = self.expr(Kind::Bool, 1);
                Expr {
                    kind: Kind::Fixed,
                    texts: vec![format!("while {name} < "), " and ".into(), ":".into()],
                    holes: vec![count, condition],
                }
            }
            _ => fixed(count.wrapped(&format!("while {name} < "), ":")),
        };
        let body = self.loop_body(known, times, depth)?;
        let mut clauses = vec![Clause {
            head,
            fixed: counted,
            body,
        }];
        if self.chance(8) {
            clauses.push(Clause::plain("else:", self.short_body(depth)));
        }
        let start = Stmt::line(format!("{name} = 0"));
        Some(vec![start, Stmt::Compound(clauses)])
    }

    fn loop_body(&mut self, known: usize, times: u64, depth: u32) -> Option<Vec<Stmt>> {
        let outside = self.iterations;
        self.iterations = outside.saturating_mul(times.max(1));
        let affordable = self.pay(1);
        if !affordable {
            // The targets are declared, but there will be no loop that assigns them.
            self.scope().variables.truncate(known);
        }
        let body = affordable.then(|| {
            self.scope().loops += 1;
            let length = 1 + self.below(self.size.loop_body);
            let body = self.block(length, depth - 1);
            self.scope().loops -= 1;
            body
        });
        self.iterations = outside;
        body
    }

    fn try_block(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        let mut clauses = vec![Clause::plain("try:", self.short_body(depth))];
        let finally = self.chance(30);
        if !finally || self.chance(60) {
            clauses.push(self.handler(depth));
            if self.chance(20) {
                clauses.push(Clause::plain("else:", self.short_body(depth)));
            }
        }
        if finally {
            clauses.push(Clause::plain("finally:", self.short_body(depth)));
        }
        Some(vec![Stmt::Compound(clauses)])
    }

    fn handler(&mut self, depth: u32) -> Clause {
        let name = self.fresh("e");
        if self.chance(4) {
            let report = Stmt::line(format!("seen.append(repr({name}))"));
            return Clause::plain(
                &format!("except* {} as {name}:", self.pick(EXCEPTIONS)),
                vec![report],
            );
        }
        let caught = match self.below(3) {
            0 => "Exception",
            1 => "(ArithmeticError, LookupError, Oops)",
            _ => self.pick(EXCEPTIONS),
        };
        let mut body = Vec::new();
        if self.prints >= self.iterations.div_ceil(4) {
            self.prints -= self.iterations.div_ceil(4);
            body.push(Stmt::line(format!("report({name})")));
        }
        if self.chance(50) {
            body.extend(self.short_body(depth));
        }
        match self.below(30) {
            0 | 1 => body.push(Stmt::line("raise")),
            2 => body.push(Stmt::line(format!("raise Oops(1) from {name}"))),
            3 => body.push(Stmt::line(format!(
                "kept[0] = {name}.__traceback__.tb_frame"
            ))),
            4 => body.push(Stmt::line(format!("{name} = None"))),
            _ => {}
        }
        Clause::plain(&format!("except {caught} as {name}:"), body)
    }

    /// Prints values, not in every iteration.
    fn print(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        let (times, seldom) = (self.iterations, self.iterations > 4);
        let lines = if seldom { times.div_ceil(5) } else { times };
        if self.prints < lines {
            return None;
        }
        let template = self.pick(&[
            "print($I, $F, $a)",
            "print($a, $a)",
            "print($L, $I)",
            "print($O, $A, len(deaths))",
            "print($D, sorted($E))",
            "print($i, $f, $b)",
            "print($S, $T)",
        ]);
        let print = Stmt::Line(self.fill(template, Kind::Fixed, 2)?.expr);
        self.prints -= lines;
        if !seldom {
            return Some(vec![print]);
        }
        let head = self.fill("if $I % 8 == $k:", Kind::Fixed, 0)?.expr;
        Some(vec![Stmt::block(head, vec![print])])
    }

    fn leave_loop(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        if self.scope().loops == 0 {
            return None;
        }
        let head = if self.chance(50) {
            self.rarely()
        } else {
            self.condition("if ")
        };
        let word = self.pick(&["break", "continue", "continue"]);
        Some(vec![Stmt::block(head, vec![Stmt::line(word)])])
    }

    fn leave_function(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        if !self.scope().function || !self.chance(40) {
            return None;
        }
        let head = self.rarely();
        let leave = self.return_();
        Some(vec![Stmt::block(head, vec![leave])])
    }

    /// `return` with a value of the function's kind.
    pub(super) fn return_(&mut self) -> Stmt {
        let kind = match self.scope().returns {
            Some(Kind::Generator) | None => Kind::Any,
            Some(kind) => kind,
        };
        let value = self.bounded(kind, 2);
        Stmt::Line(fixed(value.wrapped("return ", "")))
    }

    fn raise(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        let head = self.rarely();
        let class = self.pick(EXCEPTIONS);
        let argument = self.bounded(Kind::Int, 1);
        if self.chance(6) {
            let line = Stmt::line(format!(
                "raise ExceptionGroup('two', [{class}(1), Oops(2)])"
            ));
            return Some(vec![Stmt::block(head, vec![line])]);
        }
        let from = self.pick(&["", "", " from None", " from ValueError(1)"]);
        let raise = fixed(argument.wrapped(&format!("raise {class}("), &format!("){from}")));
        Some(vec![Stmt::block(head, vec![Stmt::Line(raise)])])
    }

    /// Gives a variable a value of another kind, once or so.
    fn change_type(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        let template = self.pick(&[
            "$>I = $f",
            "$>I = None",
            "$>I = $b",
            "$>I = 2**70 + $k",
            "$>I = -2**63",
            "$>F = $i",
            "$>F = None",
            "$>L = $t",
            "$>O = None",
            "$>O = $u($k)",
            "$>B = $i",
            "$>A = $L",
            "$>A = $f",
            "$>A = $O",
            "$>S = $i",
            "$O.a = $f",
            "$O.a = 2**70",
            "$O.b = $f",
            "$O.b = None",
            "$O.z = $j",
            "$O.__class__ = $u",
            "$u.z = $j",
            "$L[0] = $f",
            "$L[0] = None",
            "$L[-1] = 2**65",
            "$D['a'] = $f",
            "$>A = [$I, $F]",
        ]);
        let change = self.fill(template, Kind::Fixed, 1)?.expr;
        let head = self.rarely();
        Some(vec![Stmt::block(head, vec![Stmt::Line(change)])])
    }

    fn with_block(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        if self.chance(12) {
            // Whoever runs meanwhile is watched.
            let watcher = self.pick(&["with Profiled():", "with Profiled():", "with Traced():"]);
            let head = Expr::text(Kind::Fixed, watcher);
            return Some(vec![Stmt::block(head, self.short_body(depth))]);
        }
        let name = self.fresh("i");
        self.declare(&name, Kind::Int);
        let context = self.pick(&["Context", "Context", "scope"]);
        let swallow = self.pick(&["True", "False"]);
        let argument = self.bounded(Kind::Int, 1);
        let more = self.pick(&["", "", ", Context(1, True)"]);
        let head = argument.wrapped(
            &format!("with {context}("),
            &format!(", {swallow}) as {name}{more}:"),
        );
        Some(vec![Stmt::block(fixed(head), self.short_body(depth))])
    }

    /// `match` with a few patterns, whose names are used in their cases.
    fn match_block(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 {
            return None;
        }
        let subject = self.expr(Kind::Any, 2);
        let number = self.fresh("i");
        let mut cases = Vec::new();
        for _ in 0..1 + self.below(4) {
            let pattern = self.pick(&[
                "0 | 1 | None",
                "int(NAME)",
                "float() as NAME",
                "[NAME, *_]",
                "(NAME, 2 | 3)",
                "{'a': NAME}",
                "C0(a=NAME)",
                "Vector(x=NAME, y=1)",
                "Point(NAME)",
                "{'b': 1, **NAME}",
                "str() as NAME",
                "[1, 2, NAME]",
                "True",
            ]);
            let guard = match self.below(4) {
                0 => self.condition(" if "),
                _ => Expr::text(Kind::Fixed, ":"),
            };
            let names = pattern.contains("NAME");
            let pattern = format!("case {}", pattern.replace("NAME", &number));
            let known = self.scope().variables.len();
            if names {
                self.declare(&number, Kind::Int);
            }
            let body = self.short_body(depth);
            self.scope().variables.truncate(known);
            cases.push(Clause::new(fixed(guard.wrapped(&pattern, "")), body));
        }
        if self.chance(50) {
            cases.push(Clause::plain("case _:", self.short_body(depth)));
        }
        let head = fixed(subject.wrapped("match ", ":"));
        Some(vec![Stmt::block(head, vec![Stmt::Compound(cases)])])
    }

    /// A change of a class, or of a function: whatever the loops rely on.
    pub(super) fn mutation(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        let change = if self.chance(15) && !self.callables.is_empty() {
            let number = self.below(self.callables.len());
            let call = &self.callables[number].templates[0];
            let name = call.split('(').next()?.to_owned();
            let change = self.pick(&[
                " = lambda *q, **r: len(q)",
                ".__defaults__ = (1, 2)",
                ".__defaults__ = None",
                ".__kwdefaults__ = {'i0': 5}",
            ]);
            Expr::text(Kind::Fixed, format!("globals()[{name:?}]{change}"))
        } else {
            let template = self.pick_row(MUTATIONS);
            let outside = std::mem::replace(&mut self.leaf, true);
            let made = self.fill(template, Kind::Fixed, 2);
            self.leaf = outside;
            made?.expr
        };
        let head = self.rarely();
        Some(vec![Stmt::block(head, vec![Stmt::Line(change)])])
    }

    fn yield_(&mut self, _depth: u32) -> Option<Vec<Stmt>> {
        if !self.scope().generator {
            return None;
        }
        let template = self.pick(&[
            "yield $j",
            "yield $j",
            "yield $n",
            "$>A = yield $j",
            "yield from $l",
            "$>I = (yield $j) or $k",
            "$>A = yield from echo($k)",
            "yield from range($k)",
            "@yield from $g",
        ]);
        let made = self.fill(template, Kind::Fixed, 2)?;
        Some(vec![Stmt::Line(made.expr)])
    }

    /// A function in a function, that shares some of its variables.
    pub(super) fn closure(&mut self, depth: u32) -> Option<Vec<Stmt>> {
        if depth == 0 || self.scopes.len() != 2 || !self.scope().function {
            return None;
        }
        let shared = self.variable(Kind::Int, true);
        let shared =
            shared.filter(|name| !matches!(name.plain(), Some("i0" | "k")) && self.chance(60));
        let name = self.fresh("h");
        let scope = Scope {
            function: true,
            returns: Some(Kind::Int),
            ..Scope::default()
        };
        self.scopes.push(scope);
        let outside = std::mem::replace(&mut self.iterations, 1);
        self.declare("i0", Kind::Int);
        let mut clause = Clause::plain(&format!("def {name}(i0, *r, k=3):"), Vec::new());
        if let Some(shared) = shared {
            let global = self.is_global(&shared.to_string());
            let word = if global { "global" } else { "nonlocal" };
            clause.fixed.push(format!("{word} {shared}"));
            self.declare(&shared.to_string(), Kind::Int);
        }
        clause.body = self.short_body(depth.min(2));
        clause.body.push(self.return_());
        self.iterations = outside;
        let cost = self.scopes.pop().map_or(0, |scope| scope.cost);
        let templates = ["($j)", "($j)", "($j, $a)", "($j, k=$k)", "(*($j, 1, 2))"];
        self.callables.push(super::Callable {
            templates: templates.map(|arguments| name.clone() + arguments).to_vec(),
            kind: Kind::Int,
            cost: cost + 1,
        });
        Some(vec![Stmt::Compound(vec![clause])])
    }
}

/// The expression as a part of a statement that nothing may take the place of.
fn fixed(mut expr: Expr) -> Expr {
    expr.kind = Kind::Fixed;
    expr
}

/// The number of iterations that an expression names.
fn count_in(expr: &Expr) -> Option<u64> {
    match expr.plain() {
        Some(text) if expr.kind == Kind::Count => text.parse().ok(),
        _ => expr.holes.iter().find_map(count_in),
    }
}
