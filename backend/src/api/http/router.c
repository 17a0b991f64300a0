#include "api/http/router.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/url.h"
#include "base/utf8.h"
#include "base/uuid.h"

char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus)
{
    char *out = arena_copy(arena, text, len);
    for (char *at = out; plus && (at = strchr(at, '+')); at++)
        *at = ' ';
    bool is_whole = strlen(out) == len;
    return is_whole && url_decode(out) && utf8_valid(out, strlen(out)) ? out : NULL;
}

static bool is_unreserved(char c)
{
    return isalnum((unsigned char)c) || strchr("-._~", c);
}

/* The path with letters, digits and "-._~" as they are, which mean the same percent-encoded (RFC
 * 3986, section 6.2.2.2); what else is encoded, like a '/', stays so. A malformed path stays as it
 * is: what is decoded in it could make a code of the rest. */
static const char *normal_path(struct arena *arena, const char *path)
{
    if (!strchr(path, '%'))
        return path;
    char *out = arena_strdup(arena, path), *end = out;
    for (const char *in = path; *in; in++) {
        char code[] = {in[0], in[1], in[1] ? in[2] : '\0', '\0'};
        if (*in == '%' && !url_decode(code))
            return path;
        bool is_letter = *in == '%' && is_unreserved(*code);
        *end++ = is_letter ? *code : *in;
        in += is_letter ? 2 : 0;
    }
    *end = '\0';
    return out;
}

/* Walks pattern and path together, segment by segment. A variable matches any segment, even an
 * empty one: router_check_ids has the better error. */
static bool matches(const char *pattern, const char *path, const char *segments[2], size_t lengths[2])
{
    int n = 0;
    while (*pattern) {
        if (*pattern == '{') {
            segments[n] = path;
            lengths[n] = strcspn(path, "/");
            path += lengths[n++];
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

/* ---- the rows ---- */

int route_row_count(void)
{
    return route_count + page_count;
}

const struct route *route_row(int place)
{
    return place < route_count ? &routes[place] : &pages[place - route_count];
}

int route_place(const struct route *route)
{
    return (int)(route->page ? route_count + (route - pages) : route - routes);
}

/* ---- kinds of variables ---- */

static bool is_uuid(const char *text)
{
    return uuid_valid(text, strlen(text));
}

static bool is_positive_number(const char *text)
{
    errno = 0;
    return strspn(text, "0123456789") == strlen(text) && strtoll(text, NULL, 10) > 0 && errno == 0;
}

static const struct variable_kind {
    const char *name;                                     /* in the pattern, after the colon */
    bool (*valid)(const char *text);                      /* NULL: anything is */
    char *(*normalise)(struct arena *, const char *text); /* NULL: as it is */
} kinds[] = {
    {"slug", .normalise = text_slug},
    {"asset name", .valid = NULL},
    {"notification id", .valid = is_positive_number},
};

/* `name` as it stands in a pattern, up to the brace. */
static const struct variable_kind *variable_kind(const char *name)
{
    static const struct variable_kind id = {.valid = is_uuid};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        size_t len = strlen(kinds[i].name);
        if (strncmp(name, kinds[i].name, len) == 0 && name[len] == '}')
            return &kinds[i];
    }
    return &id;
}

/* The name of the next variable at or after `pattern`. */
static const char *variable_name(const char *pattern)
{
    return strchr(pattern, ':') + 1;
}

/* ---- finding ---- */

static bool is_served(const struct route *route, enum served served)
{
    return served == SERVES_ALL || route->audience == FOR_EVERYBODY ||
           (served == SERVES_OPERATORS) == (route->audience == FOR_OPERATORS);
}

/* Whether `pattern` has a static segment where `other`, which matches the same path, first has a
 * variable. */
static bool is_narrower(const char *pattern, const char *other)
{
    while (*pattern && *pattern == *other)
        pattern++, other++;
    return *other == '{';
}

static void read_ids(struct arena *arena, const char *ids[2], const char *name, const char *const segments[2],
                     const size_t lengths[2])
{
    for (int i = 0; i < 2; i++) {
        ids[i] = NULL;
        if (!segments[i])
            continue;
        name = variable_name(name);
        const struct variable_kind *kind = variable_kind(name);
        const char *decoded = percent_decode(arena, segments[i], lengths[i], false);
        const char *id = decoded ? decoded : "?"; /* malformed: "?" is no valid id, and an empty slug */
        ids[i] = kind->normalise ? kind->normalise(arena, id) : id;
    }
}

/* Looks at one row. */
static void consider(struct arena *arena, const struct route *route, enum method method, const char *path,
                     struct match *match)
{
    const struct route **found = route->page ? &match->page : &match->route;
    const char *segments[2] = {NULL, NULL};
    size_t lengths[2] = {0, 0};
    if (!matches(route->path, path, segments, lengths))
        return;
    match->path_known = match->path_known || !route->page;
    if (route->method != method || (*found && !is_narrower(route->path, (*found)->path)))
        return;
    *found = route;
    read_ids(arena, route->page ? match->page_ids : match->ids, route->path, segments, lengths);
}

/* By their first letters, which most rows go by: a walk costs ten times as much. */
static bool begins_alike(const char *pattern, const char *path)
{
    return pattern[1] == '{' || (*path == '/' && pattern[1] == path[1]);
}

struct match router_find(struct arena *arena, enum served served, enum method method, const char *path)
{
    struct match match = {0};
    path = normal_path(arena, path);
    for (int i = 0; i < route_row_count(); i++) {
        const struct route *route = route_row(i);
        if (begins_alike(route->path, path) && is_served(route, served))
            consider(arena, route, method, path, &match);
    }
    return match;
}

const char *router_allow(struct arena *arena, enum served served, const char *path)
{
    struct buf allow = buf_new(arena);
    path = normal_path(arena, path);
    for (int i = 0; i < route_count; i++) {
        const char *segments[2];
        size_t lengths[2];
        if (!is_served(&routes[i], served) || !matches(routes[i].path, path, segments, lengths))
            continue;
        buf_printf(&allow, "%s%s%s", allow.len ? ", " : "", method_names[routes[i].method],
                   routes[i].method == METHOD_GET ? ", HEAD" : "");
    }
    return allow.text;
}

const char *router_check_ids(struct arena *arena, const struct match *match)
{
    const char *name = match->route->path;
    for (int i = 0; i < 2 && match->ids[i]; i++) {
        name = variable_name(name);
        const struct variable_kind *kind = variable_kind(name);
        int len = (int)strcspn(name, "}");
        if (!kind->valid)
            continue;
        if (!*match->ids[i])
            return arena_printf(arena, "%.*s is required", len, name);
        if (!kind->valid(match->ids[i]))
            return arena_printf(arena, "%.*s is invalid", len, name);
    }
    return NULL;
}

void router_label(char *out, size_t size, const struct route *route)
{
    bool skipping = false;
    snprintf(out, size, "%s", route->page ? "page:" : "");
    size_t len = strlen(out);
    for (const char *c = route->path; *c && len + 1 < size; c++) {
        skipping = *c == ':' ? true : *c == '}' ? false : skipping;
        if (!skipping)
            out[len++] = *c;
    }
    out[len] = '\0';
}
