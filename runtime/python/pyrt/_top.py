"""Watch a running process that was started with PYRT_LIVE=1: regions, time share, exits, code memory.

The process is only looked at: it shares a file in which it notes what runs. The share of a region is that of the
moments at which its code, or what that calls, was running.
"""

import json
import mmap
import os
import struct
import sys
import time

MOMENTS = 500


def add_arguments(parser):
    parser.add_argument("pid", type=int, help="the process")
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS", help="between two tables [default: 1]")
    parser.add_argument("--count", type=int, metavar="N", help="end after this many tables")
    parser.add_argument("--rows", type=int, default=20, metavar="N", help="regions in a table [default: 20]")


def run(arguments):
    try:
        view = View(arguments.pid)
    except (OSError, ValueError) as error:
        print(f"top: {error}", file=sys.stderr)
        print("was the process started with PYRT_LIVE=1?", file=sys.stderr)
        return 1
    shown = 0
    try:
        while view.is_alive() and shown != arguments.count:
            table = view.table(arguments.interval, arguments.rows)
            if sys.stdout.isatty():
                print("\x1b[H\x1b[2J", end="")
            print("\n".join(table), flush=True)
            shown += 1
    except KeyboardInterrupt:
        pass
    return 0


class View:
    """The file that a process shares."""

    def __init__(self, pid):
        self.pid = pid
        self.path = f"/tmp/pyrt-{pid}.live"
        file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.pages = mmap.mmap(file, 0, prot=mmap.PROT_READ)
        finally:
            os.close(file)
        head = self.pages[:4096].rstrip(b"\0")
        self.head = json.loads(head)
        if self.head.get("version") != 1:
            raise ValueError(f"{self.path} is of another version")

    def is_alive(self):
        return os.path.exists(self.path) and os.path.exists(f"/proc/{self.pid}")

    def word(self, number):
        return struct.unpack_from("=Q", self.pages, self.head["words"] + 8 * number)[0]

    def counters(self):
        return {name: self.word(2 + number) for number, name in enumerate(self.head["counters"])}

    def rows(self):
        """Bytes, entries and name of each region in service, by number."""
        found = {}
        for number in range(self.word(1)):
            at = self.head["table"] + self.head["row"] * number
            size, entries, used = struct.unpack_from("=3Q", self.pages, at)
            if used:
                name = self.pages[at + 24 : at + self.head["row"]].partition(b"\0")[0]
                found[number] = (size, entries, name.decode(errors="replace"))
        return found

    def table(self, seconds, most):
        """What happens in so many seconds, as lines."""
        before, rows_before = self.counters(), self.rows()
        cpu, started = self._cpu(), time.monotonic()
        moments = {}
        for _ in range(MOMENTS):
            running = self.word(0)
            moments[running] = moments.get(running, 0) + 1
            time.sleep(seconds / MOMENTS)
        took = time.monotonic() - started
        busy = (self._cpu() - cpu) / took
        after, rows = self.counters(), self.rows()
        rate = lambda name: (after[name] - before[name]) / took
        lines = [
            f"process {self.pid}: {100 * busy:.0f} % busy, {100 * (1 - moments.get(0, 0) / MOMENTS):.0f} % in compiled code, "
            f"{rate('trace_exits') + rate('entry_exits'):.0f} exits/s, {after['code_bytes'] / 1024:.0f} KiB of code in "
            f"{len(rows)} trees, {rate('traces_compiled') + rate('trees_recompiled'):.0f} compiled/s",
            f"{'time':>6} {'entries/s':>12} {'KiB':>8}  region",
        ]
        ranked = sorted(rows, key=lambda number: (-moments.get(number + 1, 0), number))
        for number in ranked[:most]:
            size, entries, name = rows[number]
            new = entries - rows_before.get(number, (0, 0, ""))[1]
            share = 100 * moments.get(number + 1, 0) / MOMENTS
            lines.append(f"{share:5.1f}% {max(new, 0) / took:12.0f} {size / 1024:8.1f}  {name}")
        return lines

    def _cpu(self):
        """The processor time of the process so far, in seconds."""
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
