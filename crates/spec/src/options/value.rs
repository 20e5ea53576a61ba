//! The types that options have, and how each is read from text.

use std::ffi::OsStr;
use std::path::PathBuf;

/// Which values an option allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// On or off.
    Bool,
    /// A whole number in a range, both ends included.
    Int {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, separated by commas.
    Words(&'static [&'static str]),
    /// Any text.
    Text,
    /// Texts separated by commas.
    List,
    /// A path.
    Path,
}

impl Domain {
    /// What is allowed, to follow "expected".
    pub fn describe(self) -> String {
        match self {
            Domain::Bool => "1, on, true, 0, off or false".into(),
            Domain::Int { min, max } => format!("a whole number from {min} to {max}"),
            Domain::Word(words) => format!("one of {}", words.join(", ")),
            Domain::Words(words) => format!("a comma-separated list of {}", words.join(", ")),
            Domain::Text => "text".into(),
            Domain::List => "a comma-separated list".into(),
            Domain::Path => "a path".into(),
        }
    }
}

/// A type that options can have.
///
/// Inlined, because each start reads all defaults: the compiler then reads most of them while
/// it compiles.
pub(super) trait FromText: Sized {
    /// The value, if the text is in the domain.
    fn from_str(text: &str, domain: Domain) -> Option<Self>;

    /// The value of text that may be no Unicode.
    fn from_text(text: &OsStr, domain: Domain) -> Option<Self> {
        Self::from_str(text.to_str()?, domain)
    }

    /// The text of the value.
    fn to_text(&self) -> String;

    /// The value of the default's text.
    #[inline]
    fn from_default(text: &str, domain: Domain) -> Option<Self> {
        Self::from_str(text, domain)
    }
}

impl FromText for bool {
    #[inline]
    fn from_str(text: &str, _: Domain) -> Option<bool> {
        match text {
            "1" | "on" | "true" => Some(true),
            "0" | "off" | "false" => Some(false),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        u32::from(*self).to_text()
    }
}

impl FromText for u32 {
    #[inline]
    fn from_str(text: &str, domain: Domain) -> Option<u32> {
        let Domain::Int { min, max } = domain else {
            return None;
        };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits)?;
        (min..=max).contains(&number).then_some(number)
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl<T: FromText> FromText for Option<T> {
    #[inline]
    fn from_str(text: &str, domain: Domain) -> Option<Option<T>> {
        T::from_str(text, domain).map(Some)
    }

    fn from_text(text: &OsStr, domain: Domain) -> Option<Option<T>> {
        T::from_text(text, domain).map(Some)
    }

    #[inline]
    fn from_default(text: &str, domain: Domain) -> Option<Option<T>> {
        if text.is_empty() {
            Some(None)
        } else {
            T::from_default(text, domain).map(Some)
        }
    }

    fn to_text(&self) -> String {
        self.as_ref().map_or(String::new(), T::to_text)
    }
}

impl FromText for String {
    #[inline]
    fn from_str(text: &str, _: Domain) -> Option<String> {
        Some(text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl FromText for PathBuf {
    #[inline]
    fn from_str(text: &str, domain: Domain) -> Option<PathBuf> {
        Self::from_text(OsStr::new(text), domain)
    }

    fn from_text(text: &OsStr, _: Domain) -> Option<PathBuf> {
        (!text.is_empty()).then(|| text.into())
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

impl<T: FromText> FromText for Vec<T> {
    #[inline]
    fn from_str(text: &str, domain: Domain) -> Option<Vec<T>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.map(|item| T::from_str(item, domain)).collect()
    }

    fn to_text(&self) -> String {
        self.iter().map(T::to_text).collect::<Vec<_>>().join(",")
    }
}

macro_rules! words {
    ($($(#[$meta:meta])* $enum:ident { $($variant:ident $word:literal $doc:literal,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $enum {
                $(#[doc = $doc] $variant,)*
            }

            impl $enum {
                /// The words, in the order of the variants.
                pub const WORDS: &'static [&'static str] = &[$($word,)*];

                /// The value for which a word stands.
                pub fn from_word(word: &str) -> Option<$enum> {
                    match word {
                        $($word => Some($enum::$variant),)*
                        _ => None,
                    }
                }

                /// The word that stands for the value.
                pub const fn word(self) -> &'static str {
                    match self {
                        $($enum::$variant => $word,)*
                    }
                }
            }

            impl FromText for $enum {
                #[inline]
                fn from_str(text: &str, _: Domain) -> Option<$enum> {
                    $enum::from_word(text)
                }

                fn to_text(&self) -> String {
                    self.word().to_owned()
                }
            }
        )*
    };
}

words! {
    /// How much the compiler optimises.
    OptLevel {
        None "none" "Only what correctness needs.",
        Speed "speed" "All passes.",
    }

    /// Modes that make rare paths common, for tests.
    StressMode {
        Eager "eager" "Records and compiles everything at once.",
        Guards "guards" "Makes guards fail.",
        Trials "trials" "Tries trees against the interpreter all the time.",
    }

    /// A stage of compilation that can be dumped.
    DumpStage {
        Bytecode "bytecode" "The bytecode as it is recorded.",
        Ir "ir" "The trace IR as recorded.",
        Opt "opt" "The trace IR after each pass.",
        Clif "clif" "Cranelift's IR.",
        Asm "asm" "Machine code.",
    }

    /// What perf is told.
    PerfMode {
        Off "off" "Nothing.",
        Map "map" "The names of functions.",
        Dump "dump" "Lines, machine code and unwind information.",
    }

    /// The form of the statistics.
    StatsFormat {
        Off "off" "None.",
        Text "text" "Lines of text.",
        Json "json" "One JSON object.",
    }
}

/// Whether a name fits a pattern in which `*` stands for any text, also none.
///
/// Matches greedily and goes back to the last star only: no more than quadratic.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            p += 1;
            n += 1;
        } else if let Some((at, tried)) = star {
            star = Some((at, tried + 1));
            p = at + 1;
            n = tried + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}
