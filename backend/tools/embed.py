#!/usr/bin/env python3
"""embed.py sql|migrations|json|runbook|passwords SOURCE OUT.h OUT.c OUT.d: turns files into C tables.

The program is therefore one file.

sql:        Every file below SOURCE becomes a row of sql_statements and a name in `enum sql`
            (rooms/list.sql: SQL_ROOMS_LIST). Its top comment, the contract, declares what else the
            row says:
            `-- writes` marks a statement that changes data, locks rows or an advisory lock,
            notifies, or calls a function of ../migrations that does one of these; the declaration
            must agree with the text, in both directions;
            `-- slow lane: why` sends a read to a connection where no other read waits for it;
            `-- first: area/name` names the statement that runs before this one;
            lines that begin with a status become `answers`, "200 Post | 404 post not found":
            a status below 400 has the name of the JSON's shape (a shape that the comment only
            describes has the statement's own name, "rooms.list"), any other has its sentence.
            A read whose rows become the answer's JSON (src/sys/db/json.h) is one or more parts, each
            behind an empty line and a head: `-- verdict`, `-- posts[]`, `-- post`, `-- .`; a list
            may have pages, `-- posts[]: page of $3 by created_at, id`. `-- include verdicts/name`
            stands for the part of that file, `-- include shapes/name` for its code: a verdict or a
            shape that several reads share is no statement.
migrations: Every NNN_name.sql becomes a row of embedded_migrations, in order; the tables and indexes
            that they make become rows of embedded_schema_objects, and all that proves one of them
            applied rows of embedded_made_objects.
json:       The file SOURCE becomes the text `schemas_json`.
runbook:    The file SOURCE (deploy/runbook.toml) becomes the failure modes and the checks of
            `runbook.h`, in the file's order.
passwords:  The lines of the file SOURCE (data/common_passwords.txt) become a row for each length, its
            passwords sorted and without anything between them, so that a search needs no more than
            the row.
OUT.d:      The dependencies, in the form that make and ninja read. A folder is one of them: it
            changes when a file comes or goes.
"""
import json
import pathlib
import re
import sys

from c_files import c_literal, write
from embed_runbook import embed_runbook
from made_objects import made_objects
from schema_objects import schema_objects

WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP|EXECUTE|NOTIFY|pg_notify|nextval|setval|"
                    r"pg_logical_emit_message|"
                    r"pg_(?:try_)?advisory\w*|"
                    r"FOR\s+(?:NO\s+KEY\s+|KEY\s+)?(?:UPDATE|SHARE))\b", re.IGNORECASE)
HEAD = re.compile(r"-- (?P<name>verdict|\.|[a-z_]+)(?P<list>\[\])?"
                  r"(?:: page of (?P<size>\$?\d+) by (?P<stamp>\w+), (?P<id>\w+))?")
INCLUDE = re.compile(r"^-- include (\S+)$", re.MULTILINE)
SHARED = ("verdicts/", "shapes/")  # below backend/sql: what statements include
PARTS_MAX = 4
FUNCTION = re.compile(r"^CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?\$\$(.*?)\$\$;", re.MULTILINE | re.DOTALL)


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


def without_words(text):
    """The code alone: comments and literals may hold any word."""
    return re.sub(r"'[^']*'", "''", without_comments(text))


def contract_of(text):
    return re.match(r"(--[^\n]*\n)*", text)[0]


def calls(code, functions):
    return sorted(name for name in set(re.findall(r"\b(\w+)\(", code)) if name in functions)


def functions_of(migrations):
    """The code of every function that the migrations make;
    a later definition replaces an earlier one."""
    return {name: without_words(body) for _, text in read(migrations) for name, body in FUNCTION.findall(text)}


def sign_of_a_write(code, functions):
    """The word by which a statement writes, or the call of a function that does so;
    None where there is none."""
    if sign := WRITES.search(code):
        return sign[0]
    return next((f"{name}()" for name in calls(code, functions) if sign_of_a_write(functions[name], functions)), None)


