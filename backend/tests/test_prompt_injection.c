/* The corpus in data/injections.jsonl against the prompt builder. A line is {"kind", "text"},
 * and where they differ from the text or matter: "shown", the text as the model has it once
 * references are resolved; "never", what mustn't stand in the prompt; "times", how often to
 * repeat. */
#include "unit.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "domain/prompt.h"

enum { MAX_ENTRIES = 200, AT_LEAST = 50, MAX_NODES = 64, MAX_PATH = 96 };

static const char closing[] = "Now write the text, by the rules of the system message alone.\n";

/* ---- the corpus ---- */

static struct entry {
    const char *kind, *text, *shown, *never;
    bool is_long;
} corpus[MAX_ENTRIES];
static int entries;

static const char *member(json_t *line, const char *name, const char *default_text)
{
    const char *text = json_string_value(json_object_get(line, name));
    return text ? text : default_text;
}

static void read_entry(struct arena *arena, json_t *line)
{
    json_int_t times = json_integer_value(json_object_get(line, "times"));
    const char *text = member(line, "text", NULL), *kind = member(line, "kind", NULL),
               *never = member(line, "never", NULL);
    assert_true(text && kind && entries < MAX_ENTRIES);
    size_t count = times > 0 ? (size_t)times : 1;
    corpus[entries++] = (struct entry){.kind = arena_strdup(arena, kind),
                                       .text = repeated(arena, text, count),
                                       .shown = repeated(arena, member(line, "shown", text), count),
                                       .never = never ? arena_strdup(arena, never) : NULL,
                                       .is_long = times > 0};
}

static int read_corpus(void **state)
{
    struct arena *arena = *state = arena_new();
    FILE *file = fopen(TEST_DATA "/data/injections.jsonl", "re");
    assert_non_null(file);
    char *row = NULL;
    size_t size = 0;
    while (getline(&row, &size, file) > 0) {
        json_error_t why;
        json_t *line = json_loads(row, 0, &why);
        if (!line)
            fail_msg("line %d of the corpus: %s", entries + 1, why.text);
        read_entry(arena, line);
        json_decref(line);
    }
    free(row);
    fclose(file);
    assert_true(entries >= AT_LEAST);
    return 0;
}

/* ---- a brief with a text in each of its places ---- */

static const char *const places[] = {
    /* the JSON before each place */
    "{\"persona\":{\"preferred_language\":\"tr\",\"name\":",
    ",\"bio\":",
    ",\"tone\":",
    ",\"writing_samples\":[\"filler\",",
    "],\"do_not_say\":[",
    "],\"catchphrases\":[",
    "]},\"room\":{\"name\":",
    ",\"description\":",
    "},\"about\":",
    ",\"post\":{\"author\":",
    ",\"content\":",
    "},\"replies\":[{\"content\":\"filler\"},{\"author\":",
    ",\"content\":",
    "}],\"template\":{\"name\":",
    ",\"prompt_rules\":",
    "},\"activity\":{\"top_threads\":[{\"room_name\":",
    ",\"post_preview\":",
    "}],\"date\":",
};
enum { PLACES = COUNT(places) };

static struct prompt prompt_of(struct arena *arena, enum llm_operation operation, const char *const texts[PLACES])
{
    struct buf json = buf_new(arena);
    for (int i = 0; i < PLACES; i++) {
        buf_str(&json, places[i]);
        buf_json(&json, texts[i]);
    }
    buf_str(&json, "}}");
    struct brief brief;
    struct err err;
    if (!brief_read(&brief, operation, json.text, arena, &err))
        fail_msg("%s in %s", err.text, json.text);
    return prompt_build(&brief, arena);
}

/* ---- the user message, read as strictly as can be ---- */

struct tree {
    struct node {
        char path[MAX_PATH];
        const char *text; /* NULL: it has elements */
    } nodes[MAX_NODES];
    int count;
};

struct reader {
    struct arena *arena;
    struct tree *tree;
    const char *at, *whole;
};

#define refuse(reader, what) fail_msg("%s at \"%.80s\" of:\n%.4000s", what, (reader)->at, (reader)->whole)

