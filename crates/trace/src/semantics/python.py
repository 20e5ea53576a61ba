"""Writes python.txt: what CPython 3.11 computes, for tests of semantics.rs.

Run it as: python3.11 python.py > python.txt
"""

import operator
import struct

INTS = [0, 1, 2, 3, -1, -7, 10, 62, 63, 64, 2**53 + 1, 2**62, 2**63 - 1, -(2**63)]
FLOATS = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, -3.5, 0.1, -0.1, 7.25, 1e308, 5e-324,
    9.2233720368547758e18, -9.2233720368547758e18, float("inf"), float("-inf"), float("nan"),
]
INT_OPS = {
    "add_ovf": operator.add, "sub_ovf": operator.sub, "mul_ovf": operator.mul,
    "floordiv_i64": operator.floordiv, "mod_i64": operator.mod, "shl_ovf": operator.lshift,
    "shr_i64": operator.rshift, "and_i64": operator.and_, "or_i64": operator.or_,
    "xor_i64": operator.xor, "eq_i64": operator.eq, "lt_i64": operator.lt, "ge_i64": operator.ge,
}
FLOAT_OPS = {
    "add_f64": operator.add, "sub_f64": operator.sub, "mul_f64": operator.mul,
    "div_f64": operator.truediv, "floordiv_f64": operator.floordiv, "mod_f64": operator.mod,
    "pow_f64": operator.pow, "eq_f64": operator.eq, "ne_f64": operator.ne, "lt_f64": operator.lt,
    "le_f64": operator.le, "gt_f64": operator.gt, "ge_f64": operator.ge,
}
UNARY = {
    "neg_ovf": (operator.neg, INTS), "abs_ovf": (abs, INTS), "not_i64": (operator.invert, INTS),
    "i64_to_f64": (float, INTS), "i64_is_true": (bool, INTS), "neg_f64": (operator.neg, FLOATS),
    "abs_f64": (abs, FLOATS), "f64_to_i64": (int, FLOATS), "f64_is_true": (bool, FLOATS),
}


def show(value):
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value) if -(2**63) <= value < 2**63 else "exit"
        case float() if value != value:
            return "f:nan"
        case float():
            return "f:" + struct.pack(">d", value).hex()
    return "exit"


def line(name, function, *args):
    if function is operator.lshift and args[1] >= 63:
        # x << n is 0 for x = 0 however large n is; the op exits all the same.
        result = "exit"
    else:
        try:
            result = show(function(*args))
        except (ArithmeticError, ValueError):
            result = "exit"
    # Python has -2**63 % -1 == 0, but machine division traps, so the op exits.
    if function is operator.mod and args[0] == -(2**63) and args[1] == -1 and type(args[0]) is int:
        result = "exit"
    print(name, *map(show, args), "=", result)


for name, function in INT_OPS.items():
    for a in INTS:
        for b in INTS:
            line(name, function, a, b)
for name, function in FLOAT_OPS.items():
    for a in FLOATS:
        for b in FLOATS:
            line(name, function, a, b)
for name, (function, values) in UNARY.items():
    for a in values:
        line(name, function, a)
