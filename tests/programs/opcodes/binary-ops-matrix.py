# Every binary and in-place operator over every pair of builtin types, at sites warmed with ints, floats, strs.
# contract: 1
import operator
import types

ops = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "@"]
vals = [0, 1, -7, 3, True, 2**31, -(2**65), 0.0, -2.5, 1e300, float("inf"), 1j, "ab", b"xy", [1], (2,), {1}, {3: 4}, None, frozenset({1})]


def show(r):
    if isinstance(r, (set, frozenset)):
        return type(r).__name__ + repr(sorted(r))
    s = repr(r)
    return s if len(s) < 40 else f"{type(r).__name__}..{len(s)}..{hash(s) if False else s[-6:]}"


def big(op, a, b):
    if op == "**" and isinstance(a, int) and isinstance(b, int) and abs(b) > 100:
        return True
    if op == "<<" and isinstance(a, int) and isinstance(b, int) and b > 100:
        return True
    if op == "*" and (not isinstance(a, (int, float, complex)) or not isinstance(b, (int, float, complex))):
        return any(isinstance(x, int) and x > 1000 for x in (a, b))
    return False


for op in ops:
    for inplace in (False, True):
        src = f"def f(a, b):\n    a {op}= b\n    return a\n" if inplace else f"def f(a, b):\n    return a {op} b\n"
        ref = None
        for warm in ((3, 2), (3.5, 2.0), ("a", "b"), ([1], [2])):
            ns = {}
            exec(src, ns)
            f = ns["f"]
            for _ in range(60):
                try:
                    f(*warm)
                except TypeError:
                    pass
            rows = []
            for a in vals:
                for b in vals:
                    if big(op, a, b):
                        continue
                    x = a.copy() if hasattr(a, "copy") else a
                    try:
                        r = show(f(x, b))
                    except Exception as e:
                        r = f"{type(e).__name__}: {e}"
                    rows.append(r)
            if ref is None:
                ref = rows
                print(op, inplace, len(rows))
                print("\n".join(sorted(set(rows))))
                print(sum(len(r) * (i + 1) for i, r in enumerate(rows)))
            elif rows != ref:
                print("MISMATCH", op, inplace, warm, [(x, y) for x, y in zip(rows, ref) if x != y][:3])
