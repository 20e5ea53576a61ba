/* Layout facts of the CPython that pyrt is built against.
 *
 * This file is compiled to assembly, never run: every FACT becomes a line
 * "->struct.field offset" in the output, which build.rs of pyrt-cpython reads
 * (the technique works the same when cross compiling).  pyrt-cpython asserts
 * at compile time that its own structs agree with each of these facts.
 */
#define Py_BUILD_CORE 1
#include <stddef.h>
#include "Python.h"
#include "frameobject.h"
#include "structmember.h"
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_global_objects.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_pymem.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_runtime.h"

#define FACT(name, value) __asm__ volatile("\n->" name " %c0" : : "i"(value))
#define FIELD(type, field) FACT(#type "." #field, offsetof(type, field))
#define AS(type, alias, field) FACT(#alias "." #field, offsetof(type, field))
#define SIZE(type, alias) FACT(#alias ".SIZE", sizeof(type))
#define NAMED(group, name, type, field) FACT(#group "." #name, offsetof(type, field))
#define ID(name) \
    FACT("Runtime.id_" #name, \
         offsetof(_PyRuntimeState, global_objects.singletons.strings.identifiers._##name))

/* The private struct of Objects/rangeobject.c, checked against the size that
 * its type object declares when pyrt starts. */
void probe(void)
{
    SIZE(PyConfig, PyConfig); SIZE(PyPreConfig, PyPreConfig); SIZE(PyStatus, PyStatus);
    FIELD(PyObject, ob_refcnt); FIELD(PyObject, ob_type); SIZE(PyObject, PyObject);
    FIELD(PyVarObject, ob_size);
    FIELD(PyTypeObject, tp_name); FIELD(PyTypeObject, tp_basicsize); FIELD(PyTypeObject, tp_itemsize);
    FIELD(PyTypeObject, tp_dealloc); FIELD(PyTypeObject, tp_as_async);
    FIELD(PyTypeObject, tp_as_number); FIELD(PyTypeObject, tp_as_sequence);
    FIELD(PyTypeObject, tp_flags); FIELD(PyTypeObject, tp_iter);
    FIELD(PyTypeObject, tp_iternext); FIELD(PyTypeObject, tp_descr_get);
    FIELD(PyTypeObject, tp_dictoffset); FIELD(PyTypeObject, tp_version_tag);
    FIELD(PyTypeObject, tp_getattro); FIELD(PyTypeObject, tp_setattro); FIELD(PyTypeObject, tp_descr_set);
    FIELD(PyTypeObject, tp_finalize); FIELD(PyTypeObject, tp_del); FIELD(PyTypeObject, tp_weaklistoffset);
    FIELD(PyTypeObject, tp_vectorcall); FIELD(PyTypeObject, tp_base); FIELD(PyTypeObject, tp_traverse); FIELD(PyTypeObject, tp_alloc);
    FIELD(PyTypeObject, tp_hash);
    FIELD(PyTypeObject, tp_new); FIELD(PyTypeObject, tp_init); FIELD(PyTypeObject, tp_free);
    FIELD(PyTypeObject, tp_is_gc);
    FIELD(PyMemberDef, name); NAMED(PyMemberDef, kind, PyMemberDef, type); FIELD(PyMemberDef, offset); FIELD(PyMemberDef, flags);
    SIZE(PyTypeObject, PyTypeObject);
    FIELD(PyHeapTypeObject, ht_cached_keys);
    NAMED(PyHeapTypeObject, spec_cache_getitem, PyHeapTypeObject, _spec_cache.getitem);
    FIELD(PyAsyncMethods, am_await); FIELD(PyAsyncMethods, am_aiter); FIELD(PyAsyncMethods, am_anext);
    FIELD(PyLongObject, ob_digit); SIZE(digit, digit); FACT("digit.SHIFT", PyLong_SHIFT);
    FIELD(PyFloatObject, ob_fval); SIZE(PyFloatObject, PyFloatObject);
    FIELD(PyListObject, ob_item); FIELD(PyListObject, allocated);
    FIELD(PyTupleObject, ob_item);
    FIELD(PyBytesObject, ob_sval);
    FIELD(PyCellObject, ob_ref);
    FIELD(PyMethodObject, im_func); FIELD(PyMethodObject, im_self);
    FIELD(PyCFunctionObject, m_ml); FIELD(PyCFunctionObject, m_self); FIELD(PyCFunctionObject, m_module);
    FIELD(PyMethodDef, ml_name); FIELD(PyMethodDef, ml_meth); FIELD(PyMethodDef, ml_flags);
    NAMED(PyMethodDescrObject, d_type, PyMethodDescrObject, d_common.d_type);
    FIELD(PyMethodDescrObject, d_method);
    NAMED(PyModuleObject, md_dict, struct { PyObject ob_base; PyObject *md_dict; }, md_dict);
    FIELD(PyASCIIObject, length); FIELD(PyASCIIObject, hash); FIELD(PyASCIIObject, state); SIZE(PyASCIIObject, PyASCIIObject);
    FIELD(PyDictObject, ma_used); FIELD(PyDictObject, ma_version_tag);
    FIELD(PyDictObject, ma_keys); FIELD(PyDictObject, ma_values);
    FIELD(PyDictKeysObject, dk_log2_size); FIELD(PyDictKeysObject, dk_log2_index_bytes); FIELD(PyDictKeysObject, dk_kind);
    FIELD(PyDictKeysObject, dk_version); FIELD(PyDictKeysObject, dk_usable); FIELD(PyDictKeysObject, dk_nentries);
    FIELD(PyDictKeysObject, dk_indices);
    FIELD(PyDictUnicodeEntry, me_key); FIELD(PyDictUnicodeEntry, me_value);
    SIZE(PyDictUnicodeEntry, PyDictUnicodeEntry);
    FIELD(PyDictKeyEntry, me_key); FIELD(PyDictKeyEntry, me_value);
    SIZE(PyDictKeyEntry, PyDictKeyEntry);
    AS(struct _dictvalues, PyDictValues, values);
    FIELD(PySetObject, used); FIELD(PySetObject, mask); FIELD(PySetObject, table);
    FIELD(setentry, key); FIELD(setentry, hash);
    FIELD(PySliceObject, start); FIELD(PySliceObject, stop); FIELD(PySliceObject, step);
    FIELD(PyFunctionObject, func_name); FIELD(PyFunctionObject, func_doc);
    FIELD(PyFunctionObject, func_dict); FIELD(PyFunctionObject, func_module);
    FIELD(PyFunctionObject, func_globals); FIELD(PyFunctionObject, func_builtins);
    FIELD(PyFunctionObject, func_qualname); FIELD(PyFunctionObject, func_code);
    FIELD(PyFunctionObject, func_defaults); FIELD(PyFunctionObject, func_kwdefaults);
    FIELD(PyFunctionObject, func_closure); FIELD(PyFunctionObject, func_annotations);
    FIELD(PyFunctionObject, func_version);
    FIELD(PyCodeObject, co_consts); FIELD(PyCodeObject, co_names);
    FIELD(PyCodeObject, co_exceptiontable); FIELD(PyCodeObject, co_flags);
    FIELD(PyCodeObject, co_warmup); FIELD(PyCodeObject, co_argcount);
    FIELD(PyCodeObject, co_posonlyargcount); FIELD(PyCodeObject, co_kwonlyargcount);
    FIELD(PyCodeObject, co_stacksize); FIELD(PyCodeObject, co_nlocalsplus);
    FIELD(PyCodeObject, co_nlocals); FIELD(PyCodeObject, co_nplaincellvars);
    FIELD(PyCodeObject, co_nfreevars); FIELD(PyCodeObject, co_localsplusnames);
    FIELD(PyCodeObject, co_filename); FIELD(PyCodeObject, co_qualname);
    FIELD(PyCodeObject, co_firstlineno); FIELD(PyCodeObject, co_linetable);
    FIELD(PyCodeObject, _co_firsttraceable); FIELD(PyCodeObject, co_extra);
    FIELD(PyCodeObject, co_code_adaptive);
    AS(_PyInterpreterFrame, PyInterpreterFrame, f_func);
    AS(_PyInterpreterFrame, PyInterpreterFrame, f_globals);
    AS(_PyInterpreterFrame, PyInterpreterFrame, f_builtins);
    AS(_PyInterpreterFrame, PyInterpreterFrame, f_locals);
    AS(_PyInterpreterFrame, PyInterpreterFrame, f_code);
    AS(_PyInterpreterFrame, PyInterpreterFrame, frame_obj);
    AS(_PyInterpreterFrame, PyInterpreterFrame, previous);
    AS(_PyInterpreterFrame, PyInterpreterFrame, prev_instr);
    AS(_PyInterpreterFrame, PyInterpreterFrame, stacktop);
    AS(_PyInterpreterFrame, PyInterpreterFrame, is_entry);
    AS(_PyInterpreterFrame, PyInterpreterFrame, owner);
    AS(_PyInterpreterFrame, PyInterpreterFrame, localsplus);
    FACT("PyInterpreterFrame.SPECIALS", FRAME_SPECIALS_SIZE);
    AS(struct _frame, PyFrameObject, f_back); AS(struct _frame, PyFrameObject, f_frame); AS(struct _frame, PyFrameObject, _f_frame_data);
    AS(struct _frame, PyFrameObject, f_trace_opcodes); AS(struct _frame, PyFrameObject, f_fast_as_locals);
    AS(struct _frame, PyFrameObject, f_trace); AS(struct _frame, PyFrameObject, f_lineno); AS(struct _frame, PyFrameObject, f_trace_lines);
    AS(_PyCFrame, PyCFrame, use_tracing); AS(_PyCFrame, PyCFrame, current_frame);
    AS(_PyCFrame, PyCFrame, previous); SIZE(_PyCFrame, PyCFrame);
    NAMED(StackChunk, data, _PyStackChunk, data);
    AS(_PyErr_StackItem, PyErrStackItem, exc_value);
    AS(_PyErr_StackItem, PyErrStackItem, previous_item);
    FIELD(PyGenObject, gi_exc_state); FIELD(PyGenObject, gi_frame_state); FIELD(PyGenObject, gi_iframe);
    FIELD(PyThreadState, interp); FIELD(PyThreadState, recursion_remaining);
    FIELD(PyThreadState, tracing); FIELD(PyThreadState, tracing_what);
    FIELD(PyThreadState, cframe); FIELD(PyThreadState, c_profilefunc);
    FIELD(PyThreadState, c_tracefunc); FIELD(PyThreadState, c_profileobj);
    FIELD(PyThreadState, c_traceobj); FIELD(PyThreadState, curexc_type);
    FIELD(PyThreadState, curexc_value); FIELD(PyThreadState, curexc_traceback);
    FIELD(PyThreadState, exc_info); FIELD(PyThreadState, async_exc);
    FIELD(PyThreadState, datastack_chunk); FIELD(PyThreadState, datastack_top); FIELD(PyThreadState, datastack_limit);
    AS(PyInterpreterState, Interp, eval_frame);
    AS(PyInterpreterState, Interp, import_func);
    NAMED(Interp, gc_youngest, PyInterpreterState, gc.generation0);
    FACT("PyGCHead.SIZE", sizeof(PyGC_Head));
    AS(PyGC_Head, PyGCHead, _gc_next); AS(PyGC_Head, PyGCHead, _gc_prev);
    FACT("PyGCHead.FINALIZED", _PyGC_PREV_MASK_FINALIZED); FACT("PyGCHead.COLLECTING", _PyGC_PREV_MASK_COLLECTING);
    FACT("PyGCHead.REFERENCE", 1 << _PyGC_PREV_SHIFT);
    NAMED(Interp, gc_count, PyInterpreterState, gc.generations[0].count);
    NAMED(Interp, gc_threshold, PyInterpreterState, gc.generations[0].threshold);
    NAMED(Interp, gc_enabled, PyInterpreterState, gc.enabled);
    NAMED(Interp, gc_collecting, PyInterpreterState, gc.collecting);
    NAMED(Interp, eval_breaker, PyInterpreterState, ceval.eval_breaker);
    NAMED(Interp, gil_drop_request, PyInterpreterState, ceval.gil_drop_request);
    NAMED(Interp, pending_calls_to_do, PyInterpreterState, ceval.pending.calls_to_do);
    NAMED(Interp, pending_async_exc, PyInterpreterState, ceval.pending.async_exc);
    NAMED(Interp, float_numfree, PyInterpreterState, float_state.numfree);
    NAMED(Interp, float_free_list, PyInterpreterState, float_state.free_list);
    NAMED(Interp, tuple_numfree, PyInterpreterState, tuple.numfree);
    FACT("PyTupleObject.MAXSAVESIZE", PyTuple_MAXSAVESIZE);
    FACT("PyFloatObject.MAXFREELIST", PyFloat_MAXFREELIST);
    AS(struct _PyTraceMalloc_Config, PyTraceMallocConfig, tracing);
    NAMED(Interp, exception_group, PyInterpreterState, exc_state.PyExc_ExceptionGroup);
    NAMED(Interp, callable_isinstance, PyInterpreterState, callable_cache.isinstance);
    NAMED(Interp, callable_len, PyInterpreterState, callable_cache.len);
    NAMED(Interp, callable_list_append, PyInterpreterState, callable_cache.list_append);
    NAMED(Runtime, tstate_current, _PyRuntimeState, gilstate.tstate_current);
    NAMED(Runtime, signals_pending, _PyRuntimeState, ceval.signals_pending);
    NAMED(Runtime, tuple_empty, _PyRuntimeState, global_objects.singletons.tuple_empty);
    NAMED(Runtime, small_ints, _PyRuntimeState, global_objects.singletons.small_ints);
    FACT("Runtime.small_int_size", sizeof(((_PyRuntimeState *)0)->global_objects.singletons.small_ints[0]));
    FACT("Runtime.small_neg_ints", _PY_NSMALLNEGINTS);
    FACT("Runtime.small_pos_ints", _PY_NSMALLPOSINTS);
    NAMED(Runtime, ascii, _PyRuntimeState, global_objects.singletons.strings.ascii);
    FACT("Runtime.ascii_size", sizeof(((_PyRuntimeState *)0)->global_objects.singletons.strings.ascii[0]));
    NAMED(Runtime, str_empty, _PyRuntimeState, global_objects.singletons.strings.literals._empty);
    ID(__build_class__); ID(__annotations__); ID(__import__); ID(__name__); ID(__spec__);
    ID(__all__); ID(__dict__); ID(__class__); ID(__builtins__); ID(__enter__); ID(__exit__); ID(__aenter__); ID(__aexit__);
    ID(__init__); ID(displayhook); ID(get); ID(name); ID(send);
#define OPERATOR(slot, name) \
    FIELD(PyNumberMethods, nb_##slot); FIELD(PyNumberMethods, nb_inplace_##slot); \
    ID(__##name##__); ID(__r##name##__); ID(__i##name##__)
    OPERATOR(add, add); OPERATOR(and, and); OPERATOR(floor_divide, floordiv);
    OPERATOR(lshift, lshift); OPERATOR(matrix_multiply, matmul); OPERATOR(multiply, mul);
    OPERATOR(remainder, mod); OPERATOR(or, or); OPERATOR(power, pow);
    OPERATOR(rshift, rshift); OPERATOR(subtract, sub); OPERATOR(true_divide, truediv);
    OPERATOR(xor, xor); FIELD(PyNumberMethods, nb_divmod);
    FIELD(PyBaseExceptionObject, dict); FIELD(PyBaseExceptionObject, args); FIELD(PyBaseExceptionObject, notes);
    FIELD(PyBaseExceptionObject, traceback); FIELD(PyBaseExceptionObject, context); FIELD(PyBaseExceptionObject, cause);
    FIELD(PyTracebackObject, tb_next); FIELD(PyTracebackObject, tb_frame);
    FIELD(PyTracebackObject, tb_lasti); FIELD(PyTracebackObject, tb_lineno); SIZE(PyTracebackObject, PyTracebackObject);
    FIELD(PyAttributeErrorObject, obj); FIELD(PyAttributeErrorObject, name); ID(obj);
    ID(__lt__); ID(__le__); ID(__eq__); ID(__ne__); ID(__gt__); ID(__ge__); ID(__call__);
    ID(__neg__); ID(__pos__); ID(__invert__); ID(__setitem__); ID(__contains__); ID(__len__); ID(__bool__); ID(__next__);
    ID(__getattribute__); ID(__getattr__);
    FIELD(PyTypeObject, tp_richcompare);
    FIELD(PySequenceMethods, sq_concat); FIELD(PySequenceMethods, sq_repeat);
    FIELD(PySequenceMethods, sq_inplace_concat); FIELD(PySequenceMethods, sq_inplace_repeat);
}
