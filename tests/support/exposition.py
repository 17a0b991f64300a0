"""The Prometheus text format 0.0.4, read strictly."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? (\S+)$")
PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


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
        match = SAMPLE.match(line)
        assert match, f"out of form: {line!r}"
        name, labels, value = match.groups()
        names = [family + suffix for suffix in SUFFIXES.get(self.types[family], ("",))]
        assert name in names, f"{name} stands under {family}"
        key = name, frozenset(PAIR.findall(labels or ""))
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
