#include "llm/heard.h"

#include <stdlib.h>
#include <string.h>

void heard_more(struct heard *heard, const char *text, llm_words *words, void *ctx)
{
    size_t known = heard->text ? strlen(heard->text) : 0;
    if (known > 0 && strncmp(text, heard->text, known) != 0) {
        known = 0;
        free(heard->text);
        heard->text = NULL;
        words(ctx, NULL);
    }
    if (!text[known])
        return;
    free(heard->text);
    heard->text = must_strdup(text);
    words(ctx, heard->text + known);
}

void heard_free(struct heard *heard)
{
    free(heard->text);
}
