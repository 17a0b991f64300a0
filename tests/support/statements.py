"""The statements of backend/sql, read as the build reads them."""
import re
import sys

from support.program import CHECKOUT

FOLDER = CHECKOUT / "backend" / "sql"
sys.path.insert(0, str(CHECKOUT / "backend" / "tools"))

import embed  # noqa: E402

NAMES = sorted(embed.read_statements(FOLDER))


def text_of(name):
    return embed.with_includes(FOLDER, name, (FOLDER / f"{name}.sql").read_text())


def parts_of(name):
    """(head or None, code) of each part."""
    return embed.parts_of(name, text_of(name))


def nullable(name):
    """The parameters that the contract calls "or null"; `$4 bigint, $5 uuid cursor` are one thing."""
    contract = embed.contract_of(text_of(name)).replace("\n-- ", " ")
    found, said = set(), False
    for number, what in reversed(re.findall(r"\$(\d+)( (?:uuid|text|int|bigint|bool)\b[^$]*)", contract)):
        said = "or null" in what or (said and what.rstrip().endswith(","))
        found |= {int(number)} if said else set()
    return found


def code_of(name):
    """The code of a statement that has one part."""
    ((_, code),) = parts_of(name)
    return code


def numbered_anew(code):
    """The code with $1 to $n for the parameters that it uses, and their old numbers."""
    used = sorted(embed.parameters_of(code))
    return re.sub(r"\$(\d+)", lambda match: f"${used.index(int(match[1])) + 1}", code), used
