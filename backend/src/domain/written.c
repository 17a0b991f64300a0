#include "domain/written.h"

#include "domain/content.h"

enum { TEXTS_MAX = 2 };

static const char *fault_of(const struct brief *brief, const char *text)
{
    const struct texts *never = &brief->persona.do_not_say;
    const char *wrong = content_check(text, brief->max_chars ? (size_t)brief->max_chars : SIZE_MAX);
    if (!wrong && content_said(text, never->items, never->count))
        wrong = "content says a phrase that the persona never says";
    return wrong;
}

enum written written_judge(const struct brief *brief, const char *text, int number, const char **wrong)
{
    *wrong = fault_of(brief, text);
    if (!*wrong)
        return WRITTEN_WELL;
    return number < TEXTS_MAX ? WRITTEN_AGAIN : WRITTEN_BADLY;
}