def writes(name, text, functions):
    is_declared = re.search(r"^-- writes$", contract_of(text), re.MULTILINE) is not None
    code = without_words(text)
    sign = sign_of_a_write(code, functions)
    if sign and not is_declared:
        sys.exit(f"{name}.sql: {sign} writes, but the contract has no line `-- writes`")
    if is_declared and not sign and not calls(code, functions):
        sys.exit(f"{name}.sql: the contract says `-- writes`, but nothing in the statement does")
    return is_declared


def c_string(text):
    lines = (line.replace("\\", "\\\\").replace('"', '\\"') for line in text.splitlines())
    return "\n".join(f'    "{line}\\n"' for line in lines)


def constant(name):
    return "SQL_" + re.sub(r"\W", "_", name).upper()


def read(directory):
    for path in sorted(pathlib.Path(directory).rglob("*.sql")):
        yield str(path.relative_to(directory).with_suffix("")), path.read_text(encoding="utf-8")


def with_includes(directory, name, text):
    """The statement's text, in which the included parts stand in the place of their names."""
    def included(match):
        path = pathlib.Path(directory) / f"{match[1]}.sql"
        if not match[1].startswith(SHARED) or not path.is_file():
            sys.exit(f"{name}.sql: -- include {match[1]}: there is no such file below {' or '.join(SHARED)}")
        part = path.read_text(encoding="utf-8")
        return part[len(contract_of(part)):].strip()

    return INCLUDE.sub(included, text)


def read_statements(directory):
    return {name: with_includes(directory, name, text)
            for name, text in read(directory) if not name.startswith(SHARED)}


def migrations_beside(statements):
    """backend/migrations of backend/sql: the functions that statements call."""
    return pathlib.Path(statements).parent / "migrations"


def answer(name, text):
    """One of a contract's answers without what only its reader needs; None where it is none."""
    status, _, what = text.strip().partition(" ")
    what = re.sub(r", (with the|which is) .*", "", what)
    if not re.fullmatch(r"[1-5]\d\d", status) or int(status) >= 400:
        return f"{status} {what}" if re.fullmatch(r"[45]\d\d", status) else None
    shape = re.match(r"[A-Z]\w*|null\b", what)
    return f"{status} {shape[0] if shape else name.replace('/', '.')}"


def answers(name, text):
    lines = re.findall(r"^-- (\d{3} .*)$", contract_of(text), re.MULTILINE)
    return " | ".join(filter(None, (answer(name, part) for line in lines for part in line.split(" | "))))


def c_bool(value):
    return "true" if value else "false"


def parameters_of(code):
    return {int(n) for n in re.findall(r"\$(\d+)", code)}


def form_of(head):
    if head is None:
        return "SQL_ROWS"
    if head["list"]:
        return "SQL_LIST"
    return {"verdict": "SQL_VERDICT", ".": "SQL_SELF"}.get(head["name"], "SQL_OBJECT")


def parts_of(name, text):
    """The heads (None: there is none) and codes of a statement's parts."""
    body = text[len(contract_of(text)):].strip().rstrip(";")
    sections = body.split("\n\n")
    heads = [HEAD.fullmatch(section.splitlines()[0]) for section in sections]
    if not heads[0]:
        return [(None, without_comments(body).strip())]
    if not all(heads) or len(heads) > PARTS_MAX:
        sys.exit(f"{name}.sql: an empty line is followed by the head of a part, and there are at most {PARTS_MAX}")
    return [(head, without_comments(section).strip()) for head, section in zip(heads, sections)]


def page_of(head):
    """A list's page: its size, or the parameter that says it, and the columns of its cursor."""
    if head is None or not head["size"]:
        return ""
    size = head["size"]
    number = f".page_param = {size[1:]}" if size.startswith("$") else f".page_size = {size}"
    return f', {number}, .page_by = {{"{head["stamp"]}", "{head["id"]}"}}'


def sql_part(head, code, count):
    """A parameter that a part doesn't use has to have a type all the same: `unused` says which."""
    used = parameters_of(code)
    unused = sum(1 << (n - 1) for n in range(1, count + 1) if n not in used)
    name = f', .name = "{head["name"]}"' if head else ""
    return f"{{.form = {form_of(head)}{name}, .unused = {unused}{page_of(head)}, .text =\n{c_string(code)}}}"


