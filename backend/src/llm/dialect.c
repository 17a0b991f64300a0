#include "llm/dialect.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sys/log.h"

enum { TOKENS_FIELD = DIALECT_COMPLETION_TOKENS | DIALECT_UNBOUNDED };

struct dialect {
    struct dialect *next;
    char *base, *model, *extra_body;
    unsigned fixed; /* traits that settings decide: never learnt */
    atomic_uint traits;
};

static struct {
    pthread_mutex_t lock;
    struct dialect *first;
} dialects = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const struct {
    enum dialect_trait trait;
    const char *words;
} trait_words[] = {
    {DIALECT_COMPLETION_TOKENS, "max_completion_tokens"},
    {DIALECT_UNBOUNDED, "no bound on tokens"},
    {DIALECT_NO_TEMPERATURE, "no temperature"},
    {DIALECT_NO_SYSTEM, "no system role"},
    {DIALECT_SOME_ROOM, "room for reasoning"},
    {DIALECT_MORE_ROOM, "more room for reasoning"},
    {DIALECT_NO_ROOM, "a low bound on tokens"},
    {DIALECT_NO_STREAM, "no stream"},
    {DIALECT_NO_STREAM_USAGE, "no usage of a stream"},
    {DIALECT_CLOSES_ALONE, "reasoning without an opening tag"},
};

/* ---- the dialects of this process ---- */

static unsigned traits_of_settings(const struct config *config)
{
    static const unsigned fields[] = {[TOKENS_FIELD_LEARN] = 0,
                                      [TOKENS_FIELD_MAX] = 0,
                                      [TOKENS_FIELD_COMPLETION] = DIALECT_COMPLETION_TOKENS,
                                      [TOKENS_FIELD_NONE] = DIALECT_UNBOUNDED};
    bool is_cold = strcmp(config->openai_temperature, "none") == 0;
    return fields[config->openai_tokens_field] | (is_cold ? DIALECT_NO_TEMPERATURE : 0);
}

static unsigned traits_that_are_fixed(const struct config *config)
{
    return (config->openai_tokens_field == TOKENS_FIELD_LEARN ? 0 : TOKENS_FIELD) |
           (*config->openai_temperature ? DIALECT_NO_TEMPERATURE : 0);
}

static struct dialect *dialect_new(const struct config *config)
{
    struct dialect *dialect = must_calloc(1, sizeof *dialect);
    dialect->base = must_strdup(config->openai_base_url);
    dialect->model = must_strdup(config->openai_model);
    dialect->extra_body = must_strdup(config->openai_extra_body);
    dialect->fixed = traits_that_are_fixed(config);
    dialect->next = dialects.first;
    atomic_store(&dialect->traits, traits_of_settings(config));
    dialects.first = dialect;
    return dialect;
}

struct dialect *dialect_of(const struct config *config)
{
    pthread_mutex_lock(&dialects.lock);
    struct dialect *dialect = dialects.first;
    while (dialect &&
           (strcmp(dialect->base, config->openai_base_url) != 0 || strcmp(dialect->model, config->openai_model) != 0))
        dialect = dialect->next;
    if (!dialect)
        dialect = dialect_new(config);
    pthread_mutex_unlock(&dialects.lock);
    return dialect;
}

unsigned dialect_traits(const struct dialect *dialect)
{
    return atomic_load(&dialect->traits);
}

/* ---- learning ---- */

static const char *words_of(enum dialect_trait trait)
{
    for (size_t i = 0; i < COUNT(trait_words); i++)
        if (trait_words[i].trait == trait)
            return trait_words[i].words;
    return "";
}

/* Several calls may be refused at once for the same: the first one is logged. */
static enum dialect_fault learn(struct dialect *dialect, unsigned sent, enum dialect_trait trait)
{
    if (sent & trait || dialect->fixed & trait)
        return FAULT_SET;
    if (!(atomic_fetch_or(&dialect->traits, trait) & trait))
        log_info("llm_dialect_learnt", log_str("model", dialect->model), log_str("trait", words_of(trait)));
    return FAULT_LEARNT;
}

static bool mentions(const char *message, const char *words)
{
    return message && strcasestr(message, words);
}

/* The whole word: "max_tokens" is none in "max_tokens_to_sample". */
static bool names(const char *message, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = message; at && (at = strcasestr(at, name)); at += len) {
        bool begins = at == message || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !isalnum((unsigned char)at[len]) && at[len] != '_')
            return true;
    }
    return false;
}

