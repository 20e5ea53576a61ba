//! The options: one row each, from which the typed struct, its parser, the help and the
//! documentation come.
//!
//! Every option is an environment variable (`PYRT_JIT_MEMORY`) and an `-X` option
//! (`-X pyrt-jit-memory=…`), and many are keys of a project's file (`jit-memory`). [`Settings`] reads
//! them at start-up into an immutable [`Options`].

mod settings;
mod value;

pub use settings::{OptionError, Settings, Source, Unknown};
use std::path::PathBuf;
use value::FromText;
pub use value::{Domain, DumpStage, OptLevel, PerfMode, StatsFormat, StressMode};

/// Where an option can be set, besides the command line and the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nowhere: it is the business of whoever starts the process.
    Process,
    /// By the program while it runs. A project's file must not have files written.
    Program,
    /// In a project's file.
    Project,
    /// Both.
    Anywhere,
}

impl Scope {
    /// Whether a project's file may set it.
    pub const fn in_project(self) -> bool {
        matches!(self, Scope::Project | Scope::Anywhere)
    }

    /// Whether it can change while the program runs.
    pub const fn while_running(self) -> bool {
        matches!(self, Scope::Program | Scope::Anywhere)
    }
}

/// One row of the table, without its value.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// The environment variable.
    pub env: &'static str,
    /// Where else it can be set.
    pub scope: Scope,
    /// Which values are allowed.
    pub domain: Domain,
    /// The default, in the form in which it would be written; empty if unset.
    pub default: &'static str,
    /// What the option does.
    pub doc: &'static str,
}

impl OptionInfo {
    /// The name after `-X`: `pyrt-jit-memory` for `PYRT_JIT_MEMORY`.
    pub fn x_name(&self) -> String {
        self.env.to_ascii_lowercase().replace('_', "-")
    }

    /// The key in a project's file: `jit-memory` for `PYRT_JIT_MEMORY`.
    pub fn key(&self) -> String {
        self.x_name().replacen("pyrt-", "", 1)
    }

    /// The name in Python: `jit_memory` for `PYRT_JIT_MEMORY`.
    pub fn python_name(&self) -> String {
        self.key().replace('-', "_")
    }
}

macro_rules! options {
    ($($field:ident: $ty:ty = $default:literal, $env:literal, $scope:ident, $domain:expr, $doc:literal;)*) => {
        /// All options. Built by [`Settings`], or by [`Default`] with the table's defaults.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Options {
            $(#[doc = $doc] pub $field: $ty,)*
        }

        impl Options {
            /// The rows of the table, in order.
            pub const INFO: &'static [OptionInfo] = &[
                $(OptionInfo {
                    env: concat!("PYRT_", $env),
                    scope: Scope::$scope,
                    domain: $domain,
                    default: $default,
                    doc: $doc,
                },)*
            ];

            /// Sets the option of one row from text; `None` if the text is not in its domain.
            fn set(&mut self, row: &OptionInfo, text: &std::ffi::OsStr) -> Option<()> {
                match row.env {
                    $(concat!("PYRT_", $env) => {
                        self.$field = FromText::from_text(text, row.domain)?;
                    })*
                    _ => return None,
                }
                Some(())
            }

            /// The value of one row, as it would be written.
            pub fn text(&self, row: &OptionInfo) -> String {
                match row.env {
                    $(concat!("PYRT_", $env) => self.$field.to_text(),)*
                    _ => String::new(),
                }
            }
        }

        impl Default for Options {
            #[inline]
            fn default() -> Options {
                let mut rows = Options::INFO.iter();
                Options {
                    $($field: rows
                        .next()
                        .and_then(|row| FromText::from_default(row.default, row.domain))
                        .expect("the table's defaults are in their domains"),)*
                }
            }
        }
    };
}

