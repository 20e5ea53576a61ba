"""What `explain` knows of a program that has run: samples by line, traces, exits, and advice."""

import linecache
import re
from collections import defaultdict

# What an exit costs: leaving compiled code, going on in the interpreter, and entering again.
EXIT_SECONDS = 0.5e-6

# What exits say, by reason: what happens there.
REASONS = {
    "type": "{operation} meets {types} here, and the trace was recorded for other types",
    "carried": "a variable has another type in some rounds of the loop than in others",
    "class": "objects of several classes come along here ({types})",
    "int-range": "an int is larger than 64 bits here",
    "overflow": "a result is larger than 64 bits here",
    "callee": "several functions are called here",
    "missing": "an attribute, item or key is not always there",
    "branch": "this branch goes the other way often",
    "death": "an object dies here whose finalizer runs code",
    "domain": "an operation refuses its operands here ({types})",
    "raise": "an exception is raised here",
    "unbound": "a variable is not bound here",
    "unrecorded": "the trace ends here, because what follows could not be recorded",
    "memory": "the collector is due here",
}


# What instructions do, by how their names begin.
OPERATIONS = {
    "BINARY_OP": "the operator",
    "BINARY_SUBSCR": "the subscript",
    "STORE_SUBSCR": "the assignment to a subscript",
    "COMPARE_OP": "the comparison",
    "LOAD_ATTR": "the attribute",
    "STORE_ATTR": "the assignment to an attribute",
    "LOAD_METHOD": "the method",
    "PRECALL": "the call",
    "CALL": "the call",
    "FOR_ITER": "the loop",
    "UNPACK_SEQUENCE": "the unpacking",
    "CONTAINS_OP": "`in`",
    "UNARY": "the operator",
}
# What a box is for, by the name of what takes it.
TAKERS = {
    "attrs": "an attribute",
    "items": "an item of a list",
    "dicts": "a dict",
    "cells": "a variable of a closure",
    "frames": "a frame that others may look at",
    "next round": "the next round, to which it goes as an object",
    "list_append": "an item of a list",
    "build_list": "a list",
    "build_tuple": "a tuple",
    "call": "a call that is not inlined",
    "call_code": "a call that is not inlined",
    "text": "a text that is made of it",
    "format": "a text that is made of it",
    "binary": "an operation of the interpreter's",
    "compare": "a comparison of the interpreter's",
}
# The same by how the name begins.
KINDS_OF_TAKERS = {"dict": "a dict", "set": "a set", "quiet_call": "a call of C code", "list": "a list"}


class Line:
    """What is known of a line."""

    __slots__ = ("compiled", "interpreted", "exits", "aborts", "traces", "bytes", "trees")

    def __init__(self):
        self.compiled = 0
        self.interpreted = 0
        self.exits = []
        self.aborts = []
        self.traces = []
        self.bytes = 0
        # The names of those of which it is a part.
        self.trees = []

    @property
    def samples(self):
        return self.compiled + self.interpreted

    @property
    def state(self):
        """How the line ran, in a word: `compiled`, `interpreted`, `both`, `given up`, or nothing."""
        if self.samples == 0:
            return "compiled" if self.bytes else ""
        if self.interpreted * 10 <= self.samples:
            return "compiled"
        if any(trace["state"] == "given up" for trace in self.traces):
            return "given up"
        return "both" if self.compiled * 10 > self.samples else "interpreted"


