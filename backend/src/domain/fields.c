#include "domain/fields.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_values.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/uuid.h"

static const char not_one_object[] = "request body must contain a single JSON object";
static const char too_many_values[] = "request body must not contain more than 1000 values";

/* Reads one value into one parameter; NULL, or the sentence for the client. */
typedef const char *read_fn(const struct field *, const json_t *, struct arena *, const char **param);

static const char *sentence(const struct field *field, const char *given, struct arena *arena)
{
    return given ? given : arena_printf(arena, "%s is invalid", field->name);
}

static const char *wrong_type(const struct field *field, const char *wanted, struct arena *arena)
{
    return arena_printf(arena, "%s must be %s", field->name, wanted);
}

static const char *absent(const struct field *field, const char **param)
{
    *param = field->default_text;
    return field->missing;
}

static bool over(int64_t bound, size_t count)
{
    return bound > 0 && count > (size_t)bound;
}

static bool is_longer(int64_t bound, const char *text)
{
    return bound > 0 && utf8_exceeds(text, (size_t)bound);
}

static char *trimmed(const json_t *string, struct arena *arena)
{
    return text_trim(arena, json_string_value(string), json_string_length(string));
}

static bool is_choice(const char *const *choices, const char *text)
{
    while (*choices && strcmp(*choices, text) != 0)
        choices++;
    return *choices != NULL;
}

static const char *check_bytes(const struct field *field, size_t count, struct arena *arena)
{
    if (over(field->max, count))
        return sentence(field, field->too_long, arena);
    return count < (size_t)field->min ? sentence(field, field->missing, arena) : NULL;
}

static const char *check_length(const struct field *field, const char *text, struct arena *arena)
{
    if (is_longer(field->max, text))
        return sentence(field, field->too_long, arena);
    bool is_short = field->min > 1 && !utf8_exceeds(text, (size_t)field->min - 1);
    return is_short ? sentence(field, field->missing, arena) : NULL;
}

static const char *read_text(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    if (!json_is_string(json))
        return wrong_type(field, "a string", arena);
    const char *text = trimmed(json, arena);
    if (*text == '\0' && field->only_blank)
        return field->only_blank;
    if (*text == '\0')
        return absent(field, param);
    const char *error = check_length(field, text, arena);
    if (error)
        return error;
    if (field->choices && !is_choice(field->choices, text))
        return sentence(field, field->out_of_range, arena);
    *param = text;
    return NULL;
}

static const char *read_raw_text(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    if (!json_is_string(json))
        return wrong_type(field, "a string", arena);
    *param = arena_copy(arena, json_string_value(json), json_string_length(json));
    return check_bytes(field, json_string_length(json), arena);
}

static const char *read_text_list(const struct field *field, const json_t *json, struct arena *arena,
                                  const char **param)
{
    struct buf list = buf_new(arena);
    size_t kept = 0;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *item = json_array_get(json, i);
        if (!json_is_string(item))
            return wrong_type(field, "a list of strings", arena);
        const char *text = trimmed(item, arena);
        if (*text == '\0')
            continue;
        if (is_longer(field->item_max, text))
            return sentence(field, field->too_long, arena);
        buf_str(&list, kept++ > 0 ? "," : "[");
        buf_json(&list, text);
    }
    if (!json_is_array(json))
        return wrong_type(field, "a list of strings", arena);
    if (field->exactly > 0 ? kept != (size_t)field->exactly : over(field->max, kept))
        return sentence(field, field->wrong_count, arena);
    buf_str(&list, kept > 0 ? "]" : "[]");
    *param = list.text;
    return NULL;
}

/* The whole number that a JSON number stands for. Beyond 2^53 a double may differ from the number
 * that the client wrote. */
