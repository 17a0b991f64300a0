/* Covers: base/json_values.c domain/fields.c */
#include "domain/fields.h"
#include "base/json_values.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "domain/persona.h"
#include "fuzz.h"

static const char *const colours[] = {"red", "green", NULL};

static const struct field members[] = {
    {.name = "text", .kind = FIELD_TEXT, .min = 2, .max = 5, .missing = "text is required"},
    {.name = "list", .kind = FIELD_TEXT_LIST, .max = 3, .item_max = 4, .default_text = "[]"},
    {.name = "number", .kind = FIELD_INTEGER, .min = -5, .max = 5, .out_of_range = "number is out of range"},
    {.name = "flag", .kind = FIELD_BOOLEAN},
    {.kind = FIELD_END},
};

/* Every kind, with and without bounds. */
static const struct field table[] = {
    {.name = "text", .kind = FIELD_TEXT, .min = 2, .max = 5, .missing = "text is required"},
    {.name = "blank", .kind = FIELD_TEXT, .only_blank = "blank is blank", .default_text = "none"},
    {.name = "colour", .kind = FIELD_TEXT, .choices = colours},
    {.name = "raw", .kind = FIELD_RAW_TEXT, .min = 1, .max = 8},
    {.name = "list", .kind = FIELD_TEXT_LIST, .max = 3, .item_max = 4, .default_text = "[]"},
    {.name = "pair", .kind = FIELD_TEXT_LIST, .exactly = 2, .item_max = 4},
    {.name = "number", .kind = FIELD_INTEGER, .min = -5, .max = 5, .out_of_range = "number is out of range"},
    {.name = "any", .kind = FIELD_INTEGER},
    {.name = "quota", .kind = FIELD_INTEGER, .min = INT32_MIN, .max = 10, .too_long = "quota is too large"},
    {.name = "flag", .kind = FIELD_BOOLEAN},
    {.name = "id", .kind = FIELD_UUID, .invalid = "id is no id"},
    {.name = "object", .kind = FIELD_OBJECT},
    {.name = "voice", .kind = FIELD_OBJECT, .members = members},
    {.name = "ids", .kind = FIELD_UUID_LIST, .max = 2},
    {.name = "numbers", .kind = FIELD_NUMBER_LIST, .max = 3},
    {.kind = FIELD_END},
};

static void check_param(const struct field *field, const char *param)
{
    INVARIANT(param || !field->missing || field->kind == FIELD_INTEGER);
    if (!param)
        return;
    INVARIANT(utf8_valid(param, strlen(param)));
    if (field->kind == FIELD_TEXT && field->max && param != field->default_text)
        INVARIANT(utf8_count(param, strlen(param)) <= (size_t)field->max && *param != ' ');
    if (field->kind == FIELD_UUID)
        INVARIANT(uuid_valid(param, strlen(param)));
    if (field->kind == FIELD_INTEGER)
        INVARIANT(param[strspn(param, "-0123456789")] == '\0' && *param != '\0');
    if (field->members)
        INVARIANT(json_values(param, strlen(param)) > 1 && *param == '{' && param[strlen(param) - 1] == '}');
    if (field->kind == FIELD_UUID_LIST)
        INVARIANT(*param == '{' && param[strlen(param) - 1] == '}' && strlen(param) <= 2 + 2 * 36 + 1);
    if (field->kind == FIELD_NUMBER_LIST)
        INVARIANT(*param == '{' && param[1 + strspn(param + 1, "0123456789,")] == '}');
}

static void read_by(const struct field *fields, const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    int count = fields_count(fields);
    const char **params = arena_alloc(arena, (size_t)count * sizeof *params);
    const char *error = fields_read(fields, (const char *)data, size, arena, params);
    for (int i = 0; !error && i < count; i++)
        check_param(&fields[i], params[i]);
    INVARIANT(!error || utf8_valid(error, strlen(error)));
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_by(table, data, size);
    read_by(persona_fields, data, size);
    return 0;
}
