//! Arithmetic on magnitudes of any length, in limbs of 60 bits.
//!
//! A limb is two of CPython's digits. Of its 64 bits four are spare: a factor that is moved up by them gives products
//! whose upper words are the carries and whose lower ones, moved down, are the limbs; and what is below zero shows in the
//! bits at the top. So an inner loop is one multiplication and a few steps a limb, without flags.
//!
//! Numbers have their least significant limb or digit first.

use crate::layout::digit::SHIFT;

/// The bits of a limb.
const BITS: u32 = 2 * SHIFT as u32;
/// What a limb can be.
const MASK: u64 = (1 << BITS) - 1;
/// The bits of a word that no limb has.
const SPARE: u32 = u64::BITS - BITS;
/// The bits of a digit.
const DIGIT: u64 = (1 << SHIFT) - 1;

/// The limbs that so many digits make.
pub(super) const fn limbs_of(digits: usize) -> usize {
    digits.div_ceil(2)
}

/// By how many bits a limb has to be moved up to have its upper bit set.
pub(super) const fn normalizing(limb: u64) -> u32 {
    limb.leading_zeros() - SPARE
}

/// Writes a number times `2^shift`, which is less than a limb, and zeros behind it.
pub(super) fn pack(digits: &[u32], shift: u32, limbs: &mut [u64]) {
    let mut carried = 0;
    let (packed, rest) = limbs.split_at_mut(limbs_of(digits.len()));
    for (limb, pair) in packed.iter_mut().zip(digits.chunks(2)) {
        let high = pair.get(1).map_or(0, |&digit| u64::from(digit) << SHIFT);
        let whole = high | u64::from(pair[0]);
        *limb = whole << shift & MASK | carried;
        carried = whole >> (BITS - shift);
    }
    rest.fill(0);
    if let Some(top) = rest.first_mut() {
        *top = carried;
    }
}

/// Divides a number by `2^shift`, which is less than a limb; what that leaves over is lost.
pub(super) fn shift_down(limbs: &mut [u64], shift: u32) {
    let mut above = 0;
    for limb in limbs.iter_mut().rev() {
        let whole = *limb;
        *limb = whole >> shift | above << (BITS - shift) & MASK;
        above = whole;
    }
}

/// How many digits a number has without zeros at its top.
pub(super) fn digit_count(limbs: &[u64]) -> usize {
    match limbs.iter().rposition(|&limb| limb != 0) {
        Some(top) => 2 * top + 1 + usize::from(limbs[top] > DIGIT),
        None => 0,
    }
}

/// Writes as many digits as there is room for.
pub(super) fn unpack(limbs: &[u64], digits: &mut [u32]) {
    for (pair, limb) in digits.chunks_mut(2).zip(limbs) {
        pair[0] = (limb & DIGIT) as u32;
        if let [_, high] = pair {
            *high = (limb >> SHIFT) as u32;
        }
    }
}

/// Adds one to a number, which is not the highest of its length.
pub(super) fn increment(limbs: &mut [u64]) {
    for limb in limbs {
        *limb = (*limb + 1) & MASK;
        if *limb != 0 {
            return;
        }
    }
    unreachable!("there is room above");
}

/// Takes a number from another of its length that is not less: `low = high - low`.
pub(super) fn subtract_from(low: &mut [u64], high: &[u64]) {
    let mut borrowed = 0;
    for (low, &high) in low.iter_mut().zip(high) {
        let difference = high.wrapping_sub(*low).wrapping_sub(borrowed);
        *low = difference & MASK;
        borrowed = difference >> 63;
    }
}

/// The product of two numbers, into zeros of the length of both and one more. False if `go_on`, which is asked for each
/// pair of limbs of the first, has said so; then it is not.
///
/// Each limb of one by each of the other: for numbers that are both long there are better ways. Two limbs are taken at
/// a time, because the steps from one sum to the next take longer than the multiplications.
pub(super) fn multiply(
    one: &[u64],
    other: &[u64],
    product: &mut [u64],
    mut go_on: impl FnMut() -> bool,
) -> bool {
    for (at, pair) in one.chunks(2).enumerate() {
        if !go_on() {
            return false;
        }
        let by = [pair[0], pair.get(1).copied().unwrap_or(0)];
        add_products(&mut product[2 * at..], other, by);
    }
    true
}

