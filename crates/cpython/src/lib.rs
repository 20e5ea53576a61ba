//! The only crate that knows CPython's struct layouts and symbols.
//!
//! Stages: [`layout`] holds the facts that the build read from the headers;
//! [`object`], [`code`], [`frame`] and [`state`] declare the structs that tier 1
//! and the recorder touch and assert at compile time that they agree with those
//! facts; [`api`] declares CPython's functions and data; [`inline`] has our own
//! versions of what CPython defines as macros or `static inline`, [`pymalloc`] those of
//! its allocator's usual cases, [`traverse`] what it has inlined for the collector, [`signals`] its first question
//! when it looks for signals, and [`ints`] its products and quotients of long ints.
//!
//! What it does *not* do: it holds no policy, and it never calls back into pyrt.

#![allow(
    non_snake_case,
    non_camel_case_types,
    reason = "structs, fields and functions carry CPython's names"
)]

#[allow(
    missing_docs,
    non_upper_case_globals,
    unreachable_pub,
    reason = "generated from the headers: names are CPython's"
)]
pub mod layout {
    include!(concat!(env!("OUT_DIR"), "/layout.rs"));
}

pub mod api;
pub mod code;
pub mod collector;
pub mod exceptions;
pub mod frame;
pub mod inline;
pub mod instances;
pub mod ints;
pub mod object;
pub mod pymalloc;
pub mod signals;
pub mod state;
pub mod traverse;

/// Asserts at compile time that a struct's fields lie where the headers say.
macro_rules! agree {
    ($name:ident: $($field:ident),+) => {
        $(const _: () = assert!(
            core::mem::offset_of!($name, $field) == $crate::layout::$name::$field,
            concat!("layout of ", stringify!($name), ".", stringify!($field), " differs from CPython's headers")
        );)+
    };
}
pub(crate) use agree;
