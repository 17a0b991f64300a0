#include "domain/template.h"

#include <string.h>

#include "base/text.h"
#include "domain/content.h"

static const char no_rules[] = "prompt_rules is required";
static const char turns[] = "turn_count must be between 2 and 20";
static const char words[] = "word_limit must be between 40 and 500";

const struct field template_fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .min = 1,
     .max = 80,
     .missing = "name is required",
     .too_long = "name must be <= 80 chars"},
    {.name = "prompt_rules",
     .kind = FIELD_TEXT,
     .min = 1,
     .max = 1200,
     .missing = no_rules,
     .too_long = "prompt_rules must be <= 1200 chars"},
    {.name = "turn_count", .kind = FIELD_INTEGER, .min = 2, .max = 20, .missing = turns, .out_of_range = turns},
    {.name = "word_limit", .kind = FIELD_INTEGER, .min = 40, .max = 500, .missing = words, .out_of_range = words},
    {.name = "is_public", .kind = FIELD_BOOLEAN, .default_text = "false"},
    {.kind = FIELD_END},
};

/* As squeezed() leaves them: folded, without blanks, '_' and '-'. */
static const char *const injections[] = {
    "systemprompt",
    "systemmessage",
    "developermessage",
    "developerprompt",
    "hiddeninstruction",
    "hiddenprompt",
    "promptinjection",
    "ignorepreviousinstruction",
    "ignoreallpreviousinstruction",
    "ignorethepreviousinstruction",
    "ignorepriorinstruction",
    "ignoreallpriorinstruction",
    "disregardpreviousinstruction",
    "disregardallpreviousinstruction",
    "<system>",
    "</system>",
    "<|system|>",
    "<developer>",
    "</developer>",
    "<|imstart|>",
    "sistemistemi",
    "sistemmesaji",
    "oncekitalimatlariyoksay",
    "oncekitalimatlarigormezdengel",
    "oncekitalimatlariunut",
    NULL,
};

/* The folded text without the characters that only separate words. */
static char *squeezed(struct arena *arena, const char *folded)
{
    char *line = text_one_line(arena, folded), *out = line;
    for (const char *c = line; *c; c++)
        if (!strchr(" _-", *c))
            *out++ = *c;
    *out = '\0';
    return line;
}

static bool injects(struct arena *arena, const char *folded)
{
    const char *text = squeezed(arena, folded);
    for (const char *const *pattern = injections; *pattern; pattern++)
        if (strstr(text, *pattern))
            return true;
    return false;
}

static bool has_link(const char *folded)
{
    return content_links(folded) > 0 || strstr(folded, "mailto:");
}

const char *template_rules_check(const char *rules)
{
    struct arena *arena = arena_new();
    const char *folded = text_fold(arena, rules);
    const char *wrong = injects(arena, folded) ? "prompt_rules contains forbidden instruction pattern"
                        : has_link(folded)     ? "prompt_rules cannot include external links"
                                               : NULL;
    arena_free(arena);
    return wrong;
}
