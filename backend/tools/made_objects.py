"""What each migration leaves in a database as long as it stays: embed.py writes it down, so that `migrate` knows
a migration whose row in schema_migrations was lost.

An object that another migration made before, or drops, proves nothing and is left out. A function that was there
before is known by its body: by this migration's, or one that a later migration gave it.
"""
import dataclasses
import hashlib
import re

from schema_objects import ADD, ALTER, CREATE, NAME, NO_COLUMN, REMOVE, columns_of, items, statements

FUNCTION = re.compile(rf"CREATE (?:OR REPLACE )?FUNCTION {NAME} ?\(.*?\$(\w*)\$(.*)\$\2\$", re.IGNORECASE | re.DOTALL)
OTHER = re.compile(rf"CREATE (?:OR REPLACE )?(TYPE|VIEW|TRIGGER) {NAME}(?:.*? ON {NAME})?", re.IGNORECASE | re.DOTALL)
CONSTRAINT = re.compile(rf"(ADD|DROP) CONSTRAINT (?:IF EXISTS )?{NAME}", re.IGNORECASE)
DROP = re.compile(rf"DROP (TABLE|INDEX|TYPE|VIEW|TRIGGER|FUNCTION) (?:CONCURRENTLY )?(?:IF EXISTS )?{NAME}"
                  rf"(?:.*? ON {NAME})?", re.IGNORECASE | re.DOTALL)
RENAME = re.compile(rf"ALTER \w+ (?:IF EXISTS )?(?:ONLY )?{NAME} RENAME (?:(?:COLUMN )?{NAME} )?TO ", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Key:
    kind: str
    name: str
    of: str = ""  # the table of a column, constraint or trigger


def plain(name):
    return name.strip('"') if name.startswith('"') else name.lower()


def digest(body):
    return hashlib.md5(body.encode()).hexdigest()


def made_by(statement):
    """(key, a function's body or None) of everything that the statement makes."""
    if found := CREATE.match(statement):
        kind, name = found[1].lower(), plain(found[2])
        yield Key(kind, name), None
        for column in columns_of(statement) if kind == "table" else ():
            yield Key("column", plain(column), name), None
    elif found := FUNCTION.match(statement):
        yield Key("function", plain(found[1])), found[3]
    elif found := OTHER.match(statement):
        kind = found[1].lower()
        yield Key(kind, plain(found[2]), plain(found[3]) if kind == "trigger" else ""), None
    elif altered := ALTER.match(statement):
        for action in items(altered[2]):
            if (found := CONSTRAINT.match(action)) and found[1].upper() == "ADD":
                yield Key("constraint", plain(found[2]), plain(altered[1])), None
            elif (found := ADD.match(action)) and found[1].lower() not in NO_COLUMN:
                yield Key("column", plain(found[1]), plain(altered[1])), None


def gone_by(statement):
    """What the statement drops or renames: keys, where a table stands for all that is of it."""
    if found := DROP.match(statement):
        kind = found[1].lower()
        yield Key(kind, plain(found[2]), plain(found[3]) if kind == "trigger" else "")
    elif found := RENAME.match(statement):
        yield from ([Key("column", plain(found[2]), plain(found[1]))] if found[2] else
                    [Key(kind, plain(found[1])) for kind in ("table", "index", "view", "type", "function")])
    elif altered := ALTER.match(statement):
        for action in items(altered[2]):
            if (found := CONSTRAINT.match(action)) and found[1].upper() == "DROP":
                yield Key("constraint", plain(found[2]), plain(altered[1]))
            elif (found := REMOVE.match(action)) and found[1].lower() not in NO_COLUMN:
                yield Key("column", plain(found[1]), plain(altered[1]))


def made_objects(migrations):
    """[(the migration's number, kind, name, of)]; of a function: the digests of the bodies that it
    may have, with a comma between; none: any will do."""
    first, gone, bodies = {}, set(), {}
    for number, text in enumerate(migrations):
        for statement in statements(text):
            for left in gone_by(statement):
                gone |= {left, *(key for key in first if left.kind == "table" and key.of == left.name)}
            for key, body in made_by(statement):
                if key in first and key.kind != "function":
                    gone |= {key} if first[key] != number else set()
                first.setdefault(key, number)
                if body is not None:
                    bodies.setdefault(key, {}).setdefault(number, []).append(digest(body))
    rows = [(number, key.kind, key.name, key.of) for key, number in first.items()
            if key.kind != "function" and key not in gone]
    for key, by_number in bodies.items():
        for number in by_number:
            later = [each for other, digests in by_number.items() if other >= number for each in digests]
            if first[key] != number or key not in gone:
                rows.append((number, "function", key.name, ",".join(later) if first[key] != number else ""))
    return sorted(rows, key=lambda row: row[0])
