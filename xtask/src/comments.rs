//! The comments at the top of a Python program that are meant for a tool: `# key: value`.

/// The keys with their values, in order.
///
/// They end at the first line that is no comment. A sentence with a colon looks like a key, too, so
/// callers pass over the keys that they do not know.
pub(crate) fn entries(program: &str) -> impl Iterator<Item = (&str, &str)> {
    program
        .lines()
        .map_while(|line| line.strip_prefix('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_with_the_comments() {
        let program = "# A test: of all.\n#\n# reach: 40\n# env: A=b:c\nx = 1\n# reach: 2\n";
        let found: Vec<_> = entries(program).collect();
        assert_eq!(
            found,
            [("A test", "of all."), ("reach", "40"), ("env", "A=b:c")]
        );
    }
}
