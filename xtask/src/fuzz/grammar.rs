//! What programs are made of: tables of templates, with weights.
//!
//! In a template, `$` and a letter stand for an expression or a name that the generator chooses:
//!
//! | | | | |
//! |---|---|---|---|
//! | `$i` int | `$j` int that does not grow | `$n` number | `$f` float |
//! | `$b` bool | `$s` str | `$l` list of numbers | `$t` tuple of numbers |
//! | `$d` dict | `$e` set | `$o` object | `$g` generator |
//! | `$a` anything | `$y` dict key | `$k` small int constant | `$c` int constant |
//! | `$z` float constant | `$x` number of iterations | `$q` str constant | `$u` a class |
//!
//! Capitals are variables of the kind; `$>` before one asks for a variable that may be assigned.
//! A template that starts with `!` may be much larger than its operands, so it must not feed a
//! variable round after round; one with `@` runs code of the program's classes.

mod conditions;
mod containers;
mod numbers;
mod objects;
mod statements;

pub(crate) use statements::{ITERABLES, LINES, MUTATIONS, OBJECTS, PAIRS, TEXTS};

use super::tree::Kind;
use conditions::BOOL;
use containers::{DICT, LIST, SET, STR, TUPLE};
use numbers::{FLOAT, INT};
use objects::{ANY, GENERATOR, OBJECT};

/// A template and how often it is chosen, relative to its table.
pub(crate) type Row = (u32, &'static str);

/// Whether a template needs what the compiler knows little of, so that it ends most recordings:
/// slices, displays, functions, unpacking.
pub(crate) fn is_exotic(template: &str) -> bool {
    const SIGNS: &[&str] = &[
        "lambda", "{", "f'", "*$", ":", "for q", "=$", "$g", "$G", "$e",
    ];
    SIGNS.iter().any(|sign| template.contains(sign))
}

/// The templates of a kind.
pub(crate) fn rows(kind: Kind) -> &'static [Row] {
    match kind {
        Kind::Int => INT,
        Kind::Float => FLOAT,
        Kind::Bool => BOOL,
        Kind::Str => STR,
        Kind::List => LIST,
        Kind::Tuple => TUPLE,
        Kind::Dict => DICT,
        Kind::Set => SET,
        Kind::Object => OBJECT,
        Kind::Generator => GENERATOR,
        Kind::Any => ANY,
        Kind::Count | Kind::Fixed => &[],
    }
}
