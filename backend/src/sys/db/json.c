#include "sys/db/json.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sys/db/json_value.h"

enum { PATH_MAX_DEPTH = 4, COLUMNS_MAX = 32, START_SIZE = 32 };

/* A column as a member: its name in pieces, the last of which is the member's own. */
struct member {
    const char *piece[PATH_MAX_DEPTH];
    size_t piece_len[PATH_MAX_DEPTH];
    int depth; /* pieces; 0: not shown */
    size_t name_len;
    unsigned type;
    char start[START_SIZE]; /* ,"name": */
    size_t start_len;       /* 0: the member is in an object, or its name is too long */
};

struct members {
    const PGresult *result;
    struct member at[COLUMNS_MAX];
    int len[COLUMNS_MAX]; /* of the values of the row under way */
    int count;
};

/* The rows of one object on their way into a text: the caller has reserved the room. */
struct writer {
    char *at;
    const struct member *last; /* whose objects are open */
    bool comma;                /* something stands before */
};

static void write_start(struct member *member)
{
    memcpy(member->start, ",\"", 2);
    memcpy(member->start + 2, member->piece[0], member->name_len);
    memcpy(member->start + 2 + member->name_len, "\":", 2);
    member->start_len = member->name_len + 4;
}

static struct member member_of(const PGresult *result, int column)
{
    const char *name = PQfname(result, column);
    struct member member = {.type = PQftype(result, column), .name_len = strlen(name)};
    while (*name != '_' && member.depth < PATH_MAX_DEPTH) {
        size_t len = strcspn(name, ".");
        member.piece[member.depth] = name;
        member.piece_len[member.depth++] = len;
        if (!name[len])
            break;
        name += len + 1;
    }
    if (member.depth == 1 && member.name_len <= START_SIZE - sizeof ",\"\":")
        write_start(&member);
    return member;
}

static void read_members(struct members *members, const PGresult *result)
{
    members->result = result;
    members->count = PQnfields(result);
    INVARIANT(members->count <= COLUMNS_MAX);
    for (int column = 0; column < members->count; column++)
        members->at[column] = member_of(result, column);
}

static void put(struct writer *writer, const char *bytes, size_t len)
{
    memcpy(writer->at, bytes, len);
    writer->at += len;
}

static void put_char(struct writer *writer, char c)
{
    *writer->at++ = c;
}

static void put_name(struct writer *writer, const char *name, size_t len)
{
    if (writer->comma)
        put_char(writer, ',');
    put_char(writer, '"');
    put(writer, name, len);
    put(writer, "\":", 2);
    writer->comma = true;
}

static bool is_same_piece(const struct member *a, const struct member *b, int i)
{
    return a->piece_len[i] == b->piece_len[i] && memcmp(a->piece[i], b->piece[i], a->piece_len[i]) == 0;
}

/* Closes the objects that `next` isn't in, and opens those that it is in. */
static void put_path(struct writer *writer, const struct member *next)
{
    int shared = 0, open = writer->last ? writer->last->depth - 1 : 0;
    while (shared < open && shared < next->depth - 1 && is_same_piece(writer->last, next, shared))
        shared++;
    for (; open > shared; open--)
        put_char(writer, '}');
    for (int i = shared; i < next->depth - 1; i++) {
        put_name(writer, next->piece[i], next->piece_len[i]);
        put_char(writer, '{');
        writer->comma = false;
    }
}

/* The name of a member that may begin or end objects. */
static void put_nested_name(struct writer *writer, const struct member *member)
{
    put_path(writer, member);
    put_name(writer, member->piece[member->depth - 1], member->piece_len[member->depth - 1]);
}

/* The whole start is copied, as a copy of constant size is two instructions; the value overwrites
 * what is too much. */
static void put_member_name(struct writer *writer, const struct member *member)
{
    bool is_flat = member->start_len > 0 && (!writer->last || writer->last->depth == 1);
    if (!is_flat || !writer->comma) {
        put_nested_name(writer, member);
        return;
    }
    memcpy(writer->at, member->start, START_SIZE);
    writer->at += member->start_len;
}

