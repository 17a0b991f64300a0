#include "llm/trouble.h"

#include <string.h>
#include <strings.h>

const char *const trouble_names[TROUBLES] = {
    [TROUBLE_KEY] = "wrong_key",      [TROUBLE_MODEL] = "wrong_model", [TROUBLE_URL] = "wrong_url",
    [TROUBLE_ROUTE] = "no_route",     [TROUBLE_TLS] = "tls_fault",     [TROUBLE_QUOTA] = "quota_used_up",
    [TROUBLE_LIMIT] = "rate_limited", [TROUBLE_OUTAGE] = "outage",     [TROUBLE_REFUSAL] = "refused",
};

const char *const trouble_sentences[TROUBLES] = {
    [TROUBLE_KEY] = "the key is refused",
    [TROUBLE_MODEL] = "the server doesn't have the model",
    [TROUBLE_URL] = "the address leads to something else",
    [TROUBLE_ROUTE] = "nobody answers at the address",
    [TROUBLE_TLS] = "the connection can't be trusted (TLS)",
    [TROUBLE_QUOTA] = "the account's quota is used up",
    [TROUBLE_LIMIT] = "the provider takes no more calls for now",
    [TROUBLE_OUTAGE] = "the provider has a fault of its own",
    [TROUBLE_REFUSAL] = "the provider won't write what it is asked for",
};

const char *const trouble_remedies[TROUBLES] = {
    [TROUBLE_KEY] = "correct OPENAI_API_KEY, or its file",
    [TROUBLE_MODEL] = "set OPENAI_MODEL to one that the server has",
    [TROUBLE_URL] = "correct OPENAI_BASE_URL: it ends where /chat/completions follows",
    [TROUBLE_ROUTE] = "correct OPENAI_BASE_URL, or the way there (proxy, firewall, name server)",
    [TROUBLE_TLS] = "correct the server's certificate, this machine's clock or its authorities, or OPENAI_BASE_URL",
    [TROUBLE_QUOTA] = "raise the account's limit, or wait for its renewal",
    [TROUBLE_LIMIT] = "lower LLM_MAX_CONCURRENCY or the lever llm.max_concurrency, or raise the account's limit",
    [TROUBLE_OUTAGE] = "no setting helps: let the mock write until it is over",
    [TROUBLE_REFUSAL] = "look at what is asked: the persona's texts, or another OPENAI_MODEL",
};

static bool says(const char *text, const char *words)
{
    return text && strcasestr(text, words);
}

/* OpenAI names the code or the parameter; Ollama, vLLM and others tell by a sentence. */
static bool is_about_the_model(const struct provider_error *error)
{
    bool is_missing = says(error->message, "not found") || says(error->message, "not exist") ||
                      says(error->message, "not a valid model") || says(error->message, "invalid model");
    return says(error->code, "model_not_found") || (error->param && strcasecmp(error->param, "model") == 0) ||
           (says(error->message, "model") && is_missing);
}

static enum trouble trouble_of_status(int status, const struct provider_error *error)
{
    switch (status) {
    case 401:
    case 403: return TROUBLE_KEY;
    case 400:
    case 422: return is_about_the_model(error) ? TROUBLE_MODEL : TROUBLE_NONE;
    case 404: return is_about_the_model(error) ? TROUBLE_MODEL : TROUBLE_URL;
    case 405: return TROUBLE_URL;
    case 429: return TROUBLE_LIMIT;
    default: return status / 100 == 3 ? TROUBLE_URL : status >= 500 ? TROUBLE_OUTAGE : TROUBLE_NONE;
    }
}

static bool is_page(const struct http_reply *reply)
{
    return reply->body[strspn(reply->body, " \t\r\n")] == '<';
}

enum trouble trouble_of(const struct http_reply *reply, int status, const struct provider_error *error)
{
    if (reply->outcome == HTTP_ANSWERED)
        return status / 100 == 2 && is_page(reply) ? TROUBLE_URL : trouble_of_status(status, error);
    if (reply->is_tls_fault)
        return TROUBLE_TLS;
    if (!reply->is_connected)
        return TROUBLE_ROUTE;
    return reply->outcome == HTTP_BROKEN ? TROUBLE_OUTAGE : TROUBLE_NONE;
}
