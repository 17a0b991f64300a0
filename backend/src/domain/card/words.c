#include "domain/card/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Folded, as is what is compared with them: "cunku" is "çünkü". */
/* clang-format off */
static const char *const function_words[] = { /* sorted by strcmp */
    "a", "about", "am", "ama", "an", "ancak", "and", "any", "are", "as", "at", "be", "because", "been", "being",
    "belki", "bir", "bu", "bunu", "bunun", "but", "by", "can", "cok", "could", "cunku", "da", "daha", "de",
    "diye", "do", "does", "eger", "en", "fakat", "for", "from", "gibi", "had", "has", "have", "he", "hem",
    "her", "his", "how", "i", "icin", "if", "ile", "in", "into", "is", "it", "its", "kadar", "ki", "like",
    "may", "more", "most", "must", "my", "ne", "not", "o", "of", "olan", "on", "onlar", "or", "our",
    "out", "oysa", "she", "should", "so", "some", "su", "such", "than", "that", "the", "their", "then", "these",
    "they", "this", "those", "to", "tum", "up", "ve", "very", "veya", "was", "we", "were", "what", "when",
    "where", "which", "while", "who", "whose", "why", "will", "with", "without", "would", "ya", "yani", "yoksa",
    "you", "your",
};

static const char *const concessions[] = {
    "fair point", "fair enough", "good point", "the other side", "you're right", "you are right", "you have a point",
    "that's true", "that is true", "true,", "true:", "sure,", "granted", "admittedly", "i agree", "agreed", "of course",
    "i admit", "to be fair", "it's true", "it is true", "yes,", "yes:",
    "haklisin", "haklisiniz", "hakli", "dogru,", "dogru:", "dogru;", "dogru ama", "karsi taraf",
    "guzel bir nokta", "iyi bir nokta", "katiliyorum", "kabul,", "kabul ediyorum", "elbette", "tabii", "evet,",
};
/* clang-format on */

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool is_function_word(const char *folded_word)
{
    return bsearch(&folded_word, function_words, COUNT(function_words), sizeof *function_words, compare_words) != NULL;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* A phrase ends where a word does: "granted" doesn't begin "grantedness". */
static bool begins_with(const char *folded, const char *phrase)
{
    size_t len = strlen(phrase);
    return strncmp(folded, phrase, len) == 0 && !(is_letter(phrase[len - 1]) && is_letter(folded[len]));
}

bool is_concession(struct arena *arena, const char *sentence)
{
    const char *folded = text_fold(arena, sentence);
    for (size_t i = 0; i < COUNT(concessions); i++)
        if (begins_with(folded, concessions[i]))
            return true;
    return false;
}

const char *verdict_words(struct arena *arena, enum language language, int64_t answers)
{
    static const char *const few[][3] = {
        [LANGUAGE_EN] = {"Nobody has answered yet. Whose voice should?", "One answer so far", "Who convinces you?"},
        [LANGUAGE_TR] = {"Henüz kimse yanıtlamadı. Sıra kimin sesinde?", "Şimdilik tek yanıt",
                         "Sen hangisine katılıyorsun?"},
    };
    if (answers < (int64_t)COUNT(few[0]))
        return few[language][MAX(answers, 0)];
    if (language == LANGUAGE_TR)
        return arena_printf(arena, "Şimdiye dek %lld ses. Sen kime katılıyorsun?", (long long)answers);
    return arena_printf(arena, "%lld voices so far. Who convinces you?", (long long)answers);
}

const char *side_words(enum language language, int side)
{
    static const char *const heads[][2] = {[LANGUAGE_EN] = {"PRO", "CON"}, [LANGUAGE_TR] = {"LEHTE", "ALEYHTE"}};
    return heads[language][side];
}

bool looks_turkish(const char *text)
{
    static const char *const letters[] = {"ğ", "ı", "ş", "Ğ", "İ", "Ş"};
    for (size_t i = 0; i < COUNT(letters); i++)
        if (strstr(text, letters[i]))
            return true;
    return false;
}
