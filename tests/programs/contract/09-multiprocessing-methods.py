# multiprocessing by fork, spawn and forkserver runs hot functions in children and returns the same values.
# contract: 9
# timeout: 60
import multiprocessing as mp
import sys


def hot(n):
    t = 0
    x = 0.0
    for i in range(n):
        t += i
        x += i * 0.5
    return t, x


def bad(n):
    return hot(n)[0] // 0


def talk(q):
    q.put((hot(6000), sys.implementation.name, __name__ == "__mp_main__" or __name__ == "__main__"))


if __name__ == "__main__":
    hot(6000)
    for method in ("fork", "spawn", "forkserver"):
        ctx = mp.get_context(method)
        q = ctx.Queue()
        p = ctx.Process(target=talk, args=(q,))
        p.start()
        print(method, q.get(), flush=True)
        p.join()
        print(p.exitcode, flush=True)
    with mp.get_context("fork").Pool(2) as pool:
        print(pool.map(hot, [10, 6000, 7000]))
        try:
            pool.apply(bad, (100,))
        except ZeroDivisionError as e:
            print(type(e).__name__, e, type(e.__cause__).__name__)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as ex:
        print(list(ex.map(hot, [6000] * 3)))