static void put_row(struct writer *writer, const struct members *members, int row)
{
    static const struct member nothing = {.depth = 1};
    writer->last = NULL;
    for (int column = 0; column < members->count; column++) {
        const struct member *member = &members->at[column];
        const char *value = PQgetvalue(members->result, row, column);
        int len = members->len[column];
        bool is_null = len == 0 && PQgetisnull(members->result, row, column);
        if (is_null || member->depth == 0 || json_is_infinite(member->type, value))
            continue;
        put_member_name(writer, member);
        writer->at = json_value(writer->at, member->type, value, (size_t)len);
        writer->last = member;
    }
    put_path(writer, &nothing);
}

/* Notes how long the row's values are; returns at least the bytes that the row takes. */
static size_t measure_row(struct members *members, int row)
{
    enum { BESIDE_VALUES = 8 };
    size_t room = BESIDE_VALUES;
    for (int column = 0; column < members->count; column++) {
        members->len[column] = PQgetlength(members->result, row, column);
        room += members->at[column].name_len + JSON_BESIDE_TEXT + JSON_LONGEST_ESCAPE * (size_t)members->len[column];
    }
    return room;
}

static void add_row(struct buf *out, struct members *members, int row, bool *comma)
{
    struct writer writer = {.at = buf_reserve(out, measure_row(members, row)), .comma = *comma};
    put_row(&writer, members, row);
    *comma = writer.comma;
    buf_reserved(out, writer.at);
}

/* `before`: a character that stands before the object; '\0': none. */
static void add_object(struct buf *out, struct members *members, int row, char before)
{
    struct writer writer = {.at = buf_reserve(out, measure_row(members, row))};
    if (before)
        put_char(&writer, before);
    put_char(&writer, '{');
    put_row(&writer, members, row);
    put_char(&writer, '}');
    buf_reserved(out, writer.at);
}

static int column_of(const PGresult *result, const char *name)
{
    int column = PQfnumber(result, name);
    INVARIANT(column >= 0);
    return column;
}

static void add_next_cursor(struct buf *out, const struct sql_part *part, const PGresult *result, int last, bool more)
{
    buf_str(out, ",\"next_cursor\":\"");
    if (more) {
        char id[JSON_BESIDE_TEXT];
        int by_id = column_of(result, part->page_by[1]);
        const char *stamp = PQgetvalue(result, last, column_of(result, part->page_by[0]));
        *json_value(id, PQftype(result, by_id), PQgetvalue(result, last, by_id),
                    (size_t)PQgetlength(result, last, by_id)) = '\0';
        bool is_quoted = *id == '"';
        buf_printf(out, "%lld-%.*s", (long long)json_unix_us(stamp), (int)(strlen(id) - 2 * is_quoted), id + is_quoted);
    }
    buf_str(out, "\"");
}

static int page_size(const struct sql_part *part, const char *const *params)
{
    return part->page_param ? atoi(params[part->page_param - 1]) : part->page_size;
}

/* Room for all rows if they are as long as the first, so that a page isn't copied while it grows.
 * The last row, too, asks for more than it takes. */
static void reserve_rows(struct buf *out, size_t first_len, int rows)
{
    buf_reserve(out, first_len * ((size_t)rows + JSON_LONGEST_ESCAPE));
}

static void add_list(struct buf *out, const struct sql_part *part, struct members *members, const char *const *params)
{
    bool paged = part->page_by[0] != NULL;
    int rows = PQntuples(members->result), size = paged ? page_size(part, params) : rows, shown = MIN(rows, size);
    buf_str(out, "[");
    for (int row = 0; row < shown; row++) {
        size_t before = out->len;
        add_object(out, members, row, row ? ',' : '\0');
        if (row == 0)
            reserve_rows(out, out->len - before, shown);
    }
    buf_str(out, "]");
    if (paged)
        add_next_cursor(out, part, members->result, shown - 1, rows > shown);
}

