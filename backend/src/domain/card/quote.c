#include "domain/card/quote.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "domain/card/words.h"

/* ---- words ---- */

/* The next word of a folded text: what stands between blanks and ASCII marks. Returns its bytes,
 * 0 at the end. */
static size_t next_word(const char **text)
{
    const char *at = *text;
    while (*at && !isalnum((unsigned char)*at) && (unsigned char)*at < 0x80)
        at++;
    *text = at;
    while (isalnum((unsigned char)*at) || *at == '\'' || (unsigned char)*at >= 0x80)
        at++;
    return (size_t)(at - *text);
}

static bool has_word(const char *folded, const char *word, size_t len)
{
    for (size_t other; (other = next_word(&folded)) > 0; folded += other)
        if (other == len && strncmp(folded, word, len) == 0)
            return true;
    return false;
}

static bool is_said_by(const struct texts *folded_openings, const char *word, size_t len)
{
    for (int i = 0; i < folded_openings->count; i++)
        if (has_word(folded_openings->items[i], word, len))
            return true;
    return false;
}

/* Whether at least half of its words of meaning are its own. */
static bool is_new(struct arena *arena, const char *sentence, const struct texts *folded_openings)
{
    int said = 0, all = 0;
    const char *folded = text_fold(arena, sentence);
    for (size_t len; (len = next_word(&folded)) > 0; folded += len) {
        if (is_function_word(arena_copy(arena, folded, len)))
            continue;
        all++;
        said += is_said_by(folded_openings, folded, len);
    }
    return said * 2 <= all;
}

/* ---- the score ---- */

static bool ends_in(const char *sentence, const char *mark)
{
    size_t len = strlen(sentence), bytes = strlen(mark);
    return len >= bytes && strcmp(sentence + len - bytes, mark) == 0;
}

static bool is_question(const char *sentence)
{
    return ends_in(sentence, "?") || ends_in(sentence, "؟") || ends_in(sentence, "？");
}

static bool has_figures(const char *sentence)
{
    return strpbrk(sentence, "0123456789") || strstr(sentence, ": ") || strstr(sentence, "：");
}

static int score_of(struct arena *arena, const char *sentence, const struct texts *folded_openings)
{
    enum { SHORT = 25, LONG = 120 };
    size_t count = utf8_count(sentence, strlen(sentence));
    int score = is_new(arena, sentence, folded_openings) ? 2 : 0;
    score += has_figures(sentence) ? 1 : 0;
    score -= is_concession(arena, sentence) ? 3 : 0;
    score -= is_question(sentence) ? 2 : 0;
    score -= count > LONG || count < SHORT ? 1 : 0;
    return score;
}

const char *quote_pick(struct arena *arena, const struct texts *sentences, const struct texts *openings)
{
    struct texts folded = {.items = arena_alloc(arena, (size_t)openings->count * sizeof *folded.items)};
    for (; folded.count < openings->count; folded.count++)
        folded.items[folded.count] = text_fold(arena, openings->items[folded.count]);
    const char *best = "";
    int best_score = INT32_MIN;
    for (int i = 0; i < sentences->count; i++) {
        int score = score_of(arena, sentences->items[i], &folded);
        if (score > best_score) {
            best = sentences->items[i];
            best_score = score;
        }
    }
    return best;
}

/* ---- quote marks ---- */

static bool is_between(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

static bool is_kana(uint32_t c)
{
    return is_between(c, 0x3041, 0x30FF);
}

static bool takes_guillemets(uint32_t c)
{
    return is_between(c, 0x370, 0x58F) || is_between(c, 0x600, 0x6FF) || is_between(c, 0x750, 0x77F);
}

struct quote_marks quote_marks_of(const char *text)
{
    size_t kana = 0, guillemets = 0, all = 0, len = strlen(text);
    for (size_t at = 0, bytes; at < len; at += bytes, all++) {
        bytes = MAX(utf8_length_at(text + at, len - at), 1);
        uint32_t c = utf8_code_point(text + at, bytes);
        kana += is_kana(c);
        guillemets += takes_guillemets(c);
    }
    if (kana * 8 > all) /* Japanese has kanji between */
        return (struct quote_marks){"「", "」"};
    return guillemets * 2 > all ? (struct quote_marks){"«", "»"} : (struct quote_marks){"“", "”"};
}
