//! Makes a failing program smaller, as long as it still fails.
//!
//! Passes run until none of them helps: runs of statements are dropped, from long to short; blocks
//! are replaced by what is in them, and lose clauses; expressions are replaced by simpler ones;
//! numbers are made smaller. An attempt costs one run of the interpreters, so there is a limit.

use super::tree::{Clause, Expr, Kind, Stmt};

/// Reduces the program while `fails` holds, at the cost of at most `attempts` calls of it.
pub(crate) fn reduce(
    program: Vec<Stmt>,
    attempts: usize,
    fails: impl FnMut(&[Stmt]) -> bool,
) -> Vec<Stmt> {
    let mut search = Search {
        program,
        attempts,
        fails,
    };
    loop {
        let before = search.program.clone();
        for length in [32, 8, 3, 1] {
            search.drop_statements(length);
        }
        search.flatten();
        search.simplify_expressions();
        if search.program == before || search.attempts == 0 {
            return search.program;
        }
    }
}

struct Search<F> {
    program: Vec<Stmt>,
    attempts: usize,
    fails: F,
}

impl<F: FnMut(&[Stmt]) -> bool> Search<F> {
    /// Keeps the candidate if it fails, too.
    fn try_(&mut self, candidate: Vec<Stmt>) -> bool {
        if self.attempts == 0 || candidate == self.program {
            return false;
        }
        self.attempts -= 1;
        let better = (self.fails)(&candidate);
        if better {
            self.program = candidate;
        }
        better
    }

    /// The last statements come first: what uses a name goes before what defines it.
    fn drop_statements(&mut self, length: usize) {
        let mut number = count_stmts(&self.program);
        while number > 0 && self.attempts > 0 {
            number = (number - 1).min(count_stmts(&self.program));
            let mut candidate = self.program.clone();
            at_stmt(&mut candidate, &mut { number }, &mut |body, index| {
                let end = (index + length).min(body.len());
                // A shorter run is for another pass.
                if end - index == length || index == 0 {
                    body.drain(index..end);
                }
            });
            self.try_(candidate);
        }
    }

    fn flatten(&mut self) {
        let mut number = 0;
        while number < count_stmts(&self.program) && self.attempts > 0 {
            if !self.flatten_at(number) {
                number += 1;
            }
        }
    }

    /// Replaces a block by one of its bodies, or takes one of its clauses away.
    fn flatten_at(&mut self, number: usize) -> bool {
        let mut clauses = 0;
        at_stmt(&mut self.program, &mut { number }, &mut |body, index| {
            if let Stmt::Compound(all) = &body[index] {
                clauses = all.len();
            }
        });
        for clause in 0..clauses {
            let mut candidate = self.program.clone();
            at_stmt(&mut candidate, &mut { number }, &mut |body, index| {
                if let Stmt::Compound(all) = &mut body[index] {
                    let inner = std::mem::take(&mut all[clause].body);
                    body.splice(index..=index, inner);
                }
            });
            if self.try_(candidate) {
                return true;
            }
        }
        for clause in (1..clauses).rev() {
            let mut candidate = self.program.clone();
            at_stmt(&mut candidate, &mut { number }, &mut |body, index| {
                if let Stmt::Compound(all) = &mut body[index] {
                    all.remove(clause);
                }
            });
            if self.try_(candidate) {
                return true;
            }
        }
        false
    }

    fn simplify_expressions(&mut self) {
        let mut number = 0;
        while number < count_exprs(&mut self.program) && self.attempts > 0 {
            if !self.simplify_at(number) {
                number += 1;
            }
        }
    }

    fn simplify_at(&mut self, number: usize) -> bool {
        let mut simpler = Vec::new();
        at_expr(&mut self.program, number, &mut |expr| {
            simpler = replacements(expr);
        });
        simpler.into_iter().any(|replacement| {
            let mut candidate = self.program.clone();
            at_expr(&mut candidate, number, &mut |expr| {
                *expr = replacement.clone();
            });
            self.try_(candidate)
        })
    }
}

