#include "api/openapi/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "api/http/answer.h"
#include "api/http/caching.h"
#include "api/http/idempotency.h"
#include "api/http/router.h"
#include "api/openapi/parts.h"
#include "base/buf.h"
#include "schemas.h"
#include "version.h"

static char *document, etag[24];

/* ---- a route ---- */

struct segment {
    const char *name, *what;
    int name_len, what_len;
};

/* The next {name:what} at or after `path`; returns what follows it, or NULL. */
static const char *next_segment(const char *path, struct segment *segment)
{
    const char *open = strchr(path, '{');
    if (!open)
        return NULL;
    *segment = (struct segment){.name = open + 1, .name_len = (int)strcspn(open + 1, ":}"), .what_len = 0};
    segment->what = segment->name + segment->name_len;
    if (*segment->what == ':')
        segment->what_len = (int)strcspn(++segment->what, "}");
    return segment->what + segment->what_len;
}

/* "room id", but neither "slug" nor "asset name" */
static bool is_id(const struct segment *segment)
{
    static const char id[] = " id";
    size_t len = (size_t)segment->what_len, id_len = strlen(id);
    return len > id_len && strncmp(segment->what + len - id_len, id, id_len) == 0;
}

/* "room id" is a UUID, "slug" any text; notifications alone are numbered. */
static json_t *segment_schema(const struct segment *segment)
{
    static const char number[] = "notification id";
    size_t len = (size_t)segment->what_len;
    if (len == strlen(number) && strncmp(segment->what, number, len) == 0)
        return json_pack("{s:s, s:s}", "type", "integer", "format", "int64");
    if (is_id(segment))
        return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
    return json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
}

static json_t *idempotency_key(void)
{
    static const char what[] =
        "Repeated with its key, a request has one effect: for 24 hours it is answered as the first time, with "
        "`Idempotency-Replayed: true`. Path, query and body must be the same bytes.";
    return json_pack("{s:s, s:s, s:b, s:s, s:{s:s, s:s}}", "name", "Idempotency-Key", "in", "header", "required", 0,
                     "description", what, "schema", "type", "string", "pattern", "^[A-Za-z0-9._-]{1,128}$");
}

/* The page of the route's path; NULL: it has none. */
static const struct route *page_of(const struct route *route)
{
    for (int i = 0; i < page_count; i++)
        if (pages[i].method == route->method && strcmp(pages[i].path, route->path) == 0)
            return &pages[i];
    return NULL;
}

static void add_query(json_t *list, const struct field *fields)
{
    json_t *query = openapi_query(fields);
    json_array_extend(list, query);
    json_decref(query);
}

static json_t *parameters(const struct route *route)
{
    json_t *list = json_array();
    struct segment segment;
    for (const char *at = route->path; (at = next_segment(at, &segment));)
        json_array_append_new(list, json_pack("{s:s%, s:s, s:b, s:o}", "name", segment.name, (size_t)segment.name_len,
                                              "in", "path", "required", 1, "schema", segment_schema(&segment)));
    add_query(list, route->query);
    if (page_of(route))
        add_query(list, page_of(route)->query);
    if (route->keeps_answer)
        json_array_append_new(list, idempotency_key());
    return list;
}

static void add_id_errors(json_t *answers, const struct route *route)
{
    struct arena *arena = arena_new();
    struct segment segment;
    for (const char *at = route->path; (at = next_segment(at, &segment));) {
        if (!is_id(&segment))
            continue;
        openapi_add_error(answers, 400, arena_printf(arena, "%.*s is required", segment.what_len, segment.what));
        openapi_add_error(answers, 400, arena_printf(arena, "%.*s is invalid", segment.what_len, segment.what));
    }
    arena_free(arena);
}

/* Adds the answers of the pipeline, before and after the route's own statement or handler. */
static void add_rules(json_t *answers, const struct route *route)
{
    bool asks_database = route->sql != SQL_NONE || route->body || route->who != ANYONE;
    openapi_add_shared(answers, 403);
    if (route->who == USER || route->audience == FOR_OPERATORS)
        openapi_add_shared(answers, 401);
    add_id_errors(answers, route);
    openapi_query_errors(answers, route->query);
    if (route->body) {
        openapi_add(answers,
                    "400 request body must contain a single JSON object | 400 unknown field | "
                    "400 request body must not contain more than 1000 values");
        openapi_body_errors(answers, route->body);
        openapi_add_shared(answers, 413);
    }
    if (route->keeps_answer)
        openapi_add(answers, IDEMPOTENCY_ANSWERS);
    openapi_add_error(answers, 429, limit_sentence(route->limit));
    if (asks_database) {
        openapi_add_shared(answers, 503);
        openapi_add_shared(answers, 504);
    }
}

/* Where the path has a page, a 200 is that for who would rather have it. */
static void add_page(json_t *made, const struct route *route)
{
    json_t *content = json_object_get(json_object_get(made, "200"), "content");
    if (page_of(route))
        json_object_set_new(content, "text/html", json_pack("{s:{s:s}}", "schema", "type", "string"));
}

