# Functions and code objects made by exec in a loop die at once when dropped, also when their loops were hot.
# contract: 10
import gc
import types
import weakref

gc.disable()


def rounds(n, src, name, *args):
    dead = []
    vals = set()
    for k in range(n):
        ns = {}
        exec(src.replace("KKK", str(k)), ns)
        f = ns.pop(name)
        ns.clear()
        vals.add(f(*args))
        dead.append(weakref.ref(f))
        code_ref = weakref.ref(f.__code__)
        del f
        dead.append(code_ref)
    return len(vals), sum(r() is None for r in dead), len(dead)


print(rounds(20, "def f(n):\n    t = KKK\n    for i in range(n):\n        t += i\n    return t\n", "f", 6000))
print(rounds(20, "def f(n):\n    x = KKK * 0.5\n    i = 0\n    while i < n:\n        i += 1\n        x = x * 0.5 + i\n    return x + KKK\n", "f", 6000))
print(rounds(40, "def f(n):\n    return [i + KKK for i in range(n)][-1]\n", "f", 100))
print(rounds(40, "f = lambda n: KKK if n < 1 else n\n", "f", 0))


def closures(n):
    refs = []
    for k in range(n):
        def mk():
            t = 0

            def add(i):
                nonlocal t
                t += i
                return t

            return add

        a = mk()
        for i in range(50):
            a(i)
        refs.append(weakref.ref(a))
        del a
    return sum(r() is None for r in refs)


print(closures(50))


def classes(n):
    refs = []
    for k in range(n):
        class C:
            def m(self, i):
                return i + k

        c = C()
        t = 0
        for i in range(200):
            t += c.m(i)
        refs.append(weakref.ref(C))
        del c, C
    alive = sum(r() is not None for r in refs)
    gc.collect()
    return alive, sum(r() is not None for r in refs)


print(classes(20))


def executing_frees_itself():
    ns = {}
    exec("def f(n):\n    global f\n    t = 0\n    for i in range(n):\n        t += i\n        if i == 5500:\n            del f\n    return t\n", ns)
    g = ns["f"]
    r = weakref.ref(g.__code__)
    v = (lambda fn: fn)(ns["f"])
    del g
    out = v(6000)
    del v
    return out, "f" in ns, r() is None


print(executing_frees_itself())


def last_reference_in_loop():
    ns = {}
    exec("def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n        if i == 5900:\n            box.clear()\n    return t\n", ns)
    box = [ns.pop("f")]
    ns["box"] = box
    r = weakref.ref(box[0])
    out = box[0](6000)
    return out, box, r() is None


print(last_reference_in_loop())


def gen_outlives_function():
    ns = {}
    exec("def g(n):\n    t = 0\n    for i in range(n):\n        t += i\n        if i % 2000 == 0:\n            yield t\n", ns)
    it = ns.pop("g")(6000)
    out = [next(it)]
    gc.collect()
    out.extend(it)
    return out


print(gen_outlives_function())


def gc_counts():
    gc.collect()

    class N:
        pass

    for i in range(100):
        a, b = N(), N()
        a.b, b.a = b, a
    del a, b
    first = gc.collect()
    t = 0
    for i in range(6000):
        t += i
    return first, gc.collect()


print(gc_counts())


def replaced_code(n):
    def f(n):
        t = 0
        for i in range(n):
            t += i
        return t

    out = set()
    for k in range(n):
        f.__code__ = f.__code__.replace(co_consts=tuple(k if c == 0 and type(c) is int else c for c in f.__code__.co_consts)) if k % 5 == 4 else f.__code__.replace()
        out.add(f(3000) - 4498500)
    return sorted(out)


print(replaced_code(12))
