"""`explain`'s report for the terminal, and what the page has in common with it."""

import os

MARKS = {"compiled": "C", "interpreted": "I", "both": "B", "given up": "X", "": " "}
LEGEND = "C compiled   I interpreted   B both   X given up"
AROUND = 2


def text(report):
    """The report as text: the hot lines, and advice."""
    out = ["", summary(report)]
    for file in report.shown_files():
        lines = report.files[file]
        out += ["", name_of(file)]
        source = report.source(file)
        last = 0
        for number in _shown_lines(report, lines, len(source)):
            if number != last + 1 and last:
                out.append(" " * 14 + "...")
            last = number
            line = lines.get(number)
            share = f"{report.share(line.samples):5.1f} %" if line and line.samples else ""
            mark = MARKS[line.state] if line else " "
            out.append(f"{share:>7} {mark} {number:>5}  {source[number - 1]}".rstrip())
            for note in notes(line):
                out.append(f"{'':16}^ {note}")
    out += ["", "What would help most:"]
    advice = report.advice()
    for share, file, number, sentence in advice:
        out.append(f"  {name_of(file)}, line {number}: {sentence} (about {share:.0f} % of the time)")
    if not advice:
        out.append("  nothing stands out")
    return "\n".join(out)


def summary(report):
    compiled, interpreted = report.total(True), report.total(False)
    trees = sum(1 for trace in report.traces if trace["tree"])
    return (
        f"{report.samples} samples: {report.share(compiled):.0f} % in compiled code, "
        f"{report.share(interpreted):.0f} % in the interpreter and what it calls; {trees} trees.   {LEGEND}"
    )


def name_of(file):
    """The file as seen from here, if that is shorter."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return min(relative, file, key=len)


def _shown_lines(report, lines, count):
    """Lines with a share worth showing, and those around them."""
    hot = {number for number, line in lines.items() if report.share(line.samples) >= 0.5 or any(notes(line))}
    near = {number + step for number in hot for step in range(-AROUND, AROUND + 1)}
    return sorted(number for number in near if 1 <= number <= count)


def notes(line):
    """Short remarks on a line."""
    if line is None:
        return
    for exit in line.exits:
        if exit["count"] >= 100 and exit["types"]:
            types = ", ".join(f"({types})" for types in exit["types"] if types)
            yield f"left {exit['count']} times: {exit['reason']}{', of ' + types if types else ''}"
    if not line.bytes:
        for abort in line.aborts:
            yield f"not recorded, {abort['count']} times: {abort['reason']}"