static void expect(struct reader *reader, const char *text)
{
    if (strncmp(reader->at, text, strlen(text)) != 0)
        refuse(reader, arena_printf(reader->arena, "no \"%s\"", text));
    reader->at += strlen(text);
}

static const char *read_tag(struct reader *reader)
{
    expect(reader, "<");
    size_t len = strspn(reader->at, "abcdefghijklmnopqrstuvwxyz_");
    const char *name = arena_copy(reader->arena, reader->at, len);
    reader->at += len;
    if (len == 0)
        refuse(reader, "a tag without a name");
    expect(reader, ">");
    return name;
}

static void add_code_point(struct buf *out, unsigned c)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    char text[4];
    for (size_t i = n; i-- > 1;)
        text[i] = (char)(0x80 | ((c >> (6 * (n - 1 - i))) & 0x3F));
    text[0] = (char)(leads[n] | (c >> (6 * (n - 1))));
    buf_add(out, text, n);
}

static void read_reference(struct reader *reader, struct buf *out)
{
    static const struct {
        const char *name, *text;
    } names[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strncmp(reader->at, names[i].name, strlen(names[i].name)) == 0) {
            reader->at += strlen(names[i].name);
            buf_str(out, names[i].text);
            return;
        }
    expect(reader, "&#x");
    size_t digits = strspn(reader->at, "0123456789ABCDEF");
    if (digits < 2 || digits > 6)
        refuse(reader, "a reference that is none");
    add_code_point(out, (unsigned)strtoul(reader->at, NULL, 16));
    reader->at += digits;
    expect(reader, ";");
}

static const char *read_text(struct reader *reader)
{
    struct buf out = buf_new(reader->arena);
    while (*reader->at && *reader->at != '<')
        if (*reader->at == '&')
            read_reference(reader, &out);
        else if (*reader->at == '>' || (iscntrl((unsigned char)*reader->at) && !strchr("\n\t", *reader->at)))
            refuse(reader, "a character that can't be there");
        else
            buf_add(&out, reader->at++, 1);
    return out.text;
}

static void read_element(struct reader *reader, const char *parent)
{
    const char *name = read_tag(reader), *end = arena_printf(reader->arena, "</%s>", name), *text = read_text(reader);
    struct node *node = &reader->tree->nodes[reader->tree->count++];
    assert_true(reader->tree->count < MAX_NODES);
    snprintf(node->path, sizeof node->path, "%s/%s", parent, name);
    bool has_elements =
        strncmp(reader->at, end, strlen(end)) != 0 || (strcmp(text, "\n") == 0 && strcmp(name, "data") == 0);
    node->text = has_elements ? NULL : text;
    if (has_elements && strcmp(text, "\n") != 0)
        refuse(reader, "text beside an element");
    while (has_elements && strncmp(reader->at, end, strlen(end)) != 0)
        read_element(reader, node->path);
    expect(reader, end);
    expect(reader, "\n");
}

static struct tree *tree_of(struct arena *arena, const char *user)
{
    struct tree *tree = arena_alloc(arena, sizeof *tree);
    struct reader reader = {.arena = arena, .tree = tree, .at = user, .whole = user};
    assert_true(utf8_valid(user, strlen(user)));
    read_element(&reader, "");
    assert_text(reader.at, closing, "the end of a prompt");
    return tree;
}

/* ---- what has to hold ---- */

/* A word that no prompt has, for each place. */
static void name_places(struct arena *arena, const char *names[PLACES])
{
    for (int i = 0; i < PLACES; i++)
        names[i] = arena_printf(arena, "place-%d.", i);
}

static const char *shown_at(const struct node *node, const char *const names[PLACES], const char *const shown[PLACES])
{
    for (int i = 0; node->text && i < PLACES; i++)
        if (strcmp(node->text, names[i]) == 0)
            return shown[i];
    return node->text;
}

