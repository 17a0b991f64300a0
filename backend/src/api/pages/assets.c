#include "api/pages/assets.h"

#include <stdlib.h>
#include <string.h>

#include "api/http/answer.h"
#include "api/http/caching.h"
#include "sys/http/accept.h"
#include "web_assets.h"

static int by_name(const void *name, const void *asset)
{
    return strcmp(name, ((const struct web_asset *)asset)->name);
}

struct coded {
    const char *coding; /* NULL: as it is */
    const struct web_bytes *bytes;
};

/* The smallest that the client takes. */
static struct coded choose(struct call *call, const struct web_asset *asset)
{
    const struct coded forms[] = {{"br", &asset->brotli}, {"gzip", &asset->gzip}};
    const char *accepted = http_header_list(call->http, "Accept-Encoding");
    for (size_t i = 0; i < COUNT(forms); i++)
        if (forms[i].bytes->bytes && accept_coding(accepted, forms[i].coding) > 0)
            return forms[i];
    return (struct coded){NULL, &asset->identity};
}

void asset_show(struct call *call)
{
    const struct web_asset *asset =
        bsearch(call->ids[0], web_assets, (size_t)web_asset_count, sizeof *web_assets, by_name);
    if (!asset) {
        call_fail(call, 404, "not found");
        return;
    }
    struct coded form = choose(call, asset);
    const char *etag = arena_printf(call->arena, "\"%s-%s\"", asset->name, form.coding ? form.coding : "identity");
    http_add_header(call->http, "Cache-Control", "public, max-age=31536000, immutable");
    http_add_header(call->http, "Cross-Origin-Resource-Policy", "same-origin");
    http_add_header(call->http, "Vary", "Accept-Encoding");
    http_add_header(call->http, "ETag", etag);
    if (etag_is_known(call->http, etag)) {
        call_answer_text(call, 304, NULL, "", 0);
        return;
    }
    if (form.coding)
        http_add_header(call->http, "Content-Encoding", form.coding);
    call_answer_text(call, 200, asset->type, (const char *)form.bytes->bytes, form.bytes->len);
}
