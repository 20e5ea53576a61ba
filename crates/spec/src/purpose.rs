//! What a frame was made for: what its caller does with the result.
//!
//! A row is: variant, number, name, how many levels of recursion the call counts, one sentence. The numbers
//! are what the interpreter notes in the frame; 1 is CPython's mark of a frame that ends an evaluation.

use serde::{Deserialize, Serialize};

macro_rules! purposes {
    ($($variant:ident $number:literal $name:literal $levels:literal $doc:literal,)*) => {
        /// What a frame was made for. See the table in `purpose.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Purpose {
            $(#[doc = $doc] $variant = $number,)*
        }

        impl Purpose {
            /// Every purpose, in the order of the table.
            pub const ALL: &'static [Purpose] = &[$(Purpose::$variant,)*];

            /// The purpose with this number.
            pub const fn from_number(number: u8) -> Option<Purpose> {
                match number {
                    $($number => Some(Purpose::$variant),)*
                    _ => None,
                }
            }

            /// The name used in the text form of traces.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Purpose::$variant => $name,)*
                }
            }

            /// Whether the result decides a condition, and is not put on the stack.
            pub const fn decides(self) -> bool {
                matches!(self, Purpose::Truth | Purpose::Size)
            }

            /// How many levels of recursion CPython counts for the call.
            pub const fn levels(self) -> u8 {
                match self {
                    $(Purpose::$variant => $levels,)*
                }
            }
        }
    };
}

purposes! {
    Call 0 "call" 1 "The result is the value of the call.",
    Init 2 "init" 2 "The result has to be None, and the value is the object that was set up.",
    InPlace 3 "in_place" 1 "The result is that of an operator's in-place method; without one, the plain operator is tried.",
    Left 4 "left" 1 "The result is that of an operator's left operand; without one, the right operand is asked.",
    Last 5 "last" 1 "The result is that of the only operand that an operator can ask, or the last one.",
    Comparison 6 "comparison" 2 "The result is that of a comparison's left operand; without one, the right operand is asked.",
    Property 7 "property" 1 "The result is the value of an attribute.",
    Instance 8 "instance" 2 "The result is the value of a call, of an object by its class.",
    Unary 9 "unary" 1 "The result is that of a unary operator.",
    Store 10 "store" 1 "The result of storing an item goes.",
    Membership 11 "membership" 1 "The truth of the result says whether an item is in a container.",
    Length 12 "length" 1 "The result has to be an int, which is that of `len`.",
    Truth 13 "truth" 1 "The result has to be a bool, by which a condition is decided.",
    Size 16 "size" 1 "The result has to be an int, a length, by whose truth a condition is decided.",
    Next 14 "next" 1 "The result is the next item of a loop, which ends by `StopIteration`.",
    Spread 15 "spread" 1 "The result is the value of a call with spread arguments.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_to_their_purposes_and_none_is_that_of_an_entry() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_number(*purpose as u8), Some(*purpose));
        }
        assert_eq!(Purpose::from_number(1), None);
    }
}
