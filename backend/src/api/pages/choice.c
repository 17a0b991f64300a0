#include "api/pages/choice.h"

#include <string.h>

#include "api/pages/crawlers.h"
#include "api/pages/words.h"
#include "sys/http/accept.h"

bool choice_is_page(struct http_request *http, bool for_crawlers)
{
    const char *accept = http_header_list(http, "Accept");
    struct accepted html = accept_of(accept, "text/html"), json = accept_of(accept, "application/json");
    bool is_named = html.range >= ACCEPT_GROUP;
    bool is_wanted = is_named && html.weight > json.weight;
    bool is_open = !is_wanted && json.range <= ACCEPT_ANY && (!is_named || html.weight > 0);
    bool agent_decides = for_crawlers && is_open;
    http_add_header(http, "Vary", agent_decides ? "Accept, User-Agent" : "Accept");
    return is_wanted || (agent_decides && is_crawler(http_header(http, "User-Agent")));
}

enum language choice_language(struct call *call)
{
    const char *wanted = call_query_value(call, "lang");
    for (int i = 0; i < LANGUAGES; i++)
        if (wanted && strcmp(wanted, language_names[i]) == 0)
            return (enum language)i;
    return (enum language)accept_language(http_header_list(call->http, "Accept-Language"), language_names, LANGUAGES);
}

/* Nothing but our own files: no inline script or style, no foreign origin, no markup made by
 * scripts. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

void choice_add_page_headers(struct http_request *http)
{
    static const char *const headers[][2] = {
        {"Content-Security-Policy", page_policy},
        {"Permissions-Policy", "geolocation=(), microphone=(), camera=(), clipboard-write=(self)"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Vary", "Accept-Encoding, Accept-Language"},
    };
    for (size_t i = 0; i < COUNT(headers); i++)
        http_add_header(http, headers[i][0], headers[i][1]);
}
