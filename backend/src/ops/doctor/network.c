/* doctor's checks of what else the services talk to: ports, Redis, the model's server. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "config/listen.h"
#include "llm/openai.h"
#include "llm/trial.h"
#include "ops/doctor/checkup.h"
#include "ops/shared/exposition.h"
#include "ops/shared/ports.h"
#include "ops/shared/scrape.h"
#include "ops/shared/settings_source.h"
#include "sys/curl/http_client.h"
#include "sys/log.h"
#include "sys/redis/redis.h"

/* ---- ports ---- */

static const struct own_service {
    const char *setting, *name;
    struct http_places (*places)(const struct config *);
    const char *family; /* of metrics that it alone has */
} services[] = {
    {"PORT", "API", listen_api, "http_requests_total"},
    {"OBSERVABILITY_LISTEN", "API", listen_operators, "http_requests_total"},
    {"WORKER_OBSERVABILITY_PORT", "worker", listen_worker, "jobs_processed_total"},
};

/* Whether metrics can be asked for there. */
static bool shows_metrics(const struct checkup *checkup, const struct own_service *service)
{
    return service->places != listen_api || !*checkup->config->observability_listen;
}

/* Whose metrics are there; NULL: another program's, or none. */
static const struct own_service *service_at(const struct checkup *checkup, const char *url)
{
    enum { PATIENCE_MS = 700 };
    struct arena *arena = checkup->arena;
    struct scrape scrape = {.url = arena_printf(arena, "%s/metrics", url), .token = checkup->config->metrics_token};
    scrape_all(arena, &scrape, 1, PATIENCE_MS);
    struct page page = page_read(arena, scrape.body);
    for (size_t i = 0; i < COUNT(services); i++)
        if (page_has(&page, services[i].family, NULL) && page_has(&page, "build_info", NULL))
            return &services[i];
    return NULL;
}

/* Where metrics are apart, they tell of PORT, too: an API has both. */
static const struct own_service *service_there(const struct checkup *checkup, const struct own_service *service,
                                               const struct http_places *places)
{
    const struct http_places apart = listen_operators(checkup->config);
    const struct http_places *asked = shows_metrics(checkup, service) ? places : &apart;
    return service_at(checkup, http_places_url(checkup->arena, asked));
}

static void check_port(struct checkup *checkup, const struct own_service *service)
{
    struct http_places places = service->places(checkup->config);
    long long port = places.list[0].port;
    struct err why;
    if (places.count == 0)
        return;
    if (http_places_are_free(&places, &why)) {
        found(checkup, VERDICT_OK, NULL, "%s %lld is free", service->setting, port);
        return;
    }
    const struct own_service *there = service_there(checkup, service, &places);
    if (there && there->family == service->family)
        found(checkup, VERDICT_OK, NULL, "%s %lld: a personaworlds %s listens there", service->setting, port,
              service->name);
    else if (there)
        found(checkup, VERDICT_PROBLEM, "give the two services different ports",
              "%s %lld: a personaworlds %s listens there, not the %s", service->setting, port, there->name,
              service->name);
    else
        found(checkup, VERDICT_PROBLEM,
              arena_printf(checkup->arena, "choose another %s, or end who has it: ss -ltnp 'sport = :%lld'",
                           service->setting, port),
              "%s: %s", service->setting, why.text);
}

void check_ports(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    for (size_t i = 0; i < COUNT(services); i++)
        check_port(checkup, &services[i]);
    if (config->port == config->worker_port)
        found(checkup, VERDICT_WARNING, "set WORKER_OBSERVABILITY_PORT to another one",
              "PORT and WORKER_OBSERVABILITY_PORT are the same: on one machine only one service could start");
}

/* ---- Redis ---- */

enum { REDIS_MS = 100 };

struct redis_look {
    struct loop *loop;
    struct redis *redis;
    struct checkup *checkup;
    uint64_t asked;
};

static void on_redis_answer(void *ctx, const int64_t *numbers, int count)
{
    struct redis_look *look = ctx;
    (void)count;
    if (numbers)
        found(look->checkup, VERDICT_OK, NULL, "Redis answers in %.1f ms",
              (double)(clock_ns() - look->asked) / (double)NS_PER_MS);
    else
        found(look->checkup, VERDICT_PROBLEM,
              "see what Redis waits for: `redis-cli --latency`, `redis-cli slowlog get`",
              "no answer within %d ms: the APIs would count rate limits apart", REDIS_MS);
    loop_stop(look->loop);
}

static const struct redis_words redis_probe = {(const char *const[]){"personaworlds:doctor"}, .count = 1, .keys = 1};

