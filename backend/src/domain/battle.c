#include "domain/battle.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "domain/content.h"

static const char line_ends[] = "\r\n";

/* ---- one line ---- */

static char *one_line_of(struct arena *arena, const char *text, size_t len)
{
    return text_one_line(arena, arena_copy(arena, text, len));
}

/* Cuts a line whose only white space is the blank; a word that is longer is cut hard. */
static char *cut_at_word(struct arena *arena, char *line, size_t max)
{
    size_t fits = utf8_bytes(line, max), end = utf8_bytes(line, max + 1);
    if (line[fits] == '\0')
        return line;
    while (end > 0 && line[end - 1] != ' ')
        end--;
    return arena_copy(arena, line, end > 1 ? end - 1 : fits);
}

/* ---- quotes ---- */

static const char *const quotes[] = {"\"", "“", "”", "„", "«", "»", "'", "‘", "’"};
enum { DOUBLE_QUOTES = 6 }; /* the first of them */

static size_t quote_at_start(const char *text)
{
    for (size_t i = 0; i < COUNT(quotes); i++)
        if (strncmp(text, quotes[i], strlen(quotes[i])) == 0)
            return strlen(quotes[i]);
    return 0;
}

static size_t quote_at_end(const char *text)
{
    for (size_t i = 0, len = strlen(text); i < COUNT(quotes); i++)
        if (len >= strlen(quotes[i]) && strcmp(text + len - strlen(quotes[i]), quotes[i]) == 0)
            return strlen(quotes[i]);
    return 0;
}

/* The length of an opening quote at the start whose closing quote was cut off with the text's
 * end. */
static size_t stray_quote(const char *text)
{
    static const char *const opening[] = {"\"", "“", "„", "«"};
    size_t start = 0;
    for (size_t i = 0; i < COUNT(opening) && start == 0; i++)
        start = strncmp(text, opening[i], strlen(opening[i])) == 0 ? strlen(opening[i]) : 0;
    for (size_t i = 0; i < DOUBLE_QUOTES; i++)
        if (strstr(text + start, quotes[i]))
            return 0;
    return start;
}

static char *unquoted(struct arena *arena, char *line)
{
    size_t len = strlen(line), start = quote_at_start(line), end = quote_at_end(line);
    if (start > 0 && end > 0 && start + end <= len)
        line = arena_copy(arena, line + start, len - start - end);
    return text_one_line(arena, line + stray_quote(line));
}

/* ---- what the content says ---- */

/* What stands behind "<label>:" on the line at `line`, or NULL. */
static char *behind_label(struct arena *arena, const char *line, size_t len, const char *label)
{
    const char *text = one_line_of(arena, line, len);
    size_t label_len = strlen(label);
    if (strncasecmp(text, label, label_len) != 0 || text[label_len] != ':')
        return NULL;
    return text_one_line(arena, text + label_len + 1);
}

char *battle_line(struct arena *arena, const char *content, const char *label)
{
    for (size_t len; *content; content += len + (content[len] != '\0')) {
        len = strcspn(content, line_ends);
        char *said = behind_label(arena, content, len, label);
        if (said && *said)
            return said;
    }
    return NULL;
}

/* The first sentence of a line that isn't blank, without its closing mark; "" where there is
 * none. */
static char *sentence_of_line(struct arena *arena, const char *line)
{
    for (const char *at = line; *at; at++) {
        size_t len = strcspn(at, ".!?");
        char *sentence = one_line_of(arena, at, len);
        if (*sentence)
            return sentence;
        at += len;
        if (*at == '\0')
            break;
    }
    return "";
}

static char *topic_sentence(struct arena *arena, const char *content)
{
    for (size_t len; *content; content += len + (content[len] != '\0')) {
        len = strcspn(content, line_ends);
        char *sentence =
            behind_label(arena, content, len, "topic") ? "" : sentence_of_line(arena, arena_copy(arena, content, len));
        if (*sentence)
            return sentence;
    }
    return "";
}

char *battle_topic_line(struct arena *arena, const char *content)
{
    char *line = battle_line(arena, content, "topic");
    char *topic = line ? unquoted(arena, line) : "";
    return *topic ? topic : NULL;
}

static bool is_labelled(struct arena *arena, const char *line, size_t len)
{
    static const char *const labels[] = {"topic", "template", "pro style", "con style"};
    for (size_t i = 0; i < COUNT(labels); i++)
        if (behind_label(arena, line, len, labels[i]))
            return true;
    return false;
}

char *battle_body(struct arena *arena, const char *content)
{
    struct buf body = buf_new(arena);
    for (size_t len; *content; content += len + (content[len] != '\0')) {
        len = strcspn(content, line_ends);
        if (is_labelled(arena, content, len))
            continue;
        buf_add(&body, content, len);
        buf_str(&body, "\n");
    }
    return body.text;
}

char *battle_topic(struct arena *arena, const char *content, const char *room_name)
{
    char *topic = battle_topic_line(arena, content);
    if (!topic)
        topic = cut_at_word(arena, unquoted(arena, topic_sentence(arena, content)), BATTLE_SENTENCE_MAX);
    return *topic ? topic : arena_printf(arena, "Battle in %s", room_name);
}

/* ---- what is to be published ---- */

char *battle_style(struct arena *arena, const char *given)
{
    enum { LOOKED_AT = 10 * BATTLE_STYLE_MAX };
    const char *start = arena_copy(arena, given, utf8_bytes(given, LOOKED_AT));
    return text_one_line(arena, text_clip(arena, text_one_line(arena, start), BATTLE_STYLE_MAX));
}

const char *battle_check(const char *topic, const char *pro_style, const char *con_style)
{
    size_t count = utf8_count(topic, strlen(topic));
    if (count < BATTLE_TOPIC_MIN)
        return "topic must be at least 3 chars";
    if (count > BATTLE_TOPIC_MAX)
        return "topic must be <= 180 chars";
    struct arena *arena = arena_new();
    const char *wrong = content_check(arena_printf(arena, "%s\n%s\n%s", topic, pro_style, con_style), SIZE_MAX);
    arena_free(arena);
    return wrong;
}
