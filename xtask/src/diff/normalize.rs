//! Masks what differs between any two processes: addresses, process ids, paths of the executable.

/// The facts of one process that its output may show.
pub(crate) struct Facts<'a> {
    pub(crate) executable: &'a str,
    pub(crate) scratch: &'a str,
    pub(crate) pid: u32,
}

/// The output with `0x…`, the pid and the two paths replaced by names for them.
pub(crate) fn normalize(output: &[u8], facts: &Facts<'_>) -> String {
    let text = String::from_utf8_lossy(output);
    let text = text
        .replace(facts.executable, "<python>")
        .replace(facts.scratch, "<scratch>");
    mask_pid(&mask_addresses(&text), &facts.pid.to_string())
}

/// Addresses have at least six digits; shorter hexadecimal numbers are data.
pub(crate) fn mask_addresses(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let digits = part.len() - rest.len();
        out.push_str(if digits >= 6 { "<address>" } else { "0x" });
        out.push_str(if digits >= 6 { rest } else { part });
    }
    out
}

/// Masks the number where it is not part of a longer one.
fn mask_pid(text: &str, pid: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(pid) {
        let (before, after) = (&rest[..at], &rest[at + pid.len()..]);
        let inside = before.ends_with(is_number_part) || after.starts_with(is_number_part);
        out.push_str(before);
        out.push_str(if inside { pid } else { "<pid>" });
        rest = after;
    }
    out + rest
}

fn is_number_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'_> = Facts {
        executable: "/opt/pyrt",
        scratch: "/tmp/pyrt-1-2",
        pid: 421,
    };

    fn normalized(text: &str) -> String {
        normalize(text.as_bytes(), &FACTS)
    }

    #[test]
    fn addresses() {
        assert_eq!(
            normalized("<f at 0x7f00deadbeef> 0xff"),
            "<f at <address>> 0xff"
        );
    }

    #[test]
    fn paths() {
        assert_eq!(
            normalized("/opt/pyrt: /tmp/pyrt-1-2/x"),
            "<python>: <scratch>/x"
        );
    }

    #[test]
    fn pids_but_not_numbers_that_contain_them() {
        assert_eq!(
            normalized("pid 421, 4210, 1421, 0.421, 421"),
            "pid <pid>, 4210, 1421, 0.421, <pid>"
        );
    }
}