class Report:
    """Samples and traces, by file and line."""

    def __init__(self, data):
        self.data = data
        self.script = data["script"]
        self.traces = data["traces"]
        self.samples = data["samples"]["samples"]
        self.files = defaultdict(lambda: defaultdict(Line))
        for place in data["samples"]["places"]:
            if place["file"].startswith("<frozen pyrt"):
                self.samples -= place["count"]
                continue
            line = self.files[place["file"]][place["line"]]
            if place["compiled"]:
                line.compiled += place["count"]
            else:
                line.interpreted += place["count"]
        for trace in self.traces:
            self._add_trace(trace)

    @classmethod
    def of_this_process(cls, samples, seconds, codes, main):
        """What has happened here, in so many seconds; the codes are those of which something was recorded."""
        traces = [trace for code in codes for trace in _traces_of(code)]
        return cls({"script": main.co_filename, "samples": samples, "seconds": seconds, "traces": traces})

    def _add_trace(self, trace):
        lines = self.files[trace["file"]]
        lines[trace["line"]].traces.append(trace)
        for abort in trace["aborts"]:
            line = _line_in(abort["place"]) or trace["line"]
            lines[line].aborts.append(abort)
        tree = trace["tree"]
        if tree:
            for part in tree["lines"]:
                line = self.files[part["file"]][part["line"]]
                line.bytes += part["code_bytes"]
                if tree["name"] not in line.trees:
                    line.trees.append(tree["name"])
            for exit in tree["exits"]:
                if "file" in exit:
                    self.files[exit["file"]][exit["line"]].exits.append({**exit, "trace": tree["name"]})

    def share(self, samples):
        """The part of all samples, in per cent."""
        return 100 * samples / self.samples if self.samples else 0.0

    def total(self, compiled):
        """The samples in compiled code, or in the interpreter."""
        lines = (line for file in self.files.values() for line in file.values())
        return sum(line.compiled if compiled else line.interpreted for line in lines)

    def shown_files(self):
        """Files with at least a hundredth of the time, and the script; most time first."""
        shares = {
            file: self.share(sum(line.samples for line in lines.values()))
            for file, lines in self.files.items()
        }
        shown = [file for file, share in shares.items() if file and (share >= 1 or file == self.script)]
        return sorted(shown, key=lambda file: -shares[file])

    def source(self, file):
        """The lines of a file."""
        return [line.rstrip("\n") for line in linecache.getlines(file)]

    def advice(self):
        """What would help most, in plain words: share of time, file, line, and a sentence each."""
        found = []
        for file, lines in self.files.items():
            for number, line in lines.items():
                found += [(cost, file, number, text) for cost, text in self._advice_for(line)]
        found.sort(key=lambda advice: -advice[0])
        return [advice for advice in found if advice[0] >= 1][:8]

    def _advice_for(self, line):
        for exit in line.exits:
            if exit["reason"] in REASONS:
                cost = 100 * exit["count"] * EXIT_SECONDS / max(self.data["seconds"], EXIT_SECONDS)
                yield cost, self._exit_sentence(exit)
        interpreted = self.share(line.interpreted)
        if line.bytes:
            return
        for abort in line.aborts:
            yield interpreted, f"not compiled: {_lower(abort['meaning'])}"
        if not line.aborts and not line.traces:
            yield interpreted, "interpreted: it runs too seldom to be compiled, or spends its time in C code"

    def _exit_sentence(self, exit):
        types = [types for types in sorted(exit["types"], key=exit["types"].get, reverse=True) if types]
        reason = "carried" if exit["reason"] == "type" and not types else exit["reason"]
        variable = exit.get("variable")
        instruction = re.sub("_(QUICK|ADAPTIVE)$", "", exit["instruction"]) or "the operation"
        known = [words for start, words in OPERATIONS.items() if instruction.startswith(start)]
        operation = known[0] if known else instruction
        met = " or ".join(f"`{types}`" for types in types[:3]) or "other types"
        sentence = REASONS[reason].format(operation=operation, types=met)
        if variable and reason == "type" and any("NoneType" in types.split(", ") for types in types):
            sentence = f"`{variable}` is sometimes None"
        elif variable and reason == "carried":
            sentence = f"`{variable}` has another type in some rounds of the loop than in others"
        elif variable and reason in ("type", "class"):
            sentence = f"`{variable}` is not always of one type: {sentence}"
        elif variable:
            sentence += f" (`{variable}`)"
        counts = [other["count"] for other in self._exits_of(exit["trace"])]
        part = 100 * exit["count"] // max(1, sum(counts))
        side = ", which a side trace continues by now" if exit["side_trace"] else ""
        return f"{sentence}; {exit['count']} times, {part} % of the exits of {exit['trace']}{side}"

    def _exits_of(self, name):
        return [exit for trace in self.traces if trace["tree"] and trace["tree"]["name"] == name for exit in trace["tree"]["exits"]]


def box_sentence(box):
    """What is boxed, and for what."""
    takers = [TAKERS.get(taker) or _kind_of_taker(taker) for taker in box["takers"]]
    return f"{box['what']} for {', '.join(dict.fromkeys(takers)) or 'the interpreter, where it goes on'}"


def _kind_of_taker(name):
    kinds = [kind for start, kind in KINDS_OF_TAKERS.items() if name.startswith(start)]
    return kinds[0] if kinds else f"`{name}`"


def _traces_of(code):
    """The traces of one code object, with the texts of its trees, what they box, and what they check."""
    import _pyrt

    from pyrt._jit import _loads

    traces = _loads(_pyrt.traces(code))
    if not any(trace["tree"] for trace in traces):
        return traces
    texts = {stage: _by_name(_pyrt.listing((code, stage))) for stage in ("bytecode", "opt", "clif", "asm")}
    details = {found.pop("name"): found for found in _loads(_pyrt.details(code))}
    for trace in traces:
        tree = trace["tree"]
        if tree:
            tree["texts"] = {stage: named.get(tree["name"], "") for stage, named in texts.items()}
            tree |= details.get(tree["name"], {})
    return traces


def _by_name(listing):
    """The parts of a listing, which each begin with `; name`."""
    parts = re.split(r"(?m)^; (.*)$", listing)
    return dict(zip(parts[1::2], parts[2::2]))


def _line_in(place):
    """The line in a place like `f:12 LOAD_FAST`."""
    found = re.search(r":(\d+)(?: |$)", place)
    return int(found[1]) if found else None


def _lower(sentence):
    return sentence[:1].lower() + sentence[1:].rstrip(".")
