"""`explain`'s report as one page that needs nothing else: no script, no network."""

import html
import io
import keyword
import tokenize
from collections import Counter, defaultdict

from pyrt._pages import MARKS, name_of, notes
from pyrt._report import box_sentence

WORDS = {"compiled": "compiled", "interpreted": "interpreted", "both": "both", "given up": "given up"}
STAGES = (("bytecode", "Bytecode"), ("opt", "Trace"), ("clif", "Cranelift’s code"), ("asm", "Machine code"))

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #6b7280; --paper: #fff; --panel: #f6f8fa; --edge: #d8dee4;
  --accent: #0b62c4; --compiled: #2e9e5b; --interpreted: #d9822b; --both: #c2a50d; --given-up: #cf3f4f;
  --keyword: #8a3ea8; --string: #2b7a3d; --comment: #80868f; --number: #a0560b }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe3e8; --dim: #939ba6; --paper: #15181c; --panel: #1e2329; --edge: #343b44;
  --accent: #6cb0ff; --keyword: #cd9bea; --string: #8fd19e; --comment: #7d858f; --number: #e3a769 } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; color: var(--ink); background: var(--paper) }
main { max-width: 78rem; margin: 0 auto; padding: 2rem 1.5rem 6rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2.2rem 0 .7rem } h2 small { color: var(--dim); font-weight: normal }
h3 { font-size: .85rem; margin: 1rem 0 .3rem; color: var(--dim); font-weight: 600 }
a { color: var(--accent); text-decoration: none } a:hover { text-decoration: underline }
.dim { color: var(--dim) }
.split { display: flex; height: 1.7rem; margin: 1rem 0 .5rem; border-radius: .4rem; overflow: hidden; font-size: .8rem; color: #fff }
.split div { padding: .2rem .6rem; white-space: nowrap; overflow: hidden }
.split .compiled { background: var(--compiled) } .split .interpreted { background: var(--interpreted) }
.legend > span { margin-right: 1.2rem; white-space: nowrap } .mark { display: inline-block; width: 1.35em; border-radius: .25em;
  color: #fff; text-align: center; font: 600 .75rem/1.35 ui-monospace, monospace; margin-right: .3em }
.mark.compiled { background: var(--compiled) } .mark.interpreted { background: var(--interpreted) }
.mark.both { background: var(--both) } .mark.given-up { background: var(--given-up) }
ol.advice { padding: 0; margin: 0; list-style: none; counter-reset: n }
ol.advice li { counter-increment: n; display: grid; grid-template-columns: 2rem 1fr 4rem; padding: .55rem .8rem; border: 1px solid var(--edge);
  background: var(--panel) } ol.advice li + li { border-top: 0 } ol.advice li:before { content: counter(n); color: var(--dim) }
ol.advice li > :last-child { text-align: right; font-weight: 600 }
table { border-collapse: collapse } .frame { border: 1px solid var(--edge); border-radius: .4rem; overflow-x: auto }
table.code { width: 100%; min-width: 60rem; table-layout: fixed; font: 13px/1.55 ui-monospace, "DejaVu Sans Mono", monospace }
table.code td { padding: 0 .6rem; vertical-align: top; white-space: nowrap } table.code tr:hover > td { background: var(--panel) }
table.code tr:target > td { background: color-mix(in srgb, var(--accent) 15%, transparent) }
td.share { width: 11rem; text-align: right; position: relative } td.share i { position: absolute; left: .6rem; top: .3em; height: 1em;
  border-radius: .15rem; max-width: 6rem; background: var(--dim) } td.share i.compiled { background: var(--compiled) }
td.share i.interpreted { background: var(--interpreted) } td.share i.both { background: var(--both) } td.share i.given-up { background: var(--given-up) }
td.number { width: 3.8rem; text-align: right; color: var(--dim); border-right: 1px solid var(--edge) } td.mark-cell { width: 2.5rem }
table.code td.source { white-space: pre-wrap; overflow-wrap: anywhere }
table.code td.parts { width: 8rem; text-align: right; font-size: .75rem; white-space: normal; overflow-wrap: anywhere }
.k { color: var(--keyword) } .s { color: var(--string) } .c { color: var(--comment); font-style: italic } .n { color: var(--number) }
.note { color: var(--given-up); font: 13px/1.5 system-ui, sans-serif; white-space: normal } .note:before { content: "▲ " }
details { font: 14px/1.5 system-ui, sans-serif; white-space: normal; margin: .15rem 0 } summary { cursor: pointer; color: var(--accent) }
details.tree[open] { border: 1px solid var(--edge); border-radius: .4rem; background: var(--panel); padding: .5rem .9rem .8rem; margin: .4rem 0 .8rem }
table.rows { font-size: .82rem; width: 100% } table.rows td, table.rows th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--edge); white-space: normal; overflow-wrap: break-word } table.rows th { color: var(--dim); font-weight: 600 }
table.rows .count { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
pre { font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; margin: .4rem 0; padding: .8rem; overflow: auto; max-height: 36rem; background: var(--paper);
  border: 1px solid var(--edge); border-radius: .3rem }
"""


def page(report):
    """The page."""
    title = f"explain {name_of(report.script)}"
    compiled, interpreted = report.share(report.total(True)), report.share(report.total(False))
    trees = [trace for trace in report.traces if trace["tree"]]
    size = sum(trace["tree"]["code_bytes"] for trace in trees) / 1024
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{_escaped(title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body><main>',
        f"<h1>{_escaped(name_of(report.script))}</h1>",
        f'<div class="dim">{report.data["seconds"]:.2f} s of processor time, {report.samples} samples; '
        f"{len(trees)} trace trees, {size:.0f} KiB of machine code</div>",
        '<div class="split">',
        *(
            f'<div class="{kind}" style="width:{share:.1f}%">{share:.0f} % {words}</div>'
            for kind, share, words in (
                ("compiled", compiled, "in compiled code"),
                ("interpreted", interpreted, "interpreted"),
            )
            if share
        ),
        "</div>",
        f'<div class="legend dim">{"".join(f"<span>{_mark(state)}{word}</span>" for state, word in WORDS.items())}</div>',
        "<h2>What would help most</h2>",
        _advice(report),
        *(_file(report, file) for file in report.shown_files()),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _escaped(value):
    return html.escape(str(value))


def _mark(state):
    return f'<span class="mark {state.replace(" ", "-")}">{MARKS[state]}</span>' if state else ""


def _anchor(file, number):
    return _escaped(f"{name_of(file)}:{number}")


def _advice(report):
    rows = [
        f'<li><span><a href="#{_anchor(file, number)}">{_escaped(name_of(file))}, line {number}</a>: '
        f"{_with_code(sentence)}</span><span>{share:.0f} %</span></li>"
        for share, file, number, sentence in report.advice()
    ]
    return f'<ol class="advice">{"".join(rows)}</ol>' if rows else "<p>Nothing stands out.</p>"


def _with_code(sentence):
    """A sentence whose parts between backquotes are code."""
    parts = _escaped(sentence).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _file(report, file):
    lines = report.files[file]
    source = report.source(file)
    share = report.share(sum(line.samples for line in lines.values()))
    most = max((line.samples for line in lines.values()), default=0)
    rows = [
        _row(report, file, number, text, lines.get(number), most)
        for number, text in enumerate(_highlighted(source), 1)
    ]
    head = f"<h2>{_escaped(name_of(file))} <small>{share:.0f} % of the time</small></h2>"
    return f'{head}<div class="frame"><table class="code">{"".join(rows)}</table></div>'


def _row(report, file, number, source, line, most):
    share = mark = extra = parts = ""
    if line is not None:
        mark = _mark(line.state)
        if line.samples:
            bar = f'<i class="{line.state.replace(" ", "-")}" style="width:{6 * line.samples / most:.2f}rem"></i>'
            share = f"{bar}{report.share(line.samples):.1f} %"
        extra = "".join(f'<div class="note">{_escaped(note)}</div>' for note in notes(line))
        extra += "".join(_tree(trace) for trace in line.traces if trace["state"] != "counting" or trace["aborts"])
        parts = " ".join(f'<a href="#{_tree_anchor(name)}">{_escaped(name)}</a>' for name in line.trees[:3])
        parts += " …" if len(line.trees) > 3 else ""
    return (
        f'<tr id="{_anchor(file, number)}"><td class="share">{share}</td><td class="mark-cell">{mark}</td>'
        f'<td class="number">{number}</td><td class="source">{source}{extra}</td><td class="parts">{parts}</td></tr>\n'
    )


def _tree_anchor(name):
    return _escaped(f"tree {name}".replace(" ", "-"))


def _tree(trace):
    """A trace tree, folded."""
    tree = trace["tree"]
    left = f", left {sum(exit['count'] for exit in tree['exits'])} times" if tree else ""
    title = f"{trace['kind']} of {trace['function']}: {trace['state']}{left}"
    out = [f'<details class="tree"><summary>{_escaped(title)}</summary>']
    if tree:
        inlined = sorted({line["function"] for line in tree["lines"]} - {trace["function"]})
        out += [
            f'<p id="{_tree_anchor(tree["name"])}">{tree["code_bytes"]} bytes of machine code from {tree["instructions"]} '
            f"instructions, with {tree['side_traces']} side traces; compiled in {tree['compile_ns'] / 1e6:.1f} ms, entered "
            f"{tree['entries']} times. Inlined: {_escaped(', '.join(inlined) or 'nothing')}.</p>",
            "<h3>Exits</h3>",
            _exits(tree["exits"]),
            "<h3>Lines</h3>",
            _lines(tree),
        ]
    if trace["aborts"]:
        out.append("<h3>Recordings that were aborted</h3>")
        rows = [(abort["count"], abort["place"], abort["meaning"]) for abort in trace["aborts"]]
        out.append(_rows(("times", "where", "why"), rows))
    if tree:
        out += [
            f"<details><summary>{title}</summary><pre>{_escaped(tree['texts'].get(stage, ''))}</pre></details>"
            for stage, title in STAGES
        ]
    out.append("</details>")
    return "".join(out)


def _rows(head, rows):
    """A table; its first column has counts."""
    cell = lambda at, text, tag: f'<{tag}{" class=count" if at == 0 else ""}>{_escaped(text)}</{tag}>'
    line = lambda row, tag: f"<tr>{''.join(cell(at, text, tag) for at, text in enumerate(row))}</tr>"
    return f'<table class="rows">{line(head, "th")}{"".join(line(row, "td") for row in rows)}</table>'


def _exits(exits):
    if not exits:
        return "<p>It was never left.</p>"
    rows = []
    for exit in sorted(exits, key=lambda exit: -exit["count"]):
        where = f"{exit['function']}:{exit['line']} {exit['instruction']}" if "function" in exit else ""
        types = "; ".join(f"{types} ({count})" for types, count in exit["types"].items() if types)
        then = "a side trace" if exit["side_trace"] else "the interpreter, for good" if exit["given_up"] else "the interpreter"
        rows.append((exit["count"], where, exit["meaning"], exit.get("variable") or "", types, then))
    return _rows(("left", "where", "why", "variable", "operands seen", "goes on in"), rows)


def _lines(tree):
    """What each line of a tree has become: its machine code, what is checked, and what stayed boxed, for what."""
    place = lambda part: (part["file"], part["line"], part["function"])
    sizes, checked, boxed = Counter(), defaultdict(Counter), defaultdict(Counter)
    for part in tree["lines"]:
        sizes[place(part)] += part["code_bytes"]
    for guard in tree.get("guards", ()):
        checked[place(guard)][guard["reason"]] += guard["count"]
    for box in tree.get("boxed", ()):
        if "file" in box:
            boxed[place(box)][box_sentence(box)] += 1
    times = lambda counts: ", ".join(f"{what}{f' ×{count}' if count > 1 else ''}" for what, count in counts.most_common())
    rows = [
        (sizes[at], f"{at[2]}:{at[1]}", times(checked[at]), times(boxed[at]).replace("`", ""))
        for at in sorted({*sizes, *checked, *boxed})
    ]
    return _rows(("bytes", "line", "checked", "stayed boxed"), rows)


def _highlighted(source):
    """The lines of a source as HTML."""
    marks = [[] for _ in source]
    try:
        for kind, text, (first, start), (last, end), _ in tokenize.generate_tokens(io.StringIO("\n".join(source) + "\n").readline):
            style = _style(kind, text)
            for number in range(first, last + 1) if style else ():
                from_here = start if number == first else 0
                to_here = end if number == last else len(source[number - 1])
                marks[number - 1].append((from_here, to_here, style))
    except (tokenize.TokenError, SyntaxError):
        # What is not quite Python stays as far as it was understood.
        pass
    for text, found in zip(source, marks):
        out, at = [], 0
        for start, end, style in found:
            out += [_escaped(text[at:start]), f'<span class="{style}">{_escaped(text[start:end])}</span>']
            at = end
        yield "".join(out) + _escaped(text[at:])


def _style(kind, text):
    if kind == tokenize.NAME:
        return "k" if keyword.iskeyword(text) else ""
    return {tokenize.STRING: "s", tokenize.COMMENT: "c", tokenize.NUMBER: "n"}.get(kind, "")
