# Found by cargo xtask fuzz --modes eager --seed 500204 --programs 1; not reduced: output is right, time is not.
# Under PYRT_JIT_STRESS=eager 32 recompilations of two trees take 11 s of processor time (0.34 s each) and
# 9.4 MB of code at the peak; python3.11 takes 0.03 s.
# modes: default
# env: PYTHONHASHSEED=0
# env: PYRT_JIT_STRESS=eager
import math
import sys
deaths, seen = [], []
def dead(o):
    deaths.append(getattr(o, 'a', None))
    if len(deaths) < 30:
        print('del', deaths[-1])
def report(e):
    places, tb = [], e.__traceback__
    # Once two instructions are fused, CPython reports the first for an unbound second.
    while tb and type(e) is not UnboundLocalError:
        code = tb.tb_frame.f_code
        places.append((tb.tb_lineno, *[*code.co_positions()][tb.tb_lasti // 2][2:]))
        tb = tb.tb_next
    print(type(e).__name__, str(e)[:90], places)
class Oops(Exception):
    pass
class Context:
    def __init__(self, n, swallow):
        self.n, self.swallow = n, swallow
    def __enter__(self):
        return self.n
    def __exit__(self, kind, value, tb):
        deaths.append(kind and kind.__name__)
        return self.swallow and kind is Oops
class Iterator:
    def __init__(self, n, o):
        self.n, self.o = n, o
    def __iter__(self):
        return self
    def __next__(self):
        self.n -= 1
        if not self.n >= 0:
            raise StopIteration
        return self.o.a + self.n
class C0:
    def __init__(self, a=0, b=None):
        self.a, self.b = a, b
    def __repr__(self): return f'C0({self.a!r})'
    def m(self, x):
        return (min(self.a, 2) % 257) + self.a
    def m(self, x=1):
        if ((True ** 2) % 10007 == 0):
            pass
        return x if self.a else (((9.223372036854775807e18 - x) * 2) & 0x7fffffffffffffff)
    def __add__(self, o):
        return C0(self.a + (o if isinstance(o, int) else 1))
    def __add__(self, o):
        return NotImplemented
    def __radd__(self, o):
        return self.a
    def __eq__(self, o):
        return self.a == getattr(o, 'a', o)
    def __lt__(self, o):
        return self.a < getattr(o, 'a', 5)
    @property
    def p(self):
        return self.a
    def me(self):
        return self
ig1 = 3
ig2 = ig1
fg1 = 9007199254740993.0
fg2 = fg1
bg1 = ('b' == 'b')
sg1 = 'b'
lg1 = [ig2, ig2, 3]
tg1 = (ig2, ig2)
dg1 = {}
ng1 = {0, 1}
og1 = C0(ig2)
ag1 = sorted(ng1)
gg1 = (q + 4 for q in [])
def fn_11(a12, *, i0=7):
    i1 = (-10**25)
    i2 = i0
    f1 = 0.0
    f2 = (f1 - i2)
    s1 = ''
    l1 = []
    t1 = (i1, i0)
    n1 = ({1, 2} - {4})
    a1 = None
    g1 = iter(range(4))
    a1 = [C0(l1[(8 - i0) % len(l1)], sorted(n1)), C0((i2).bit_length())]
    for i13 in range(4):
        assert (sg1 in s1) or ((i0 | i0) ^ (i2 if False else i0)), sg1
    n1 = n1
    return i1
def fn_14(a15, s16='', a17=None):
    i1 = 13
    i2 = (9223372036854775806).bit_length()
    f1 = 1e308
    f2 = (-fg1)
    b1 = (1073741824 % (10**20) == 5)
    s1 = ''
    t1 = tg1
    o1 = C0(ig1, a15)
    a1 = f1
    g1 = iter([0, -1, 2.5, 7])
    a1 += 0
    for i18 in range(2):
        print(o1, a17, len(deaths))
        i18 = i1 = (t1[0] - ((2**53 + 1) >> 1))
        i1 += i18
        lg1.sort()
    else:
        w19 = 0
        while w19 < 11:
            w19 += 1
            w20 = 0
            while True:
                w20 += 1
                if w20 > 15: break
                f1 += (w20 + i2)
                i18 += (-(t1[-1] - (8 - w20)))
            w21 = 0
            while w21 < 4:
                w21 += 1
                a15 = sorted(sys._getframe().f_locals)
                b1 = b1
                t1 = (w19, (i1 >> (w21 & 63)))
                i2 = (10**20)
                if w21 == 2147483647:
                    continue
                pass
            f2 = (((w20 + f1) // f1) ** 2)
            i18 = (((i18 // (i1 or 1)) - i1) + o1.m(9223372036854775806))
            f1 -= f1
            for i22 in t1:
                o1.a += 4
                if ((i2 == -1.0) < (3 - i22)):
                    break
                if w20 == 4:
                    return 0.1
        i18 = i1
        if ((ig2 + f2) == (-7)):
            for i23 in range(4):
                og1.a = fn_11(*[(1, s16)])
                if i1 == 257:
                    i2 = None
                o1.a = ((i18 << (i23 & 63)) & 0x7fffffffffffffff)
                o1.b = (a15 + 4)
        else:
            i2 = next(iter(lg1), 3)
            for i24 in range(3):
                i18 += ig1
                print(i2, fg1, '12'.upper())
                seen.append(i1)
        if (not False):
            t1 = t1
    print(s1, tg1)
    seen.append(i1)
    a15 = a17(2) if callable(a1) else 2
    return C0(i1)
def main():
    i1 = 1
    i2 = (lambda q, *r, k=2: q + len(r) + k)((-9223372036854775809), 2.5)
    b1 = ('xyz' == '12')
    s1 = 'xyz'
    l1 = list((1, 2))
    t1 = ((-100), ig1)
    d1 = dg1
    n1 = set()
    o1 = C0(i2)
    a1 = fn_14(ag1)
    g1 = (q + 0 for q in l1)
    for turn in range(15):
        try:
            print(turn, fn_11((a1 or (2 ^ i2))))
        except Exception as e:
            report(e)
        try:
            print(turn, fn_14(getattr(o1, 'z', 3), s1, getattr(o1, 'z', 2)))
        except Exception as e:
            report(e)
        try:
            i1, i2 = (turn % (-1152921504606846976)), (ig1 // (1000 or 1))
        except Exception as e:
            report(e)
        try:
            l1.append(10007)
            if len(l1) > 9:
                del l1[5:]
        except Exception as e:
            report(e)
        if turn == 5:
            C0.m = lambda self, x: (9223372036854775806 or o1.a)
    print(deaths[:40], seen[:40], hash(str((deaths, seen))))
main()

