#include "llm/words.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

enum { MESSAGE_CHARS = 160, REPEATED_LEAST = 6, NAME_MOST = 40 };

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* How many bytes at the start of a word of `text` stand in `said`, too; fewer than REPEATED_LEAST
 * may be there by chance, and count as none. */
static size_t repeated(const char *text, const char *at, const char *said)
{
    if ((at > text && is_word_byte(at[-1])) || strnlen(at, REPEATED_LEAST) < REPEATED_LEAST)
        return 0;
    size_t longest = 0;
    for (const char *there = said; (there = strchr(there, *at)); there++) {
        size_t len = 0;
        while (at[len] && at[len] == there[len])
            len++;
        while (len > 0 && is_word_byte(at[len - 1]) && is_word_byte(at[len]))
            len--; /* back to the end of a word */
        longest = MAX(longest, len);
    }
    return longest < REPEATED_LEAST ? 0 : longest;
}

/* The bytes of a word that is, or holds, a key: the own one, one of OpenAI's form, a masked one. */
static size_t secret_word(const char *text, const char *at, const char *key)
{
    if (at > text && !isspace((unsigned char)at[-1]) && !ispunct((unsigned char)at[-1]))
        return 0;
    char word[128];
    size_t len = MIN(strcspn(at, " \t\r\n\"'`,;"), sizeof word - 1);
    memcpy(word, at, len);
    word[len] = '\0';
    bool is_secret = (*key && strstr(word, key)) || strncmp(word, "sk-", 3) == 0 || strstr(word, "**");
    return is_secret ? len : 0;
}

static const char *safe_message(const char *message, const char *key, const char *said, struct arena *arena)
{
    struct buf out = buf_new(arena);
    const char *line = text_one_line(arena, message);
    for (const char *at = line; *at;) {
        size_t drop = MAX(secret_word(line, at, key), repeated(line, at, said));
        size_t bytes = MAX(utf8_length_at(at, strlen(at)), 1);
        if (drop)
            buf_str(&out, "…");
        else
            buf_add(&out, at, bytes);
        at += MAX(drop, bytes);
    }
    return text_preview(arena, out.text, MESSAGE_CHARS);
}

/* Codes and parameters are names; anything else is none of ours to show. */
static bool is_name(const char *text, const char *key)
{
    size_t len = text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]") : 0;
    return len > 0 && len <= NAME_MOST && text[len] == '\0' && !(*key && strstr(text, key)) &&
           strncmp(text, "sk-", 3) != 0;
}

const char *words_of_error(const struct provider_error *error, const char *key, const char *said, struct arena *arena)
{
    struct buf out = buf_new(arena);
    if (error->message)
        buf_str(&out, safe_message(error->message, key, said, arena));
    const char *names[] = {error->code, error->param};
    const char *separator = out.len ? " (" : "(", *end = "";
    for (size_t i = 0; i < COUNT(names); i++)
        if (is_name(names[i], key)) {
            buf_printf(&out, "%s%s", separator, names[i]);
            separator = ", ";
            end = ")";
        }
    buf_str(&out, end);
    return out.len ? out.text : NULL;
}
