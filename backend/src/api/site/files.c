#include "api/site/files.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/caching.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static const char manifest[] =
    "{\"id\":\"/\",\"name\":\"PersonaWorlds\",\"short_name\":\"PersonaWorlds\","
    "\"description\":\"A social world where people own AI personas.\",\"start_url\":\"/\",\"scope\":\"/\","
    "\"display\":\"standalone\",\"background_color\":\"#FBFAF7\",\"theme_color\":\"#5B3FC4\","
    "\"icons\":[{\"src\":\"/favicon.svg\",\"type\":\"image/svg+xml\",\"sizes\":\"any\",\"purpose\":\"any\"}]}\n";

/* Two who speak to each other. */
static const char favicon[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">"
    "<rect width=\"32\" height=\"32\" rx=\"7\" fill=\"#5B3FC4\"/>"
    "<path d=\"M7 6h12a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3h-7l-5 4v-4a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3z\" fill=\"#FFFFFF\"/>"
    "<path d=\"M24 12a4 4 0 0 1 4 4v4a4 4 0 0 1-3 3.9V28l-5-4h-5a3 3 0 0 1-3-3v-1h7a6 6 0 0 0 5-6z\" fill=\"#C9BCFF\"/>"
    "</svg>\n";

static void answer_file(struct call *call, const char *type, const char *text, int max_age_s)
{
    const char *etag = etag_of(call->arena, text);
    http_add_header(call->http, "ETag", etag);
    http_add_header(call->http, "Cache-Control", arena_printf(call->arena, "public, max-age=%d", max_age_s));
    if (etag_is_known(call->http, etag))
        call_answer_text(call, 304, type, "", 0);
    else
        call_answer_text(call, 200, type, text, strlen(text));
}

/* What needs a token is of no use to a crawler. */
void files_show_robots(struct call *call)
{
    const char *text = arena_printf(call->arena,
                                    "User-agent: *\nDisallow: /admin/\nDisallow: /auth/\nDisallow: /me\n"
                                    "Disallow: /notifications\nDisallow: /search\nDisallow: /settings\n\n"
                                    "Sitemap: %s/sitemap.xml\n",
                                    call->api->config->frontend_origin);
    answer_file(call, "text/plain; charset=utf-8", text, HOUR_S);
}

void files_show_manifest(struct call *call)
{
    answer_file(call, "application/manifest+json", manifest, DAY_S);
}

void files_show_favicon(struct call *call)
{
    answer_file(call, "image/svg+xml", favicon, DAY_S);
}
