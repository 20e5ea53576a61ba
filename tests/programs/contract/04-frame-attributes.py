# f_lasti, f_lineno, f_trace, f_globals, f_builtins, co_positions while running, suspended and finished.
# contract: 4
import sys


def lasti(n):
    f = sys._getframe()
    out = []
    for i in range(n):
        out.append(f.f_lasti)
        out.append(f.f_lasti); out.append(f.f_lineno - f.f_code.co_firstlineno)
    return sorted(set(out))


print(lasti(300))


def positions():
    f = sys._getframe()
    pos = list(f.f_code.co_positions())
    a = pos[f.f_lasti // 2]; b = [pos[f.f_lasti // 2],
                                  pos[f.f_lasti // 2]]
    base = f.f_code.co_firstlineno
    return [(p[0] - base, p[1] - base, p[2], p[3]) for p in [a, *b]]


for _ in range(120):
    r = positions()
print(r)


def gen(n):
    for i in range(n):
        yield i
        yield (
            i
        )


g = gen(3)
seen = []
fr = g.gi_frame
seen.append((fr.f_lasti, fr.f_lineno - fr.f_code.co_firstlineno))
for v in g:
    seen.append((fr.f_lasti, fr.f_lineno - fr.f_code.co_firstlineno))
seen.append((fr.f_lasti, fr.f_lineno, g.gi_frame))
print(seen)
f = sys._getframe()
print(f.f_globals is globals(), f.f_builtins is __builtins__.__dict__, f.f_trace, f.f_trace_lines, f.f_trace_opcodes, f.f_code.co_name, f.f_back)
try:
    f.f_lineno = 1
except ValueError as e:
    print(e)
try:
    del f.f_lineno
except AttributeError as e:
    print(e)
try:
    f.f_lasti = 5
except AttributeError as e:
    print(e)
print(repr(f).split(",")[1:], repr(g).split(" at ")[0])


def tb_lines(n):
    res = []
    for i in range(n):
        try:
            try:
                x = 10 // (i % 5)
            finally:
                y = i
            z = [1, 2, 3][
                i % 5
            ]
        except (ZeroDivisionError, IndexError) as e:
            tb = e.__traceback__
            res.append((tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno, tb.tb_lasti, tb.tb_next))
    return sorted(set(res), key=str)


print(tb_lines(300))
import dis

print(len(list(dis.get_instructions(tb_lines))), tb_lines.__code__.co_stacksize, lasti.__code__.co_code == lasti.__code__.replace().co_code)
code = tb_lines.__code__.co_code
tb_lines(300)
print(code == tb_lines.__code__.co_code, hash(tb_lines.__code__) == hash(tb_lines.__code__.replace()))
import marshal

print(marshal.loads(marshal.dumps(tb_lines.__code__)) == tb_lines.__code__)
