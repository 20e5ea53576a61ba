//! What is asked of strs: whether all their characters are letters, digits, and so on (`unicode_isalpha` and its like in
//! `Objects/unicodeobject.c`). Answered here for strs that are all ASCII.

use pyrt_cpython::inline::*;
use pyrt_trace::Helper;

use super::Obj;

const LOWER: u8 = 1 << 0;
const UPPER: u8 = 1 << 1;
const DIGIT: u8 = 1 << 2;
const SPACE: u8 = 1 << 3;

/// By character, the classes that it is in.
pub(in crate::jit) static CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut code = 0;
    while code < 128 {
        classes[code] = match code as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'\t'..=b'\r' | 0x1c..=0x1f | b' ' => SPACE,
            _ => 0,
        };
        code += 1;
    }
    classes
};

/// What a method asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jit) struct Question {
    /// Each character has to be in one of these classes, of which there has to be one.
    pub(in crate::jit) wanted: u8,
    /// Or, if this is not 0: one has to be, and none in one of these.
    unwanted: u8,
}

impl Question {
    /// Of the method with this name.
    pub(in crate::jit) fn of(method: &str) -> Option<Question> {
        let (wanted, unwanted) = match method {
            "isalpha" => (LOWER | UPPER, 0),
            "isdigit" | "isdecimal" | "isnumeric" => (DIGIT, 0),
            "isalnum" => (LOWER | UPPER | DIGIT, 0),
            "isspace" => (SPACE, 0),
            "islower" => (LOWER, UPPER),
            "isupper" => (UPPER, LOWER),
            _ => return None,
        };
        Some(Question { wanted, unwanted })
    }

    /// The question as a number.
    pub(in crate::jit) fn number(self) -> i64 {
        i64::from(self.wanted) | i64::from(self.unwanted) << 8
    }

    fn from_number(number: i64) -> Question {
        Question {
            wanted: number as u8,
            unwanted: (number >> 8) as u8,
        }
    }

    /// The answer for this text.
    fn answer(self, text: &[u8]) -> bool {
        let is_in = |classes: u8| move |code: &u8| CLASSES[usize::from(*code)] & classes != 0;
        match self.unwanted {
            0 => !text.is_empty() && text.iter().all(is_in(self.wanted)),
            unwanted => text.iter().any(is_in(self.wanted)) && !text.iter().any(is_in(unwanted)),
        }
    }
}

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    match helper {
        Helper::StrIs => Some(str_is as *const ()),
        _ => None,
    }
}

unsafe extern "C" fn str_is(text: Obj, question: i64) -> i64 {
    // SAFETY: a str.
    unsafe {
        let (characters, length) = ascii_text(text);
        if characters.is_null() {
            return -1;
        }
        let text = core::slice::from_raw_parts(characters, length);
        i64::from(Question::from_number(question).answer(text))
    }
}