def sql_row(name, text, names, functions, first_part):
    parts = parts_of(name, text)
    numbers = set().union(*(parameters_of(code) for _, code in parts))
    first = re.search(r"^-- first: (\S+)$", contract_of(text), re.MULTILINE)
    slow_lane = re.search(r"^-- slow lane: ", contract_of(text), re.MULTILINE)
    if first and first[1] not in names:
        sys.exit(f"{name}.sql: -- first: names {first[1]}, which doesn't exist")
    count = max(numbers, default=0)
    if numbers != set(range(1, count + 1)):
        sys.exit(f"{name}.sql: parameters must be $1 to $n without gaps")
    return (f'    [{constant(name)}] = {{.name = "{name}", .params = {count}, '
            f'.writes = {c_bool(writes(name, text, functions))}, .slow_lane = {c_bool(slow_lane)}, '
            f'.first = {constant(first[1]) if first else "SQL_NONE"}, '
            f'.answers = {json.dumps(answers(name, text), ensure_ascii=False)}, '
            f'.part = {first_part}, .part_count = {len(parts)}, .parts = (const struct sql_part[]){{\n'
            f'{", ".join(sql_part(head, code, count) for head, code in parts)}}}}},')


def embed_sql(directory, header, source):
    files = read_statements(directory)
    names = ",\n    ".join(constant(name) for name in files)
    functions = functions_of(migrations_beside(directory))
    counts = [len(parts_of(name, text)) for name, text in files.items()]
    rows = "\n".join(sql_row(name, text, files, functions, 1 + sum(counts[:place]))
                     for place, (name, text) in enumerate(files.items()))
    write(header, f"""/* Made by embed.py from backend/sql. */
#ifndef PW_SQL_H
#define PW_SQL_H
#include <stdbool.h>

enum sql {{
    SQL_NONE,
    {names},
    SQL_COUNT
}};

enum {{
    SQL_MAX_PARAMS = 24,
    SQL_PARTS_MAX = {PARTS_MAX}, /* of a statement */
    SQL_PART_NUMBERS = {1 + sum(counts)}, /* all parts have numbers, from 1 on */
}};

/* What becomes of a part's rows; sys/db/json.h. */
enum sql_form {{
    SQL_ROWS,    /* what the asker makes of them */
    SQL_VERDICT, /* a refusal: status, sentence; no row: there is none */
    SQL_SELF,    /* members of the answer */
    SQL_OBJECT,  /* a member of the answer; no row: it is left out */
    SQL_LIST,    /* a list in the answer */
}};

struct sql_part {{
    const char *text;
    enum sql_form form;
    const char *name;     /* of the member */
    unsigned unused;      /* bit n - 1: the part doesn't use $n */
    int page_param;       /* the $n that says how long a page is, or 0 */
    int page_size;        /* the same as a constant, or 0 */
    const char *page_by[2]; /* the columns of its cursor: a time and an id */
}};

struct sql_statement {{
    const char *name;
    const struct sql_part *parts; /* one, for most */
    int part_count;
    int part; /* the number of the first */
    int params;
    bool writes;    /* declared by `-- writes` */
    bool slow_lane; /* a read that takes long: other reads don't wait for it */
    enum sql first; /* goes before it in the same transaction */
    const char *answers; /* its contract: "200 Post | 404 post not found"; "" where it has none */
}};

extern const struct sql_statement sql_statements[SQL_COUNT];
#endif
""")
    write(source, f'#include "sql.h"\n\nconst struct sql_statement sql_statements[SQL_COUNT] = {{\n{rows}\n}};\n')


def schema_object_row(each):
    table, create = (c_literal(text) if text else "NULL" for text in (each.table, each.create))
    columns = c_literal("{" + ",".join(each.columns) + "}") if each.columns else "NULL"
    return f"    {{{c_literal(each.name)}, {table}, {create}, {columns}, {each.made_by}, {each.gone_by}}},"


