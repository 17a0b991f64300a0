#include "api/search.h"

#include <string.h>

#include "api/http/paging.h"
#include "api/http/queries.h"
#include "base/text.h"
#include "base/utf8.h"

enum { LEAST = 2, MOST = 100, USUAL_PAGE = 20 };

static const char wrong_text[] = "q must be 2 to 100 characters";
static const char *const kinds[] = {"battle", "persona", "template", "room", NULL};
static const char wrong_kind[] = "kind must be battle, persona, template or room";

const struct field search_query[] = {
    {.name = "q", .kind = FIELD_TEXT, .min = LEAST, .max = MOST, .missing = wrong_text, .too_long = wrong_text},
    {.name = "kind", .kind = FIELD_TEXT, .choices = kinds, .out_of_range = wrong_kind},
    LIMIT_PARAMETER,
    CURSOR_PARAMETER,
    {.kind = FIELD_END},
};

/* Composed, as keyboards write it. NULL: it can't be searched for. */
static const char *asked_text(struct call *call)
{
    const char *text = call_query_value(call, "q");
    if (!text || !utf8_valid(text, strlen(text)))
        return NULL;
    text = text_compose(call->arena, text_trim(call->arena, text, strlen(text)));
    size_t count = utf8_count(text, strlen(text));
    return count >= LEAST && count <= MOST ? text : NULL;
}

static bool is_kind(const char *kind)
{
    for (const char *const *known = kinds; *known; known++)
        if (strcmp(kind, *known) == 0)
            return true;
    return false;
}

const char *search_prepare(struct call *call)
{
    const char *text = asked_text(call), *kind = call_query_value(call, "kind");
    if (!text)
        return wrong_text;
    if (kind && *kind && !is_kind(kind))
        return wrong_kind;
    call_param(call, text);
    call_param(call, kind && *kind ? kind : NULL);
    const char *wrong = paging_limit(call, USUAL_PAGE);
    return wrong ? wrong : paging_cursor(call);
}
