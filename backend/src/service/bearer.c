#include "service/bearer.h"

#include <string.h>

#include "sys/crypto.h"

const char *bearer_read(const struct http_request *http, const char **token)
{
    static const char scheme[] = "Bearer ";
    const char *header = http_header(http, "Authorization");
    if (!header)
        return "missing auth header";
    if (strncasecmp(header, scheme, sizeof scheme - 1) != 0 || !header[sizeof scheme - 1])
        return "invalid auth header";
    *token = header + sizeof scheme - 1 + strspn(header + sizeof scheme - 1, " ");
    return NULL;
}

const char *metrics_refusal(const struct config *config, const struct http_request *http)
{
    const char *token;
    if (!*config->metrics_token)
        return NULL;
    const char *wrong = bearer_read(http, &token);
    return wrong ? wrong : secret_is(token, config->metrics_token) ? NULL : "invalid token";
}