/// Adds a product with two limbs to a number, which is longer than the factor by these at least.
#[inline(always)]
fn add_products(number: &mut [u64], factor: &[u64], by: [u64; 2]) {
    let by = by.map(|limb| u128::from(limb << SPARE));
    let mut carried = 0;
    let mut below = 0;
    let (sums, above) = number.split_at_mut(factor.len());
    let mut add = |limb: &mut u64, factor: u64| {
        let products = [by[0] * u128::from(factor), by[1] * u128::from(below)];
        let low = products.map(|product| product as u64 >> SPARE);
        let sum = *limb + low[0] + low[1] + carried;
        *limb = sum & MASK;
        let high = products.map(|product| (product >> 64) as u64);
        carried = high[0] + high[1] + (sum >> BITS);
        below = factor;
    };
    for (limb, &factor) in sums.iter_mut().zip(factor) {
        add(limb, factor);
    }
    add(&mut above[0], 0);
    above[1] += carried;
}

/// A divisor's top limb, of which the upper bit is set, and what division by it is multiplication by.
///
/// The reciprocal and its use are those of Möller and Granlund, "Improved division by invariant integers" (2011),
/// algorithm 4, for words of 64 bits.
#[derive(Clone, Copy)]
struct Top {
    limb: u64,
    /// The limb at the top of a word.
    divisor: u64,
    reciprocal: u64,
}

impl Top {
    fn new(limb: u64) -> Top {
        let divisor = limb << SPARE;
        Top {
            limb,
            divisor,
            // Less 2^64, which is what the upper word would say.
            reciprocal: (u128::MAX / u128::from(divisor)) as u64,
        }
    }

    /// Quotient and remainder of two limbs, of which the upper is less than the divisor.
    #[inline(always)]
    fn divide(self, high: u64, low: u64) -> (u64, u64) {
        // Number and divisor times 2^4 have the same quotient, and a remainder times 2^4.
        let low = low << SPARE;
        let number = u128::from(high) << 64 | u128::from(low);
        let estimate = u128::from(self.reciprocal) * u128::from(high) + number;
        let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
        let mut remainder = low.wrapping_sub(quotient.wrapping_mul(self.divisor));
        if remainder > estimate as u64 {
            quotient = quotient.wrapping_sub(1);
            remainder = remainder.wrapping_add(self.divisor);
        }
        if remainder >= self.divisor {
            quotient = quotient.wrapping_add(1);
            remainder -= self.divisor;
        }
        (quotient, remainder >> SPARE)
    }
}

/// Divides a number by another, whose top limb has its upper bit set, and which is not longer. The number's
/// top limb is less than that. Afterwards the lower limbs of the number, as many as the divisor has, are the remainder, and the
/// others the quotient. False if `go_on`, which is asked for each limb of the quotient, has said so; then
/// the number is neither.
///
/// Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D: time is the product of the lengths of quotient and
/// divisor.
pub(super) fn divide(number: &mut [u64], divisor: &[u64], mut go_on: impl FnMut() -> bool) -> bool {
    let length = divisor.len();
    let top = Top::new(divisor[length - 1]);
    if length == 1 {
        divide_by_limb(number, top);
        return true;
    }
    let second = divisor[length - 2];
    for at in (0..number.len() - length).rev() {
        if !go_on() {
            return false;
        }
        let part = &mut number[at..=at + length];
        let quotient = estimate(
            top,
            second,
            [part[length], part[length - 1], part[length - 2]],
        );
        if quotient == 0 {
            continue;
        }
        // The estimate is one too high at most, and rarely: then the difference is below zero.
        let below = part[length] != subtract_product(&mut part[..length], divisor, quotient);
        part[length] = quotient;
        if below {
            part[length] -= 1;
            add(&mut part[..length], divisor);
        }
    }
    true
}

/// As [`divide`], by one limb.
fn divide_by_limb(number: &mut [u64], divisor: Top) {
    let mut remainder = number[number.len() - 1];
    for at in (0..number.len() - 1).rev() {
        (number[at + 1], remainder) = divisor.divide(remainder, number[at]);
    }
    number[0] = remainder;
}

/// A limb of a quotient or the limb above it, from the three upper limbs of the number and the two of the divisor.
#[inline(always)]
fn estimate(top: Top, second: u64, [high, middle, low]: [u64; 3]) -> u64 {
    let (mut quotient, mut remainder) = match high < top.limb {
        true => top.divide(high, middle),
        false => (MASK, middle + top.limb),
    };
    while remainder <= MASK
        && u128::from(quotient) * u128::from(second)
            > u128::from(remainder) << BITS | u128::from(low)
    {
        quotient -= 1;
        remainder += top.limb;
    }
    quotient
}

/// Takes a product off a number of the factor's length; what is to be taken off the limb above.
#[inline(always)]
fn subtract_product(number: &mut [u64], factor: &[u64], by: u64) -> u64 {
    let by = u128::from(by << SPARE);
    let mut carried = 0_u64;
    for (limb, &factor) in number.iter_mut().zip(factor) {
        let product = by * u128::from(factor);
        let low = product as u64 >> SPARE;
        let difference = limb.wrapping_sub(low).wrapping_sub(carried);
        *limb = difference & MASK;
        let borrowed = difference as i64 >> BITS;
        carried = ((product >> 64) as u64).wrapping_sub(borrowed as u64);
    }
    carried
}

