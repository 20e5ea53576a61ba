//! Calls of any callable of C.

use pyrt_trace::Helper;

use super::{Obj, Thread, call};

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::QuietCall0 => quiet_call0 as *const (),
        Helper::QuietCall1 | Helper::ListCall1 => quiet_call1 as *const (),
        Helper::QuietCall2 | Helper::ListCall2 => quiet_call2 as *const (),
        Helper::QuietCall3 | Helper::ListCall3 => quiet_call3 as *const (),
        _ => return None,
    })
}

unsafe extern "C" fn quiet_call0(ts: Thread, containers: i64, callable: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, []) }
}

unsafe extern "C" fn quiet_call1(ts: Thread, containers: i64, callable: Obj, a: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, [a]) }
}

unsafe extern "C" fn quiet_call2(
    ts: Thread,
    containers: i64,
    callable: Obj,
    a: Obj,
    b: Obj,
) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, [a, b]) }
}

unsafe extern "C" fn quiet_call3(
    ts: Thread,
    containers: i64,
    callable: Obj,
    a: Obj,
    b: Obj,
    c: Obj,
) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, [a, b, c]) }
}
