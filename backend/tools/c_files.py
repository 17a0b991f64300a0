"""What the embedding tools write: C files."""
import json


def write(path, text):
    """Only what changed: a statement's new text must not compile everything that knows its name."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def c_literal(text):
    return json.dumps(text, ensure_ascii=False)
