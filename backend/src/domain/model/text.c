#include "domain/model/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "domain/model/marker.h"

static const char *behind(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* ---- the walk over the content ---- */

struct walk {
    const char *at;
    struct buf text;
    unsigned depth; /* open blocks */
    bool muted;     /* in a channel or a turn that isn't the text's */
    bool ended;
    bool is_partial;   /* more content may follow */
    bool closed_alone; /* a text was dropped by what ended it */
};

static bool has_text(const struct walk *walk)
{
    return *skip_spaces(walk->text.text) != '\0';
}

/* The text so far turns out to be none. */
static void walk_drop_text(struct walk *walk)
{
    walk->closed_alone = walk->closed_alone || has_text(walk);
    walk->text.len = 0;
    walk->text.text[0] = '\0';
}

/* Another's turn before the model's has a text is what the model was told; behind it, the model
 * invents. */
static void walk_other_turn(struct walk *walk)
{
    walk->ended = has_text(walk);
    walk->muted = true;
}

static void walk_model_turn(struct walk *walk)
{
    walk->ended = has_text(walk);
    walk->muted = false;
}

/* Where its beginning wasn't seen, the text so far was the prompt. */
static void walk_prompt_end(struct walk *walk)
{
    if (!walk->muted)
        walk_drop_text(walk);
    walk->muted = false;
}

/* Whether the name that follows a token may go on: then only what comes tells what it means. */
static bool name_is_open(const struct walk *walk, const char *end)
{
    return walk->is_partial && *end == '\0';
}

static void walk_role(struct walk *walk)
{
    struct marker role = marker_role_at(walk->at);
    if (name_is_open(walk, skip_spaces(walk->at) + strcspn(skip_spaces(walk->at), " \n<"))) {
        walk->ended = true;
        return;
    }
    walk->at += role.len;
    if (role.meaning == MODEL_TURN)
        walk_model_turn(walk);
    else if (role.meaning == OTHER_TURN)
        walk_other_turn(walk);
}

/* The name, and a recipient or a constraint that may follow it, end at "<|message|>". */
static void walk_channel(struct walk *walk)
{
    const char *end;
    walk->muted = !marker_is_final_channel(walk->at, &end);
    const char *message = strstr(end, "<|message|>");
    if (walk->is_partial && !message) {
        walk->ended = true;
        return;
    }
    walk->at = message ? message : end;
    if (walk->muted)
        return;
    walk_drop_text(walk);
    walk->depth = 0;
}

static void walk_close(struct walk *walk)
{
    if (walk->depth > 0) {
        walk->depth--;
        return;
    }
    walk_drop_text(walk);
}

static void walk_marker(struct walk *walk, struct marker marker)
{
    walk->at += marker.len;
    switch (marker.meaning) {
    case NO_MARKER:
    case TOKEN: break;
    case OPENS: walk->depth++; break;
    case CLOSES: walk_close(walk); break;
    case TURN_ENDS: walk->ended = has_text(walk); break;
    case TURN_OF: walk_role(walk); break;
    case MODEL_TURN: walk_model_turn(walk); break;
    case OTHER_TURN: walk_other_turn(walk); break;
    case PROMPT_ENDS: walk_prompt_end(walk); break;
    case CHANNEL: walk_channel(walk); break;
    case LINE_BREAK: buf_str(&walk->text, "\n"); break;
    }
    size_t len = walk->text.len;
    if (len == 0 || isspace((unsigned char)walk->text.text[len - 1]))
        walk->at = skip_spaces(walk->at); /* what was taken out leaves one gap, not two */
}

static void walk_to_end(struct walk *walk)
{
    while (*walk->at && !walk->ended && !(walk->is_partial && marker_is_open_label(walk->at))) {
        struct marker marker = marker_at(walk->at);
        if (marker.meaning != NO_MARKER) {
            walk_marker(walk, marker);
            continue;
        }
        if (walk->depth == 0 && !walk->muted)
            buf_add(&walk->text, walk->at, 1);
        walk->at++;
    }
}

static char *without_markers(struct arena *arena, const char *content)
{
    struct walk walk = {.at = content, .text = buf_new(arena)};
    walk_to_end(&walk);
    return walk.text.text;
}

bool model_text_closes_alone(struct arena *arena, const char *content)
{
    struct walk walk = {.at = content, .text = buf_new(arena)};
    walk_to_end(&walk);
    return walk.closed_alone;
}

/* ---- reasoning in words ---- */

/* Formats that tell reasoning by words at its beginning and its end. */
static const struct spoken {
    const char *opens, *closes;
} spoken[] = {
    {"Here is my thought process:", "Here is my response:"}, /* Granite 3.2 */
    {"Here's my thought process:", "Here's my response:"},
    {"Thinking...", "...done thinking."}, /* Ollama */
    {"analysis", "assistantfinal"},       /* Harmony, its tokens left out by the server */
};

/* "analysis" is the channel's name only where a word follows without a blank. */
static bool opens_spoken(const char *text, const char *opens)
{
    const char *rest = behind(text, opens);
    return rest && (!isalpha((unsigned char)rest[-1]) || isupper((unsigned char)*rest));
}

/* What follows a label at a line's start, whatever marks it as a heading; NULL: another line. */
static const char *behind_label(const char *line, const char *label)
{
    static const char marks[] = " \t*#_>";
    line += strspn(line, marks);
    size_t len = strlen(label);
    if (strncasecmp(line, label, len) != 0)
        return NULL;
    line += len;
    return line + strspn(line, "*_");
}

/* Labels are a format only where both are there: people write "Reasoning: …", too. */
static const char *without_labels(const char *text)
{
    static const char *const opens[] = {
        "thought:", "thoughts:", "thinking:", "reasoning:", "analysis:", "thought process:", "thinking process:"};
    static const char *const closes[] = {"final answer:", "answer:", "final response:", "response:"};
    bool is_open = false;
    for (size_t i = 0; i < COUNT(opens); i++)
        is_open = is_open || behind_label(text, opens[i]);
    const char *rest = NULL;
    for (const char *line = text; is_open && line; line = strchr(line, '\n')) {
        line += *line == '\n';
        for (size_t i = 0; i < COUNT(closes); i++) {
            const char *found = behind_label(line, closes[i]);
            rest = found ? found : rest;
        }
    }
    return rest ? rest : text;
}

static const char *without_spoken(const char *text)
{
    text = skip_spaces(text);
    for (size_t i = 0; i < COUNT(spoken); i++) {
        if (!opens_spoken(text, spoken[i].opens))
            continue;
        const char *end = strstr(text, spoken[i].closes);
        return end ? end + strlen(spoken[i].closes) : "";
    }
    return without_labels(text);
}

/* ---- what surrounds the whole text ---- */

/* An apostrophe within a word is none of a pair of quotes. */
static bool is_in_word(const char *text, const char *at, size_t len)
{
    return at > text && (isalnum((unsigned char)at[-1]) || (unsigned char)at[-1] >= 0x80) &&
           (isalnum((unsigned char)at[len]) || (unsigned char)at[len] >= 0x80);
}

/* Whether the text stands between these quotes, and none of the two inside is one of another
 * pair. */
static bool is_quoted(const char *text, const char *open, const char *close)
{
    size_t len = strlen(text), first = strlen(open), last = strlen(close);
    if (len < first + last || !behind(text, open) || strcmp(text + len - last, close) != 0)
        return false;
    for (const char *at = text + first; at < text + len - last; at++) {
        bool is_quote = behind(at, open) || behind(at, close);
        if (is_quote && !is_in_word(text, at, behind(at, open) ? first : last))
            return false;
    }
    return true;
}

static char *without_quotes(struct arena *arena, char *text)
{
    static const char *const pairs[][2] = {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"„", "”"},  {"«", "»"},
                                           {"‘", "’"},   {"'", "'"}, {"`", "`"}, {"「", "」"}};
    size_t len = strlen(text);
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (is_quoted(text, pairs[i][0], pairs[i][1]))
            return arena_copy(arena, text + strlen(pairs[i][0]), len - strlen(pairs[i][0]) - strlen(pairs[i][1]));
    return text;
}

