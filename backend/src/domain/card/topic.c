#include "domain/card/topic.h"

#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "domain/battle.h"
#include "domain/card/sentences.h"
#include "domain/card/words.h"

static const char ellipsis[] = "…";

/* ---- where to cut ---- */

static const char *const clause_marks[] = {",", ";", ":", "—", "–", "،", "؛", "、", "，", "；", "："};
enum { LATIN_CLAUSE_MARKS = 3 }; /* the first of them, which end a clause before a blank only: 1,000 isn't two */

static size_t clause_mark_at(const char *text)
{
    for (size_t i = 0; i < COUNT(clause_marks); i++) {
        size_t len = strlen(clause_marks[i]);
        if (strncmp(text, clause_marks[i], len) == 0)
            return i < LATIN_CLAUSE_MARKS && text[len] != ' ' ? 0 : len;
    }
    return 0;
}

/* Where the last clause within the first `most` bytes ends, or 0 where none does behind the
 * first `least`. */
static size_t clause_end(const char *line, size_t least, size_t most)
{
    size_t end = 0;
    for (size_t at = least; at < most; at++)
        if (clause_mark_at(line + at) > 0)
            end = at;
    return end;
}

/* Without blanks and marks at its end: an ellipsis takes their place. */
static size_t without_marks(const char *line, size_t len)
{
    for (size_t before = SIZE_MAX; len > 0 && len != before;) {
        before = len;
        while (len > 0 && strchr(" ,;:.-", line[len - 1]))
            len--;
        for (size_t i = LATIN_CLAUSE_MARKS; i < COUNT(clause_marks); i++) {
            size_t bytes = strlen(clause_marks[i]);
            if (len >= bytes && strncmp(line + len - bytes, clause_marks[i], bytes) == 0)
                len -= bytes;
        }
    }
    return len;
}

/* Without words at its end that lean on the next; a line of nothing else stays. */
static size_t without_function_words(struct arena *arena, const char *line, size_t len)
{
    size_t left = without_marks(line, len);
    for (;;) {
        size_t start = left;
        while (start > 0 && line[start - 1] != ' ')
            start--;
        if (start == 0)
            return left;
        if (!is_function_word(text_fold(arena, arena_copy(arena, line + start, left - start))))
            return left;
        left = without_marks(line, start);
    }
}

static char *with_ellipsis(struct arena *arena, const char *line, size_t len)
{
    return arena_printf(arena, "%.*s%s", (int)len, line, ellipsis);
}

/* Where the last word of at most `max` code points ends. A word that alone takes more than half of
 * them is cut itself, between grapheme clusters: an address, or a script that has no blanks. */
static size_t word_end(struct arena *arena, const char *line, size_t max)
{
    size_t clusters = strlen(text_clip(arena, line, max)), words = strlen(text_preview(arena, line, max));
    return words * 2 >= clusters ? words : clusters;
}

/* The bytes of the line that stay; all of them where it fits. */
static size_t cut_place(struct arena *arena, const char *line, size_t max)
{
    if (line[utf8_bytes(line, max)] == '\0')
        return strlen(line);
    size_t least = utf8_bytes(line, max * 6 / 10), most = utf8_bytes(line, MAX(max, 2) - 1);
    size_t clause = clause_end(line, least, most);
    return without_function_words(arena, line, clause ? clause : word_end(arena, line, MAX(max, 2) - 1));
}

char *card_topic_cut(struct arena *arena, const char *line, size_t max)
{
    size_t len = cut_place(arena, line, max);
    return line[len] ? with_ellipsis(arena, line, len) : arena_strdup(arena, line);
}

char *card_text_cut(struct arena *arena, const char *line, size_t max)
{
    if (line[utf8_bytes(line, max)] == '\0')
        return arena_strdup(arena, line);
    return with_ellipsis(arena, line, without_marks(line, word_end(arena, line, MAX(max, 2) - 1)));
}

/* ---- what the post says ---- */

/* What follows the topic: of its own sentence where it was cut, and the other sentences. */
static const char *rest_behind(struct arena *arena, const char *sentence, size_t cut, const struct texts *sentences)
{
    const char *others = sentences_joined(arena, sentences, 1), *left = sentence + cut;
    for (size_t bytes = 1; *left && bytes > 0; left += bytes)
        bytes = *left == ' ' ? 1 : clause_mark_at(left);
    if (!*left)
        return others;
    return arena_printf(arena, "%s%s%s%s", ellipsis, left, *others ? " " : "", others);
}

struct card_topic card_topic_of(struct arena *arena, const char *content, const char *room_name)
{
    struct texts sentences = sentences_of(arena, battle_body(arena, content));
    const char *line = battle_topic_line(arena, content);
    if (line)
        return (struct card_topic){.text = card_topic_cut(arena, line, CARD_TOPIC_MAX),
                                   .rest = sentences_joined(arena, &sentences, 0)};
    if (sentences.count == 0)
        return (struct card_topic){
            .text = card_topic_cut(arena, arena_printf(arena, "Battle in %s", room_name), CARD_TOPIC_MAX), .rest = ""};
    size_t cut = cut_place(arena, sentences.items[0], CARD_TOPIC_MAX);
    return (struct card_topic){.text = card_topic_cut(arena, sentences.items[0], CARD_TOPIC_MAX),
                               .rest = rest_behind(arena, sentences.items[0], cut, &sentences)};
}
