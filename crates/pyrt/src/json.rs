//! As much of JSON as is written here.

use core::fmt::Write;

/// A string, quoted.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c)).expect("a String takes all"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An object; the values are JSON already.
pub(crate) fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("{}: {value}", string(name)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// An array; the items are JSON already.
pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<_> = items.into_iter().collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(string("a\"\\\n\u{301}é"), "\"a\\\"\\\\\\u000a\u{301}é\"");
        let members = [("a", array(["1".into(), "2".into()])), ("b", object(&[]))];
        assert_eq!(object(&members), "{\"a\": [1, 2], \"b\": {}}");
    }
}
