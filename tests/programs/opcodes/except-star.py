# except*: splitting, naked exceptions, nesting, re-raising, new raises inside, bad match types.
# contract: 1
import traceback


def desc(e):
    if isinstance(e, BaseExceptionGroup):
        return f"{type(e).__name__}({e.message!r}, [{', '.join(desc(x) for x in e.exceptions)}])"
    return f"{type(e).__name__}({', '.join(map(repr, e.args))})"


def run(exc, *types, body=None):
    log = []
    try:
        try:
            raise exc
        except* types[0] as g:
            log.append(("1", desc(g)))
            if body == "raise":
                raise OSError("new")
            if body == "bare":
                raise
            if body == "same":
                raise g
        except* types[1] as g:
            log.append(("2", desc(g)))
            if body == "raise2":
                raise KeyError("other")
            if body == "del":
                del g
        else:
            log.append("else")
        finally:
            log.append("finally")
    except BaseException as e:
        log.append(("out", desc(e), e.__context__ and desc(e.__context__)))
    return log


V, T, K = ValueError, TypeError, KeyError
EG, BEG = ExceptionGroup, BaseExceptionGroup
mk = [
    lambda: V(1), lambda: K("k"), lambda: EG("g", [V(1), T(2)]), lambda: EG("g", [V(1), EG("n", [V(2), T(3), K(4)])]),
    lambda: EG("only", [K(1)]), lambda: BEG("b", [KeyboardInterrupt(), V(1)]), lambda: EG("deep", [EG("d", [EG("dd", [T(1)])])]),
]
for m in mk:
    for types in ((V, T), (T, (V, K)), (Exception, K), (OSError, LookupError)):
        for body in (None, "raise", "bare", "same", "raise2", "del"):
            for _ in range(8):
                r = run(m(), *types, body=body)
            print(r)
for bad in (EG, (V, EG), 5, (V, 5), None):
    try:
        try:
            raise EG("x", [V(1)])
        except* bad:
            pass
    except TypeError as e:
        print(e)
    except BaseException as e:
        print("other", desc(e))


class Odd(EG):
    def derive(self, excs):
        return Odd("derived", excs)

    def split(self, t):
        return super().split(t)


for c in (Odd,):
    try:
        try:
            raise c("c", [V(1), T(2)])
        except* V as g:
            print(desc(g))
    except BaseException as e:
        print(type(e).__name__, str(e), desc(e) if isinstance(e, BaseExceptionGroup) else "")


def noexc():
    try:
        x = 1
    except* V:
        x = 2
    else:
        x = 3
    return x


print([noexc() for _ in range(3)])


def loop(n):
    c = 0
    for i in range(n):
        try:
            if i % 2:
                raise EG("l", [V(i), T(i)])
            else:
                raise T(i)
        except* V as g:
            c += len(g.exceptions)
        except* T as g:
            c += 100
    return c


print(loop(200))
try:
    try:
        raise EG("print me", [V("a"), EG("sub", [T("b"), K("c")])])
    except* K as g:
        raise RuntimeError("from handler") from g
except BaseException:
    traceback.print_exc(file=__import__("sys").stdout)
