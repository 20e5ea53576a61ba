//! stub
use pyrt_cpython::code::CodeUnit;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use crate::interp::{Regs, Table};
pub(crate) unsafe extern "C" fn new_anchor(ip: *const CodeUnit, sp: *mut *mut PyObject, frame: *mut PyInterpreterFrame, ts: *mut PyThreadState, _: usize, table: Table) -> *mut PyObject {
    unsafe { let r = Regs { ip, sp, frame, ts, table }; crate::interp::regs::next_checked!(r) }
}
pub(crate) unsafe extern "C" fn hot_edge(ip: *const CodeUnit, sp: *mut *mut PyObject, frame: *mut PyInterpreterFrame, ts: *mut PyThreadState, _: usize, table: Table) -> *mut PyObject {
    unsafe { let r = Regs { ip, sp, frame, ts, table }; crate::interp::regs::next_checked!(r) }
}
