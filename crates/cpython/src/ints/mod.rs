//! Products and quotients of long ints. CPython's go by digits of 30 bits, with a machine's division for each of a quotient;
//! here they go by two digits, with multiplications alone.
//!
//! Slots of `int` are replaced. What is short, or not exactly an int, or so long that CPython knows a better way, is left to
//! CPython.

mod limbs;

use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::inline::{is_int, size_of, xdecref};
use crate::layout::PyNumberMethods;
use crate::object::{PyLongObject, PyObject, PySsize};
use crate::{api, signals};

/// Where fewer digits meet, packing them takes longer than is won.
const WORTHWHILE: usize = 24;
/// Factors of fewer digits are left to CPython.
const FACTOR: usize = 6;
/// Where both factors have more digits, Karatsuba's way is faster, which is CPython's; for squares, of which that takes half the
/// products, sooner.
const VERY_MANY: usize = 400;
const VERY_MANY_SQUARED: usize = 140;
/// Numbers of so many limbs in all are on the stack.
const FEW: usize = 64;

/// What is asked for, by the places of the slots in [`SLOTS`].
const PRODUCT: usize = 0;
const QUOTIENT: usize = 1;
const REMAINDER: usize = 2;
const BOTH: usize = 3;

/// The slots of `*`, `//`, `%` and `divmod`, and CPython's functions for them.
static SLOTS: [(usize, AtomicPtr<()>); 4] = [
    (PyNumberMethods::nb_multiply, AtomicPtr::new(null_mut())),
    (PyNumberMethods::nb_floor_divide, AtomicPtr::new(null_mut())),
    (PyNumberMethods::nb_remainder, AtomicPtr::new(null_mut())),
    (PyNumberMethods::nb_divmod, AtomicPtr::new(null_mut())),
];

/// A `binaryfunc`: a new reference, or null with an exception set.
type BinaryFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// Has ints multiplied and divided by the functions here.
///
/// # Safety
/// Called once, before CPython is initialised.
pub unsafe fn install() {
    let ours: [BinaryFunction; 4] = [
        slot::<PRODUCT>,
        slot::<QUOTIENT>,
        slot::<REMAINDER>,
        slot::<BOTH>,
    ];
    for ((slot, original), ours) in SLOTS.iter().zip(ours) {
        // SAFETY: by the caller's promise nobody else uses the type, whose slots are functions.
        unsafe {
            let slot = api::PyLong_Type.tp_as_number.add(*slot);
            let replaced = slot.cast::<BinaryFunction>().replace(ours);
            original.store(replaced as *mut (), Ordering::Relaxed);
        }
    }
}

/// The slot of what is asked for.
///
/// # Safety
/// As for any slot: live objects, the GIL held.
unsafe extern "C" fn slot<const ASKED: usize>(
    left: *mut PyObject,
    right: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: by the caller's promise; the original is a function of this type.
    unsafe {
        let ours = match is_int(left) && is_int(right) {
            false => None,
            true if ASKED == PRODUCT => product(left, right),
            true => divided::<ASKED>(left, right),
        };
        ours.unwrap_or_else(|| {
            let original = SLOTS[ASKED].1.load(Ordering::Relaxed);
            let original: BinaryFunction = core::mem::transmute(original);
            original(left, right)
        })
    }
}

/// A product: a new reference, or null with an exception set. None if it is left to CPython.
///
/// # Safety
/// Ints; the GIL is held.
#[inline]
pub unsafe fn product(left: *mut PyObject, right: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: by the caller's promise.
    unsafe {
        let (one, other) = (size_of(left).unsigned_abs(), size_of(right).unsigned_abs());
        // Nearly all products end here.
        if one < FACTOR || other < FACTOR {
            return None;
        }
        long_product(left, right)
    }
}

/// The same where both factors are long.
#[cold]
#[inline(never)]
unsafe fn long_product(left: *mut PyObject, right: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: by the caller's promise.
    unsafe {
        let (one, other) = (digits_of(left), digits_of(right));
        let (few, many) = match one.len() <= other.len() {
            true => (one, other),
            false => (other, one),
        };
        let at_most = match left == right {
            true => VERY_MANY_SQUARED,
            false => VERY_MANY,
        };
        if few.len() > at_most {
            return None;
        }
        Some(multiply(few, many, size_of(left) ^ size_of(right) < 0))
    }
}

/// The product of magnitudes, an int.
#[inline(never)]
unsafe fn multiply(few: &[u32], many: &[u32], is_below: bool) -> *mut PyObject {
    let (short, long) = (limbs::limbs_of(few.len()), limbs::limbs_of(many.len()));
    with_room(2 * (short + long) + 1, |room| {
        let (factors, product) = room.split_at_mut(short + long);
        let (one, other) = factors.split_at_mut(short);
        limbs::pack(few, 0, one);
        limbs::pack(many, 0, other);
        // SAFETY: the GIL is held.
        match limbs::multiply(one, other, product, || unsafe { may_go_on() }) {
            // SAFETY: as above.
            true => unsafe { int(product, is_below) },
            false => null_mut(),
        }
    })
}

