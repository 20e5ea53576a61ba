"""Find the compiled region that breaks a program, and print the option that leaves it out.

    python -m pyrt bisect -- COMMAND…

runs the command again and again: once without the JIT, which says what is right, and then with ever fewer regions
compiled, until one that breaks it is left. Right is the same exit status and the same output on stdout. The command
has to start pyrt, and to do the same each time.
"""

import os
import subprocess
import sys
import tempfile

# The kernel takes no longer text in the environment.
LONGEST = 100_000


def add_arguments(parser):
    import argparse

    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="a run that takes longer is wrong")
    parser.add_argument("--status", action="store_true", help="compare the exit status alone")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command")


def run(arguments):
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        print("bisect: no command", file=sys.stderr)
        return 2
    search = Search(command, arguments.timeout, arguments.status)
    right = search.outcome(PYRT_JIT="0")
    if search.outcome(PYRT_JIT="0") != right:
        print("the command does not do the same each time, also without the JIT")
        return 2
    search.right = right
    with tempfile.TemporaryDirectory() as folder:
        regions = os.path.join(folder, "regions-%p")
        if search.is_right(PYRT_JIT_REGIONS_FILE=regions):
            print("the command does the same with the JIT as without")
            return 2
        found = sorted({line for name in os.listdir(folder) for line in _lines(os.path.join(folder, name))})
    print(f"{len(found)} regions are compiled")
    culprits = search.culprits(found)
    if not culprits:
        print("with these regions alone, all is right: what breaks depends on the time or on the order")
        return 2
    print(f"wrong with {', '.join(culprits)} alone; this leaves it out:")
    print(f"  PYRT_JIT_DENY={','.join(culprits)}")
    return 0


def _lines(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


class Search:
    """Runs of a command with some regions compiled."""

    def __init__(self, command, timeout, status_only):
        self.command = command
        self.timeout = timeout
        self.status_only = status_only
        self.right = None

    def outcome(self, **variables):
        """How a run ends."""
        try:
            done = subprocess.run(
                self.command,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.timeout,
            )
        except subprocess.TimeoutExpired:
            return "it takes too long"
        return done.returncode if self.status_only else (done.returncode, done.stdout)

    def is_right(self, **variables):
        return self.outcome(**variables) == self.right

    def breaks(self, regions):
        """Whether the command goes wrong if only these regions are compiled."""
        print(f"  {len(regions)} of them: ", end="", flush=True)
        allowed = ",".join(regions)
        if len(allowed) > LONGEST:
            raise SystemExit("bisect: there are too many regions")
        wrong = not self.is_right(PYRT_JIT_ALLOW=allowed)
        print("wrong" if wrong else "right")
        return wrong

    def culprits(self, regions):
        """The fewest regions that are found to break the command; empty if these do not.

        Takes away a half, then quarters, and so on, as long as the rest still breaks it.
        """
        if not regions or not self.breaks(regions):
            return []
        parts = 2
        while len(regions) > 1:
            size = -(-len(regions) // parts)
            chunks = [regions[at : at + size] for at in range(0, len(regions), size)]
            rests = [[region for region in regions if region not in chunk] for chunk in chunks]
            smaller = next((part for part in chunks if self.breaks(part)), None)
            if smaller is None and parts > 2:
                smaller = next((rest for rest in rests if self.breaks(rest)), None)
            if smaller is not None:
                regions, parts = smaller, 2
            elif size == 1:
                break
            else:
                parts = min(2 * parts, len(regions))
        return regions
