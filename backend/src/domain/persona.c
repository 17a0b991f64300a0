#include "domain/persona.h"

/* MAX_DRAFT_QUOTA and MAX_REPLY_QUOTA are the bounds (api/personas.h). */
#define MAX_QUOTA INT64_C(1000000000000)

static const char *const languages[] = {"tr", "en", NULL};
static const char three_samples[] = "writing_samples must contain exactly 3 short examples";
static const char positive_quotas[] = "quotas must be positive";

/* What persona_fields and persona_update_fields begin with. A macro, as an array's initializer
 * can't take over another array's elements. */
#define DESCRIPTION_FIELDS                                                                                           \
    {.name = "name",                                                                                                 \
     .kind = FIELD_TEXT,                                                                                             \
     .min = 1,                                                                                                       \
     .max = 80,                                                                                                      \
     .missing = "name is required",                                                                                  \
     .too_long = "name must be <= 80 chars"},                                                                        \
        {.name = "bio", .kind = FIELD_TEXT, .max = 500, .too_long = "bio must be <= 500 chars", .default_text = ""}, \
        {.name = "tone",                                                                                             \
         .kind = FIELD_TEXT,                                                                                         \
         .max = 60,                                                                                                  \
         .too_long = "tone must be <= 60 chars",                                                                     \
         .default_text = "neutral"},                                                                                 \
        {.name = "writing_samples",                                                                                  \
         .kind = FIELD_TEXT_LIST,                                                                                    \
         .exactly = 3,                                                                                               \
         .item_max = 180,                                                                                            \
         .missing = three_samples,                                                                                   \
         .wrong_count = three_samples,                                                                               \
         .too_long = "writing_samples items must be <= 180 chars"},                                                  \
        {.name = "do_not_say",                                                                                       \
         .kind = FIELD_TEXT_LIST,                                                                                    \
         .max = 50,                                                                                                  \
         .item_max = 120,                                                                                            \
         .wrong_count = "do_not_say must contain at most 50 items",                                                  \
         .too_long = "do_not_say items must be <= 120 chars",                                                        \
         .default_text = "[]"},                                                                                      \
        {.name = "catchphrases",                                                                                     \
         .kind = FIELD_TEXT_LIST,                                                                                    \
         .max = 20,                                                                                                  \
         .item_max = 80,                                                                                             \
         .wrong_count = "catchphrases must contain at most 20 items",                                                \
         .too_long = "catchphrases items must be <= 80 chars",                                                       \
         .default_text = "[]"},                                                                                      \
        {.name = "preferred_language",                                                                               \
         .kind = FIELD_TEXT,                                                                                         \
         .choices = languages,                                                                                       \
         .out_of_range = "preferred_language must be tr or en",                                                      \
         .default_text = "en"},                                                                                      \
        {.name = "formality",                                                                                        \
         .kind = FIELD_INTEGER,                                                                                      \
         .min = 0,                                                                                                   \
         .max = 3,                                                                                                   \
         .out_of_range = "formality must be between 0 and 3",                                                        \
         .default_text = "1"}

/* Quotas of zero and below are let through, as far down as Postgres' integer goes: for a new
 * persona they mean "not said", and personas/create puts the default quota in their place. */
const struct field persona_fields[] = {
    DESCRIPTION_FIELDS,
    {.name = "daily_draft_quota",
     .kind = FIELD_INTEGER,
     .min = INT32_MIN,
     .max = MAX_QUOTA,
     .out_of_range = "daily_draft_quota must be <= 1000000000000"},
    {.name = "daily_reply_quota",
     .kind = FIELD_INTEGER,
     .min = INT32_MIN,
     .max = MAX_QUOTA,
     .out_of_range = "daily_reply_quota must be <= 1000000000000"},
    {.kind = FIELD_END},
};

const struct field persona_update_fields[] = {
    DESCRIPTION_FIELDS,
    {.name = "daily_draft_quota",
     .kind = FIELD_INTEGER,
     .min = 1,
     .max = MAX_QUOTA,
     .missing = positive_quotas,
     .out_of_range = positive_quotas,
     .too_long = "daily_draft_quota must be <= 1000000000000"},
    {.name = "daily_reply_quota",
     .kind = FIELD_INTEGER,
     .min = 1,
     .max = MAX_QUOTA,
     .missing = positive_quotas,
     .out_of_range = positive_quotas,
     .too_long = "daily_reply_quota must be <= 1000000000000"},
    {.kind = FIELD_END},
};