/// What an expression may be replaced by, the simplest first. Each is simpler in an order without
/// cycles: constants before names before larger expressions.
fn replacements(expr: &Expr) -> Vec<Expr> {
    let mut out = Vec::new();
    if expr.kind == Kind::Fixed {
        return out;
    }
    let text = expr.to_string();
    if let (Kind::Count, Ok(count)) = (expr.kind, text.parse::<u64>()) {
        let smaller = [2, 3, 5, count / 2, count.saturating_sub(1)];
        out.extend(
            smaller
                .iter()
                .filter(|&&smaller| 0 < smaller && smaller < count)
                .map(|smaller| Expr::text(Kind::Count, smaller.to_string())),
        );
        return out;
    }
    let constants = expr.kind.simplest();
    let rank = constants.iter().position(|constant| *constant == text);
    let constants = &constants[..rank.unwrap_or(constants.len())];
    out.extend(
        constants
            .iter()
            .map(|constant| Expr::text(expr.kind, *constant)),
    );
    let same_kind = |hole: &&Expr| !matches!(hole.kind, Kind::Fixed | Kind::Count);
    out.extend(expr.holes.iter().filter(same_kind).cloned());
    out
}

fn count_stmts(body: &[Stmt]) -> usize {
    body.iter()
        .map(|stmt| match stmt {
            Stmt::Line(_) => 1,
            Stmt::Compound(clauses) => {
                1 + clauses
                    .iter()
                    .map(|clause| count_stmts(&clause.body))
                    .sum::<usize>()
            }
        })
        .sum()
}

/// Applies `edit` to the body that holds the statement of that number, counted from the top, and to
/// its place there.
fn at_stmt(
    body: &mut Vec<Stmt>,
    number: &mut usize,
    edit: &mut dyn FnMut(&mut Vec<Stmt>, usize),
) -> bool {
    for index in 0..body.len() {
        if *number == 0 {
            edit(body, index);
            return true;
        }
        *number -= 1;
        if let Stmt::Compound(clauses) = &mut body[index]
            && clauses
                .iter_mut()
                .any(|clause| at_stmt(&mut clause.body, number, edit))
        {
            return true;
        }
    }
    false
}

fn count_exprs(program: &mut [Stmt]) -> usize {
    let mut count = 0;
    visit_exprs(program, &mut |_| {
        count += 1;
        true
    });
    count
}

fn at_expr(program: &mut [Stmt], number: usize, edit: &mut dyn FnMut(&mut Expr)) {
    let mut left = number;
    visit_exprs(program, &mut |expr| {
        if left == 0 {
            edit(expr);
            return false;
        }
        left -= 1;
        true
    });
}

/// Visits all expressions, outer ones first, until `visit` returns false.
fn visit_exprs(body: &mut [Stmt], visit: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    body.iter_mut().all(|stmt| match stmt {
        Stmt::Line(expr) => visit_expr(expr, visit),
        Stmt::Compound(clauses) => clauses
            .iter_mut()
            .all(|Clause { head, body, .. }| visit_expr(head, visit) && visit_exprs(body, visit)),
    })
}

fn visit_expr(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    visit(expr) && expr.holes.iter_mut().all(|hole| visit_expr(hole, visit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::generate;
    use crate::fuzz::tree::print;

    #[test]
    fn what_does_not_matter_goes() {
        let program = generate::program(3);
        let text = print(&program);
        let needle = text.lines().rfind(|line| line.contains(" + ")).unwrap();
        let needle = needle.trim().to_owned();
        let reduced = reduce(program, 5000, |candidate| {
            print(candidate).contains(&needle)
        });
        let reduced = print(&reduced);
        assert!(reduced.contains(&needle));
        assert!(reduced.lines().count() <= 6, "{reduced}");
    }

    #[test]
    fn expressions_and_counts_become_simple() {
        let sum = Expr {
            kind: Kind::Int,
            texts: vec!["(".into(), " + ".into(), ")".into()],
            holes: vec![Expr::text(Kind::Int, "y"), Expr::text(Kind::Int, "7")],
        };
        let count = Expr::text(Kind::Count, "40").wrapped("for i in range(", "):");
        let head = Expr {
            kind: Kind::Fixed,
            ..count
        };
        let line = Expr {
            kind: Kind::Fixed,
            ..sum.wrapped("print(", ")")
        };
        let program = vec![Stmt::block(head, vec![Stmt::Line(line)])];
        let reduced = reduce(program, 1000, |candidate| {
            let text = print(candidate);
            text.contains("for") && text.contains("print(") && text.contains('y')
        });
        assert_eq!(print(&reduced), "for i in range(1):\n    print(y)\n");
    }

    #[test]
    fn attempts_are_limited() {
        let mut calls = 0;
        reduce(generate::program(1), 10, |_| {
            calls += 1;
            false
        });
        assert_eq!(calls, 10);
    }
}