/* A quote that was opened and never closed, as where the text was cut; or the other way round. */
static char *without_lone_quote(struct arena *arena, char *text)
{
    static const char *const quotes[] = {"\"", "“", "”"};
    for (size_t i = 0; i < COUNT(quotes); i++) {
        const char *first = strstr(text, quotes[i]);
        size_t len = strlen(text), width = strlen(quotes[i]);
        if (!first || strstr(first + width, quotes[i]))
            continue;
        if (first == text && (i == 0 || !strstr(text, "”")))
            return arena_copy(arena, text + width, len - width);
        if (first == text + len - width && (i == 0 || !strstr(text, "“")))
            return arena_copy(arena, text, len - width);
    }
    return text;
}

/* The end of a fence's first line: its language is one word. "" or text on the fence's own line: it
 * has no first line. */
static const char *fence_line_end(const char *text)
{
    enum { LANGUAGE_MAX = 20 };
    size_t language = strcspn(text, " \t\r\n`");
    const char *end = text + language + strspn(text + language, " \t\r");
    return language <= LANGUAGE_MAX && *end == '\n' ? end + 1 : text;
}

/* A fence around all, one that was never closed, and one that was never opened. */
static char *without_fence(struct arena *arena, char *text)
{
    static const char *const fences[] = {"```", "~~~"};
    for (size_t i = 0; i < COUNT(fences); i++) {
        size_t len = strlen(text), width = strlen(fences[i]);
        const char *inside = behind(text, fences[i]);
        const char *start = inside ? fence_line_end(inside) : text;
        const char *next = strstr(start, fences[i]);
        bool ends = next && (size_t)(next - text) == len - width;
        if (ends || (inside && !next))
            return arena_copy(arena, start, (size_t)((next ? next : text + len) - start));
    }
    return text;
}

