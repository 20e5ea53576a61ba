# Columns in lines holding wide characters and tabs.
# contract: 1
# expect-exit: 1
d = {"ключ": [1, 2]}


def функция(значение):
	return ("日本語" + значение) + d["ключ"][значение or 0] + "é"


try:
    функция("🐍🐍")
except Exception:
    import sys, traceback

    traceback.print_exc(file=sys.stdout)
функция("")
