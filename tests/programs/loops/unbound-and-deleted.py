# Variables unbound on the first iteration, deleted in the loop, or bound on one path only.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys
import traceback


def first_unbound(n):
    for i in range(n):
        if i:
            t = t + i
        else:
            t = 0
    return t


def late_bound(n):
    c = 0
    for i in range(n):
        c += 1
        if i == n - 1:
            v = c * 2
    return v


def read_unbound(n):
    c = 0
    for i in range(n):
        c += 1
        if i == n - 10:
            c += missing
    missing = 1
    return c


def deleted(n):
    t = 0
    for i in range(n):
        x = i * 2
        t += x
        del x
    try:
        return x
    except UnboundLocalError as e:
        return t, str(e)


def deleted_late(n):
    x = 3
    t = 0
    for i in range(n):
        t += x
        if i == n - 5:
            del x
    return t


def deleted_loopvar(n):
    t = 0
    for i in range(n):
        t += i
        del i
    try:
        i
    except UnboundLocalError as e:
        return t, str(e)


def zero_trip(n):
    for i in range(n):
        last = i
    try:
        return i, last
    except UnboundLocalError as e:
        return str(e)


def rebound(n):
    t = 0
    for i in range(n):
        if i % 3 == 0:
            v = i
        elif i % 3 == 1:
            t += v
            del v
        else:
            try:
                t += v
            except UnboundLocalError:
                t += 1
    return t


def aug_unbound(n):
    for i in range(n):
        if i == n - 1:
            acc += 1
    acc = 0


for f in (first_unbound, late_bound, read_unbound, deleted, deleted_late, deleted_loopvar, zero_trip, rebound, aug_unbound):
    for n in (6000, 0, 1):
        try:
            print(f.__name__, n, f(n))
        except UnboundLocalError as e:
            tb = e.__traceback__.tb_next
            print(f.__name__, n, e, sorted((k, v) for k, v in tb.tb_frame.f_locals.items()), tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno)
try:
    read_unbound(6000)
except UnboundLocalError:
    traceback.print_exc(file=sys.stdout)