def embed_migrations(directory, header, source):
    migrations = list(read(directory))
    rows = "\n".join(f'    {{.name = "{name}.sql", .text =\n{c_string(text)}}},' for name, text in migrations)
    texts = [text for _, text in migrations]
    objects = "\n".join(map(schema_object_row, schema_objects(texts)))
    made = "\n".join(f"    {{{number}, {', '.join(map(c_literal, names))}}},"
                     for number, *names in made_objects(texts))
    write(header, """/* Made by embed.py from backend/migrations. */
#ifndef PW_MIGRATIONS_H
#define PW_MIGRATIONS_H

struct migration {
    const char *name, *text; /* a row with a NULL name ends the table */
};

extern const struct migration embedded_migrations[];

/* A table or index that a migration makes. Indexes of constraints aren't among them. */
struct schema_object {
    const char *name;    /* NULL ends the table */
    const char *table;   /* of an index; NULL: it is a table itself */
    const char *create;  /* of an index: builds it beside the work (CONCURRENTLY), on one line */
    const char *columns; /* of a table, by all migrations: a Postgres array */
    int made_by;         /* places in embedded_migrations: once the first is applied it is there, */
    int gone_by;         /* until the second is; -1: it stays */
};

extern const struct schema_object embedded_schema_objects[];

/* What is there where a migration was applied, and isn't where it wasn't. */
struct made_object {
    int migration; /* a place in embedded_migrations */
    const char *kind; /* table, column, constraint, index, trigger, view, type or function; NULL ends the table */
    const char *name;
    const char *of; /* the table of a column, constraint or trigger; of a function the MD5s of the
                     * bodies that it may have, with commas between, or "" where any will do */
};

extern const struct made_object embedded_made_objects[];
#endif
""")
    write(source, f"""#include <stddef.h>

#include "migrations.h"

const struct migration embedded_migrations[] = {{
{rows}
    {{0}}}};

const struct schema_object embedded_schema_objects[] = {{
{objects}
    {{0}}}};

const struct made_object embedded_made_objects[] = {{
{made}
    {{0}}}};
""")


def embed_json(file, header, source):
    text = pathlib.Path(file).read_text(encoding="utf-8")
    json.loads(text)
    write(header, """/* Made by embed.py from backend/src/api/openapi/schemas.json. */
#ifndef PW_SCHEMAS_H
#define PW_SCHEMAS_H

extern const char schemas_json[];
#endif
""")
    write(source, f'#include "schemas.h"\n\nconst char schemas_json[] =\n{c_string(text)};\n')


def embed_passwords(file, header, source):
    by_length = {}
    for password in pathlib.Path(file).read_text(encoding="ascii").split():
        by_length.setdefault(len(password), set()).add(password)
    write(header, """/* Made by embed.py from backend/data/common_passwords.txt. */
#ifndef PW_COMMON_PASSWORDS_H
#define PW_COMMON_PASSWORDS_H
#include <stddef.h>

struct common_passwords {
    size_t length, count; /* a row of length 0 ends the table */
    const char *texts;    /* sorted; one begins where the one before ends */
};

extern const struct common_passwords common_passwords[];
#endif
""")
    rows = "\n".join("    {%d, %d,\n%s}," % (length, len(texts), "\n".join(map(c_literal, sorted(texts))))
                     for length, texts in sorted(by_length.items()))
    write(source, f'#include "common_passwords.h"\n\n'
          f"const struct common_passwords common_passwords[] = {{\n{rows}\n    {{0}}}};\n")


def sql_paths(folder):
    return [folder, *(path for path in folder.rglob("*") if path.is_dir() or path.suffix == ".sql")]


def write_dependencies(kind, source, output, depfile):
    paths = sql_paths(source) if source.is_dir() else [source]
    if kind == "sql":
        paths += sql_paths(migrations_beside(source))
    names = " ".join(str(path).replace(" ", "\\ ") for path in paths)
    depfile.write_text(f"{output.name}: {names}\n")


if __name__ == "__main__":
    kind, source = sys.argv[1], pathlib.Path(sys.argv[2])
    header, table, depfile = map(pathlib.Path, sys.argv[3:])
    {"sql": embed_sql, "migrations": embed_migrations, "json": embed_json,
     "runbook": embed_runbook, "passwords": embed_passwords}[kind](source, header, table)
    write_dependencies(kind, source, header, depfile)