static char *without_answer_tag(struct arena *arena, char *text)
{
    enum { NAME_SIZE = 32 };
    static const char *const names[] = {"answer", "final_answer", "response", "output", "solution"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char open[NAME_SIZE], close[NAME_SIZE];
        size_t opens = (size_t)snprintf(open, sizeof open, "<%s>", names[i]);
        size_t closes = (size_t)snprintf(close, sizeof close, "</%s>", names[i]), len = strlen(text);
        if (strncasecmp(text, open, opens) != 0)
            continue;
        bool closed = len >= opens + closes && strcasecmp(text + len - closes, close) == 0;
        return arena_copy(arena, text + opens, len - opens - (closed ? closes : 0));
    }
    return text;
}

static char *trimmed(struct arena *arena, const char *text)
{
    return text_trim(arena, text, strlen(text));
}

/* What is taken out may join its neighbours to another marker. */
static const char *without_all_markers(struct arena *arena, const char *content)
{
    enum { PASSES = 4 };
    for (int i = 0; i < PASSES; i++) {
        const char *text = without_markers(arena, content);
        if (strlen(text) == strlen(content))
            return text;
        content = text;
    }
    return "";
}

static char *without_cover(struct arena *arena, char *text)
{
    text = trimmed(arena, without_answer_tag(arena, text));
    text = trimmed(arena, without_fence(arena, text));
    text = trimmed(arena, without_quotes(arena, text));
    return trimmed(arena, without_lone_quote(arena, text));
}

char *model_text(struct arena *arena, const char *content)
{
    enum { COVERS = 4 };
    char *text = trimmed(arena, without_spoken(without_all_markers(arena, content)));
    for (int i = 0; i < COVERS; i++) {
        char *inside = without_cover(arena, text);
        if (strlen(inside) == strlen(text))
            break;
        text = inside;
    }
    return text;
}

/* ---- a text that isn't whole yet ---- */

/* "3 < 4" begins no tag; "<0x0A>" is a byte. */
static bool may_be_tag(const char *text)
{
    const char *at = skip_spaces(text + 1);
    return !*at || text[1] == '0' || isalpha((unsigned char)*at) || strchr("/|!<", *at) || (unsigned char)*at >= 0x80;
}

/* Whether a marker may begin here of which more is to come. */
static bool is_open_marker(const char *text)
{
    static const struct {
        const char *begins, *ends;
    } forms[] = {{"<", ">"}, {"[", "]"}, {"&lt;", "&gt;"}, {"◁", "▷"}, {"```", "\n"}};
    size_t len = strlen(text);
    for (size_t i = 0; i < COUNT(forms); i++)
        if (strncmp(text, forms[i].begins, MIN(strlen(forms[i].begins), len)) == 0 && !strstr(text, forms[i].ends))
            return *text != '<' || may_be_tag(text);
    return false;
}

/* The bytes up to the first marker that isn't whole yet: behind it nothing is certain. */
static size_t certain_length(const char *content)
{
    enum { MARKER_MOST = 320 };
    size_t len = strlen(content);
    for (size_t at = len > MARKER_MOST ? len - MARKER_MOST : 0; at < len; at++)
        if (is_open_marker(content + at))
            return at;
    return len;
}

static bool may_begin_with(const char *text, const char *words)
{
    return strncasecmp(text, words, MIN(strlen(text), strlen(words))) == 0;
}

/* What may turn out to be a cover of all, or the first words of a format. */
static bool may_be_covered(const char *text)
{
    static const char *const begins[] = {"\"",
                                         "“",
                                         "„",
                                         "«",
                                         "‘",
                                         "'",
                                         "`",
                                         "「",
                                         "~~~",
                                         "<",
                                         "thought",
                                         "thinking",
                                         "reasoning",
                                         "analysis",
                                         "here is my thought",
                                         "here's my thought"};
    text += strspn(text, " \t\r\n*#_>");
    for (size_t i = 0; i < COUNT(begins); i++)
        if (may_begin_with(text, begins[i]))
            return true;
    return false;
}

char *model_text_so_far(struct arena *arena, const char *content)
{
    struct walk walk = {
        .at = arena_copy(arena, content, certain_length(content)), .text = buf_new(arena), .is_partial = true};
    walk_to_end(&walk);
    char *text = trimmed(arena, walk.text.text);
    return may_be_covered(text) ? arena_strdup(arena, "") : text;
}
