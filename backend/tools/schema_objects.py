"""Which tables and indexes there are after each migration: embed.py writes them down for triage.

What is read are plain statements: CREATE, DROP and RENAME of tables and indexes.
"""
import dataclasses
import re

# A piece of SQL in which a semicolon ends nothing, or one character.
PIECE = re.compile(r"--[^\n]*|'[^']*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|\s+|.", re.DOTALL)
NAME = r'("[^"]+"|\w+)'
CREATE = re.compile(rf"CREATE (?:UNIQUE |UNLOGGED )?(TABLE|INDEX) (?:CONCURRENTLY )?(?:IF NOT EXISTS )?{NAME}"
                    rf"(?: ON (?:ONLY )?{NAME})?", re.IGNORECASE)
DROP = re.compile(rf"DROP (?:TABLE|INDEX) (?:CONCURRENTLY )?(?:IF EXISTS )?{NAME}", re.IGNORECASE)
RENAME = re.compile(rf"ALTER (?:TABLE|INDEX) (?:IF EXISTS )?(?:ONLY )?{NAME} RENAME TO {NAME}", re.IGNORECASE)


@dataclasses.dataclass
class SchemaObject:
    """A table, or an index that no constraint made: Postgres doesn't lose those by itself."""
    name: str
    table: str | None  # of an index
    create: str | None  # of an index: builds it beside the work
    made_by: int  # the migration's number in the table
    gone_by: int = -1


def statements(text):
    """Without comments, and with white space collapsed."""
    statement = ""
    for piece in (match[0] for match in PIECE.finditer(text)):
        if piece == ";":
            yield statement.strip()
            statement = ""
        elif piece.isspace():
            statement += "" if statement.endswith(" ") else " "
        elif not piece.startswith("--"):
            statement += piece
    yield statement.strip()


def concurrently(statement):
    return re.sub(r" INDEX (?!CONCURRENTLY )", " INDEX CONCURRENTLY ", statement, count=1, flags=re.IGNORECASE)


def renamed(each, old, new, migration):
    """What an object becomes when the table or index `old` is called `new`."""
    create = each.create and re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, each.create, flags=re.IGNORECASE)
    name, table = (new if text and text.lower() == old.lower() else text for text in (each.name, each.table))
    return SchemaObject(name, table, create, migration)


def schema_objects(migrations):
    """Every object that there ever is: from the migration that makes it
    up to the one that drops, renames or replaces it."""
    objects = []

    def leave(name, migration, also_of_table=True):
        left = [each for each in objects if each.gone_by < 0 and name.lower() in
                (each.name.lower(), (each.table or "").lower() if also_of_table else "")]
        for each in left:
            each.gone_by = migration
        return left

    for migration, text in enumerate(migrations):
        for statement in statements(text):
            if made := CREATE.match(statement):
                index = made[1].upper() == "INDEX"
                leave(made[2], migration, also_of_table=False)
                objects.append(SchemaObject(made[2], made[3] if index else None,
                                            concurrently(statement) if index else None, migration))
            elif gone := DROP.match(statement):
                leave(gone[1], migration)
            elif other := RENAME.match(statement):
                objects += [renamed(each, other[1], other[2], migration) for each in leave(other[1], migration)]
    return [each for each in objects if each.made_by != each.gone_by]
