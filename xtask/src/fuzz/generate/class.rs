//! Classes. All speak the same protocol, each in its own way, so that a call site sees several of
//! them and most operations work on each.

use super::{Generator, Scope};
use crate::fuzz::tree::{Clause, Expr, Kind, Stmt};

/// Methods that a class may have: heading, the variables of its body, and its last line. `NAME` is
/// the class, and a heading may have decorators before it.
const METHODS: &[(u32, &str, &str)] = &[
    (90, "def m(self, x):", "return $j + self.a"),
    (60, "def m(self, x=1):", "return x if self.a else $j"),
    (
        70,
        "def __add__(self, o):",
        "return NAME(self.a + (o if isinstance(o, int) else 1))",
    ),
    (15, "def __add__(self, o):", "return NotImplemented"),
    (20, "def __radd__(self, o):", "return $j"),
    (60, "def __len__(self):", "return $i % 5"),
    (
        60,
        "def __getitem__(self, x):",
        "return self.a + x if x < 4 else [][x]",
    ),
    (40, "def __setitem__(self, x, y):", "self.a = y"),
    (
        50,
        "def __iter__(self):",
        "return Iterator(self.a % 5, self)",
    ),
    (25, "def __iter__(self):", "yield from (1, $j, self.a)"),
    (60, "def __call__(self, x):", "return $j"),
    (
        40,
        "def __eq__(self, o):",
        "return self.a == getattr(o, 'a', o)",
    ),
    (
        50,
        "def __lt__(self, o):",
        "return self.a < getattr(o, 'a', 5)",
    ),
    (20, "def __bool__(self):", "return $b"),
    (15, "def __contains__(self, x):", "return $b"),
    (
        40,
        "def __getattr__(self, name):",
        "return len(name) if name == 'missing' else [][9]",
    ),
    (60, "@property\ndef p(self):", "return $j"),
    (60, "@classmethod\ndef mk(cls, x):", "return cls($j)"),
    (60, "@staticmethod\ndef st(x, k=3):", "return $j"),
    (70, "def me(self):", "return self"),
    (45, "def __del__(self):", "dead(self)"),
    (60, "def two(self, x):", "return x, self.a"),
    (40, "def swap(self, o):", "self.a, o.a = o.a, self.a"),
    (30, "def args(self, *q, **r):", "return self.m(*q, **r)"),
    (
        30,
        "def gen(self, x):",
        "yield from (self.a + q for q in range(x))",
    ),
    (
        30,
        "def __mul__(self, o):",
        "return NAME(self.a, o) if o else self",
    ),
    (20, "def __rsub__(self, o):", "return $j"),
];

/// Ways to write the constructor.
const CONSTRUCTORS: &[&str] = &[
    "self.a = a; self.b = b",
    "self.a, self.b = a, b",
    "self.b = b; self.a = a; self.z = 3",
    "self.a = a + 1; self.b = a",
];

impl Generator {
    pub(super) fn class_definition(&mut self, number: usize) -> Stmt {
        let name = format!("C{number}");
        let base = (number > 0 && self.chance(50)).then(|| format!("C{}", self.below(number)));
        let head = match &base {
            Some(base) => format!("class {name}({base}):"),
            None => format!("class {name}:"),
        };
        let mut body = Vec::new();
        if self.chance(25) {
            let slots = self.pick(&["('a', 'b')", "('a', 'b', 'z')", "()"]);
            let slots = if base.is_some() { "()" } else { slots };
            body.push(Stmt::line(format!("__slots__ = {slots}")));
        } else if self.chance(60) {
            body.push(Stmt::line(format!("z = {number}")));
        }
        if base.is_none() || self.chance(40) {
            body.push(self.constructor(base.is_some()));
        }
        let repr = format!("def __repr__(self): return f'{name}({{self.a!r}})'");
        body.push(Stmt::line(repr));
        for (percent, heading, last) in METHODS {
            let percent = if base.is_some() {
                percent / 2
            } else {
                *percent
            };
            if self.chance(percent * self.size.methods / 100) {
                let method = self.method(&name, heading, last, base.is_some());
                body.extend(method.unwrap_or_default());
            }
        }
        self.classes += 1;
        Stmt::Compound(vec![Clause::plain(&head, body)])
    }

    fn constructor(&mut self, derived: bool) -> Stmt {
        let line = if derived && self.chance(70) {
            "super().__init__(a, b)"
        } else {
            self.pick(CONSTRUCTORS)
        };
        let head = "def __init__(self, a=0, b=None):";
        Stmt::Compound(vec![Clause::plain(head, vec![Stmt::line(line)])])
    }

    fn method(
        &mut self,
        class: &str,
        heading: &str,
        last: &str,
        derived: bool,
    ) -> Option<Vec<Stmt>> {
        self.scopes.push(Scope {
            function: true,
            returns: Some(Kind::Int),
            ..Scope::default()
        });
        let outside = std::mem::replace(&mut self.leaf, true);
        self.prints = 0;
        let parameters = heading.split(['(', ')']).nth(1).unwrap_or("");
        for parameter in parameters.split(", ") {
            match parameter.split('=').next() {
                Some("self") => self.declare_read_only("self.a", Kind::Int),
                Some(name @ ("x" | "k")) => self.declare(name, Kind::Int),
                _ => {}
            }
        }
        let last = if derived && heading.starts_with("def m(") && self.chance(40) {
            "return super().m(x) + $k"
        } else {
            last
        };
        let last = last.replace("NAME", class);
        let last = self.fill(&last, Kind::Fixed, 2);
        let mut body = Vec::new();
        if self.chance(25) && !heading.contains("__") {
            body = self.body(1, 1);
        }
        self.leaf = outside;
        self.scopes.pop();
        self.callables.clear();
        body.push(Stmt::Line(last?.expr));
        let mut headings: Vec<_> = heading.lines().collect();
        let head = headings.pop().unwrap_or("");
        let mut stmts: Vec<_> = headings.into_iter().map(Stmt::line).collect();
        stmts.push(Stmt::block(Expr::text(Kind::Fixed, head), body));
        Some(stmts)
    }
}