options! {
    jit: bool = "1", "JIT", Project, Domain::Bool,
        "Compile hot loops to machine code.";
    loop_threshold: u32 = "3000", "JIT_LOOP_THRESHOLD", Anywhere, Domain::Int { min: 1, max: 1_000_000 },
        "Iterations after which a loop is recorded; four times as many if they come slowly.";
    entry_threshold: u32 = "5000", "JIT_ENTRY_THRESHOLD", Anywhere, Domain::Int { min: 1, max: 1_000_000 },
        "Calls after which a function is recorded from its entry; four times as many if they come slowly.";
    exit_threshold: u32 = "50", "JIT_EXIT_THRESHOLD", Anywhere, Domain::Int { min: 1, max: 1_000_000 },
        "Times an exit is taken before a side trace is recorded there.";
    exit_cost: u32 = "300", "JIT_EXIT_COST", Anywhere, Domain::Int { min: 0, max: 1_000_000 },
        "Nanoseconds that leaving a tree is taken to cost. An exit gets a side trace once it has cost as much as compiling the tree did.";
    compile_share: u32 = "20", "JIT_COMPILE_SHARE", Anywhere, Domain::Int { min: 0, max: 100 },
        "Per cent of the program's time that compiling may take, on whatever thread, and a quarter of that after the first two seconds; 0 is no limit.";
    trace_length: u32 = "1000", "JIT_TRACE_LENGTH", Anywhere, Domain::Int { min: 16, max: 100_000 },
        "Most IR instructions in one trace.";
    inline_depth: u32 = "12", "JIT_INLINE_DEPTH", Anywhere, Domain::Int { min: 0, max: 100 },
        "Most calls inside each other that a trace inlines.";
    tree_length: u32 = "2500", "JIT_TREE_LENGTH", Anywhere, Domain::Int { min: 16, max: 1_000_000 },
        "IR instructions in a tree after which it is not compiled with more side traces: they stay alone.";
    side_traces: u32 = "64", "JIT_SIDE_TRACES", Anywhere, Domain::Int { min: 0, max: 1000 },
        "Most side traces in one tree.";
    penalty_limit: u32 = "4", "JIT_PENALTY_LIMIT", Anywhere, Domain::Int { min: 1, max: 1000 },
        "Aborted recordings and retired trees after which a loop or exit is given up.";
    background: bool = "1", "JIT_BACKGROUND", Project, Domain::Bool,
        "Compile on a thread of its own while the program goes on, where there is a processor for it.";
    memory_kib: u32 = "65536", "JIT_MEMORY", Anywhere, Domain::Int { min: 64, max: 4_194_304 },
        "KiB of machine code and metadata.";
    opt: OptLevel = "speed", "JIT_OPT", Anywhere, Domain::Word(OptLevel::WORDS),
        "How much the compiler optimises.";
    stress: Vec<StressMode> = "", "JIT_STRESS", Process, Domain::Words(StressMode::WORDS),
        "Stress modes for testing: `eager` records at once, `guards` makes every 7th guard fail unless PYRT_JIT_FAIL_GUARD says otherwise, `trials` tries trees against the interpreter all the time.";
    fail_guard: u32 = "0", "JIT_FAIL_GUARD", Process, Domain::Int { min: 0, max: 1_000_000 },
        "For testing: makes every Nth guard fail; 0 is never.";
    dump: Vec<DumpStage> = "", "JIT_DUMP", Process, Domain::Words(DumpStage::WORDS),
        "What to dump: the bytecode that was recorded, the trace as recorded and after each pass, Cranelift's code, machine code.";
    dump_filter: Option<String> = "", "JIT_DUMP_FILTER", Process, Domain::Text,
        "Dump only loops whose name, `qualified.name:line`, contains this.";
    dump_file: Option<PathBuf> = "", "JIT_DUMP_FILE", Process, Domain::Path,
        "Where dumps go instead of stderr; `%p` is the process id.";
    perf: PerfMode = "off", "PERF", Program, Domain::Word(PerfMode::WORDS),
        "Tell perf about compiled code: `map` writes /tmp/perf-PID.map, which names functions; `dump` writes jit-PID.dump, with lines and machine code, for `perf inject --jit`.";
    perf_folder: PathBuf = "/tmp", "PERF_FOLDER", Program, Domain::Path,
        "Where jit-PID.dump is written.";
    gdb: bool = "0", "GDB", Process, Domain::Bool,
        "Tell gdb about compiled code, so that its backtraces go through it and have names.";
    live: bool = "0", "LIVE", Process, Domain::Bool,
        "Share /tmp/pyrt-PID.live with `python -m pyrt top PID`.";
    project: bool = "1", "PROJECT", Process, Domain::Bool,
        "Read the table `[tool.pyrt]` of the nearest pyproject.toml.";
    regions_file: Option<PathBuf> = "", "JIT_REGIONS_FILE", Process, Domain::Path,
        "Where a line is added for each region that is compiled: its qualified name and line, as PYRT_JIT_DENY takes it; `%p` is the process id.";
    stats: StatsFormat = "off", "JIT_STATS", Process, Domain::Word(StatsFormat::WORDS),
        "Print statistics at exit.";
    stats_file: Option<PathBuf> = "", "JIT_STATS_FILE", Process, Domain::Path,
        "Where statistics go instead of stderr; `%p` is the process id.";
    allow: Vec<String> = "", "JIT_ALLOW", Anywhere, Domain::List,
        "Compile only these, each a module, a qualified name, or both with a dot between; `:` and a line may follow, and `*` stands for anything.";
    deny: Vec<String> = "", "JIT_DENY", Anywhere, Domain::List,
        "Never compile these, named in the same way.";
    always: Vec<String> = "", "JIT_ALWAYS", Anywhere, Domain::List,
        "Compile these soon, and whatever the lists above say; named in the same way.";
}

