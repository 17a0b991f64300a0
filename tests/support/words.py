"""The words of the pages, as the application's dictionaries have them."""
import functools
import json
import re

from support.program import CHECKOUT

SOURCES = CHECKOUT / "web/src/words"
LANGUAGES = ("en", "tr")
WORD = re.compile(r'^  (\w+): ("(?:[^"\\]|\\.)*"),$', re.M)


@functools.cache
def words(language):
    files = [SOURCES / f"{part}{language}.ts" for part in ("errors.", "", "more.", "personas.")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return {name: json.loads(said) for text in texts for name, said in WORD.findall(text)}


def word(language, key, n=1, **values):
    """What the page says: "one|many" is chosen by `n`."""
    one, *many = words(language)[key].split("|")
    said = many[0] if many and n != 1 else one
    return re.sub(r"\{(\w+)\}", lambda found: str({"n": n, **values}[found[1]]), said)


def apart(text):
    """What somebody wrote, among the page's words."""
    return f"\u2068{text}\u2069"
