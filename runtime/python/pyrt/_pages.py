"""`explain`'s report, for the terminal and as a page."""

import html as escaping
import os

MARKS = {"compiled": "C", "interpreted": "I", "both": "B", "given up": "X", "": " "}
LEGEND = "C compiled   I interpreted   B both   X given up"
AROUND = 2


def text(report):
    """The report as text: the hot lines, and advice."""
    out = ["", _summary(report)]
    for file in report.shown_files():
        lines = report.files[file]
        out += ["", _name(file)]
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
            for note in _notes(line):
                out.append(f"{'':16}^ {note}")
    out += ["", "What would help most:"]
    advice = report.advice()
    for share, file, number, sentence in advice:
        out.append(f"  {_name(file)}, line {number}: {sentence} (about {share:.0f} % of the time)")
    if not advice:
        out.append("  nothing stands out")
    return "\n".join(out)


def _summary(report):
    compiled, interpreted = report.total(True), report.total(False)
    trees = sum(1 for trace in report.traces if trace["tree"])
    return (
        f"{report.samples} samples: {report.share(compiled):.0f} % in compiled code, "
        f"{report.share(interpreted):.0f} % in the interpreter and what it calls; {trees} trees.   {LEGEND}"
    )


def _name(file):
    """The file as seen from here, if that is shorter."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return min(relative, file, key=len)


def _shown_lines(report, lines, count):
    """Lines with a share worth showing, and those around them."""
    hot = {number for number, line in lines.items() if report.share(line.samples) >= 0.5 or any(_notes(line))}
    near = {number + step for number in hot for step in range(-AROUND, AROUND + 1)}
    return sorted(number for number in near if 1 <= number <= count)


def _notes(line):
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


STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 75em; color: #222; background: #fff; }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
td { padding: 0 .6em; vertical-align: top } td.s { width: 90% } td.n { text-align: right; color: #888; white-space: nowrap }
pre, td.s, code { font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap; margin: 0 }
pre { overflow-x: auto; background: #f6f6f6; padding: .6em }
tr.compiled td.m { background: #cdeccd } tr.interpreted td.m { background: #f6d9b8 }
tr.both td.m { background: #f3f0b8 } tr.given-up td.m { background: #f2c2c2 }
td.bar { min-width: 7em } td.bar div { background: #8ab; height: .8em; margin-top: .35em }
.note { color: #a33 } details { margin: .2em 0 } summary { cursor: pointer }
.key span { padding: 0 .5em; margin-right: .5em }
@media (prefers-color-scheme: dark) {
  body { background: #1b1b1b; color: #ddd } pre { background: #262626 }
  tr.compiled td.m { background: #2d5a2d } tr.interpreted td.m { background: #6b4a20 }
  tr.both td.m { background: #5c5720 } tr.given-up td.m { background: #6b2a2a } .note { color: #e88 }
}
"""


def html(report):
    """The report as one page that needs nothing else."""
    title = f"explain {_name(report.script)}"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{_escaped(title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>',
        f"<h1>{_escaped(title)}</h1><p>{_escaped(_summary(report))}</p>",
        "<h2>What would help most</h2>",
        _advice_list(report),
    ]
    for file in report.shown_files():
        parts.append(_file_table(report, file))
    parts.append("</body></html>")
    return "\n".join(parts) + "\n"


def _escaped(value):
    return escaping.escape(str(value))


def _advice_list(report):
    rows = [
        f'<li><a href="#{_anchor(file, number)}">{_escaped(_name(file))}, line {number}</a>: '
        f"{_escaped(sentence)} (about {share:.0f} % of the time)</li>"
        for share, file, number, sentence in report.advice()
    ]
    return f"<ol>{''.join(rows)}</ol>" if rows else "<p>Nothing stands out.</p>"


def _anchor(file, number):
    return _escaped(f"{_name(file)}:{number}")


def _file_table(report, file):
    lines = report.files[file]
    rows = [f"<h2>{_escaped(_name(file))}</h2><table>"]
    for number, source in enumerate(report.source(file), 1):
        rows.append(_row(report, file, number, source, lines.get(number)))
    rows.append("</table>")
    return "\n".join(rows)


def _row(report, file, number, source, line):
    state, share, bar, extra = "", "", "", ""
    if line is not None:
        state = line.state
        if line.samples:
            part = report.share(line.samples)
            share = f"{part:.1f} %"
            bar = f'<div style="width:{min(part, 100):.1f}%"></div>'
        extra = "".join(f'<div class="note">{_escaped(note)}</div>' for note in _notes(line))
        extra += "".join(_trace(trace) for trace in line.traces if trace["state"] != "counting" or trace["aborts"])
    return (
        f'<tr class="{state.replace(" ", "-")}" id="{_anchor(file, number)}"><td class="n">{share}</td>'
        f'<td class="bar">{bar}</td><td class="m">{MARKS[state]}</td><td class="n">{number}</td>'
        f'<td class="s">{_escaped(source)}{extra}</td></tr>'
    )


def _trace(trace):
    """A trace tree, folded."""
    out = [f"<details><summary>{_escaped(trace['kind'])} of {_escaped(trace['function'])}: {_escaped(trace['state'])}</summary>"]
    for abort in trace["aborts"]:
        out.append(f"<p>Recording given up {abort['count']} times at {_escaped(abort['place'])}: {_escaped(abort['meaning'])}</p>")
    tree = trace["tree"]
    if tree:
        inlined = sorted({line["function"] for line in tree["lines"]} - {trace["function"]})
        out.append(
            f"<p>{tree['code_bytes']} bytes of machine code from {tree['instructions']} instructions, "
            f"{tree['side_traces']} side traces, entered {tree['entries']} times, compiled in {tree['compile_ns'] / 1e6:.1f} ms. "
            f"Inlined: {_escaped(', '.join(inlined) or 'nothing')}.</p>"
        )
        out.append(_exits(tree["exits"]))
        for stage, title in (("opt", "Trace"), ("clif", "Cranelift"), ("asm", "Machine code")):
            out.append(f"<details><summary>{title}</summary><pre>{_escaped(tree['texts'].get(stage, ''))}</pre></details>")
    out.append("</details>")
    return "".join(out)


def _exits(exits):
    if not exits:
        return "<p>It was never left.</p>"
    rows = ["<table><tr><td>left</td><td>where</td><td>why</td><td>operands</td><td></td></tr>"]
    for exit in sorted(exits, key=lambda exit: -exit["count"]):
        where = f"{exit['function']}:{exit['line']} {exit['instruction']}" if "function" in exit else ""
        types = "; ".join(f"{types} ({count})" for types, count in exit["types"].items())
        side = "side trace" if exit["side_trace"] else "no side trace any more" if exit["given_up"] else ""
        cells = (exit["count"], where, exit["meaning"], types, side)
        rows.append("<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in cells) + "</tr>")
    rows.append("</table>")
    return "".join(rows)
