# Words counted in a dict with `get`.
# reach: 1.5
def words(amount):
    """A text whose words have the frequencies of natural ones, roughly."""
    names = [f"word{n}" for n in range(2_000)]
    state = 12_345
    for _ in range(amount):
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        share = (state >> 8) % 2_000
        yield names[share * share // 2_000]


TEXT = " ".join(words(300_000)).split()


def run():
    counts = {}
    for word in TEXT:
        counts[word] = counts.get(word, 0) + 1
    return len(counts), max(counts.values()), counts["word7"]


if __name__ == "__main__":
    print(run())
