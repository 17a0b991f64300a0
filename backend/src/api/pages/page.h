/* What a page is: HTML for who would rather have it than JSON, made of what routes answer.
 *
 * The rows of `pages` (api/http/route.h) stand in api/pages/pages.c: a page's route, and in its
 * member `page` the statements whose answers it shows and the two pure functions that say what of
 * them stands where. What all pages have alike is in document.c. Answers are read leniently: a
 * member that is missing or of another type isn't shown.
 */
#ifndef PW_API_PAGES_PAGE_H
#define PW_API_PAGES_PAGE_H

#include <jansson.h>

#include "api/http/route.h"
#include "api/pages/words.h"
#include "base/buf.h"
#include "domain/brief.h"
#include "sql.h" /* made by the build: enum sql */

#define PAGE_TYPE "text/html; charset=utf-8"

enum { PAGE_SOURCES_MAX = 2 };

/* What a page is made of. */
struct page_view {
    struct arena *arena;
    enum language language; /* of the page's own words */
    enum word title;        /* the page's, as its row says */
    const char *origin;     /* of the pages: "https://example.org" */
    /* the answers of the routes that the sources name, for a visitor; NULL: it has none */
    const json_t *data[PAGE_SOURCES_MAX];
};

/* What stands in the head, as plain texts; NULL: not there. Addresses that begin with '/' are of
 * this origin. */
struct page_head {
    const char *title, *description;
    const char *type;    /* of the Open Graph protocol: "article" */
    const char *address; /* the page's own, without language and the like */
    const char *card;    /* a picture of CARD_WIDTH and CARD_HEIGHT, and what is on it */
    const char *card_text;
    const char *published; /* when, RFC 3339 */
    const char *atom, *oembed;
    bool is_hidden; /* from search engines: it is an error, or one person's own */
};

struct db_rows;

enum page_param { PAGE_PARAMS_END, PAGE_NULL, PAGE_ID, PAGE_ORIGIN };

struct page_source {
    const char *path; /* of the route whose JSON it is; "{}" stands for the page's id */
    enum sql sql;
    enum page_param params[SQL_MAX_PARAMS];
    /* how the route makes its JSON of the rows; NULL: as most do, by db_answer_body */
    const char *(*json)(struct arena *, struct db_rows *, size_t *len);
};

struct kept_page;

struct page {
    enum word title;                              /* of a page whose functions serve several, which so tell it apart */
    struct page_source sources[PAGE_SOURCES_MAX]; /* an unused one has no path */
    /* instead of the first source's statement: the process keeps its JSON for a time */
    struct kept_page *kept;
    struct page_head (*head)(const struct page_view *);
    void (*text)(struct buf *, const struct page_view *);  /* what is in <main> */
    void (*seen)(struct call *, const struct page_view *); /* its answers are new; NULL: nothing to do */
};

#endif
