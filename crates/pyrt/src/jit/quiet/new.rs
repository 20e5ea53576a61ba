//! New containers.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_trace::Helper;

use super::{Obj, Thread, quietly};

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::NewTuple1 => new_tuple1 as *const (),
        Helper::NewTuple2 => new_tuple2 as *const (),
        Helper::NewTuple3 => new_tuple3 as *const (),
        Helper::NewTuple4 => new_tuple4 as *const (),
        Helper::NewDict => new_dict as *const (),
        _ => return None,
    })
}

unsafe fn tuple_of(ts: Thread, values: &[Obj]) -> Obj {
    // SAFETY: live objects.
    unsafe {
        quietly(ts, true, || {
            let tuple = api::PyTuple_New(values.len() as isize);
            if !tuple.is_null() {
                for (at, value) in values.iter().enumerate() {
                    *tuple_items(tuple).add(at) = new_ref(*value);
                }
            }
            tuple
        })
    }
}

macro_rules! containers {
    ($($name:ident ($($value:ident),*) $function:ident;)*) => {
        $(
            unsafe extern "C" fn $name(ts: Thread, $($value: Obj),*) -> Obj {
                // SAFETY: live objects.
                unsafe { $function(ts, &[$($value),*]) }
            }
        )*
    };
}

containers! {
    new_tuple1(a) tuple_of;
    new_tuple2(a, b) tuple_of;
    new_tuple3(a, b, c) tuple_of;
    new_tuple4(a, b, c, d) tuple_of;
}

unsafe extern "C" fn new_dict(ts: Thread) -> Obj {
    // SAFETY: the current thread's state.
    unsafe { quietly(ts, true, || api::PyDict_New()) }
}
