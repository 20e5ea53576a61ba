//! The table of which lines the instructions of code are of (`Objects/locations.md` of CPython).
//!
//! It is a list of entries for consecutive instructions. The first byte of an entry, the only one with bit 7, says of
//! what kind it is and for how many code units it stands; a line is told by its distance to the one before.

use pyrt_cpython::code::CodeUnit;

/// Kinds of entries. Those below are of the line of the entry before.
const ONE_LINE: u8 = 10;
const NO_COLUMNS: u8 = 13;
const LONG: u8 = 14;
const NONE: u8 = 15;

/// The line of the instruction at `offset`, in bytes, of code that begins at line `first`; -1 if it has none.
pub(super) fn line_of(table: &[u8], first: i32, offset: u32) -> i32 {
    let mut line = first;
    let mut end = 0;
    let mut at = 0;
    while let Some(&head) = table.get(at) {
        let kind = head >> 3 & 15;
        match kind {
            ONE_LINE..NO_COLUMNS => line += i32::from(kind - ONE_LINE),
            NO_COLUMNS | LONG => line += distance(&table[at + 1..]),
            _ => {}
        }
        end += (u32::from(head & 7) + 1) * size_of::<CodeUnit>() as u32;
        if offset < end {
            return if kind == NONE { -1 } else { line };
        }
        at += 1;
        while table.get(at).is_some_and(|byte| byte & 128 == 0) {
            at += 1;
        }
    }
    -1
}

/// A signed number: six bits per byte, least significant first, of which bit 6 says that more follow; the lowest of
/// all is the sign.
fn distance(bytes: &[u8]) -> i32 {
    let (mut value, mut shift) = (0, 0);
    for byte in bytes {
        value |= u32::from(byte & 63) << shift;
        shift += 6;
        if byte & 64 == 0 {
            break;
        }
    }
    let magnitude = (value >> 1) as i32;
    if value & 1 != 0 {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_entries() {
        let table = [
            128 | 3, // 4 units of the first line, columns in the next byte
            17,
            128 | ONE_LINE << 3 | 8, // 1 unit of the line after it
            1,
            2,
            128 | NO_COLUMNS << 3 | 1, // 2 units, 100 lines further
            64 | (200 & 63),
            200 >> 6,
            128 | NONE << 3, // 1 unit of no line
            128 | LONG << 3, // 1 unit, 3 lines back
            7,
            0,
            1,
            1,
            128 | 5 << 3 | 7, // 8 units of the same line
            0,
        ];
        let units = [7, 7, 7, 7, 8, 108, 108, -1].into_iter().chain([105; 9]);
        for (at, line) in units.chain([-1]).enumerate() {
            for byte in 0..2 {
                assert_eq!(line_of(&table, 7, at as u32 * 2 + byte), line, "unit {at}");
            }
        }
    }
}