/// Adds a number of the same length; a carry is lost.
fn add(number: &mut [u64], other: &[u64]) {
    let mut carried = 0;
    for (limb, &other) in number.iter_mut().zip(other) {
        let sum = *limb + other + carried;
        *limb = sum & MASK;
        carried = sum >> BITS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Digits that are all kinds, and often those at which estimates are wrong.
    fn digits(
        count: impl Into<proptest::collection::SizeRange>,
    ) -> impl Strategy<Value = Vec<u32>> {
        let digit = prop_oneof![
            Just(0),
            Just(1),
            Just(DIGIT as u32),
            Just(DIGIT as u32 - 1),
            Just(1 << (SHIFT - 1)),
            0..=DIGIT as u32,
        ];
        proptest::collection::vec(digit, count).prop_map(|mut digits| {
            let top = digits.last_mut().expect("some digits");
            *top = (*top).max(1);
            digits
        })
    }

    /// `quotient * divisor + remainder`, digit by digit.
    fn undo(quotient: &[u32], divisor: &[u32], remainder: &[u32]) -> Vec<u32> {
        let mut number = vec![0; quotient.len() + divisor.len() + 1];
        number[..remainder.len()].copy_from_slice(remainder);
        for (at, &one) in quotient.iter().enumerate() {
            let mut carried = 0;
            for (index, digit) in number[at..].iter_mut().enumerate() {
                let other = u64::from(divisor.get(index).copied().unwrap_or(0));
                let sum = u64::from(*digit) + u64::from(one) * other + carried;
                *digit = (sum & DIGIT) as u32;
                carried = sum >> SHIFT;
            }
        }
        number
    }

    fn unpacked(limbs: &[u64]) -> Vec<u32> {
        let mut digits = vec![0; digit_count(limbs)];
        unpack(limbs, &mut digits);
        digits
    }

    /// Compares numbers of any length.
    fn less(low: &[u32], high: &[u32]) -> bool {
        (low.len(), low.iter().rev().collect::<Vec<_>>())
            < (high.len(), high.iter().rev().collect::<Vec<_>>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn division_is_undone_by_multiplication(
            divisor in digits(1..9),
            more in 0_usize..9,
            seed in digits(18),
        ) {
            let mut number = seed[..divisor.len() + more].to_vec();
            let top = number.last_mut().unwrap();
            *top = (*top).max(1);
            let length = limbs_of(divisor.len());
            let mut by = vec![0; length];
            pack(&divisor, 0, &mut by);
            let shift = normalizing(by[length - 1]);
            pack(&divisor, shift, &mut by);
            let mut limbs = vec![0; limbs_of(number.len()) + 1];
            pack(&number, shift, &mut limbs);
            prop_assert!(divide(&mut limbs, &by, || true));
            shift_down(&mut limbs[..length], shift);
            let (remainder, quotient) = limbs.split_at(length);
            let remainder = unpacked(remainder);
            prop_assert!(less(&remainder, &divisor));
            let mut whole = undo(&unpacked(quotient), &divisor, &remainder);
            whole.truncate(number.len());
            prop_assert_eq!(whole, number);
        }

        #[test]
        fn products_are_those_by_digits(one in digits(1..12), other in digits(1..12)) {
            let (mut left, mut right) = (vec![0; limbs_of(one.len())], vec![0; limbs_of(other.len())]);
            pack(&one, 0, &mut left);
            pack(&other, 0, &mut right);
            let mut product = vec![0; left.len() + right.len() + 1];
            prop_assert!(multiply(&left, &right, &mut product, || true));
            let mut expected = undo(&one, &other, &[]);
            expected.truncate(expected.len() - expected.iter().rev().take_while(|&&digit| digit == 0).count());
            prop_assert_eq!(unpacked(&product), expected);
        }

        #[test]
        fn limbs_are_the_digits(number in digits(1..9)) {
            let mut limbs = vec![0; limbs_of(number.len()) + 1];
            pack(&number, 7, &mut limbs);
            shift_down(&mut limbs, 7);
            prop_assert_eq!(unpacked(&limbs), number);
        }
    }

    #[test]
    fn both_can_be_ended() {
        assert!(!multiply(&[1], &[1], &mut [0; 3], || false));
        assert!(!divide(&mut [0, 0, 5, 0], &[1, 1 << (BITS - 1)], || false));
    }

    #[test]
    fn steps_go_through_all_limbs() {
        let mut ones = [MASK, MASK, 0];
        increment(&mut ones);
        assert_eq!(ones, [0, 0, 1]);
        let mut low = [1, MASK];
        subtract_from(&mut low, &[0, 0]);
        assert_eq!(low, [MASK, 0]);
    }
}