static bool is_about(const struct dialect_refusal *refusal, const char *name)
{
    if (refusal->param && *refusal->param)
        return strcasecmp(refusal->param, name) == 0;
    return names(refusal->message, name);
}

static bool is_about_tokens(const struct dialect_refusal *refusal)
{
    return is_about(refusal, "max_tokens") || is_about(refusal, "max_completion_tokens");
}

bool dialect_is_about_system(const struct dialect_refusal *refusal)
{
    return is_about(refusal, "messages[0].role") || mentions(refusal->message, "system role") ||
           mentions(refusal->message, "role 'system'") || mentions(refusal->message, "'system' role") ||
           mentions(refusal->message, "does not support 'system'");
}

/* The field's name is wrong, or its value is more than the server gives. */
static enum dialect_fault learn_tokens(struct dialect *dialect, unsigned sent, const char *message)
{
    bool is_too_large = mentions(message, "too large") || mentions(message, "at most") || mentions(message, "maximum");
    bool has_room = sent & (DIALECT_SOME_ROOM | DIALECT_MORE_ROOM) && !(sent & DIALECT_NO_ROOM);
    if (is_too_large && has_room)
        return learn(dialect, sent, DIALECT_NO_ROOM);
    if (is_too_large || sent & DIALECT_COMPLETION_TOKENS)
        return learn(dialect, sent, DIALECT_UNBOUNDED);
    return learn(dialect, sent, DIALECT_COMPLETION_TOKENS);
}

/* Parameters that only a setting can change. */
static bool is_about_a_setting(const struct dialect *dialect, const struct dialect_refusal *refusal)
{
    const char *param = refusal->param && *refusal->param ? refusal->param : NULL;
    return is_about(refusal, "reasoning_effort") || (param && strcasecmp(param, "model") == 0) ||
           (param && names(dialect->extra_body, param));
}

enum dialect_fault dialect_learn(struct dialect *dialect, unsigned sent, const struct dialect_refusal *refusal)
{
    if (is_about(refusal, "stream_options") || is_about(refusal, "stream_options.include_usage"))
        return learn(dialect, sent, DIALECT_NO_STREAM_USAGE);
    if (is_about(refusal, "stream"))
        return learn(dialect, sent, DIALECT_NO_STREAM);
    if (is_about(refusal, "temperature"))
        return learn(dialect, sent, DIALECT_NO_TEMPERATURE);
    if (dialect_is_about_system(refusal))
        return learn(dialect, sent, DIALECT_NO_SYSTEM);
    if (is_about_tokens(refusal))
        return learn_tokens(dialect, sent, refusal->message);
    return is_about_a_setting(dialect, refusal) ? FAULT_SET : FAULT_ELSEWHERE;
}

void dialect_see(struct dialect *dialect, bool closes_alone)
{
    atomic_fetch_or(&dialect->traits, DIALECT_KNOWN);
    if (closes_alone)
        learn(dialect, 0, DIALECT_CLOSES_ALONE);
}

bool dialect_learn_room(struct dialect *dialect, unsigned sent)
{
    if (sent & (DIALECT_UNBOUNDED | DIALECT_NO_ROOM))
        return false;
    return learn(dialect, sent, sent & DIALECT_SOME_ROOM ? DIALECT_MORE_ROOM : DIALECT_SOME_ROOM) == FAULT_LEARNT;
}

/* ---- use ---- */

/* A model that reasons about two sentences writes some hundred tokens; some write thousands. */
int dialect_tokens(unsigned traits, int text_tokens)
{
    enum { SOME = 2048, MORE = 16384 };
    if (traits & DIALECT_NO_ROOM)
        return text_tokens;
    return text_tokens + (traits & DIALECT_MORE_ROOM ? MORE : traits & DIALECT_SOME_ROOM ? SOME : 0);
}

const char *dialect_words(const struct dialect *dialect, struct arena *arena)
{
    struct buf out = buf_new(arena);
    unsigned traits = dialect_traits(dialect);
    for (size_t i = 0; i < COUNT(trait_words); i++)
        if (traits & trait_words[i].trait)
            buf_printf(&out, "%s%s", out.len ? ", " : "", trait_words[i].words);
    return out.text;
}
