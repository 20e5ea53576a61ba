# A signal's handler runs in the middle of an operation on big ints, regular expressions and waiting, and may end them by
# an exception; without one they go on.
# contract: 6
import re
import signal
import threading
import time


class Enough(Exception):
    pass


def enough(number, frame):
    raise Enough(signal.Signals(number).name)


def note(number, frame):
    notes.append(number)


def divide():
    # It would take seconds.
    return (1 << 3_000_000) // ((1 << 1_500_000) + 1)


def search():
    return re.match(r"(a?){26}a{26}b", "a" * 30)


def wait():
    threading.Event().wait(30)


def interrupted(function):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        function()
    except Enough as reason:
        return f"{function.__name__}: {reason}"
    return f"{function.__name__} has ended by itself"


signal.signal(signal.SIGALRM, enough)
for function in (divide, search, wait):
    for _ in range(2):
        print(interrupted(function))

# Handlers that return leave the results as they are.
notes = []
signal.signal(signal.SIGALRM, note)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
wanted = pow(3, 20_000, 10**4000 + 1)
deadline = time.monotonic() + 20
while len(notes) < 20 and time.monotonic() < deadline:
    if pow(3, 20_000, 10**4000 + 1) != wanted:
        print("another result")
signal.setitimer(signal.ITIMER_REAL, 0)
print(len(notes) >= 20, set(notes) == {signal.SIGALRM})

# Another thread never runs handlers, whatever it computes meanwhile.
signal.signal(signal.SIGALRM, enough)
results = set()


def compute(done):
    while not done.is_set():
        results.add(((1 << 200_000) // (3 << 100_000)) % 1_000_003)


for _ in range(3):
    done = threading.Event()
    worker = threading.Thread(target=compute, args=(done,))
    worker.start()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        time.sleep(30)
    except Enough as reason:
        print(reason)
    done.set()
    worker.join()
print(results)
