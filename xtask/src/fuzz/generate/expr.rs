//! Expressions: templates chosen by weight, and their holes filled.

use super::Generator;
use crate::fuzz::constants::{FLOATS, INT_EDGES, INT_PLAIN, STRINGS};
use crate::fuzz::grammar::{self, ITERABLES, OBJECTS, PAIRS, TEXTS};
use crate::fuzz::tree::{Expr, Kind};

/// An expression, and whether its value may be much larger than what it is made of.
pub(super) struct Made {
    pub(super) expr: Expr,
    pub(super) grows: bool,
}

/// Templates that are tried before a constant is taken.
const ATTEMPTS: usize = 4;

impl Generator {
    /// An expression of at most that depth.
    pub(super) fn make(&mut self, kind: Kind, depth: u32) -> Made {
        let depth = depth.min(self.size.expression);
        if depth == 0 {
            return small(self.leaf_expr(kind));
        }
        if self.chance(8)
            && let Some(call) = self.call(kind, depth - 1)
        {
            return call;
        }
        for _ in 0..ATTEMPTS {
            let template = self.pick_row(grammar::rows(kind));
            if let Some(made) = self.fill(template, kind, depth - 1) {
                return made;
            }
        }
        small(self.leaf_expr(kind))
    }

    pub(super) fn expr(&mut self, kind: Kind, depth: u32) -> Expr {
        self.make(kind, depth).expr
    }

    /// An expression whose value may be kept: cut back if it may have grown.
    pub(super) fn bounded(&mut self, kind: Kind, depth: u32) -> Expr {
        let Made { expr, grows } = self.make(kind, depth);
        if !grows {
            return expr;
        }
        if self.plain && kind != Kind::Int {
            // Slices end recordings.
            return self.leaf_expr(kind);
        }
        match kind {
            Kind::Int if self.chance(50) => expr.wrapped("(", " % 1000003)"),
            Kind::Int => expr.wrapped("(", " & 0x7fffffffffffffff)"),
            Kind::Str => expr.wrapped("", "[-12:]"),
            Kind::List | Kind::Tuple => expr.wrapped("", "[-9:]"),
            _ => expr,
        }
    }

    /// Fills a template's holes; `None` if there is no variable for one of them, or its code may
    /// not run here.
    pub(super) fn fill(&mut self, template: &str, kind: Kind, depth: u32) -> Option<Made> {
        let (mut grows, mut runs_code) = (false, false);
        let body = template.trim_start_matches(|c| {
            grows |= c == '!';
            runs_code |= c == '@';
            c == '!' || c == '@'
        });
        if runs_code && (self.leaf || !self.pay(1)) {
            return None;
        }
        let mut parts = body.split('$');
        let mut texts = vec![parts.next().unwrap_or("").to_owned()];
        let mut holes = Vec::new();
        for part in parts {
            let (assigned, part) = match part.strip_prefix('>') {
                Some(rest) => (true, rest),
                None => (false, part),
            };
            let letter = part.chars().next().expect("`$` has a letter after it");
            let made = self.hole(letter, assigned, depth)?;
            grows |= made.grows;
            holes.push(made.expr);
            texts.push(part[letter.len_utf8()..].to_owned());
        }
        let expr = Expr { kind, texts, holes };
        // What is no arithmetic on the operands is no larger than a constant.
        let kept = matches!(
            kind,
            Kind::Int | Kind::Str | Kind::List | Kind::Tuple | Kind::Fixed
        );
        let grows = grows && kept;
        Some(Made { expr, grows })
    }

    fn hole(&mut self, letter: char, assigned: bool, depth: u32) -> Option<Made> {
        if letter.is_ascii_uppercase() {
            return self.variable(kind_of(letter), assigned).map(small);
        }
        Some(match letter {
            'i' if self.chance(2) => small(self.surprise()),
            'i' | 'f' | 'b' | 's' | 'a' | 'o' => self.make(kind_of(letter), depth),
            'l' | 't' | 'd' | 'e' | 'g' => self.make(kind_of(letter), depth.min(2)),
            'j' => small(self.bounded(Kind::Int, depth)),
            'n' => {
                let kind = self.pick(&[Kind::Int, Kind::Int, Kind::Int, Kind::Float, Kind::Bool]);
                self.make(kind, depth)
            }
            'y' => small(self.key(depth)),
            'k' => {
                let small_constant = self.below(6).to_string();
                small(Expr::text(Kind::Int, small_constant))
            }
            'c' => small(self.int_constant()),
            'z' => small(Expr::text(Kind::Float, self.pick(FLOATS))),
            'q' => small(Expr::text(Kind::Str, self.pick(STRINGS))),
            'x' => small(self.count()),
            'u' => small(self.class()?),
            _ => unreachable!("no hole is called {letter:?}"),
        })
    }

