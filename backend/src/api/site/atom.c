#include "api/site/atom.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/caching.h"
#include "base/xml.h"

enum { MAX_AGE_S = 60 };

enum { PERSONA, SLUG, NAME, BIO, LANGUAGE, PUBLISHED, POST, TOPIC, CONTENT, ROOM, POSTED, UPDATED }; /* columns */

static void add_id(struct buf *xml, const char *uuid)
{
    buf_printf(xml, "<id>urn:uuid:%s</id>", uuid);
}

static void add_link(struct buf *xml, const char *rel, const char *type, const char *url)
{
    buf_printf(xml, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    xml_text(xml, url);
    buf_str(xml, "\"/>");
}

static void add_entry(struct buf *xml, const struct db_rows *rows, int row, const char *origin)
{
    const char *id = db_text(rows, row, POST);
    buf_str(xml, "<entry>");
    add_id(xml, id);
    xml_element(xml, "title", db_text(rows, row, TOPIC));
    xml_element(xml, "published", db_text(rows, row, POSTED));
    xml_element(xml, "updated", db_text(rows, row, UPDATED));
    add_link(xml, "alternate", "text/html", arena_printf(xml->arena, "%s/b/%s", origin, id));
    buf_str(xml, "<category term=\"");
    xml_text(xml, db_text(rows, row, ROOM));
    buf_str(xml, "\"/>");
    xml_element(xml, "content", db_text(rows, row, CONTENT));
    buf_str(xml, "</entry>\n");
}

static bool has_posts(const struct db_rows *rows)
{
    return db_text(rows, 0, POST) != NULL;
}

/* The times are of one form, so their order is that of their texts. */
static const char *latest(const struct db_rows *rows)
{
    const char *found = db_text(rows, 0, PUBLISHED);
    for (int row = 0; has_posts(rows) && row < db_count(rows); row++)
        if (strcmp(db_text(rows, row, UPDATED), found) > 0)
            found = db_text(rows, row, UPDATED);
    return found;
}

static void add_head(struct buf *xml, const struct db_rows *rows, const char *origin)
{
    const char *page = arena_printf(xml->arena, "%s/p/%s", origin, db_text(rows, 0, SLUG));
    const char *name = db_text(rows, 0, NAME);
    buf_printf(xml,
               "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
               "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"%s\">\n",
               db_text(rows, 0, LANGUAGE));
    add_id(xml, db_text(rows, 0, PERSONA));
    xml_element(xml, "title", name);
    xml_element(xml, "subtitle", db_text(rows, 0, BIO));
    xml_element(xml, "updated", latest(rows));
    add_link(xml, "self", "application/atom+xml", arena_printf(xml->arena, "%s/feed.atom", page));
    add_link(xml, "alternate", "text/html", page);
    buf_str(xml, "<author>");
    xml_element(xml, "name", name);
    xml_element(xml, "uri", page);
    buf_str(xml, "</author><generator>PersonaWorlds</generator>\n");
}

static void answer_feed(struct call *call, const struct buf *xml)
{
    static const char type[] = "application/atom+xml; charset=utf-8";
    const char *etag = etag_of(call->arena, xml->text);
    http_add_header(call->http, "ETag", etag);
    http_add_header(call->http, "Cache-Control", arena_printf(call->arena, "public, max-age=%d", MAX_AGE_S));
    if (etag_is_known(call->http, etag))
        call_answer_text(call, 304, type, "", 0);
    else
        call_answer_text(call, 200, type, xml->text, xml->len);
}

static void on_profile(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) == 0) {
        http_add_header(call->http, "Cache-Control", "no-store");
        call_fail(call, 404, "public profile not found");
        return;
    }
    struct buf xml = buf_new(call->arena);
    const char *origin = call->api->config->frontend_origin;
    add_head(&xml, rows, origin);
    for (int row = 0; has_posts(rows) && row < db_count(rows); row++)
        add_entry(&xml, rows, row, origin);
    buf_str(&xml, "</feed>\n");
    answer_feed(call, &xml);
}

void atom_show(struct call *call)
{
    call_query(call, SQL_SITE_ATOM, on_profile);
}
