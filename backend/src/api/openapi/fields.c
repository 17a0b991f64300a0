#include "api/openapi/parts.h"

#include <string.h>

/* A kind of fields in JSON Schema, and in the sentence of the 400 for another type. */
struct schema_kind {
    const char *type, *format, *item_type, *item_format, *wrong_type;
};

static const struct schema_kind kinds[] = {
    [FIELD_TEXT] = {"string", .wrong_type = "a string"},
    [FIELD_RAW_TEXT] = {"string", .wrong_type = "a string"},
    [FIELD_TEXT_LIST] = {"array", .item_type = "string", .wrong_type = "a list of strings"},
    [FIELD_INTEGER] = {"integer", .wrong_type = "an integer"},
    [FIELD_BOOLEAN] = {"boolean", .wrong_type = "true or false"},
    [FIELD_UUID] = {"string", .format = "uuid", .wrong_type = "a string"},
    [FIELD_UUID_LIST] = {"array", .item_type = "string", .item_format = "uuid", .wrong_type = "a list of strings"},
    [FIELD_NUMBER_LIST] = {"array", .item_type = "integer", .wrong_type = "a list of integers"},
};

static const struct schema_kind *schema_kind(const struct field *field)
{
    static const struct schema_kind object = {"object", .wrong_type = "an object"};
    return (size_t)field->kind < COUNT(kinds) && kinds[field->kind].type ? &kinds[field->kind] : &object;
}

static bool is(const struct field *field, const char *type)
{
    return strcmp(schema_kind(field)->type, type) == 0;
}

static void set_bound(json_t *schema, const char *name, int64_t bound)
{
    if (bound != 0)
        json_object_set_new(schema, name, json_integer(bound));
}

static json_t *choices(const struct field *field)
{
    json_t *list = json_array();
    for (const char *const *choice = field->choices; *choice; choice++)
        json_array_append_new(list, json_string(*choice));
    return list;
}

static json_t *item_schema(const struct field *field)
{
    const struct schema_kind *kind = schema_kind(field);
    json_t *item = json_pack("{s:s, s:s*}", "type", kind->item_type, "format", kind->item_format);
    set_bound(item, "minimum", field->kind == FIELD_NUMBER_LIST);
    set_bound(item, "maxLength", field->item_max);
    return item;
}

static json_t *field_schema(const struct field *field);

/* Each may be left out, or null. */
static void set_members(json_t *schema, const struct field *members)
{
    json_t *properties = json_object();
    for (; members->kind != FIELD_END; members++) {
        json_t *member = field_schema(members);
        json_object_set_new(properties, members->name,
                            members->missing ? json_pack("{s:[o, {s:s}]}", "anyOf", member, "type", "null") : member);
    }
    json_object_set_new(schema, "additionalProperties", json_false());
    json_object_set_new(schema, "properties", properties);
}

/* JSON Schema counts code points as we do, but before trimming, so it can't bound a padded text
 * exactly. */
static json_t *value_schema(const struct field *field)
{
    json_t *schema = json_pack("{s:s, s:s*}", "type", schema_kind(field)->type, "format", schema_kind(field)->format);
    if (is(field, "integer") && (field->min != 0 || field->max != 0)) {
        json_object_set_new(schema, "minimum", json_integer(field->min));
        set_bound(schema, "maximum", field->max);
    } else if (is(field, "string")) {
        set_bound(schema, "minLength", field->min);
        set_bound(schema, "maxLength", field->max);
    } else if (is(field, "array")) {
        set_bound(schema, "minItems", MAX(field->exactly, field->missing ? 1 : 0));
        set_bound(schema, "maxItems", MAX(field->exactly, field->max));
        json_object_set_new(schema, "items", item_schema(field));
    }
    if (field->choices)
        json_object_set_new(schema, "enum", choices(field));
    if (field->members)
        set_members(schema, field->members);
    return schema;
}

/* In an optional field null and "" mean absent. */
static json_t *field_schema(const struct field *field)
{
    json_t *schema = value_schema(field);
    return field->missing ? schema : json_pack("{s:[o, {s:[n, s]}]}", "anyOf", schema, "enum", "");
}

json_t *openapi_body(const struct field *fields)
{
    json_t *properties = json_object(), *required = json_array();
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        json_object_set_new(properties, field->name, field_schema(field));
        if (field->missing)
            json_array_append_new(required, json_string(field->name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0, "required", required,
                     "properties", properties);
}

json_t *openapi_query(const struct field *fields)
{
    json_t *list = json_array();
    for (const struct field *field = fields; field && field->kind != FIELD_END; field++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", field->name, "in", "query", "required",
                                              field->missing != NULL, "schema", value_schema(field)));
    return list;
}

static void add_own_errors(json_t *answers, const struct field *field)
{
    const char *own[] = {field->missing,      field->too_long, field->wrong_count,
                         field->out_of_range, field->invalid,  field->only_blank};
    for (size_t i = 0; i < COUNT(own); i++)
        openapi_add_error(answers, 400, own[i]);
}

void openapi_query_errors(json_t *answers, const struct field *fields)
{
    for (const struct field *field = fields; field && field->kind != FIELD_END; field++)
        add_own_errors(answers, field);
}

void openapi_body_errors(json_t *answers, const struct field *fields)
{
    struct arena *arena = arena_new();
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        add_own_errors(answers, field);
        openapi_add_error(answers, 400,
                          arena_printf(arena, "%s must be %s", field->name, schema_kind(field)->wrong_type));
        openapi_add_error(answers, 400, arena_printf(arena, "%s is invalid", field->name));
        if (field->members)
            openapi_body_errors(answers, field->members);
    }
    arena_free(arena);
}
