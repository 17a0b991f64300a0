#include "ops/triage/schema_objects.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { OBJECTS_MAX = 1024, WORDS_MAX = 12 };

struct schema_objects schema_objects_new(struct arena *arena)
{
    return (struct schema_objects){arena_alloc(arena, OBJECTS_MAX * sizeof(struct schema_object)), 0};
}

/* ---- statements ---- */

/* The length of a quoted piece at the start of `text`, both ends included: '…', "…" or
 * $tag$…$tag$; 0 where there is none. */
static size_t quoted_length(const char *text)
{
    if (*text == '\'' || *text == '"') {
        const char *end = strchr(text + 1, *text);
        return end ? (size_t)(end - text) + 1 : strlen(text);
    }
    size_t tag = *text == '$' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") + 2 : 0;
    if (!tag || text[tag - 1] != '$')
        return 0;
    for (const char *end = text + tag; (end = strchr(end, '$')); end++)
        if (strncmp(end, text, tag) == 0)
            return (size_t)(end - text) + tag;
    return strlen(text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The next statement, without comments and with its white space collapsed; *text goes behind its
 * semicolon. NULL at the end. */
static const char *next_statement(struct arena *arena, const char **text)
{
    struct buf statement = buf_new(arena);
    const char *at = *text;
    for (; *at && *at != ';'; at++) {
        size_t quoted = quoted_length(at);
        if (strncmp(at, "--", 2) == 0) {
            at += strcspn(at, "\n");
            at -= *at == '\0';
        } else if (quoted) {
            buf_add(&statement, at, quoted);
            at += quoted - 1;
        } else if (!is_space(*at)) {
            buf_add(&statement, at, 1);
        } else if (statement.len && statement.text[statement.len - 1] != ' ') {
            buf_str(&statement, " ");
        }
    }
    bool at_end = !*at;
    *text = at_end ? at : at + 1;
    while (statement.len && statement.text[statement.len - 1] == ' ')
        statement.text[--statement.len] = '\0';
    return at_end && !statement.len ? NULL : statement.text;
}

/* The statement's first words; a word ends at a blank or a bracket. */
static int split_words(struct arena *arena, const char *statement, const char *words[static WORDS_MAX])
{
    int count = 0;
    for (const char *at = statement; *at && count < WORDS_MAX; at += strspn(at, " ")) {
        size_t len = strcspn(at, " (");
        if (!len)
            break;
        words[count++] = arena_copy(arena, at, len);
        at += len;
    }
    for (int i = count; i < WORDS_MAX; i++)
        words[i] = "";
    return count;
}

/* ---- what they do ---- */

/* The position behind those of the words that are there: "IF NOT EXISTS" and the like. */
static int skip_words(const char *const *words, int at, const char *const *optional)
{
    for (; *optional; optional++)
        if (at < WORDS_MAX - 1 && strcasecmp(words[at], *optional) == 0)
            at++;
    return at;
}

static struct schema_object *object_find(struct schema_objects *objects, const char *name)
{
    for (int i = 0; i < objects->count; i++)
        if (strcasecmp(objects->rows[i].name, name) == 0)
            return &objects->rows[i];
    return NULL;
}

static void object_add(struct schema_objects *objects, struct schema_object object)
{
    struct schema_object *known = object_find(objects, object.name);
    if (known)
        *known = object;
    else if (objects->count < OBJECTS_MAX)
        objects->rows[objects->count++] = object;
}

/* An index goes with its table. */
static void object_drop(struct schema_objects *objects, const char *name)
{
    int kept = 0;
    for (int i = 0; i < objects->count; i++) {
        const struct schema_object *object = &objects->rows[i];
        if (strcasecmp(object->name, name) != 0 && !(object->table && strcasecmp(object->table, name) == 0))
            objects->rows[kept++] = *object;
    }
    objects->count = kept;
}

static void object_rename(struct schema_objects *objects, const char *name, const char *new_name)
{
    struct schema_object *object = object_find(objects, name);
    if (object)
        object->name = new_name;
    for (int i = 0; i < objects->count; i++)
        if (objects->rows[i].table && strcasecmp(objects->rows[i].table, name) == 0)
            objects->rows[i].table = new_name;
}

static const char *concurrently(struct arena *arena, const char *statement)
{
    const char *after = strcasestr(statement, " INDEX ");
    if (!after || strcasestr(statement, " CONCURRENTLY "))
        return statement;
    after += strlen(" INDEX ");
    return arena_printf(arena, "%.*sCONCURRENTLY %s", (int)(after - statement), statement, after);
}

static void object_create(struct arena *arena, struct schema_objects *objects, const char *const *words,
                          const char *statement)
{
    int at = skip_words(words, 1, (const char *[]){"UNIQUE", "UNLOGGED", NULL});
    bool is_index = strcasecmp(words[at], "INDEX") == 0;
    if (!is_index && strcasecmp(words[at], "TABLE") != 0)
        return;
    at = skip_words(words, at + 1, (const char *[]){"CONCURRENTLY", "IF", "NOT", "EXISTS", NULL});
    const char *name = words[at];
    at = skip_words(words, at + 1, (const char *[]){"ON", "ONLY", NULL});
    if (*name)
        object_add(objects, (struct schema_object){name, is_index ? words[at] : NULL,
                                                   is_index ? concurrently(arena, statement) : NULL});
}

static bool is_table_or_index(const char *word)
{
    return strcasecmp(word, "TABLE") == 0 || strcasecmp(word, "INDEX") == 0;
}

static void apply_statement(struct arena *arena, struct schema_objects *objects, const char *statement)
{
    const char *words[WORDS_MAX];
    split_words(arena, statement, words);
    if (strcasecmp(words[0], "CREATE") == 0) {
        object_create(arena, objects, words, statement);
        return;
    }
    if (!is_table_or_index(words[1]))
        return;
    int at = skip_words(words, 2, (const char *[]){"CONCURRENTLY", "IF", "EXISTS", "ONLY", NULL});
    if (strcasecmp(words[0], "DROP") == 0)
        object_drop(objects, words[at]);
    else if (strcasecmp(words[0], "ALTER") == 0 && at + 3 < WORDS_MAX && strcasecmp(words[at + 1], "RENAME") == 0 &&
             strcasecmp(words[at + 2], "TO") == 0 && *words[at + 3])
        object_rename(objects, words[at], words[at + 3]);
}

void schema_objects_apply(struct arena *arena, struct schema_objects *objects, const char *migration)
{
    const char *statement;
    while ((statement = next_statement(arena, &migration)))
        apply_statement(arena, objects, statement);
}
