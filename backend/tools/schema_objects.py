"""Which tables and indexes there are after each migration, and the columns of the tables that stay:
embed.py writes them down for readiness and triage.

What is read are plain statements: CREATE, DROP, RENAME and ALTER of tables and indexes.
"""
import dataclasses
import re

# A piece of SQL in which a semicolon ends nothing, or one character.
PIECE = re.compile(r"--[^\n]*|'[^']*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|\s+|.", re.DOTALL)
NAME = r'("[^"]+"|\w+)'
CREATE = re.compile(rf"CREATE (?:UNIQUE |UNLOGGED )?(TABLE|INDEX) (?:CONCURRENTLY )?(?:IF NOT EXISTS )?{NAME}"
                    rf"(?: ON (?:ONLY )?{NAME})?", re.IGNORECASE)
DROP = re.compile(rf"DROP (?:TABLE|INDEX) (?:CONCURRENTLY )?(?:IF EXISTS )?{NAME}", re.IGNORECASE)
# What ALTER TABLE does with columns: one action of its list.
ALTER = re.compile(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{NAME} (.*)", re.IGNORECASE)
ADD = re.compile(rf"ADD (?:COLUMN )?(?:IF NOT EXISTS )?{NAME} ", re.IGNORECASE)
REMOVE = re.compile(rf"DROP (?:COLUMN )?(?:IF EXISTS )?{NAME}(?: CASCADE| RESTRICT)?$", re.IGNORECASE)
CALL = re.compile(rf"RENAME (?:COLUMN )?{NAME} TO {NAME}$", re.IGNORECASE)
# Words that begin an item of a table, or an action, which isn't about a column.
NO_COLUMN = {"constraint", "primary", "unique", "check", "foreign", "exclude", "like"}
# The table gets partitions, or has them from the start: its indexes can't be built beside the work.
PARTITION = re.compile(r"CALL partition_by_time\('(\w+)'\)", re.IGNORECASE)
PARTED = re.compile(r"\) PARTITION BY (?:RANGE|LIST|HASH) \([^()]*\)$", re.IGNORECASE)
RENAME = re.compile(rf"ALTER (?:TABLE|INDEX) (?:IF EXISTS )?(?:ONLY )?{NAME} RENAME TO {NAME}", re.IGNORECASE)


@dataclasses.dataclass
class SchemaObject:
    """A table, or an index that no constraint made: Postgres doesn't lose those by itself."""
    name: str
    table: str | None  # of an index
    create: str | None  # of an index: builds it, beside the work where the table has no partitions
    made_by: int  # the migration's number in the table
    gone_by: int = -1
    columns: list[str] = dataclasses.field(default_factory=list)  # of a table, by all migrations


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


def items(text):
    """Of a list, up to its end or to the parenthesis that closes it: split at the commas that stand
    in no parentheses or quotes."""
    depth, item = 0, ""
    for piece in (match[0] for match in PIECE.finditer(text)):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0:
            break
        if piece == "," and depth == 0:
            yield item.strip()
            item = ""
        else:
            item += piece
    yield item.strip()


def columns_of(create):
    """Those that CREATE TABLE names."""
    _, _, listed = create.partition("(")
    names = [re.match(NAME, item)[1] for item in items(listed) if item]
    return [name for name in names if name.lower() not in NO_COLUMN]


def alter(columns, action):
    if (added := ADD.match(action)) and added[1].lower() not in NO_COLUMN:
        columns.append(added[1])
    elif (gone := REMOVE.match(action)) and gone[1].lower() not in NO_COLUMN:
        columns.remove(gone[1])
    elif called := CALL.match(action):
        columns[columns.index(called[1])] = called[2]


def renamed(each, old, new, migration):
    """What an object becomes when the table or index `old` is called `new`."""
    create = each.create and re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, each.create, flags=re.IGNORECASE)
    name, table = (new if text and text.lower() == old.lower() else text for text in (each.name, each.table))
    return SchemaObject(name, table, create, migration, columns=each.columns)


def schema_objects(migrations):
    """Every object that there ever is: from the migration that makes it
    up to the one that drops, renames or replaces it."""
    objects, parted_tables = [], set()

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
                if PARTED.search(statement):
                    parted_tables.add(made[2].lower())
                create = statement if (made[3] or "").lower() in parted_tables else concurrently(statement)
                objects.append(SchemaObject(made[2], made[3] if index else None, create if index else None, migration,
                                            columns=[] if index else columns_of(statement)))
            elif gone := DROP.match(statement):
                leave(gone[1], migration)
            elif other := RENAME.match(statement):
                objects += [renamed(each, other[1], other[2], migration) for each in leave(other[1], migration)]
            elif parted := PARTITION.match(statement):
                parted_tables.add(parted[1].lower())
                for each in objects:
                    if each.gone_by < 0 and each.table == parted[1]:
                        each.create = each.create.replace(" CONCURRENTLY ", " ", 1)
            elif altered := ALTER.match(statement):
                table = next((each for each in objects if each.gone_by < 0 and each.name.lower() == altered[1].lower()),
                             None)
                for action in items(altered[2]) if table else ():
                    alter(table.columns, action)
    return [each for each in objects if each.made_by != each.gone_by]
