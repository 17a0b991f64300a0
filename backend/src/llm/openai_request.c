#include "llm/openai_request.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "domain/prompt.h"
#include "llm/dialect.h"

/* High for posts, which should vary; low for summaries, which should not. */
static const double temperatures[LLM_OPERATIONS] = {
    [LLM_POST_DRAFT] = 0.9, [LLM_REPLY] = 0.7, [LLM_THREAD_SUMMARY] = 0.3, [LLM_ACTIVITY_SUMMARY] = 0.3};

/* A token has more than one character in nearly every text, so this bound never cuts a text that
 * fits; it limits the cost of a model that doesn't stop. */
static int text_tokens(const struct brief *brief)
{
    enum { LEAST = 256, MOST = 1024 };
    return brief->max_chars ? MIN(MAX(brief->max_chars, LEAST), MOST) : MOST;
}

int openai_answer_tokens(const struct brief *brief, unsigned traits)
{
    return dialect_tokens(traits, text_tokens(brief));
}

static void add_messages(struct buf *body, const struct prompt *prompt, bool has_system)
{
    buf_str(body, ",\"messages\":[");
    if (has_system) {
        buf_str(body, "{\"role\":\"system\",\"content\":");
        buf_json(body, prompt->system);
        buf_str(body, "},");
    }
    buf_str(body, "{\"role\":\"user\",\"content\":");
    buf_json(body, has_system ? prompt->user : arena_printf(body->arena, "%s\n\n%s", prompt->system, prompt->user));
    buf_str(body, "}]");
}

static void add_tokens(struct buf *body, unsigned traits, int tokens)
{
    const char *field = traits & DIALECT_COMPLETION_TOKENS ? "max_completion_tokens" : "max_tokens";
    if (!(traits & DIALECT_UNBOUNDED))
        buf_printf(body, ",\"%s\":%d", field, tokens);
}

static void add_temperature(struct buf *body, unsigned traits, const char *setting, double usual)
{
    if (!(traits & DIALECT_NO_TEMPERATURE))
        buf_printf(body, ",\"temperature\":%.3g", *setting ? strtod(setting, NULL) : usual);
}

/* The members of the object, without its braces; it was found usable. */
static void add_extra(struct buf *body, const char *setting)
{
    json_t *extra = json_loads(setting, 0, NULL);
    char *text = json_object_size(extra) ? json_dumps(extra, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (text)
        buf_printf(body, ",%.*s", (int)strlen(text) - 2, text + 1);
    free(text);
    json_decref(extra);
}

struct buf openai_request(const struct config *config, const struct brief *brief, unsigned traits, bool stream,
                          struct arena *arena)
{
    struct prompt prompt = prompt_build(brief, arena);
    struct buf body = buf_new(arena);
    buf_str(&body, "{\"model\":");
    buf_json(&body, config->openai_model);
    add_messages(&body, &prompt, !(traits & DIALECT_NO_SYSTEM));
    add_tokens(&body, traits, openai_answer_tokens(brief, traits));
    add_temperature(&body, traits, config->openai_temperature, temperatures[brief->operation]);
    if (*config->openai_reasoning_effort) {
        buf_str(&body, ",\"reasoning_effort\":");
        buf_json(&body, config->openai_reasoning_effort);
    }
    if (stream)
        buf_str(&body, ",\"stream\":true");
    if (stream && !(traits & DIALECT_NO_STREAM_USAGE))
        buf_str(&body, ",\"stream_options\":{\"include_usage\":true}");
    add_extra(&body, config->openai_extra_body);
    buf_str(&body, "}");
    return body;
}
