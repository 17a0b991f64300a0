"""The commands of a document, section by section."""
import re

from support.program import CHECKOUT


def blocks(document, section):
    """The code blocks of shell below this heading, in order."""
    text = (CHECKOUT / document).read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def sections(document):
    """Those that have any."""
    titles = re.findall(r"^## (.+)$", (CHECKOUT / document).read_text(), re.MULTILINE)
    return [title for title in titles if blocks(document, title)]
