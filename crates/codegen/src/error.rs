//! Why a tree could not be compiled. None of this is the user's fault, nor normal.

use std::fmt;
use std::io;

/// A failure of the code generator. The caller counts it and keeps interpreting.
#[derive(Debug)]
pub enum Bug {
    /// Cranelift has no back end for this machine, or lacks a feature on it.
    Host(String),
    /// The tree breaks an invariant that the lowering needs.
    Tree(String),
    /// Cranelift refused the function.
    Cranelift(String),
    /// The code refers to a symbol, although none was given to it.
    Relocation(String),
    /// No memory for the code.
    Memory(io::Error),
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bug::Host(why) => write!(f, "no code can be made for this machine: {why}"),
            Bug::Tree(why) => write!(f, "the trace tree is invalid: {why}"),
            Bug::Cranelift(why) => write!(f, "Cranelift failed: {why}"),
            Bug::Relocation(what) => write!(f, "the code has an unexpected relocation: {what}"),
            Bug::Memory(error) => write!(f, "no memory for code: {error}"),
        }
    }
}

impl std::error::Error for Bug {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Bug::Memory(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Bug {
    fn from(error: io::Error) -> Bug {
        Bug::Memory(error)
    }
}