impl Options {
    /// Whether the lists let what begins at this line of a function be compiled; `always` wins, and then `deny`.
    pub fn admits(&self, function: &Name<'_>, line: u32) -> bool {
        let listed = |list: &[String]| function.is_in(list, line);
        let admitted = || !listed(&self.deny) && (self.allow.is_empty() || listed(&self.allow));
        listed(&self.always) || admitted()
    }

    /// Whether `deny` lists a function as a whole, so that no other may have it as its part.
    pub fn denies(&self, function: &Name<'_>) -> bool {
        function.is_in(&self.deny, Name::NO_LINE) && !self.hurries(function, Name::NO_LINE)
    }

    /// Whether `always` lists what begins at this line of a function.
    pub fn hurries(&self, function: &Name<'_>, line: u32) -> bool {
        function.is_in(&self.always, line)
    }

    /// Whether no list says anything.
    pub fn lists_nothing(&self) -> bool {
        [&self.allow, &self.deny, &self.always]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// What a function is called.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// The module's name.
    pub module: &'a str,
    /// The qualified name in it.
    pub qualified: &'a str,
}

impl Name<'_> {
    /// Stands for the function as a whole.
    const NO_LINE: u32 = 0;

    /// Whether a pattern of a list means this function, or the line of it.
    fn is_in(&self, list: &[String], line: u32) -> bool {
        list.iter().any(|pattern| self.fits(pattern, line))
    }

    /// Whether a pattern means this function, or the line of it.
    fn fits(&self, pattern: &str, line: u32) -> bool {
        let Name { module, qualified } = self;
        let dotted = format!("{module}.{qualified}");
        let (pattern, fits_line) = match pattern.rsplit_once(':') {
            Some((pattern, at)) => (pattern, at.parse() == Ok(line)),
            None => (pattern, true),
        };
        fits_line
            && [module, qualified, dotted.as_str()]
                .iter()
                .any(|name| value::matches(pattern, name))
    }
}

/// What `-X pyrt-help` prints: one paragraph per option.
pub fn help_text() -> String {
    let mut out = String::new();
    for row in Options::INFO {
        let default = if row.default.is_empty() {
            "not set"
        } else {
            row.default
        };
        let key = match row.scope.in_project() {
            true => format!(", {} in pyproject.toml", row.key()),
            false => String::new(),
        };
        out.push_str(&format!(
            "-X {}=…, {}{key}\n    {}\n    Takes {}; default: {default}.\n",
            row.x_name(),
            row.env,
            row.doc,
            row.domain.describe(),
        ));
    }
    out
}

/// The table for the documentation.
pub fn markdown() -> String {
    let mut out = String::from("| variable | `-X` | also by | values | default | meaning |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    for row in Options::INFO {
        let default = if row.default.is_empty() {
            ""
        } else {
            &format!("`{}`", row.default)
        };
        let set = match row.scope {
            Scope::Process => "",
            Scope::Program => "program",
            Scope::Project => "project",
            Scope::Anywhere => "project, program",
        };
        let domain = row.domain.describe().replace('|', "\\|");
        let (env, x_name, doc) = (row.env, row.x_name(), row.doc);
        out.push_str(&format!(
            "| `{env}` | `{x_name}` | {set} | {domain} | {default} | {doc} |\n"
        ));
    }
    out
}

#[cfg(test)]
mod tests;
