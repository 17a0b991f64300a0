"""The Prometheus text format 0.0.4, read strictly."""
import functools
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SERIES = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})?")
PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


@functools.cache
def series_of(text):
    """Name and label pairs; None for what has another form. Every page has the same ones again."""
    match = SERIES.fullmatch(text)
    return match and (match[1], frozenset(PAIR.findall(match[2] or "")))


class Page:
    """`types` by family, and `samples`: {(name, frozenset of label pairs): value}.
    A line out of form is an error."""

    def __init__(self, text):
        self.types, self.help, self.samples = {}, {}, {}
        assert text.endswith("\n")
        family = None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                _, _, name, words = line.split(" ", 3)
                assert name not in self.help, f"two HELP lines for {name}"
                self.help[name] = words
            elif line.startswith("# TYPE "):
                _, _, family, kind = line.split(" ")
                assert family not in self.types, f"two TYPE lines for {family}"
                assert kind in ("counter", "gauge", "histogram"), line
                self.types[family] = kind
            else:
                self._sample(line, family)

    def _sample(self, line, family):
        series, space, value = line.rpartition(" ")
        key = series_of(series)
        assert key and space and value.split() == [value], f"out of form: {line!r}"
        names = [family + suffix for suffix in SUFFIXES.get(self.types[family], ("",))]
        assert key[0] in names, f"{key[0]} stands under {family}"
        assert key not in self.samples, f"twice: {line}"
        self.samples[key] = float(value)

    def value(self, name, **labels):
        """The sum of the series of `name` that have these labels; no such series is an error."""
        found = [value for (sample, pairs), value in self.samples.items() if sample == name
                 and labels.items() <= dict(pairs).items()]
        assert found, f"no series {name} {labels}"
        return sum(found)

    def label_values(self, name, label):
        return {dict(pairs).get(label) for sample, pairs in self.samples if sample == name}

    def series(self):
        return set(self.samples)
