#include "api/site/sitemap.h"

#include <stdio.h>
#include <string.h>

#include "base/xml.h"

enum {
    STEP = 1000,      /* rows that the statements give */
    URLS_MAX = 50000, /* the protocol's */
    PROFILES_MAX = URLS_MAX / 2,
    POSTS_MAX = 200000, /* looked at, where few may be shown */
};

enum { NAME, AT, ID };          /* columns of profiles */
enum { BATTLE, POSTED, SHOWN }; /* of battles */

struct sitemap {
    char *loc; /* the beginning of each URL, up to its path */
    int urls, looked;
    char at[64], id[UUID_SIZE]; /* the last row seen */
};

static void add_text(struct page_making *making, const char *text)
{
    making_add(making, text, strlen(text));
}

/* `what` is a slug or an id, which need no escape. */
static void add_url(struct page_making *making, const char *path, const char *what)
{
    struct sitemap *sitemap = making->state;
    add_text(making, sitemap->loc);
    add_text(making, path);
    add_text(making, what);
    add_text(making, "</loc></url>\n");
    sitemap->urls++;
}

static void remember(struct sitemap *sitemap, const char *at, const char *id)
{
    snprintf(sitemap->at, sizeof sitemap->at, "%s", at);
    snprintf(sitemap->id, sizeof sitemap->id, "%s", id);
}

static void ask_step(struct page_making *making, enum sql sql, making_rows *on_rows)
{
    const struct sitemap *sitemap = making->state;
    const char *const first[] = {NULL, NULL}, *const next[] = {sitemap->at, sitemap->id};
    making_query(making, sql, *sitemap->at ? next : first, on_rows);
}

static void sitemap_end(struct page_making *making)
{
    add_text(making, "</urlset>\n");
    making_done(making);
}

static void on_battles(struct page_making *making, struct db_rows *rows)
{
    struct sitemap *sitemap = making->state;
    int count = db_count(rows);
    for (int row = 0; row < count && sitemap->urls < URLS_MAX; row++)
        if (db_is_true(rows, row, SHOWN))
            add_url(making, "/b/", db_text(rows, row, BATTLE));
    sitemap->looked += count;
    if (count < STEP || sitemap->urls >= URLS_MAX || sitemap->looked >= POSTS_MAX) {
        sitemap_end(making);
        return;
    }
    remember(sitemap, db_text(rows, count - 1, POSTED), db_text(rows, count - 1, BATTLE));
    ask_step(making, SQL_SITE_SITEMAP_BATTLES, on_battles);
}

/* One that is none, written by hand, leads nowhere. */
static bool is_slug(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void on_profiles(struct page_making *making, struct db_rows *rows)
{
    struct sitemap *sitemap = making->state;
    int count = db_count(rows);
    for (int row = 0; row < count; row++)
        if (is_slug(db_text(rows, row, NAME)))
            add_url(making, "/p/", db_text(rows, row, NAME));
    if (count == STEP && sitemap->urls < PROFILES_MAX) {
        remember(sitemap, db_text(rows, count - 1, AT), db_text(rows, count - 1, ID));
        ask_step(making, SQL_SITE_SITEMAP_PROFILES, on_profiles);
        return;
    }
    *sitemap->at = '\0';
    ask_step(making, SQL_SITE_SITEMAP_BATTLES, on_battles);
}

static void sitemap_make(struct page_making *making)
{
    struct sitemap *sitemap = making->state = arena_alloc(making->arena, sizeof *sitemap);
    struct buf loc = buf_new(making->arena);
    buf_str(&loc, "<url><loc>");
    xml_text(&loc, making->config->frontend_origin);
    sitemap->loc = loc.text;
    add_text(making,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
             "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    ask_step(making, SQL_SITE_SITEMAP_PROFILES, on_profiles);
}

struct kept_page sitemap_page = {.content_type = "application/xml; charset=utf-8",
                                 .kept_s = 3600,
                                 .renewed_after_s = 3300,
                                 .make = sitemap_make,
                                 .lock = PTHREAD_MUTEX_INITIALIZER};

void sitemap_show(struct call *call)
{
    kept_page_answer(call, &sitemap_page);
}
