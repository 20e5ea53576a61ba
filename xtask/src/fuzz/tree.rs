//! A program as a tree of statements and expressions, just structured enough to be reduced.
//!
//! An expression is text with holes that hold smaller expressions, so the tree knows nothing of
//! Python's grammar but where an expression can be replaced by another one.

use std::fmt;

/// What an expression is meant to evaluate to. Programs change types midway, so it is a hint: it
/// chooses what may replace an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Float,
    Bool,
    Str,
    List,
    Tuple,
    Dict,
    Set,
    Object,
    Generator,
    Any,
    /// A number of iterations, which is made smaller but not replaced.
    Count,
    /// A whole line, a heading, or a name: nothing takes its place.
    Fixed,
}

impl Kind {
    /// What names of variables of the kind start with.
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Kind::Int | Kind::Count => "i",
            Kind::Object => "o",
            Kind::Str => "s",
            _ => "a",
        }
    }

    /// The simplest expressions of the kind, simplest first.
    pub(crate) fn simplest(self) -> &'static [&'static str] {
        match self {
            Kind::Int => &["0", "1", "2"],
            Kind::Float => &["0.0", "1.5"],
            Kind::Bool => &["False", "True"],
            Kind::Str => &["''", "'a'"],
            Kind::List => &["[]", "[1]"],
            Kind::Tuple => &["()", "(1, 2)"],
            Kind::Dict => &["{}"],
            Kind::Set => &["set()"],
            Kind::Generator => &["iter(())"],
            Kind::Any => &["None", "0"],
            Kind::Object | Kind::Count | Kind::Fixed => &[],
        }
    }
}

/// Text around holes: `texts` has one element more than `holes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) texts: Vec<String>,
    pub(crate) holes: Vec<Expr>,
}

impl Expr {
    /// An expression without holes.
    pub(crate) fn text(kind: Kind, text: impl Into<String>) -> Expr {
        Expr {
            kind,
            texts: vec![text.into()],
            holes: Vec::new(),
        }
    }

    /// The whole text, if there are no holes.
    pub(crate) fn plain(&self) -> Option<&str> {
        self.holes.is_empty().then(|| self.texts[0].as_str())
    }

    /// `before`, this expression, `after`.
    pub(crate) fn wrapped(self, before: &str, after: &str) -> Expr {
        Expr {
            kind: self.kind,
            texts: vec![before.to_owned(), after.to_owned()],
            holes: vec![self],
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts[0])?;
        for (hole, text) in self.holes.iter().zip(&self.texts[1..]) {
            write!(f, "{hole}{text}")?;
        }
        Ok(())
    }
}

/// A statement: one line, or clauses with bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stmt {
    Line(Expr),
    Compound(Vec<Clause>),
}

/// A heading with its colon, and a body. `fixed` are the body's first lines, which stay as they
/// are: a loop's counter, what ends a recursion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) head: Expr,
    pub(crate) fixed: Vec<String>,
    pub(crate) body: Vec<Stmt>,
}

impl Stmt {
    /// A line without holes.
    pub(crate) fn line(text: impl Into<String>) -> Stmt {
        Stmt::Line(Expr::text(Kind::Fixed, text))
    }

    /// A statement of one clause.
    pub(crate) fn block(head: Expr, body: Vec<Stmt>) -> Stmt {
        Stmt::Compound(vec![Clause::new(head, body)])
    }
}

impl Clause {
    pub(crate) fn new(head: Expr, body: Vec<Stmt>) -> Clause {
        Clause {
            head,
            fixed: Vec::new(),
            body,
        }
    }

    /// A clause whose heading has no holes.
    pub(crate) fn plain(head: &str, body: Vec<Stmt>) -> Clause {
        Clause::new(Expr::text(Kind::Fixed, head), body)
    }
}

/// The text of a program.
pub(crate) fn print(program: &[Stmt]) -> String {
    let mut out = String::new();
    print_body(program, 0, &mut out);
    out
}

fn print_body(body: &[Stmt], indent: usize, out: &mut String) {
    for stmt in body {
        match stmt {
            Stmt::Line(expr) => print_line(expr, indent, out),
            Stmt::Compound(clauses) => {
                for clause in clauses {
                    print_clause(clause, indent, out);
                }
            }
        }
    }
}

fn print_clause(clause: &Clause, indent: usize, out: &mut String) {
    print_line(&clause.head, indent, out);
    for fixed in &clause.fixed {
        print_line(fixed, indent + 1, out);
    }
    if clause.fixed.is_empty() && clause.body.is_empty() {
        print_line(&"pass", indent + 1, out);
    }
    print_body(&clause.body, indent + 1, out);
}

fn print_line(text: &dyn fmt::Display, indent: usize, out: &mut String) {
    *out += &format!("{:1$}{text}\n", "", indent * 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_statements_are_indented() {
        let sum = Expr {
            kind: Kind::Int,
            texts: vec!["x = ".into(), " + ".into(), String::new()],
            holes: vec![Expr::text(Kind::Int, "1"), Expr::text(Kind::Int, "y")],
        };
        let mut counted = Clause::plain("while n < 9:", vec![Stmt::Line(sum)]);
        counted.fixed.push("n += 1".into());
        let program = [Stmt::Compound(vec![
            Clause::plain("try:", vec![Stmt::Compound(vec![counted])]),
            Clause::plain("finally:", Vec::new()),
        ])];
        let expected =
            "try:\n    while n < 9:\n        n += 1\n        x = 1 + y\nfinally:\n    pass\n";
        assert_eq!(print(&program), expected);
    }
}
