#include "domain/written.h"

#include "domain/content.h"

enum { TEXTS_MAX = 2, RESERVE_MS = 500 };

static const char *fault_of(const struct brief *brief, const char *text)
{
    const struct texts *never = &brief->persona.do_not_say;
    const char *wrong = content_check(text, brief->max_chars ? (size_t)brief->max_chars : SIZE_MAX);
    if (!wrong && content_said(text, never->items, never->count))
        wrong = "content says a phrase that the persona never says";
    return wrong;
}

enum written written_judge(const struct brief *brief, const char *text, const struct writing *writing,
                           const char **wrong)
{
    *wrong = fault_of(brief, text);
    if (!*wrong)
        return WRITTEN_WELL;
    return writing->number < TEXTS_MAX && writing->left >= writing->took ? WRITTEN_AGAIN : WRITTEN_BADLY;
}

uint64_t written_reserve_ms(uint64_t whole_ms)
{
    return MIN(RESERVE_MS, whole_ms / 2);
}