static const char *read_integer(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    const double exact = 9007199254740992.0;
    double number = json_real_value(json);
    bool is_exact = fabs(number) < exact, is_bounded = field->min != 0 || field->max != 0;
    if (!json_is_real(json) || trunc(number) != number || (!is_exact && !field->out_of_range))
        return wrong_type(field, "an integer", arena);
    int64_t value = (int64_t)fmax(fmin(number, exact), -exact);
    if (field->too_long && value > field->max)
        return field->too_long;
    if (!is_exact || (field->max != 0 && value > field->max) || (is_bounded && value < field->min))
        return sentence(field, field->out_of_range, arena);
    *param = arena_printf(arena, "%lld", (long long)value);
    return NULL;
}

static const char *read_boolean(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    if (!json_is_boolean(json))
        return wrong_type(field, "true or false", arena);
    *param = json_is_true(json) ? "true" : "false";
    return NULL;
}

/* The UUID in lower case, or NULL. */
static const char *read_id(char *text)
{
    if (!uuid_valid(text, strlen(text)))
        return NULL;
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return text;
}

static const char *read_uuid(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    if (!json_is_string(json))
        return wrong_type(field, "a string", arena);
    char *text = trimmed(json, arena);
    if (*text == '\0')
        return absent(field, param);
    *param = read_id(text);
    return *param ? NULL : sentence(field, field->invalid, arena);
}

/* Adds the ids to a Postgres array literal that lacks its closing brace. Hex digits and hyphens
 * need no quotes there. */
static const char *gather_ids(const struct field *field, const json_t *json, struct arena *arena, struct buf *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *item = json_array_get(json, i);
        if (!json_is_string(item))
            return wrong_type(field, "a list of strings", arena);
        char *text = trimmed(item, arena);
        const char *id = read_id(text);
        if (*text == '\0' || (id && strstr(list->text, id)))
            continue;
        if (!id)
            return sentence(field, field->invalid, arena);
        if (over(field->max, ++kept))
            return sentence(field, field->wrong_count, arena);
        buf_printf(list, "%s%s", kept > 1 ? "," : "", id);
    }
    return kept == 0 ? sentence(field, field->only_blank, arena) : NULL;
}

static const char *read_uuid_list(const struct field *field, const json_t *json, struct arena *arena,
                                  const char **param)
{
    if (!json_is_array(json))
        return wrong_type(field, "a list of strings", arena);
    if (json_array_size(json) == 0)
        return absent(field, param);
    struct buf list = buf_new(arena);
    buf_str(&list, "{");
    const char *error = gather_ids(field, json, arena, &list);
    buf_str(&list, "}");
    *param = list.text;
    return error;
}

static const char *read_number_list(const struct field *field, const json_t *json, struct arena *arena,
                                    const char **param)
{
    static const char numbers[] = "a list of integers";
    const struct field id = {.name = field->name, .min = 1};
    struct buf list = buf_new(arena);
    if (!json_is_array(json))
        return wrong_type(field, numbers, arena);
    if (json_array_size(json) == 0)
        return absent(field, param);
    if (over(field->max, json_array_size(json)))
        return sentence(field, field->wrong_count, arena);
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *item = json_array_get(json, i);
        const char *number = NULL;
        if (!json_is_real(item))
            return wrong_type(field, numbers, arena);
        if (read_integer(&id, item, arena, &number))
            return sentence(field, field->invalid, arena);
        buf_printf(&list, "%s%s", i > 0 ? "," : "{", number);
    }
    buf_str(&list, "}");
    *param = list.text;
    return NULL;
}

static const char *read_members(const struct field *field, const json_t *json, struct arena *arena, const char **param);

static const char *read_object(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    if (!json_is_object(json))
        return wrong_type(field, "an object", arena);
    if (field->members)
        return read_members(field, json, arena, param);
    char *text = json_dumps(json, JSON_COMPACT);
    arena_defer(arena, free, text);
    *param = text;
    return NULL;
}

static read_fn *const readers[] = {
    [FIELD_TEXT] = read_text,       [FIELD_RAW_TEXT] = read_raw_text,   [FIELD_TEXT_LIST] = read_text_list,
    [FIELD_INTEGER] = read_integer, [FIELD_BOOLEAN] = read_boolean,     [FIELD_OBJECT] = read_object,
    [FIELD_UUID] = read_uuid,       [FIELD_UUID_LIST] = read_uuid_list, [FIELD_NUMBER_LIST] = read_number_list,
};

