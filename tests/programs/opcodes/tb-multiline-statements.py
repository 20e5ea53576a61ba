# Line numbers in expressions over many lines: calls, dicts, conditions, strings.
# contract: 1
# expect-exit: 1
def boom(x):
    raise ValueError(x)


def stmt(k):
    if (
        k == 0
        and boom("condition")
    ):
        pass
    v = {
        "a": 1,
        "b": boom("dict value") if k == 1 else 2,
        **({} if k != 2 else boom("double star")),
    }
    assert (
        k != 3
    ), (
        "message"
    )
    for i in (
        range(3)
        if k != 4
        else boom("iterable")
    ):
        v[
            i
        ] = (
            i
            if k != 5
            else boom("subscript value")
        )
    return f"""
    {v}
    {boom('fstring') if k == 6 else ''}
    """.join(
        ["x", 5 if k == 7 else "y"]
    )


import sys
import traceback

for k in range(8):
    try:
        stmt(k)
    except Exception:
        traceback.print_exc(file=sys.stdout)
stmt(7)