static void on_redis_change(void *ctx, bool up, const char *why)
{
    struct redis_look *look = ctx;
    look->asked = clock_ns();
    if (up && redis_run(look->redis, &redis_probe, on_redis_answer, look))
        return;
    if (!STAILQ_EMPTY(&look->checkup->findings))
        return; /* the end of an answer that never came */
    found(look->checkup, VERDICT_PROBLEM,
          "start the Redis of REDIS_URL, or correct it; until then each API counts rate limits by itself",
          "Redis can't be used: %s", why ? why : "connection lost");
    loop_stop(look->loop);
}

/* A write, as a rate limit needs it: a server that is full or read-only is of no use. */
void check_redis(struct checkup *checkup)
{
    static const char script[] = "redis.call('SET', KEYS[1], '1', 'PX', '1000')\nreturn {1}\n";
    struct err why;
    if (!*checkup->config->redis_url) {
        if (config_is_set("REDIS_URL"))
            found(checkup, VERDICT_UNKNOWN, NULL, "not looked at, as REDIS_URL can't be read");
        else
            found(checkup, VERDICT_OK, NULL, "not set: each API counts its rate limits by itself");
        return;
    }
    struct redis_look look = {.loop = loop_new(), .checkup = checkup};
    look.redis = redis_open(look.loop,
                            &(struct redis_config){.url = checkup->config->redis_url,
                                                   .ca_bundle = checkup->config->redis_ca_bundle,
                                                   .script = script,
                                                   .probe = redis_probe,
                                                   .answer_ms = REDIS_MS,
                                                   .on_change = on_redis_change,
                                                   .ctx = &look},
                            &why);
    if (look.redis)
        loop_run(look.loop);
    else
        found(checkup, VERDICT_PROBLEM, "correct REDIS_URL and REDIS_CA_BUNDLE", "%s", why.text);
    redis_close(look.redis);
    loop_free(look.loop);
}

/* ---- the model's server ---- */

struct models_look {
    struct loop *loop;
    struct checkup *checkup;
    const char *url, *shown;
};

/* The base URL without a login. It has passed openai_settings_are_usable, so its only '@' ends
 * that, and it has no query. */
static const char *without_secrets(struct arena *arena, const char *url)
{
    size_t scheme = (size_t)(strstr(url, "://") + 3 - url);
    const char *at = strchr(url, '@'), *host = at ? at + 1 : url + scheme;
    return arena_printf(arena, "%.*s%s", (int)scheme, url, host);
}

/* Ollama lists "llama3.1:latest" for what may be called "llama3.1". */
static bool is_model(const json_t *entry, const char *model)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    size_t len = strlen(model);
    return id && strncmp(id, model, len) == 0 && (!id[len] || id[len] == ':');
}

static void judge_models(struct checkup *checkup, const struct http_reply *reply, const char *base)
{
    const char *model = checkup->config->openai_model;
    json_t *answer = json_loadb(reply->body, reply->body_len, 0, NULL);
    const json_t *models = json_object_get(answer, "data");
    bool has_it = false;
    for (size_t i = 0; i < json_array_size(models) && !has_it; i++)
        has_it = is_model(json_array_get(models, i), model);
    if (has_it)
        found(checkup, VERDICT_OK, NULL, "%s answers and has %s", base, model);
    else if (json_is_array(models))
        found(checkup, VERDICT_WARNING, "set OPENAI_MODEL to one that it lists", "%s doesn't list the model %s", base,
              model);
    else
        found(checkup, VERDICT_WARNING, "see whether OPENAI_BASE_URL leads to an OpenAI-compatible server",
              "%s answers /models with something else", base);
    json_decref(answer);
}

static void on_models(void *ctx, const struct http_reply *reply)
{
    struct models_look *look = ctx;
    struct checkup *checkup = look->checkup;
    const char *base = look->shown;
    if (reply->outcome != HTTP_ANSWERED)
        found(checkup, VERDICT_PROBLEM,
              "correct OPENAI_BASE_URL, or the way there (proxy, certificates); meanwhile `personaworlds settings set "
              "llm.provider mock --for 30m`",
              "%s can't be reached: %s", base, reply->problem);
    else if (reply->status == 401 || reply->status == 403)
        found(checkup, VERDICT_PROBLEM, "correct OPENAI_API_KEY, or its file", "%s refuses the key (%d)", base,
              reply->status);
    else if (reply->status == 404 || reply->status == 405)
        found(checkup, VERDICT_WARNING, "nothing where drafts are written; else correct OPENAI_BASE_URL",
              "%s answers, but lists no models (%d), so the key wasn't tried", base, reply->status);
    else if (reply->status / 100 != 2)
        found(checkup, VERDICT_PROBLEM,
              "see the provider's status page; meanwhile `personaworlds settings set llm.provider mock --for 30m`",
              "%s answers %d", base, reply->status);
    else
        judge_models(checkup, reply, base);
    loop_stop(look->loop);
}