static bool is_absent(const json_t *json)
{
    return !json || json_is_null(json) || (json_is_string(json) && json_string_length(json) == 0);
}

static bool fields_have(const struct field *fields, const char *name)
{
    for (; fields->kind != FIELD_END; fields++)
        if (strcmp(fields->name, name) == 0)
            return true;
    return false;
}

/* The client's name of a field, made safe to quote in an error. */
static const char *quotable(const char *name, struct arena *arena)
{
    enum { MAX_NAME = 40, LOOKED_AT = 4 * MAX_NAME };
    char *shown = text_preview(arena, arena_copy(arena, name, utf8_bytes(name, LOOKED_AT)), MAX_NAME);
    for (char *quote = shown; (quote = strchr(quote, '"'));)
        *quote = '\'';
    return shown;
}

static const char *check_names(const struct field *fields, const json_t *json, struct arena *arena)
{
    const char *name;
    json_t *object = (json_t *)(uintptr_t)json, *value; /* it is only looked at */
    json_object_foreach (object, name, value)
        if (!fields_have(fields, name))
            return arena_printf(arena, "unknown field \"%s\"", quotable(name, arena));
    return NULL;
}

static const char *read_value(const struct field *field, const json_t *value, struct arena *arena, const char **param)
{
    return is_absent(value) ? absent(field, param) : readers[field->kind](field, value, arena, param);
}

static void add_member(struct buf *out, const struct field *field, const char *param)
{
    bool is_text = field->kind == FIELD_TEXT || field->kind == FIELD_RAW_TEXT || field->kind == FIELD_UUID;
    buf_str(out, out->len > 1 ? "," : "");
    buf_json(out, field->name);
    buf_str(out, ":");
    if (is_text)
        buf_json(out, param);
    else
        buf_str(out, param);
}

static const char *read_members(const struct field *field, const json_t *json, struct arena *arena, const char **param)
{
    struct buf out = buf_new(arena);
    const char *error = check_names(field->members, json, arena);
    buf_str(&out, "{");
    for (const struct field *member = field->members; !error && member->kind != FIELD_END; member++) {
        const json_t *value = json_object_get(json, member->name);
        const char *read = NULL;
        if (value && !json_is_null(value))
            error = read_value(member, value, arena, &read);
        if (!error && read)
            add_member(&out, member, read);
    }
    buf_str(&out, "}");
    *param = out.text;
    return error;
}

static const char *read_all(const struct field *fields, json_t *object, struct arena *arena, const char **params)
{
    const char *error = check_names(fields, object, arena);
    for (int i = 0; !error && fields[i].kind != FIELD_END; i++)
        error = read_value(&fields[i], json_object_get(object, fields[i].name), arena, &params[i]);
    return error;
}

static bool is_empty(const char *body, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", body[len - 1]) && body[len - 1] != '\0')
        len--;
    return len == 0;
}

/* jansson refuses invalid UTF-8, NULs and trailing data by itself. Integers come as doubles, so
 * that one of any size is a number. Each value costs it an allocation or several, and 64 KiB have
 * room for 20,000: they are counted first. */
const char *fields_read(const struct field *fields, const char *body, size_t len, struct arena *arena,
                        const char **params)
{
    enum { STRICT = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL };
    if (json_values(body, len) > FIELDS_VALUES_MAX)
        return too_many_values;
    json_t *object = is_empty(body, len) ? json_object() : json_loadb(body, len, STRICT, NULL);
    const char *error = json_is_object(object) ? read_all(fields, object, arena, params) : not_one_object;
    json_decref(object);
    return error;
}

int fields_count(const struct field *fields)
{
    int count = 0;
    while (fields[count].kind != FIELD_END)
        count++;
    return count;
}
