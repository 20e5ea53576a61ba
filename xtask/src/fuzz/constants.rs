//! Constants and names that templates draw from.

/// Int constants: those at which representations change, and ordinary ones.
pub(crate) const INT_EDGES: &[&str] = &[
    "1073741823",
    "1073741824",
    "-1073741824",
    "2147483647",
    "-2147483648",
    "4294967296",
    "2**53 + 1",
    "1152921504606846975",
    "1152921504606846976",
    "-1152921504606846976",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775806",
    "-9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "10**20",
    "-10**25",
];

pub(crate) const INT_PLAIN: &[&str] = &[
    "1", "2", "3", "3", "4", "5", "7", "7", "8", "10", "13", "16", "63", "64", "100", "255", "256",
    "257", "1000", "10007", "65535", "-1", "-2", "-3", "-5", "-6", "-7", "-100", "0", "True",
];

pub(crate) const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "0.5",
    "1.5",
    "-2.25",
    "3.0",
    "1e16",
    "9007199254740993.0",
    "9.223372036854775807e18",
    "1e308",
    "5e-324",
    "float('nan')",
    "float('inf')",
    "float('-inf')",
    "0.1",
    "-1.0",
    "2.0",
];

pub(crate) const STRINGS: &[&str] = &[
    "''",
    "'a'",
    "'b'",
    "'abc'",
    "'xyz'",
    "'é€'",
    "'12'",
    "'B c'",
    "'\\x7f\\x80'",
    "'\\U0001f600a'",
];

pub(crate) const EXCEPTIONS: &[&str] = &[
    "ValueError",
    "KeyError",
    "IndexError",
    "ZeroDivisionError",
    "TypeError",
    "AttributeError",
    "OverflowError",
    "RuntimeError",
    "Oops",
];
