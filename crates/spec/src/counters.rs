//! The statistics counters: one row each, from which the struct and its iteration come.
//!
//! The struct is plain data; whoever owns it decides how it is shared and when it is printed.

/// How a counter behaves over time, which decides how two readings of it are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKind {
    /// Counts events; only grows.
    Count,
    /// A current amount; grows and shrinks.
    Gauge,
    /// The largest amount seen.
    Peak,
    /// Nanoseconds spent; only grows.
    Nanoseconds,
}

/// One row of the table, without its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterInfo {
    /// The name that text and JSON output use.
    pub name: &'static str,
    /// How the counter behaves over time.
    pub kind: CounterKind,
    /// One sentence.
    pub doc: &'static str,
}

macro_rules! counters {
    ($($name:ident $kind:ident $doc:literal,)*) => {
        /// All counters. Fields are plain numbers, to be bumped in place.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counters {
            $(#[doc = $doc] pub $name: u64,)*
        }

        impl Counters {
            /// All counters at zero.
            pub const ZERO: Counters = Counters { $($name: 0,)* };

            /// The rows of the table, in order.
            pub const INFO: &'static [CounterInfo] = &[
                $(CounterInfo {
                    name: stringify!($name),
                    kind: CounterKind::$kind,
                    doc: $doc,
                },)*
            ];

            /// Every counter with its value, in the order of the table.
            pub fn iter(&self) -> impl Iterator<Item = (&'static CounterInfo, u64)> + '_ {
                let values = [$(self.$name,)*];
                Self::INFO.iter().zip(values)
            }
        }
    };
}

counters! {
    recordings_started Count "Recordings begun, of loops and of side exits.",
    recordings_aborted Count "Recordings that ended without a trace.",
    anchors_blacklisted Count "Loop headers and exits given up after too many aborts.",
    record_ns Nanoseconds "Time spent recording.",
    traces_compiled Count "Root traces compiled.",
    side_traces_compiled Count "Side traces compiled.",
    bridges_compiled Count "Side traces compiled alone, because their tree was too long.",
    trees_recompiled Count "Trees compiled again because a side trace was added.",
    trees_merged Count "Trees compiled again as one with their bridges, because these led back to the loop header often.",
    compile_errors Count "Compilations given up because of an inconsistency in the compiler.",
    compile_ns Nanoseconds "Time spent optimising and generating code.",
    trace_entries Count "Times the interpreter entered compiled code.",
    trace_exits Count "Times compiled code returned to the interpreter from inside a loop.",
    entry_exits Count "Times compiled code was left in its entry guards, before the loop.",
    direct_calls Count "Calls from compiled code whose callee's tree did all of it.",
    calls_apart Count "Calls from compiled code of Python functions without a tree, each an evaluation of its own.",
    trees_retired Count "Trees taken out of service because they left too early too often, or the interpreter was found to be quicker.",
    trees_freed Count "Trees whose memory was given back.",
    code_bytes Gauge "Bytes of machine code and metadata in use.",
    code_bytes_peak Peak "The most bytes of machine code and metadata ever in use.",
    trees_evicted Count "Trees that made room for others when the memory budget was used up.",
    budget_refusals Count "Compilations refused because the memory budget was used up.",
    handovers Count "Frames handed to the C evaluation loop.",
}

impl Counters {
    /// One aligned `name value` line per counter.
    pub fn text(&self) -> String {
        let width = Self::INFO
            .iter()
            .map(|info| info.name.len())
            .max()
            .unwrap_or(0);
        self.iter()
            .map(|(info, value)| format!("{:width$}  {value}\n", info.name))
            .collect()
    }

    /// A JSON object with one member per counter.
    pub fn json(&self) -> String {
        let members: Vec<_> = self
            .iter()
            .map(|(info, value)| format!("\"{}\": {value}", info.name))
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    /// The table in Markdown.
    pub fn markdown() -> String {
        let mut out = String::from("| counter | kind | meaning |\n|---|---|---|\n");
        for info in Self::INFO {
            let kind = format!("{:?}", info.kind).to_lowercase();
            out.push_str(&format!("| `{}` | {kind} | {} |\n", info.name, info.doc));
        }
        out
    }
}

#[cfg(test)]
mod tests;
