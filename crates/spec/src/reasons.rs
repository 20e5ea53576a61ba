//! Why a recording stopped, why compiled code was left, and why a frame went to the C loop.
//!
//! Each table generates an enum with `name`, `doc`, `ALL`, `from_name` and a Markdown table. Names
//! are what statistics, dumps and `explain` print, so they are stable.

macro_rules! reasons {
    (
        $(#[$meta:meta])*
        $enum:ident { $($variant:ident $name:literal $doc:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        #[repr(u8)]
        pub enum $enum {
            $(#[doc = $doc] $variant,)*
        }

        impl $enum {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)*];

            /// The stable name that statistics and dumps print.
            pub const fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)*
                }
            }

            /// One sentence that says what happened.
            pub const fn doc(self) -> &'static str {
                match self {
                    $($enum::$variant => $doc,)*
                }
            }

            /// The reason with this name.
            pub fn from_name(name: &str) -> Option<$enum> {
                Self::ALL.iter().copied().find(|reason| reason.name() == name)
            }

            /// The whole table in Markdown.
            pub fn markdown() -> String {
                let rows = Self::ALL.iter().map(|reason| (reason.name(), reason.doc()));
                $crate::reasons::markdown_table(rows)
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use reasons;

pub(crate) fn markdown_table<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::from("| reason | meaning |\n|---|---|\n");
    for (name, doc) in rows {
        out.push_str(&format!("| `{name}` | {doc} |\n"));
    }
    out
}

reasons! {
    /// Why a recording stopped without a trace. This is normal, never an error of the program.
    AbortReason {
        UnsupportedOpcode "unsupported-opcode" "The recorder does not know this bytecode yet.",
        UnsupportedType "unsupported-type" "An operand has a type that traces do not carry.",
        UnsupportedIterator "unsupported-iterator" "The loop runs over an iterator that traces do not know.",
        GenericOperation "generic-operation" "The operation would run arbitrary code.",
        Call "call" "The loop calls something that cannot be inlined.",
        Recursion "recursion" "Calls are almost as deep as they may be: how instructions count levels must not depend on the recording.",
        Return "return" "The frame returned while it was being recorded.",
        Yield "yield" "The frame yielded while it was being recorded.",
        Exception "exception" "An exception was raised while recording.",
        LongCallee "long-callee" "An inlined function takes too much of a trace: the function is called instead.",
        LongLoop "long-loop" "A loop of an inlined function goes round too often: the function is called instead.",
        InnerLoop "inner-loop" "Another loop began inside the recorded one.",
        LeftLoop "left-loop" "Execution left the loop before it came back to its header.",
        NestedRecording "nested-recording" "Another recording was already running on this thread.",
        TraceTooLong "trace-too-long" "The trace grew past PYRT_JIT_TRACE_LENGTH.",
        SideTraceLimit "side-trace-limit" "The tree already has PYRT_JIT_SIDE_TRACES side traces.",
        FrameChanged "frame-changed" "Something outside the loop changed the frame while recording.",
        SlotUnbound "slot-unbound" "A local variable that the trace needs was unbound.",
        TypeUnstable "type-unstable" "A variable reaches the loop header with another type than it had before.",
        BigInt "big-int" "An integer did not fit 64 bits.",
        Tracing "tracing" "A trace or profile function was set.",
        Interrupted "interrupted" "A signal, pending call or thread switch came in between.",
        Denied "denied" "PYRT_JIT_DENY or PYRT_JIT_ALLOW excludes the function.",
        OutOfBudget "out-of-memory-budget" "Code and metadata would exceed PYRT_JIT_MEMORY.",
        CompilerBug "compiler-bug" "The compiler found an inconsistency in its own data.",
    }
}

reasons! {
    /// Why compiled code was left at an exit.
    ExitReason {
        Type "type" "A value has another type than when the trace was recorded.",
        IntRange "int-range" "An int object does not fit 64 bits.",
        Overflow "overflow" "The result of integer arithmetic does not fit 64 bits.",
        ZeroDivision "zero-division" "The divisor is zero, so the interpreter has to raise.",
        Branch "branch" "A branch went the other way.",
        LoopEnd "loop-end" "The iterator is exhausted.",
        Exhausted "exhausted" "An iterator was asked for its next item and has none, or has one where it had none in the recording.",
        Poll "poll" "The eval breaker is set: signals, pending calls, or another thread wants the GIL.",
        Domain "domain" "A float operation would raise or give a complex result.",
        Alias "alias" "Two iterators that have to be different objects are the same one.",
        Unbound "unbound" "A slot that the trace needs is empty.",
        Leave "leave" "The trace ends here and the interpreter continues.",
        Again "again" "A side trace that was compiled alone has come back to the loop's header.",
        Within "within" "An inner loop was left from within: the interpreter continues there.",
        Beyond "beyond" "An inner loop has come to another end than in the recording.",
        Raise "raise" "A call raised an exception.",
        Death "death" "Giving up a reference would run code of the program.",
        Memory "memory" "There is no memory for a box, or the collector is due.",
        Class "class" "An object has another class, or its class was changed.",
        Missing "missing" "An attribute, item or key is not there.",
        Refused "refused" "What an operation was to change takes code of the program, so it has changed nothing.",
        Callee "callee" "Another function is called.",
        Return "return" "The function returns.",
        Watched "watched" "The function returns, and its frame has an object.",
        Cleared "cleared" "The function returns, and has given up its local variables.",
        Yield "yield" "The generator yields.",
        Yielded "yielded" "The generator yields, and its frame has all that belongs there.",
        Unrecorded "unrecorded" "The trace ends at an instruction that could not be recorded.",
        Forced "forced" "A stress mode made the guard fail.",
    }
}

reasons! {
    /// Why a frame was handed to the C evaluation loop.
    HandoverReason {
        Tracing "tracing" "A trace function is set.",
        Profiling "profiling" "A profile function is set.",
    }
}

impl AbortReason {
    /// Whether the instruction may be left to the interpreter, called from the trace.
    pub const fn is_generic(self) -> bool {
        matches!(
            self,
            AbortReason::UnsupportedOpcode
                | AbortReason::UnsupportedType
                | AbortReason::UnsupportedIterator
                | AbortReason::GenericOperation
                | AbortReason::BigInt
                | AbortReason::Call
        )
    }

    /// Whether what was recorded so far can be kept, as a trace that leaves there.
    pub const fn allows_partial(self) -> bool {
        !matches!(
            self,
            AbortReason::NestedRecording
                | AbortReason::LongCallee
                | AbortReason::LongLoop
                | AbortReason::SideTraceLimit
                | AbortReason::TypeUnstable
                | AbortReason::Tracing
                | AbortReason::Interrupted
                | AbortReason::Denied
                | AbortReason::OutOfBudget
                | AbortReason::CompilerBug
        )
    }
}

impl ExitReason {
    /// Whether the interpreter can go on there although nothing has failed, as stress modes pretend. After
    /// a call it cannot: the call would be made again, or there is no exception to handle.
    pub const fn can_be_forced(self) -> bool {
        !matches!(
            self,
            ExitReason::Raise | ExitReason::Memory | ExitReason::Exhausted | ExitReason::Refused
        )
    }

    /// Whether the interpreter goes on where memory says that the innermost frame is, not where the trace was.
    pub const fn is_where_memory_says(self) -> bool {
        matches!(self, ExitReason::Within | ExitReason::Beyond)
    }

    /// Whether compiled code has done there all that it is for. At other exits, an assumption did not hold.
    pub const fn is_planned(self) -> bool {
        matches!(
            self,
            ExitReason::LoopEnd
                | ExitReason::Exhausted
                | ExitReason::Poll
                | ExitReason::Leave
                | ExitReason::Again
                | ExitReason::Within
                | ExitReason::Return
                | ExitReason::Watched
                | ExitReason::Cleared
                | ExitReason::Yield
                | ExitReason::Yielded
        )
    }

    /// Whether a function is left that has nothing more to do than to return.
    pub const fn returns(self) -> bool {
        matches!(
            self,
            ExitReason::Return | ExitReason::Watched | ExitReason::Cleared
        )
    }

    /// Whether compiled code has done all that the frame is run for, and gives its caller the result.
    pub const fn gives_result(self) -> bool {
        matches!(self, ExitReason::Cleared | ExitReason::Yielded)
    }

    /// Whether a trace may go on where such an exit leaves: the interpreter has nothing to do there but
    /// to execute the next instruction, or to find the handler of an exception.
    pub const fn continues(self) -> bool {
        !matches!(
            self,
            ExitReason::Poll
                | ExitReason::Again
                | ExitReason::Memory
                | ExitReason::Within
                | ExitReason::Return
                | ExitReason::Cleared
                | ExitReason::Yield
                | ExitReason::Yielded
                | ExitReason::Unrecorded
        )
    }
}

#[cfg(test)]
mod tests;
