//! How much a program is made of.

use super::Generator;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::ops::RangeInclusive;

/// Bounds of what a program has, of which each is drawn anew.
pub(super) struct Size {
    pub(super) classes: RangeInclusive<usize>,
    /// Functions of any kind, beside those that are made of loops.
    pub(super) functions: RangeInclusive<usize>,
    pub(super) loop_functions: RangeInclusive<usize>,
    /// Statements of the rounds beside calls.
    pub(super) statements: RangeInclusive<usize>,
    /// Statements of a function after its first loop.
    pub(super) after_loop: RangeInclusive<usize>,
    /// Most statements of a block, and of a loop's.
    pub(super) block: usize,
    pub(super) loop_body: usize,
    /// Blocks in one another.
    pub(super) depth: u32,
    /// Operations in one another.
    pub(super) expression: u32,
    /// Per cent of the kinds that functions, and the module, have a variable of.
    pub(super) locals: u32,
    pub(super) globals: u32,
    /// Per cent of the methods that a large class has.
    pub(super) methods: u32,
    /// Iterations of the innermost loop, per call of its function.
    pub(super) iterations: u64,
    /// What one call of a function may cost, and all rounds, in iterations and calls.
    pub(super) function_budget: u64,
    pub(super) program_budget: u64,
}

/// A loop, and what changes under it.
const TINY: Size = Size {
    classes: 0..=0,
    functions: 0..=0,
    loop_functions: 1..=1,
    statements: 0..=0,
    after_loop: 0..=0,
    block: 2,
    loop_body: 3,
    depth: 2,
    expression: 2,
    locals: 20,
    globals: 10,
    methods: 0,
    iterations: 40,
    function_budget: 200,
    program_budget: 800,
};

/// A few functions, perhaps of a class.
const SMALL: Size = Size {
    classes: 0..=1,
    functions: 0..=1,
    loop_functions: 1..=1,
    statements: 0..=1,
    after_loop: 0..=1,
    block: 2,
    loop_body: 4,
    depth: 2,
    expression: 3,
    locals: 35,
    globals: 40,
    methods: 50,
    iterations: 60,
    function_budget: 300,
    program_budget: 1_500,
};

/// What takes classes, functions that call each other and many side traces to go wrong.
const LARGE: Size = Size {
    classes: 1..=3,
    functions: 1..=3,
    loop_functions: 1..=2,
    statements: 1..=2,
    after_loop: 0..=3,
    block: 4,
    loop_body: 6,
    depth: 3,
    expression: 3,
    locals: 75,
    globals: 100,
    methods: 100,
    iterations: 400,
    function_budget: 2_500,
    program_budget: 25_000,
};

/// The sizes, and of how many programs in a hundred. Most are tiny: dozens of these run in the time of a large one.
const SIZES: [(u32, &Size); 3] = [(90, &TINY), (9, &SMALL), (1, &LARGE)];

impl Size {
    pub(super) fn draw(random: &mut ChaCha8Rng) -> &'static Size {
        let mut left = random.random_range(0..100);
        for (share, size) in SIZES {
            if left < share {
                return size;
            }
            left -= share;
        }
        unreachable!("the shares add up to a hundred")
    }
}

impl Generator {
    /// One of the numbers in a range.
    pub(super) fn number(&mut self, bounds: &RangeInclusive<usize>) -> usize {
        self.random.random_range(bounds.clone())
    }
}
