//! The table of helpers: functions of the runtime that compiled code calls.
//!
//! A row is: variant, name, operands, result type (`-` for none), what it may write, one sentence.
//! Helpers that fail return NULL, or a negative number, with the exception set; the instruction after
//! the call guards that. None takes over the references of its operands, and results are new references,
//! unless the sentence says otherwise.

use crate::ops::Operand;
use crate::types::{ObjKind, Region, Regions, Type};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! result_type {
    (-) => {
        None
    };
    ($ty:ident) => {
        Some(Type::$ty)
    };
}

macro_rules! regions {
    (nothing) => {
        Regions::NONE
    };
    (anything) => {
        Regions::ALL
    };
    ($($region:ident)|+) => {
        Regions::NONE$(.and(Regions::one(Region::$region)))+
    };
}

macro_rules! helpers {
    ($(
        $variant:ident $name:ident ($($arg:ident),*) $result:tt [$($writes:tt)+] $doc:literal,
    )*) => {
        /// A helper. See the table in `helpers.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Helper {
            $(#[doc = $doc] $variant,)*
        }

        impl Helper {
            /// Every helper, in the order of the table.
            pub const ALL: &'static [Helper] = &[$(Helper::$variant,)*];

            /// The name used in the text form.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Helper::$variant => stringify!($name),)*
                }
            }

            /// What the operands may be.
            pub const fn args(self) -> &'static [Operand] {
                match self {
                    $(Helper::$variant => &[$(Operand::$arg,)*],)*
                }
            }

            /// The type of the result.
            pub const fn result(self) -> Option<Type> {
                match self {
                    $(Helper::$variant => result_type!($result),)*
                }
            }

            /// The regions that it may write.
            pub const fn clobbers(self) -> Regions {
                match self {
                    $(Helper::$variant => regions!($($writes)+),)*
                }
            }
        }
    };
}