static void add_part(struct buf *out, const struct sql_part *part, const PGresult *result, const char *const *params,
                     bool *comma)
{
    struct members members;
    read_members(&members, result);
    if ((part->form == SQL_SELF || part->form == SQL_VERDICT) && PQntuples(result) > 0)
        add_row(out, &members, 0, comma);
    if (part->form == SQL_LIST || (part->form == SQL_OBJECT && PQntuples(result) > 0)) {
        buf_printf(out, "%s\"%s\":", *comma ? "," : "", part->name);
        *comma = true;
        if (part->form == SQL_LIST)
            add_list(out, part, &members, params);
        else
            add_object(out, &members, 0, '\0');
    }
}

static const char *json_of(const struct db_given *given, struct arena *arena, size_t *len)
{
    struct buf out = buf_new(arena);
    bool comma = false;
    buf_str(&out, "{");
    for (int i = 0; i < given->count; i++)
        add_part(&out, &sql_statements[given->statement].parts[i], given->results[i], given->params, &comma);
    buf_str(&out, "}");
    *len = out.len;
    return out.text;
}

const char *db_column(const struct db_rows *rows, const char *name)
{
    const struct db_given *given = rows_given(rows);
    for (int i = 0; i < given->count; i++) {
        int column = PQfnumber(given->results[i], name);
        if (column >= 0)
            return PQntuples(given->results[i]) == 0 || PQgetisnull(given->results[i], 0, column)
                       ? NULL
                       : PQgetvalue(given->results[i], 0, column);
    }
    return NULL;
}

/* ---- a part's rows ---- */

struct db_part db_part(const struct db_rows *rows, const char *name)
{
    const struct db_given *given = rows_given(rows);
    int i = 0;
    while (i < given->count && (!sql_statements[given->statement].parts[i].name ||
                                strcmp(sql_statements[given->statement].parts[i].name, name) != 0))
        i++;
    INVARIANT(i < given->count);
    return (struct db_part){.result = given->results[i]};
}

int db_part_count(struct db_part part)
{
    return PQntuples(part.result);
}

int db_part_column(struct db_part part, const char *column)
{
    return PQfnumber(part.result, column);
}

const char *const *db_part_objects(struct db_part part, struct arena *arena)
{
    int count = PQntuples(part.result);
    const char **objects = arena_alloc(arena, ((size_t)count + 1) * sizeof *objects);
    struct members members;
    read_members(&members, part.result);
    for (int row = 0; row < count; row++) {
        struct buf object = buf_new(arena);
        bool comma = false;
        buf_str(&object, "{");
        add_row(&object, &members, row, &comma);
        buf_str(&object, "}");
        objects[row] = object.text;
    }
    return objects;
}

const char *db_part_text(struct db_part part, int row, int column)
{
    return PQgetisnull(part.result, row, column) ? NULL : PQgetvalue(part.result, row, column);
}

int64_t db_part_number(struct db_part part, int row, int column)
{
    return PQgetisnull(part.result, row, column)
               ? 0
               : json_number(PQftype(part.result, column), PQgetvalue(part.result, row, column));
}

/* ---- a statement's answer ---- */

static bool has_heads(const struct db_given *given)
{
    return sql_statements[given->statement].parts->form != SQL_ROWS;
}

static bool is_refusal(const struct db_rows *rows)
{
    const struct db_given *given = rows_given(rows);
    return sql_statements[given->statement].parts->form == SQL_VERDICT && PQntuples(given->results[0]) > 0 &&
           !PQgetisnull(given->results[0], 0, 0);
}

int db_answer_status(const struct db_rows *rows)
{
    const struct db_given *given = rows_given(rows);
    if (!has_heads(given))
        return (int)(db_count(rows) ? db_number(rows, 0, 0) : 0);
    return is_refusal(rows) ? (int)db_part_number((struct db_part){.result = given->results[0]}, 0, 0) : 200;
}

const char *db_answer_body(struct db_rows *rows, struct arena *arena, size_t *len)
{
    if (has_heads(rows_given(rows)) && !is_refusal(rows))
        return json_of(rows_given(rows), arena, len);
    const char *body = db_count(rows) ? db_text(rows, 0, 1) : NULL;
    if (body) {
        db_keep(rows, arena);
        *len = strlen(body);
    }
    return body;
}
