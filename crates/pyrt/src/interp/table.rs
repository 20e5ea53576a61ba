//! The dispatch tables.
//!
//! Three of them: `PLAIN` for evaluations without the trace compiler, `COUNTED`
//! for those with it, and the recorder's, every entry of which looks at the
//! instruction before running it.

use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::opcodes;

use super::handlers::*;
use super::regs::{Handler, Table};
use super::tracing;
use crate::jit::record;

/// Fills a table from the names of the handlers in each file; the compiler
/// demands that each is an opcode, and a test that each opcode has a handler.
macro_rules! table {
    ($edges:ident, $($file:ident { $($name:ident,)* })*) => {{
        let mut table: [Handler; 256] = [unknown; 256];
        $($(table[opcodes::$name as usize] = $file::$name;)*)*
        table[opcodes::DO_TRACING as usize] = tracing::hand_over;
        edges!(table, $edges, RESUME, RESUME_QUICK, JUMP_BACKWARD, JUMP_BACKWARD_QUICK,
            POP_JUMP_BACKWARD_IF_FALSE, POP_JUMP_BACKWARD_IF_TRUE, POP_JUMP_BACKWARD_IF_NONE,
            POP_JUMP_BACKWARD_IF_NOT_NONE, COMPARE_OP_FLOAT_JUMP, COMPARE_OP_INT_JUMP, COMPARE_OP_STR_JUMP);
        table
    }};
}

macro_rules! edges {
    ($table:ident, $edges:ident, $($name:ident),*) => {
        $($table[opcodes::$name as usize] = jump::$edges::$name;)*
    };
}

macro_rules! handlers_with {
    ($edges:ident) => {
        table! {
            $edges,
            arith {
                BINARY_OP_ADAPTIVE, BINARY_OP_ADD_FLOAT, BINARY_OP_ADD_INT, BINARY_OP_ADD_UNICODE,
                BINARY_OP_INPLACE_ADD_UNICODE, BINARY_OP_MULTIPLY_FLOAT, UNARY_POSITIVE, UNARY_NEGATIVE,
                UNARY_NOT, BINARY_OP_MULTIPLY_INT, BINARY_OP_SUBTRACT_FLOAT, UNARY_INVERT,
                BINARY_OP_SUBTRACT_INT, BINARY_OP,
            }
            attr {
                LOAD_ATTR_ADAPTIVE, LOAD_ATTR_INSTANCE_VALUE, LOAD_ATTR_MODULE, LOAD_ATTR_SLOT,
                LOAD_ATTR_WITH_HINT, LOAD_METHOD_ADAPTIVE, LOAD_METHOD_CLASS, LOAD_METHOD_MODULE,
                LOAD_METHOD_NO_DICT, LOAD_METHOD_WITH_DICT, LOAD_METHOD_WITH_VALUES, STORE_ATTR, DELETE_ATTR,
                LOAD_ATTR, STORE_ATTR_ADAPTIVE, STORE_ATTR_INSTANCE_VALUE, STORE_ATTR_SLOT, STORE_ATTR_WITH_HINT,
                LOAD_METHOD,
            }
            build {
                LIST_TO_TUPLE, UNPACK_SEQUENCE, UNPACK_EX, BUILD_TUPLE, BUILD_LIST, BUILD_SET, BUILD_MAP,
                BUILD_SLICE, LIST_APPEND, SET_ADD, MAP_ADD, FORMAT_VALUE, BUILD_CONST_KEY_MAP, BUILD_STRING,
                LIST_EXTEND, SET_UPDATE, DICT_MERGE, DICT_UPDATE, UNPACK_SEQUENCE_ADAPTIVE, UNPACK_SEQUENCE_LIST,
                UNPACK_SEQUENCE_TUPLE, UNPACK_SEQUENCE_TWO_TUPLE,
            }
            call {
                CALL_ADAPTIVE, CALL_PY_EXACT_ARGS, CALL_PY_WITH_DEFAULTS, PRECALL_ADAPTIVE, PRECALL_BOUND_METHOD,
                CALL_FUNCTION_EX, PRECALL_PYFUNC, PRECALL, CALL, KW_NAMES,
            }
            compare {
                COMPARE_OP_ADAPTIVE, COMPARE_OP, IS_OP, CONTAINS_OP,
            }
            exception {
                PUSH_EXC_INFO, CHECK_EXC_MATCH, CHECK_EG_MATCH, END_ASYNC_FOR, PREP_RERAISE_STAR, POP_EXCEPT,
                RERAISE, RAISE_VARARGS,
            }
            function {
                GET_LEN, MATCH_MAPPING, MATCH_SEQUENCE, MATCH_KEYS, WITH_EXCEPT_START, BEFORE_ASYNC_WITH,
                BEFORE_WITH, PRINT_EXPR, RETURN_VALUE, MAKE_FUNCTION, MATCH_CLASS,
            }
            generator {
                GET_AITER, GET_ANEXT, GET_YIELD_FROM_ITER, RETURN_GENERATOR, YIELD_VALUE, ASYNC_GEN_WRAP, SEND,
                GET_AWAITABLE,
            }
            jump {
                GET_ITER, FOR_ITER, JUMP_FORWARD, JUMP_IF_FALSE_OR_POP, JUMP_IF_TRUE_OR_POP,
                POP_JUMP_FORWARD_IF_FALSE, POP_JUMP_FORWARD_IF_TRUE, POP_JUMP_FORWARD_IF_NOT_NONE,
                POP_JUMP_FORWARD_IF_NONE, JUMP_BACKWARD_NO_INTERRUPT,
            }
            name {
                LOAD_GLOBAL_ADAPTIVE, LOAD_GLOBAL_BUILTIN, LOAD_GLOBAL_MODULE, LOAD_BUILD_CLASS, IMPORT_STAR,
                SETUP_ANNOTATIONS, STORE_NAME, DELETE_NAME, STORE_GLOBAL, DELETE_GLOBAL, LOAD_NAME, IMPORT_NAME,
                IMPORT_FROM, LOAD_GLOBAL, LOAD_CLASSDEREF,
            }
            precall {
                PRECALL_BUILTIN_CLASS, PRECALL_BUILTIN_FAST_WITH_KEYWORDS,
                PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS, PRECALL_NO_KW_BUILTIN_FAST,
                PRECALL_NO_KW_BUILTIN_O, PRECALL_NO_KW_ISINSTANCE, PRECALL_NO_KW_LEN, PRECALL_NO_KW_LIST_APPEND,
                PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST, PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS,
                PRECALL_NO_KW_METHOD_DESCRIPTOR_O, PRECALL_NO_KW_STR_1, PRECALL_NO_KW_TUPLE_1,
                PRECALL_NO_KW_TYPE_1,
            }
            stack {
                POP_TOP, PUSH_NULL, NOP, EXTENDED_ARG_QUICK, LOAD_CONST__LOAD_FAST, LOAD_FAST__LOAD_CONST,
                LOAD_FAST__LOAD_FAST, LOAD_ASSERTION_ERROR, SWAP, LOAD_CONST, COPY, LOAD_FAST, STORE_FAST,
                DELETE_FAST, MAKE_CELL, LOAD_CLOSURE, LOAD_DEREF, STORE_DEREF, DELETE_DEREF, EXTENDED_ARG,
                COPY_FREE_VARS, STORE_FAST__LOAD_FAST, STORE_FAST__STORE_FAST,
            }
            subscr {
                BINARY_SUBSCR_ADAPTIVE, BINARY_SUBSCR_DICT, BINARY_SUBSCR_GETITEM, BINARY_SUBSCR_LIST_INT,
                BINARY_SUBSCR_TUPLE_INT, BINARY_SUBSCR, STORE_SUBSCR, DELETE_SUBSCR, STORE_SUBSCR_ADAPTIVE,
                STORE_SUBSCR_DICT, STORE_SUBSCR_LIST_INT,
            }
        }
    };
}