helpers! {
    // Foreign: may run any code. All frames are in memory when they are called.
    BinaryOp binary_op (Obj, Obj, I64) Ptr [anything] "The operator of BINARY_OP with this number.",
    Compare compare (Obj, Obj, I64) Ptr [anything] "The rich comparison with this number.",
    GetItem get_item (Obj, Obj) Ptr [anything] "`a[b]`.",
    SetItem set_item (Obj, Obj, Obj) I64 [anything] "`a[b] = c`; 0, or -1.",
    GetAttr get_attr (Obj, Obj) Ptr [anything] "`getattr(a, b)`.",
    SetAttr set_attr (Obj, Obj, Obj) I64 [anything] "`a.b = c`; 0, or -1.",
    GetIter get_iter (Obj) Ptr [anything] "`iter(a)`.",
    IterNext iter_next (Ptr, Obj) Ptr [anything] "The next item of an iterator; a special object at its end.",
    IsTrue is_true (Obj) I64 [anything] "1, 0, or -1.",
    Contains contains (Obj, Obj) I64 [anything] "`b in a`: 1, 0, or -1.",
    BuildList build_list (Ptr, I64) Ptr [anything] "A list of this many objects at the pointer; the collector may run.",
    BuildTuple build_tuple (Ptr, I64) Ptr [anything] "A tuple of this many objects at the pointer; the collector may run.",
    Call call (Ptr, Obj, Ptr, I64, Any) Ptr [anything] "Calls an object with this many arguments at the pointer, the last ones named by a tuple or 0; takes the references to all of them.",
    CallCode call_code (Ptr, Obj, Ptr, I64) Ptr [anything] "Calls a Python function with the arguments at the pointer, one for each parameter; takes the references to all of them. The last operand is what the compiler knows of the function's code.",

    RunLoop run_loop (Ptr, Ptr, I64) I64 [anything] "Runs the tree of the loop at which a frame is, whose stack is this deep; 1 if it has left in that frame, with nothing to look at first, else 0. Memory says where.",
    Step step (Ptr, Ptr, I64, I64) I64 [anything] "Executes an instruction as the interpreter does, in the innermost frame, whose stack is in memory; 0, or -1.",

    // Exceptions. Those with an operand for a frame find it in memory, with its stack.
    Raise raise (Ptr, Obj, Any) I64 [anything] "Raises an exception from a cause, or 0, taking the references to both; -1 if somebody is tracing now.",
    RaiseAgain raise_again (Ptr) I64 [anything] "Raises the exception being handled; -1 if there is none, which does nothing.",
    Reraise reraise (Ptr, Ptr, Obj, I64) - [anything] "Raises an exception in a frame, taking the reference to it, as if by the instruction at an offset.",
    Witness witness (Ptr, Ptr, I64) - [anything] "Adds a frame to the traceback, being at this line, or at 0 if that has to be looked up.",
    LeaveFrame leave_frame (Ptr, Ptr, I64) - [anything] "Leaves the innermost frame, whose stack is this deep.",
    Catch catch (Ptr, Ptr, I64) Obj [anything] "The exception that was raised, after dropping values from a frame's stack; two depths say which.",
    GiveUp give_up (Ptr, I64, I64) - [anything] "What an operation does in a frame, whose stack is this deep, when the method has raised that it has called for the purpose with this number.",
    Drop drop (Obj) - [anything] "Gives up a reference, whatever that may run.",

    // Quiet: run no code of the program, and look at no frame.
    Handled handled (Ptr) Ptr [nothing] "The exception being handled, borrowed, or NULL.",
    FrameObject frame_object (Ptr, Ptr) Ptr [Frames | Allocator] "The object of a frame in memory, borrowed, which is made if there is none; NULL as for new_instance.",
    EndedFrame ended_frame (Ptr, Obj, Obj, I64) Ptr [Frames | Allocator] "The object of a frame that has ended: of a function, called from the frame of that object, at the instruction at an address. Its locals are NULL; NULL as for new_instance.",
    NewEntry new_entry (Ptr, Any, Obj, I64) Ptr [Allocator] "An entry of a traceback before another one, or 0, for the object of a frame, taking the references to both; offset of the instruction and line are packed. NULL as for new_instance, taking nothing.",
    BeginHandling begin_handling (Ptr, Obj) Ptr [Other] "Makes an exception the one being handled, with a reference of its own: the one handled so far, or None, with its reference.",
    EndHandling end_handling (Ptr, Obj) Ptr [Other] "Goes back to handling that one, taking its reference: the one handled so far, with its reference.",
    ExceptionMatches exception_matches (Obj, Obj) I64 [nothing] "Whether an exception is of a class, or of one of a tuple: 1, 0, or -1 if the interpreter has to raise.",
    PushFrame push_frame (Ptr, Obj, I64) Ptr [Frames | Other] "Makes the innermost frame one of this function, taking the reference to it, for the purpose with this number; NULL when memory is out.",
    PopFrame pop_frame (Ptr, Ptr) - [Frames | Other] "Removes the innermost frame, whose locals have been cleared.",
    DropFrameObject drop_frame_object (Ptr) I64 [Frames | Other] "Gives up the object of a frame: 1; 0, and nothing done, if somebody else has it.",
    Resume resume (Ptr, Obj) Ptr [Frames | Other] "Makes the innermost frame that of a suspended generator, which it returns.",
    Suspend suspend (Ptr, Ptr) - [Frames | Other] "The same back: the innermost frame, a generator's, is suspended.",
    EndGenerator end_generator (Ptr, Ptr) I64 [Frames | Other] "Finishes the generator of a frame, whose locals have been cleared: 1; 0, and nothing done, if that would run code.",
    RefillInt refill_int (Obj, I64) Ptr [nothing] "An int, in the place of another number, whose reference it takes: the same object if nobody else has it; NULL, and nothing done, when memory is out.",
    RefillFloat refill_float (Obj, F64) Ptr [nothing] "The same for a float.",
    ListAppend list_append (Obj, Obj) I64 [Lists | Items] "Appends to a list, with a reference of its own; 0, or -1.",
    ListExtend list_extend (Obj, Obj) I64 [Lists | Items] "Appends what a list or tuple has to a list; 0, or -1.",
    NewInstance new_instance (Ptr, Obj, I64, I64) Ptr [Allocator] "A new instance of a class, by `object.__new__`; NULL without exception when memory is out or the collector due. The class has this version tag, and its instances have a pointer to their inline values at this offset.",
    MakeInstance make_instance (Ptr, Obj) Ptr [Allocator] "The same for one that has been counted already, whether the collector is due or not.",
    NewException new_exception (Ptr, Obj, Obj) Ptr [Allocator] "A new instance of a class of exceptions, by `BaseException.__new__`, with a tuple of arguments, of which it takes the reference; NULL as for new_instance.",
    NewCell new_cell (Ptr) Ptr [Allocator] "An empty cell; NULL as for new_instance.",
    Bind bind (Ptr, Obj, Obj) Ptr [Allocator] "A function, or a method of a type of C, bound to an object; NULL as for new_instance.",
    NewFunction new_function (Ptr, Obj, Obj) Ptr [Allocator] "A function of a code object and globals; NULL as for new_instance.",
    NewTuple new_tuple (Ptr, Obj, I64, I64) Ptr [Allocator] "A tuple of this many NULLs, which follow this offset; NULL as for new_instance. Also gets the type of tuples.",
    MakeTuple make_tuple (Ptr, I64) Ptr [Allocator] "The same for one that has been counted already, whether the collector is due or not.",
    NewList new_list (Ptr, I64) Ptr [Allocator] "A list of this many NULLs; NULL as for new_instance.",
    NoteValue note_value (Ptr, I64) - [Attrs] "Notes that the attribute with this index is the next one that an instance gets; its inline values follow.",
    IsSole is_sole (Obj, I64) I64 [nothing] "Whether an instance or tuple is known to one reference alone, and has nothing but inline values or items: as many as the number's lowest byte says, values set in the order of the indices that follow, a byte each; 1 or 0.",
    Reuse reuse (Obj, I64) Ptr [Attrs] "The same instance or tuple with nothing in it. Gives up numbers; where the bits of the last operand are set, it has no references.",
    StackRoom stack_room () I64 [nothing] "Whether the C stack has room for another evaluation: 0 or 1.",
    Id id (Obj) I64 [nothing] "`id(a)`.",
    StrEq str_eq (Obj, Obj) I64 [nothing] "Whether two strs are equal: 0 or 1.",

    // Quiet as well. Where these cannot do what they should without an exception, without memory, without the
    // collector, or without running code, they do nothing, clear the exception and return NULL, or a
    // negative number: the interpreter then executes the instruction again.
    QuietCall0 quiet_call0 (Ptr, I64, Obj) Ptr [nothing] "Calls a callable of C, which gives a new container if the number is not 0; a special object where the interpreter has to do it, NULL with an exception.",
    QuietCall1 quiet_call1 (Ptr, I64, Obj, Obj) Ptr [nothing] "The same with an argument.",
    QuietCall2 quiet_call2 (Ptr, I64, Obj, Obj, Obj) Ptr [nothing] "The same with two.",
    QuietCall3 quiet_call3 (Ptr, I64, Obj, Obj, Obj, Obj) Ptr [nothing] "The same with three.",
    ListCall1 list_call1 (Ptr, I64, Obj, Obj) Ptr [Lists | Items] "Calls a method of a list that changes it, without arguments.",
    ListCall2 list_call2 (Ptr, I64, Obj, Obj, Obj) Ptr [Lists | Items] "The same with an argument.",
    ListCall3 list_call3 (Ptr, I64, Obj, Obj, Obj, Obj) Ptr [Lists | Items] "The same with two.",
    ListPop list_pop (Obj, I64) Ptr [Lists | Items] "Takes the item at an index out of a list.",
    ReadAttr read_attr (Obj, Obj) Ptr [nothing] "`a.b` of an object of any class, if that is in memory.",
    FindMethod find_method (Obj, Obj) Ptr [nothing] "The function that the class of an object has as its method with this name, borrowed, if the object does not hide it.",
    IsInstance is_instance (Obj, Obj) I64 [nothing] "Whether an object is an instance of a class, or of one in a tuple: 1, 0; -1 where others may be asked.",
    Truth truth (Obj) I64 [nothing] "Whether an object is true: 1, 0; -1 where code of the program says so.",
    WriteAttr write_attr (Obj, Obj, Obj) Ptr [Attrs | Dicts] "`b.c = a` of an object of any class, if that is a store to memory; the value that was there, or None.",
    AddAttr add_attr (Ptr, Obj, Obj, Obj, I64) I64 [Attrs | Dicts | Allocator] "`c.d = b`, where `c` keeps its attributes in a dict, with a pointer to it at this offset, and does not have this one: 0.",
    DictItem dict_item (Obj, Obj) Ptr [nothing] "The value of a key, which the dict keeps holding.",
    DictGet dict_get (Obj, Obj, Obj) Ptr [nothing] "The value of a key, or else the last operand.",
    DictHas dict_has (Obj, Obj) I64 [nothing] "Whether a dict has a key: 1, 0.",
    DictSet dict_set (Obj, Obj, Obj) Ptr [Dicts] "`b[c] = a`; the value that was there, or None.",
    DictReplace dict_replace (Obj, Obj, I64) Ptr [Dicts] "Puts a value into the entry of a dict of strs at an index, which has one; that.",
    DictMerge dict_merge (Obj, Obj) I64 [Dicts] "Puts what a dict of strs has into an empty one: 0.",
    DictSetDefault dict_set_default (Obj, Obj, Obj) Ptr [Dicts] "The value of a key, which is set if it is not there.",
    DictPop dict_pop (Obj, Obj) Ptr [Dicts] "Takes a key out of a dict: its value.",
    DictPopOr dict_pop_or (Obj, Obj, Obj) Ptr [Dicts] "The same; the last operand if the key is not there.",
    SetHas set_has (Obj, Obj) I64 [nothing] "Whether a set has a member: 1, 0.",
    SetAdd set_add (Obj, Obj) I64 [Other] "Adds a member to a set: 0.",
    SetDiscard set_discard (Obj, Obj) I64 [Other] "Removes a member from a set: 1, or 0 if it was not there.",
    SequenceHas sequence_has (Obj, Obj) I64 [nothing] "Whether a list or tuple has an item: 1, 0.",
    StrIs str_is (Obj, I64) I64 [nothing] "What a method like `isdigit` answers, to this question of the runtime's, for a str that is all ASCII: 1, 0.",
    StrHas str_has (Obj, Obj) I64 [nothing] "Whether a str has another one in it: 1, 0.",
    StrCompare str_compare (Obj, Obj) I64 [nothing] "The order of two strs: negative, 0, or positive.",
    IntCompare int_compare (Obj, Obj) I64 [nothing] "The order of two ints: negative, 0, or positive.",
    StrConcat str_concat (Obj, Obj) Ptr [nothing] "Two strs as one.",
    StrAppend str_append (Obj, Obj) Ptr [nothing] "The same, taking the reference to the first, in its memory if nobody else has it; a special object where the interpreter has to do it, NULL with an exception.",
    StrItem str_item (Obj, I64) Ptr [nothing] "The character at an index.",
    BytesItem bytes_item (Obj, I64) I64 [nothing] "The byte at an index.",
    BytearrayItem bytearray_item (Obj, I64) I64 [nothing] "The same of a bytearray.",
    BytearraySet bytearray_set (I64, Obj, I64) I64 [Other] "`b[c] = a` of a bytearray: 0.",
    StrStarts str_starts (Obj, Obj) I64 [nothing] "Whether a str starts with another one: 1, 0.",
    StrEnds str_ends (Obj, Obj) I64 [nothing] "Whether a str ends with another one: 1, 0.",
    StrFind str_find (Obj, Obj) I64 [nothing] "Where a str has another one in it; -1 if nowhere, -2 if the interpreter has to look.",
    StrEncode str_encode (Obj) Ptr [nothing] "The UTF-8 of a str, which has no surrogates.",
    BytesDecode bytes_decode (Obj) Ptr [nothing] "The str of which these bytes are the UTF-8.",
    StrOrd str_ord (Obj) I64 [nothing] "The code of the only character of a str.",
    QuietBinary quiet_binary (Ptr, Obj, Obj, I64) Ptr [nothing] "The operator of BINARY_OP with this number, for strs and floats, and for a str and a tuple of such.",
    NewSequence new_sequence (Ptr, Obj, Obj, I64) Ptr [nothing] "The same operator where it makes a list or tuple.",
    GetSlice get_slice (Ptr, I64, Obj, Obj) Ptr [nothing] "A slice of a sequence, which is a new container if the number is not 0.",
    GetRange get_range (Ptr, I64, Obj, I64, I64) Ptr [nothing] "The part of a sequence between two indices, as a slice has it.",
    NewSlice new_slice (Ptr, Obj, Obj) Ptr [nothing] "A slice object.",
    Text text (Ptr, Obj, I64) Ptr [nothing] "The text of a number, str, bool or None: 0 `format`, 1 `str`, 2 `repr`, 3 `ascii`.",
    Format format (Ptr, Obj, Obj) Ptr [nothing] "The text of a float or str by a format.",
    Join2 join2 (Obj, Obj) Ptr [nothing] "Strs as one.",
    Join3 join3 (Obj, Obj, Obj) Ptr [nothing] "The same.",
    Join4 join4 (Obj, Obj, Obj, Obj) Ptr [nothing] "The same.",
    Join5 join5 (Obj, Obj, Obj, Obj, Obj) Ptr [nothing] "The same.",
    Join6 join6 (Obj, Obj, Obj, Obj, Obj, Obj) Ptr [nothing] "The same.",
    NewDict new_dict (Ptr) Ptr [nothing] "An empty dict.",
    QuietIter quiet_iter (Ptr, I64, Obj) Ptr [nothing] "The iterator of a container of C, which is a new container if the number is not 0.",
    NewRangeIter new_range_iter (I64, I64, I64) Ptr [nothing] "`iter(range(a, b, c))`; NULL without an exception where the interpreter has to make it.",
    QuietNext quiet_next (Ptr, Obj) Ptr [Iters] "The next item of an iterator of C; special objects at its end, and where the interpreter has to take it; NULL with an exception.",
    MinI64 min_i64 (I64, I64) I64 [nothing] "The smaller int.",
    MaxI64 max_i64 (I64, I64) I64 [nothing] "The bigger int.",
    GcdI64 gcd_i64 (I64, I64) I64 [nothing] "The greatest common divisor.",
    IsqrtI64 isqrt_i64 (I64) I64 [nothing] "The square root, rounded down.",
    MinF64 min_f64 (F64, F64) F64 [nothing] "`min` of two floats.",
    MaxF64 max_f64 (F64, F64) F64 [nothing] "`max` of two floats.",

    // Functions of floats. Where Python has no result, or computes it otherwise than C, NaN or an infinity.
    Sqrt sqrt (F64) F64 [nothing] "The square root.",
    Sin sin (F64) F64 [nothing] "The sine.",
    Cos cos (F64) F64 [nothing] "The cosine.",
    Tan tan (F64) F64 [nothing] "The tangent.",
    Asin asin (F64) F64 [nothing] "The arc sine.",
    Acos acos (F64) F64 [nothing] "The arc cosine.",
    Atan atan (F64) F64 [nothing] "The arc tangent.",
    Exp exp (F64) F64 [nothing] "`e ** a`.",
    Log log (F64) F64 [nothing] "The natural logarithm.",
    Log2 log2 (F64) F64 [nothing] "The logarithm to base 2.",
    Log10 log10 (F64) F64 [nothing] "The logarithm to base 10.",
    Floor floor (F64) F64 [nothing] "The next integer below.",
    Ceil ceil (F64) F64 [nothing] "The next integer above.",
    Atan2 atan2 (F64, F64) F64 [nothing] "The angle of a point.",
    PowFinite pow_finite (F64, F64) F64 [nothing] "`math.pow` of finite numbers.",
    Fmod fmod (F64, F64) F64 [nothing] "`math.fmod` of finite numbers.",
}

impl Helper {
    /// The helper with this name.
    pub fn from_name(name: &str) -> Option<Helper> {
        Helper::ALL
            .iter()
            .copied()
            .find(|helper| helper.name() == name)
    }

    /// The kind of object that it makes, if it makes one of a kind.
    pub const fn makes(self) -> Option<ObjKind> {
        match self {
            Helper::NewTuple | Helper::MakeTuple | Helper::BuildTuple => Some(ObjKind::Tuple),
            Helper::NewList | Helper::BuildList => Some(ObjKind::List),
            Helper::NewCell => Some(ObjKind::Cell),
            Helper::NewFunction => Some(ObjKind::Function),
            Helper::NewRangeIter => Some(ObjKind::RangeIter),
            _ => None,
        }
    }

    /// Whether it may run any code of the program.
    pub fn is_foreign(self) -> bool {
        self.clobbers() == Regions::ALL
    }
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