/// What of a division is asked for: a new reference, or null with an exception set. None if it is left to CPython.
#[inline]
unsafe fn divided<const ASKED: usize>(
    left: *mut PyObject,
    right: *mut PyObject,
) -> Option<*mut PyObject> {
    // SAFETY: ints, and the GIL is held.
    unsafe {
        let (dividend, divisor) = (digits_of(left), digits_of(right));
        let (many, few) = (dividend.len(), divisor.len());
        let is_long = few > 0 && many >= few && (many - few + 1) * few >= WORTHWHILE;
        if !is_long || many == few && dividend[many - 1] <= divisor[many - 1] {
            return None;
        }
        Some(with_room(Division::limbs(many, few), |room| {
            let signs = (size_of(left) < 0, size_of(right) < 0);
            match Division::carried_out(dividend, divisor, signs, room) {
                None => null_mut(),
                Some(division) => division.result::<ASKED>(),
            }
        }))
    }
}

/// Calls a function with zeros; null with an exception set if there is no memory.
fn with_room(limbs: usize, call: impl FnOnce(&mut [u64]) -> *mut PyObject) -> *mut PyObject {
    if limbs <= FEW {
        return call(&mut [0; FEW][..limbs]);
    }
    let mut many = Vec::new();
    if many.try_reserve_exact(limbs).is_err() {
        // SAFETY: the GIL is held.
        return unsafe { api::PyErr_NoMemory() };
    }
    many.resize(limbs, 0);
    call(&mut many)
}

/// The digits of an int.
///
/// # Safety
/// The int lives longer than what is returned is used; it never changes.
unsafe fn digits_of<'a>(int: *mut PyObject) -> &'a [u32] {
    // SAFETY: by the caller's promise.
    unsafe {
        let digits = &raw const (*int.cast::<PyLongObject>()).ob_digit;
        core::slice::from_raw_parts(digits.cast(), size_of(int).unsigned_abs())
    }
}

/// A quotient that is rounded down and a remainder of the divisor's sign.
struct Division<'a> {
    quotient: &'a [u64],
    is_below: bool,
    remainder: &'a [u64],
    divisor_is_below: bool,
}

impl<'a> Division<'a> {
    /// How many limbs dividend and divisor of so many digits take while they are divided.
    fn limbs(dividend: usize, divisor: usize) -> usize {
        // The dividend is moved up by part of a limb, and a quotient of ones may get a limb longer.
        limbs::limbs_of(dividend) + 2 + limbs::limbs_of(divisor)
    }

    /// Divides magnitudes in a room of [`limbs`](Self::limbs), the divisor not zero and no longer; `signs` are whether dividend
    /// and divisor are below zero. None if a signal's handler has raised an exception.
    ///
    /// # Safety
    /// The GIL is held.
    unsafe fn carried_out(
        number: &[u32],
        by: &[u32],
        (below, divisor_is_below): (bool, bool),
        room: &'a mut [u64],
    ) -> Option<Self> {
        let length = limbs::limbs_of(by.len());
        let (dividend, divisor) = room.split_at_mut(room.len() - length);
        limbs::pack(by, 0, divisor);
        let shift = limbs::normalizing(divisor[length - 1]);
        limbs::pack(by, shift, divisor);
        limbs::pack(number, shift, dividend);
        let (_spare, number) = dividend.split_last_mut()?;
        // SAFETY: the GIL is held.
        if !limbs::divide(number, divisor, || unsafe { may_go_on() }) {
            return None;
        }
        let (remainder, quotient) = dividend.split_at_mut(length);
        let is_below = below != divisor_is_below;
        if is_below && remainder.iter().any(|&limb| limb != 0) {
            limbs::increment(quotient);
            limbs::subtract_from(remainder, divisor);
        }
        limbs::shift_down(remainder, shift);
        Some(Self {
            quotient,
            is_below,
            remainder,
            divisor_is_below,
        })
    }

    /// What is asked for; null with an exception set.
    unsafe fn result<const ASKED: usize>(&self) -> *mut PyObject {
        // SAFETY: the GIL is held.
        unsafe {
            match ASKED {
                QUOTIENT => int(self.quotient, self.is_below),
                REMAINDER => int(self.remainder, self.divisor_is_below),
                _ => {
                    let quotient = self.result::<QUOTIENT>();
                    let remainder = self.result::<REMAINDER>();
                    let both = match quotient.is_null() || remainder.is_null() {
                        true => null_mut(),
                        false => api::PyTuple_Pack(2, quotient, remainder),
                    };
                    xdecref(quotient);
                    xdecref(remainder);
                    both
                }
            }
        }
    }
}

/// False if a signal has come in whose handler has raised an exception, which is set then.
unsafe fn may_go_on() -> bool {
    // SAFETY: the GIL is held.
    !signals::may_wait() || unsafe { api::pyrt_c_PyErr_CheckSignals() } == 0
}

/// A new int, null with an exception set.
unsafe fn int(limbs: &[u64], is_below: bool) -> *mut PyObject {
    let count = limbs::digit_count(limbs);
    // SAFETY: the GIL is held, and a new int has the digits that were asked for.
    unsafe {
        if count <= 2 {
            let value = limbs[0] as i64;
            return api::PyLong_FromLong(if is_below { -value } else { value });
        }
        let int = api::_PyLong_New(count as PySsize);
        if !int.is_null() {
            let digits = &raw mut (*int).ob_digit;
            limbs::unpack(limbs, core::slice::from_raw_parts_mut(digits.cast(), count));
            if is_below {
                (*int).ob_base.ob_size = -(*int).ob_base.ob_size;
            }
        }
        int.cast()
    }
}