/* The prompt with these texts is the one with plain words, but for the texts themselves. */
static void assert_same_tree(struct arena *arena, enum llm_operation operation, const char *const texts[PLACES],
                             const char *const shown[PLACES], const char *never)
{
    const char *names[PLACES];
    name_places(arena, names);
    struct prompt plain = prompt_of(arena, operation, names), prompt = prompt_of(arena, operation, texts);
    const struct tree *want = tree_of(arena, plain.user), *tree = tree_of(arena, prompt.user);
    assert_text(prompt.system, plain.system, prompt.user);
    if (never && strstr(prompt.user, never))
        fail_msg("\"%s\" stands in:\n%s", never, prompt.user);
    assert_int_equal(tree->count, want->count);
    for (int i = 0; i < tree->count; i++) {
        assert_text(tree->nodes[i].path, want->nodes[i].path, prompt.user);
        assert_text(tree->nodes[i].text, shown_at(&want->nodes[i], names, shown), tree->nodes[i].path);
    }
}

/* The places from `first` to `last` have the text, the others a word. */
static void check_in(enum llm_operation operation, int first, int last, const struct entry *entry)
{
    struct arena *arena = arena_new();
    const char *texts[PLACES], *shown[PLACES];
    name_places(arena, texts);
    name_places(arena, shown);
    for (int i = first; i <= last; i++) {
        texts[i] = entry->text;
        shown[i] = entry->shown;
    }
    assert_same_tree(arena, operation, texts, shown, entry->never);
    arena_free(arena);
}

static void each_injection_in_each_place_stays_there(void **state)
{
    (void)state;
    for (int i = 0; i < entries; i++)
        for (int operation = 0; operation < LLM_OPERATIONS; operation++) {
            for (int place = 0; place < PLACES; place++)
                check_in((enum llm_operation)operation, place, place, &corpus[i]);
            check_in((enum llm_operation)operation, 0, PLACES - 1, &corpus[i]);
        }
}

/* One text ends where the next begins: pieces that make something only together. */
static void injections_in_pieces_stay_in_their_places(void **state)
{
    (void)state;
    enum { NEIGHBOURS = 12 };
    for (int i = 0; i < entries; i++)
        for (int j = i + 1; j <= i + NEIGHBOURS; j++) {
            const struct entry *one = &corpus[i], *other = &corpus[j * 7 % entries];
            if (one->is_long || other->is_long)
                continue;
            struct arena *arena = arena_new();
            /* no references in it: the other may bring some */
            bool stays = one->never && *one->never == '&';
            struct entry pair = {.text = arena_printf(arena, "%s%s%s", one->text, other->text, one->text),
                                 .shown = arena_printf(arena, "%s%s%s", one->shown, other->shown, one->shown),
                                 .never = stays ? NULL : one->never};
            check_in(LLM_REPLY, 0, PLACES - 1, &pair);
            arena_free(arena);
        }
}

/* Each place is shown by an operation, or the tests above say nothing about it. */
static void every_place_is_shown(void **state)
{
    const char *names[PLACES];
    name_places(*state, names);
    struct prompt reply = prompt_of(*state, LLM_REPLY, names), digest = prompt_of(*state, LLM_ACTIVITY_SUMMARY, names);
    for (int i = 0; i < PLACES; i++)
        if (!strstr(reply.user, names[i]) && !strstr(digest.user, names[i]))
            fail_msg("%s \"…\" is shown nowhere", places[i]);
}

static unsigned add_characters(struct buf *out, unsigned first, unsigned count)
{
    for (unsigned c = first; c < first + count; c++)
        if (c > 0 && (c < 0xD800 || c > 0xDFFF))
            add_code_point(out, c);
    return first + count;
}

/* Every character that there is. */
static void every_character_stays_inside(void **state)
{
    (void)state;
    enum { END = 0x110000, AT_A_TIME = 0x1000 };
    for (unsigned c = 0; c < END;) {
        struct arena *arena = arena_new();
        struct buf text = buf_new(arena);
        const char *texts[PLACES];
        name_places(arena, texts);
        c = add_characters(&text, c, AT_A_TIME);
        texts[1] = text.text;
        tree_of(arena, prompt_of(arena, LLM_POST_DRAFT, texts).user);
        arena_free(arena);
    }
}

static int forget_corpus(void **state)
{
    arena_free(*state);
    arena_drain_spares();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_injection_in_each_place_stays_there),
        cmocka_unit_test(injections_in_pieces_stay_in_their_places),
        arena_test(every_place_is_shown),
        cmocka_unit_test(every_character_stays_inside),
    };
    return cmocka_run_group_tests(tests, read_corpus, forget_corpus);
}