    /// A call of a function of the program that returns the kind.
    fn call(&mut self, kind: Kind, depth: u32) -> Option<Made> {
        if self.leaf {
            return None;
        }
        let fitting: Vec<_> = (0..self.callables.len())
            .filter(|&index| self.callables[index].kind == kind)
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let index = self.pick(&fitting);
        if !self.pay(self.callables[index].cost) {
            return None;
        }
        let number = self.below(self.callables[index].templates.len());
        let template = self.callables[index].templates[number].clone();
        self.fill(&template, kind, depth.min(1))
    }

    /// Something that is no int, though an int is expected.
    fn surprise(&mut self) -> Expr {
        let kind = self.pick(&[Kind::Float, Kind::Bool, Kind::Float, Kind::Any]);
        match kind {
            Kind::Any => Expr::text(kind, "None"),
            _ => self.leaf_expr(kind),
        }
    }

    fn leaf_expr(&mut self, kind: Kind) -> Expr {
        if self.chance(75)
            && let Some(variable) = self.variable(kind, false)
        {
            return variable;
        }
        let constant = match kind {
            Kind::Int => return self.int_constant(),
            Kind::Float => self.pick(FLOATS),
            Kind::Str => self.pick(STRINGS),
            Kind::Bool => self.pick(&["True", "False"]),
            Kind::List => self.pick(&["[1, 2, 3]", "[]", "[5]", "[0, -1, 2.5, 7]"]),
            Kind::Tuple => self.pick(&["(1, 2)", "()", "(3, 0.5)"]),
            Kind::Dict => self.pick(&["{}", "{1: 2}", "{'a': 1, 'b': 2}"]),
            Kind::Set => self.pick(&["set()", "{1, 2}"]),
            Kind::Generator => self.pick(&["iter([1, 2, 3])", "iter(range(5))"]),
            Kind::Object if self.classes > 0 => {
                let number = self.below(self.classes);
                return Expr::text(kind, format!("C{number}()"));
            }
            Kind::Object | Kind::Any => self.pick(&["None", "1", "''", "(1, 'a')", "2.5"]),
            Kind::Count | Kind::Fixed => unreachable!("nothing is made of these kinds"),
        };
        Expr::text(kind, constant)
    }

    pub(super) fn int_constant(&mut self) -> Expr {
        let constant = if self.chance(25) {
            self.pick(INT_EDGES)
        } else {
            self.pick(INT_PLAIN)
        };
        // Parentheses, because a constant may stand before `**` or an attribute.
        let plain = constant.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Expr::text(
            Kind::Int,
            if plain {
                constant.to_owned()
            } else {
                format!("({constant})")
            },
        )
    }

    fn key(&mut self, depth: u32) -> Expr {
        match self.below(4) {
            0 => Expr::text(Kind::Str, self.pick(&["'a'", "'b'", "'c'"])),
            1 => Expr::text(Kind::Int, self.below(4).to_string()),
            _ => self.expr(Kind::Int, depth.min(1)).wrapped("(", " % 5)"),
        }
    }

    /// A number of iterations that the budget allows here, which the caller multiplies by.
    pub(super) fn count(&mut self) -> Expr {
        let room = (self.size.iterations / self.iterations).max(2);
        let count = self.random_count(room);
        Expr::text(Kind::Count, count.to_string())
    }

    fn random_count(&mut self, room: u64) -> usize {
        let most = self.pick(&[5, 8, 12, 20, 40, 90]).min(room as usize);
        2 + self.below(most)
    }

    fn class(&mut self) -> Option<Expr> {
        let known = self.classes;
        (known > 0).then(|| Expr::text(Kind::Fixed, format!("C{}", self.below(known))))
    }

    /// What a `for` loop runs over, and the kinds of its targets.
    pub(super) fn iterable(&mut self) -> (Expr, &'static [Kind]) {
        const NUMBER: &[Kind] = &[Kind::Int];
        let (rows, targets): (_, &[Kind]) = match self.below(100) {
            0..40 if self.plain => (&[(1, "range($x)")][..], NUMBER),
            0..74 => (ITERABLES, NUMBER),
            74..82 => (TEXTS, &[Kind::Str]),
            82..90 => (OBJECTS, &[Kind::Object]),
            _ => (PAIRS, &[Kind::Int, Kind::Any]),
        };
        for _ in 0..ATTEMPTS {
            let template = self.pick_row(rows);
            if let Some(made) = self.fill(template, Kind::Fixed, 1) {
                return (made.expr, targets);
            }
        }
        (self.count().wrapped("range(", ")"), NUMBER)
    }
}

fn small(expr: Expr) -> Made {
    Made { expr, grows: false }
}

fn kind_of(letter: char) -> Kind {
    match letter.to_ascii_lowercase() {
        'i' => Kind::Int,
        'f' => Kind::Float,
        'b' => Kind::Bool,
        's' => Kind::Str,
        'l' => Kind::List,
        't' => Kind::Tuple,
        'd' => Kind::Dict,
        'e' => Kind::Set,
        'o' => Kind::Object,
        'g' => Kind::Generator,
        'a' => Kind::Any,
        _ => unreachable!("no kind is called {letter:?}"),
    }
}