/* Listing models costs nothing. */
static void ask_for_models(struct checkup *checkup)
{
    enum { PATIENCE_MS = 2500, ANSWER_MAX = 4 << 20 };
    struct err why;
    const char *base = checkup->config->openai_base_url;
    struct models_look look = {.loop = loop_new(),
                               .checkup = checkup,
                               .url = openai_url(checkup->arena, base, "/models"),
                               .shown = without_secrets(checkup->arena, base)};
    const char *const headers[] = {openai_authorization(checkup->arena, checkup->config), NULL};
    struct http_client *client = http_client_open(look.loop, 0, &why);
    if (client) {
        const struct http_ask get = {
            .url = look.url, .headers = headers, .timeout_ms = PATIENCE_MS, .answer_max = ANSWER_MAX};
        http_client_ask(client, &get, on_models, &look);
        loop_run(look.loop);
    } else {
        found(checkup, VERDICT_PROBLEM, "install libcurl", "%s", why.text);
    }
    http_client_close(client);
    loop_free(look.loop);
}

/* ---- one real call ---- */

static const char *seconds(struct arena *arena, uint64_t ms)
{
    return arena_printf(arena, "%.1f s", (double)ms / 1000);
}

static void judge_text(struct checkup *checkup, const struct llm_trial *trial)
{
    struct arena *arena = checkup->arena;
    const char *tokens = trial->prompt_tokens
                             ? arena_printf(arena, "%lld tokens in and %lld out", (long long)trial->prompt_tokens,
                                            (long long)trial->completion_tokens)
                             : "tokens not counted by the server";
    found(checkup, VERDICT_OK, NULL, "%s wrote %zu characters in %s; %s%s%s", checkup->config->openai_model,
          utf8_count(trial->text, strlen(trial->text)), seconds(arena, trial->took_ms), tokens,
          *trial->learnt ? "; learnt: " : "", trial->learnt);
}

static void judge_failure(struct checkup *checkup, const struct llm_trial *trial, const char *base)
{
    static const char fallback[] =
        "see the provider's status page; meanwhile `personaworlds settings set llm.provider "
        "mock --for 30m`";
    const char *cause = trial->trouble ? arena_printf(checkup->arena, "%s (%s): ", trouble_sentences[trial->trouble],
                                                      trouble_names[trial->trouble])
                                       : "";
    found(checkup, VERDICT_PROBLEM, trial->trouble ? trouble_remedies[trial->trouble] : fallback,
          "%s, model %s: %s%s after %s%s%s%s%s", base, checkup->config->openai_model, cause, trial->error,
          seconds(checkup->arena, trial->took_ms), trial->detail ? ": " : "", trial->detail ? trial->detail : "",
          *trial->learnt ? "; learnt: " : "", trial->learnt);
}

static void ask_for_a_text(struct checkup *checkup)
{
    struct err why;
    struct llm_trial trial;
    const struct config *config = checkup->config;
    log_set_level(LOG_ERROR); /* what is learnt is in the sentence */
    if (!llm_try(config, (uint64_t)config->openai_timeout, checkup->arena, &trial, &why))
        found(checkup, VERDICT_PROBLEM, "correct it in the environment", "%s", why.text);
    else if (trial.text)
        judge_text(checkup, &trial);
    else
        judge_failure(checkup, &trial, without_secrets(checkup->arena, config->openai_base_url));
}

/* Whether a service runs here that got its settings from somewhere else. */
static bool services_may_differ(const struct config *config)
{
    struct http_places api = listen_api_probes(config);
    return settings_are_the_shells() && !config_is_set("LLM_PROVIDER") && port_is_ready(&api.list[0]);
}

static void check_mock(struct checkup *checkup)
{
    struct err why;
    if (!config_provider_is_chosen(checkup->config, &why))
        found(checkup, VERDICT_PROBLEM,
              "set LLM_PROVIDER=openai with OPENAI_API_KEY, or LLM_PROVIDER=mock if it is meant", "%s", why.text);
    else if (checkup->config->app_env == ENV_PROD)
        found(checkup, VERDICT_WARNING, "set LLM_PROVIDER=openai unless it is meant",
              "the built-in mock writes, in prod");
    else if (services_may_differ(checkup->config))
        found(
            checkup, VERDICT_WARNING, "--env-file with the services' settings, or LLM_PROVIDER as they have it",
            "this shell has no LLM_PROVIDER, so that the built-in mock would write; the API that runs on PORT may have "
            "another, which wasn't asked");
    else
        found(checkup, VERDICT_OK, NULL, "the built-in mock writes, as %s has it; it asks nobody", settings_source());
}

void check_provider(struct checkup *checkup)
{
    struct err why;
    if (checkup->config->llm_provider == PROVIDER_MOCK)
        check_mock(checkup);
    else if (!openai_settings_are_usable(checkup->config, &why))
        found(checkup, VERDICT_PROBLEM, "correct it in the environment", "%s", why.text);
    else if (checkup->is_named)
        ask_for_a_text(checkup);
    else
        ask_for_models(checkup);
}
