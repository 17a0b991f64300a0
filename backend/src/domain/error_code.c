#include "domain/error_code.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/uuid.h"

enum { UUID_LENGTH = 36 };

static bool is_code_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The length of the quoted part or UUID at `text`, or 0. */
static size_t varying_length(const char *text)
{
    const char *quote = *text == '"' ? strchr(text + 1, '"') : NULL;
    if (quote)
        return (size_t)(quote - text) + 1;
    return uuid_valid(text, strnlen(text, UUID_LENGTH)) ? UUID_LENGTH : 0;
}

static size_t word_length(const char *text)
{
    size_t len = 0;
    while (is_code_char(text[len]))
        len++;
    return len;
}

char *error_code(struct arena *arena, const char *sentence)
{
    struct buf code = buf_new(arena);
    while (*sentence && *sentence != ':') {
        size_t skip = varying_length(sentence), len = skip ? 0 : word_length(sentence);
        if (len > 0) {
            buf_str(&code, code.len > 0 ? "_" : "");
            buf_add(&code, sentence, len);
        }
        sentence += MAX(skip + len, 1);
    }
    for (char *c = code.text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return code.len > 0 ? code.text : arena_strdup(arena, "error");
}
