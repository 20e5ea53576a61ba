//! What compiled code calls, and what the tests note of it. All of it is per thread, as tests are.

use super::heap::{Object, count, set_count};
use pyrt_trace::eval::Value;
use std::cell::{Cell, RefCell};

thread_local! {
    static MADE: RefCell<Vec<(Value, Box<Object>)>> = const { RefCell::new(Vec::new()) };
    static DEAD: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static OUT_OF_MEMORY: Cell<bool> = const { Cell::new(false) };
    static DEATH_IS_LOUD: Cell<bool> = const { Cell::new(false) };
}

/// Whether boxes cannot be made from now on.
pub fn set_out_of_memory(is: bool) {
    OUT_OF_MEMORY.set(is);
}

/// Whether giving up a last reference would run code from now on.
pub fn set_death_is_loud(is: bool) {
    DEATH_IS_LOUD.set(is);
}

/// The objects that died since this was last asked.
pub fn take_dead() -> Vec<u64> {
    DEAD.take()
}

/// The value of a box that was made on this thread.
pub fn value_made(pointer: u64) -> Option<Value> {
    MADE.with_borrow(|made| {
        let is = |(_, object): &&(Value, Box<Object>)| {
            std::ptr::from_ref(&**object).addr() as u64 == pointer
        };
        made.iter().find(is).map(|(value, _)| *value)
    })
}

fn make(value: Value) -> *mut u8 {
    if OUT_OF_MEMORY.get() {
        return std::ptr::null_mut();
    }
    MADE.with_borrow_mut(|made| {
        made.push((value, Object::of(value)));
        made.last_mut().expect("just pushed").1.pointer()
    })
}

fn die(object: *mut u8) {
    assert_eq!(count(object), 1, "the last reference is given up");
    set_count(object, 0);
    DEAD.with_borrow_mut(|dead| dead.push(object.addr() as u64));
}

pub unsafe extern "C" fn box_int(value: i64) -> *mut u8 {
    assert!(!(-5..=256).contains(&value), "small ints are there already");
    make(Value::Int(value.into()))
}

pub unsafe extern "C" fn box_float(value: f64) -> *mut u8 {
    make(Value::Float(value))
}

pub unsafe extern "C" fn release_quiet(object: *mut u8) -> u8 {
    if DEATH_IS_LOUD.get() {
        return 0;
    }
    die(object);
    1
}

pub unsafe extern "C" fn dealloc_leaf(object: *mut u8) {
    die(object);
}
