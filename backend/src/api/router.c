#include "api/router.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/uuid.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus)
{
    char *out = arena_alloc(arena, len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char c = plus && text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return NULL;
        out[used++] = c;
    }
    return utf8_valid(out, used) ? out : NULL;
}

/* Walks pattern and path together, segment by segment. A variable takes whatever stands in its segment, even nothing: its check has the better error. */
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

struct match router_find(struct arena *arena, enum method method, const char *path)
{
    struct match match = {0};
    for (int i = 0; i < route_count; i++) {
        const char *segments[2] = {NULL, NULL};
        size_t lengths[2] = {0, 0};
        if (!matches(routes[i].path, path, segments, lengths))
            continue;
        match.path_known = true;
        if (routes[i].method != method)
            continue;
        match.route = &routes[i];
        for (int id = 0; id < 2 && segments[id]; id++) {
            const char *decoded = percent_decode(arena, segments[id], lengths[id], false);
            match.ids[id] = decoded ? decoded : "?"; /* malformed: no id */
        }
        return match;
    }
    return match;
}

const char *router_allow(struct arena *arena, const char *path)
{
    struct buf allow = buf_new(arena);
    for (int i = 0; i < route_count; i++) {
        const char *segments[2];
        size_t lengths[2];
        if (!matches(routes[i].path, path, segments, lengths))
            continue;
        buf_printf(&allow, "%s%s%s", allow.len ? ", " : "", method_names[routes[i].method], routes[i].method == METHOD_GET ? ", HEAD" : "");
    }
    return allow.text;
}

const char *router_check_ids(struct arena *arena, const struct match *match)
{
    const char *name = match->route->path;
    for (int i = 0; i < 2 && match->ids[i]; i++) {
        name = strchr(name, ':') + 1;
        int len = (int)strcspn(name, "}");
        if (!*match->ids[i])
            return arena_printf(arena, "%.*s is required", len, name);
        if (!uuid_valid(match->ids[i], strlen(match->ids[i])))
            return arena_printf(arena, "%.*s is invalid", len, name);
    }
    return NULL;
}

void router_label(char *out, size_t size, const struct route *route)
{
    size_t len = 0;
    bool skipping = false;
    for (const char *c = route->path; *c && len + 1 < size; c++) {
        skipping = *c == ':' ? true : *c == '}' ? false : skipping;
        if (!skipping)
            out[len++] = *c;
    }
    out[len] = '\0';
}