static json_t *responses(const struct route *route, const json_t *schemas)
{
    json_t *answers = json_object();
    openapi_add(answers, sql_statements[route->sql].answers);
    openapi_add(answers, route->answers);
    add_rules(answers, route);
    json_t *made = openapi_responses(answers, schemas);
    json_decref(answers);
    add_page(made, route);
    return made;
}

static json_t *security(const struct route *route)
{
    if (route->audience == FOR_OPERATORS)
        return json_pack("[{}, {s:[]}]", "metrics");
    switch (route->who) {
    case USER: return json_pack("[{s:[]}]", "bearer");
    case VISITOR: return json_pack("[{}, {s:[]}]", "bearer");
    case ANYONE: break;
    }
    return json_array();
}

/* "get_rooms_id_posts" */
static json_t *operation_id(const char *method, const char *label)
{
    json_t *id = json_sprintf("%s%s", method, label);
    char *text = must_strdup(json_string_value(id));
    char *to = text;
    for (const char *c = text; *c; c++)
        if (*c != '{' && *c != '}')
            *to++ = *c == '/' || *c == '.' || *c == '-' ? '_' : *c;
    *to = '\0';
    json_string_set(id, text);
    free(text);
    return id;
}

static json_t *operation(const struct route *route, const char *method, const char *label, const json_t *schemas)
{
    json_t *made = json_pack("{s:o, s:o, s:o, s:o}", "operationId", operation_id(method, label), "parameters",
                             parameters(route), "security", security(route), "responses", responses(route, schemas));
    if (!route->body)
        return made;
    bool required = false;
    for (const struct field *field = route->body; field->kind != FIELD_END; field++)
        required = required || field->missing;
    json_object_set_new(made, "requestBody",
                        json_pack("{s:b, s:{s:{s:o}}}", "required", required, "content", "application/json", "schema",
                                  openapi_body(route->body)));
    return made;
}

static json_t *paths(const json_t *schemas)
{
    static const char *const methods[] = {
        [METHOD_GET] = "get", [METHOD_POST] = "post", [METHOD_PUT] = "put", [METHOD_DELETE] = "delete"};
    json_t *all = json_object();
    for (int i = 0; i < route_count; i++) {
        char label[96];
        router_label(label, sizeof label, &routes[i]);
        if (!json_object_get(all, label))
            json_object_set_new(all, label, json_object());
        json_object_set_new(json_object_get(all, label), methods[routes[i].method],
                            operation(&routes[i], methods[routes[i].method], label, schemas));
    }
    return all;
}

/* ---- the document ---- */

static const char about[] =
    "Errors are `{error, code, request_id}`; the codes are stable. A field without value is left out. Lengths count "
    "Unicode code points after trimming "
    "white space. An unknown path answers 404, a path without this method 405 with `Allow`; HEAD works where GET does. "
    "A request that can't be read "
    "answers 400, 408, 413 or 431. Drafts and previews come as server-sent events where Accept prefers "
    "text/event-stream: `start {persona_id, quota}`, `text {label?, delta}`, `restart {label?, reason}` (all shown is "
    "void), and at the end `done` with the JSON answer, or `error {error, code, status, request_id, retry_after?}`. "
    "Where 200 may be `text/html`, it is for who names that in `Accept` with more weight "
    "than JSON has, and for crawlers of search engines and previews that accept anything; errors are pages then.";

/* FNV-1a, 64 bits (RFC 9923). */
static uint64_t fingerprint(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    return hash;
}

void openapi_make(void)
{
    json_t *schemas = json_loads(schemas_json, 0, NULL);
    json_t *schemes = json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}}", "bearer", "type", "http", "scheme", "bearer",
                                "bearerFormat", "JWT", "metrics", "type", "http", "scheme", "bearer", "description",
                                "METRICS_TOKEN, where the service has one");
    json_t *made =
        json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:{s:o, s:o, s:o}}", "openapi", "3.1.0", "info", "title",
                  "PersonaWorlds", "version", PW_VERSION, "description", about, "paths", paths(schemas), "components",
                  "securitySchemes", schemes, "responses", openapi_shared_responses(), "schemas", schemas);
    document = json_dumps(made, JSON_COMPACT);
    json_decref(made);
    snprintf(etag, sizeof etag, "\"%016llx\"", (unsigned long long)fingerprint(document));
}

void openapi_free(void)
{
    free(document);
    document = NULL;
}

void openapi_show(struct call *call)
{
    http_add_header(call->http, "ETag", etag);
    if (!*call->api->config->metrics_token) /* else it is private: api/http/caching.h */
        http_add_header(call->http, "Cache-Control", "no-cache");
    if (etag_is_known(call->http, etag))
        call_answer_text(call, 304, "application/json", "", 0);
    else
        call_answer(call, 200, document);
}