static PLAIN: [Handler; 256] = handlers_with!(plain);
static COUNTED: [Handler; 256] = handlers_with!(counted);

/// Every entry shows the instruction to the recorder and runs the one of `COUNTED`.
static RECORDING: [Handler; 256] = {
    let mut table: [Handler; 256] = [record::step; 256];
    table[opcodes::DO_TRACING as usize] = record::step_tracing;
    table
};

/// The handlers that count loop headers.
#[inline(always)]
pub(crate) fn counted_handlers() -> Table {
    Table::new(&COUNTED)
}

/// The handlers of an evaluation that is being recorded.
#[inline(always)]
pub(crate) fn recording_handlers() -> Table {
    Table::new(&RECORDING)
}

/// The interpreter whose evaluations count their loops, null for none. Code objects
/// keep their counts in a slot that is reserved per interpreter, so only one has it.
static COUNTED_INTERPRETER: AtomicPtr<PyInterpreterState> = AtomicPtr::new(core::ptr::null_mut());

/// The table for a new evaluation of `interp`.
#[inline(always)]
pub(crate) fn handlers(interp: *mut PyInterpreterState) -> Table {
    if interp == COUNTED_INTERPRETER.load(Relaxed) {
        Table::new(&COUNTED)
    } else {
        Table::new(&PLAIN)
    }
}

/// Whether evaluations of `interp` count their loops.
#[inline(always)]
pub(crate) fn counts(interp: *mut PyInterpreterState) -> bool {
    interp == COUNTED_INTERPRETER.load(Relaxed)
}

/// Decides in which interpreter evaluations that begin from now on count their loops.
pub(crate) fn count_in(interp: *mut PyInterpreterState) {
    COUNTED_INTERPRETER.store(interp, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_has_a_handler_and_nothing_else_has() {
        for table in [&PLAIN, &COUNTED] {
            for (number, handler) in table.iter().enumerate() {
                // CACHE is never executed.
                let expected = number == opcodes::DO_TRACING as usize
                    || number != opcodes::CACHE as usize && opcodes::OPCODES[number].is_some();
                assert_eq!(
                    !core::ptr::fn_addr_eq(*handler, unknown as Handler),
                    expected,
                    "opcode {number}"
                );
            }
        }
    }
}
