#include "llm/openai_answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "domain/model/text.h"
#include "llm/words.h"

/* ---- what a server calls things ---- */

enum sense { SAYS_ELSE, SAYS_LENGTH, SAYS_REFUSED, SAYS_QUOTA_USED, SAYS_ERROR };

static const struct word {
    const char *word;
    enum sense sense;
    int status; /* SAYS_ERROR */
} words[] = {
    /* finish_reason */
    {"length", SAYS_LENGTH, 0},
    {"max_tokens", SAYS_LENGTH, 0},
    {"max_output_tokens", SAYS_LENGTH, 0},
    {"model_length", SAYS_LENGTH, 0},
    {"content_filter", SAYS_REFUSED, 0},
    {"refusal", SAYS_REFUSED, 0},
    {"safety", SAYS_REFUSED, 0},
    {"sensitive", SAYS_REFUSED, 0},
    {"recitation", SAYS_REFUSED, 0},
    {"prohibited_content", SAYS_REFUSED, 0},
    {"blocklist", SAYS_REFUSED, 0},
    {"guardrail_intervened", SAYS_REFUSED, 0},
    {"error", SAYS_ERROR, 502},
    /* an error's code or type */
    {"content_policy_violation", SAYS_REFUSED, 0},
    {"ResponsibleAIPolicyViolation", SAYS_REFUSED, 0},
    {"moderation_blocked", SAYS_REFUSED, 0},
    {"insufficient_quota", SAYS_QUOTA_USED, 0},
    {"billing_hard_limit_reached", SAYS_QUOTA_USED, 0},
    {"billing_not_active", SAYS_QUOTA_USED, 0},
    {"invalid_request_error", SAYS_ERROR, 400},
    {"authentication_error", SAYS_ERROR, 401},
    {"invalid_api_key", SAYS_ERROR, 401},
    {"permission_error", SAYS_ERROR, 403},
    {"not_found_error", SAYS_ERROR, 404},
    {"model_not_found", SAYS_ERROR, 404},
    {"rate_limit_exceeded", SAYS_ERROR, 429},
    {"rate_limit_error", SAYS_ERROR, 429},
    {"server_error", SAYS_ERROR, 500},
    {"api_error", SAYS_ERROR, 500},
    {"overloaded_error", SAYS_ERROR, 503},
};

static struct word word_in(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    for (size_t i = 0; text && i < COUNT(words); i++)
        if (strcasecmp(words[i].word, text) == 0)
            return words[i];
    return (struct word){0};
}

/* ---- errors ---- */

/* A code like 429 or "429"; 0 where it is none. */
static int status_in(const json_t *error)
{
    const json_t *code = json_object_get(error, "code");
    long status = json_is_integer(code)  ? (long)json_integer_value(code)
                  : json_is_string(code) ? strtol(json_string_value(code), NULL, 10)
                                         : 0;
    return status >= 100 && status <= 599 ? (int)status : 0;
}

static bool is_refusal(const json_t *error)
{
    const json_t *inner = json_object_get(error, "innererror"), *metadata = json_object_get(error, "metadata");
    return word_in(error, "code").sense == SAYS_REFUSED || word_in(error, "type").sense == SAYS_REFUSED ||
           word_in(inner, "code").sense == SAYS_REFUSED || json_is_array(json_object_get(metadata, "reasons"));
}

/* OpenAI says 429 for a quota that is used up, as for a passing limit; others say 402. */
static bool is_quota(const json_t *error, int status)
{
    enum { PAYMENT_REQUIRED = 402 };
    return status == PAYMENT_REQUIRED || word_in(error, "code").sense == SAYS_QUOTA_USED ||
           word_in(error, "type").sense == SAYS_QUOTA_USED;
}

/* `status`: the answer's own, where it isn't 2xx; else 0, and the error names it, by number or by
 * name. */
static void read_error(const json_t *error, int status, struct attempt_result *result)
{
    const int named[] = {status, status_in(error), word_in(error, "code").status, word_in(error, "type").status};
    for (size_t i = 0; i < COUNT(named) && !status; i++)
        status = named[i];
    result->status = status ? status : result->status;
    if (is_refusal(error))
        result->outcome = ATTEMPT_REFUSED;
    else if (is_quota(error, status))
        result->outcome = ATTEMPT_QUOTA_USED;
    else if (status)
        result->outcome = ATTEMPT_STATUS;
    else
        result->problem = "an error without a code";
}

static const char *kept(const json_t *text, struct arena *arena)
{
    return json_is_string(text) ? arena_strdup(arena, json_string_value(text)) : NULL;
}

/* The forms of an error: OpenAI's object; a text alone (LM Studio); the members at the top (vLLM,
 * Mistral); FastAPI's `detail`, a text or a list of places and messages. */
static struct provider_error error_said(const json_t *json, const json_t *error, struct arena *arena)
{
    const json_t *object = json_is_object(error) ? error : json, *detail = json_object_get(object, "detail");
    const json_t *first = json_array_get(detail, 0), *place = json_object_get(first, "loc");
    const json_t *messages[] = {error, json_object_get(object, "message"), detail, json_object_get(first, "msg")};
    struct provider_error said = {.code = kept(json_object_get(object, "code"), arena),
                                  .param = kept(json_object_get(object, "param"), arena)};
    if (!said.code)
        said.code = kept(json_object_get(object, "type"), arena);
    if (place)
        said.param = kept(json_array_get(place, json_array_size(place) - 1), arena);
    for (size_t i = 0; i < COUNT(messages) && !said.message; i++)
        said.message = kept(messages[i], arena);
    return said;
}

/* ---- texts ---- */

/* The server's count; 0 where it is no plausible count. */
static int64_t token_count(const json_t *answer, const char *name)
{
    enum { PLAUSIBLE = 10000000 };
    json_int_t count = json_integer_value(json_object_get(json_object_get(answer, "usage"), name));
    return count > 0 && count <= PLAUSIBLE ? count : 0;
}

/* A string, or the text parts of a list; parts of another type (thinking, reference) are none. */
static const char *content_of(const json_t *content, struct arena *arena)
{
    if (json_is_string(content))
        return json_string_value(content);
    struct buf text = buf_new(arena);
    size_t i;
    const json_t *part;
    json_array_foreach (content, i, part) {
        const char *type = json_string_value(json_object_get(part, "type"));
        const char *piece = json_string_value(json_object_get(part, "text"));
        if (type && piece && (strcmp(type, "text") == 0 || strcmp(type, "output_text") == 0))
            buf_str(&text, piece);
    }
    return text.text;
}

static bool has_refusal_part(const json_t *content)
{
    size_t i;
    const json_t *part;
    json_array_foreach (content, i, part)
        if (json_object_get(part, "refusal"))
            return true;
    return false;
}

static bool model_refused(const json_t *choice, const json_t *message)
{
    const char *refusal = json_string_value(json_object_get(message, "refusal"));
    return word_in(choice, "finish_reason").sense == SAYS_REFUSED || (refusal && *refusal) ||
           has_refusal_part(json_object_get(message, "content"));
}

static void read_text(const json_t *choice, const json_t *message, int max_chars, struct arena *arena,
                      struct attempt_result *result)
{
    const char *content = content_of(json_object_get(message, "content"), arena);
    char *text = model_text(arena, content);
    result->closes_alone = model_text_closes_alone(arena, content);
    bool is_cut = word_in(choice, "finish_reason").sense == SAYS_LENGTH;
    if (is_cut && *text)
        text = text_cut_back(arena, text);
    if (max_chars)
        text = text_cut(arena, text, (size_t)max_chars);
    result->outcome = *text ? ATTEMPT_TEXT : is_cut ? ATTEMPT_NO_ROOM : ATTEMPT_NO_TEXT;
    result->text = text;
}

static void read_choice(const json_t *choice, int max_chars, struct arena *arena, struct attempt_result *result)
{
    const json_t *message = json_object_get(choice, "message"), *error = json_object_get(choice, "error");
    struct word finish = word_in(choice, "finish_reason");
    if (!json_is_object(choice))
        result->problem = "no choices";
    else if (json_is_object(error) || finish.sense == SAYS_ERROR)
        read_error(error, json_is_object(error) ? 0 : finish.status, result);
    else if (model_refused(choice, message))
        result->outcome = ATTEMPT_REFUSED;
    else
        read_text(choice, message, max_chars, arena, result);
}

/* Some servers put a byte order mark before the JSON, and some put bytes behind it. */
static json_t *answer_json(const struct openai_answer *answer)
{
    static const char mark[] = "\xEF\xBB\xBF";
    bool marked = answer->len >= sizeof mark - 1 && memcmp(answer->body, mark, sizeof mark - 1) == 0;
    size_t skip = marked ? sizeof mark - 1 : 0;
    return json_loadb(answer->body + skip, answer->len - skip, JSON_DISABLE_EOF_CHECK, NULL);
}

static void read_json(const struct openai_answer *answer, const json_t *json, struct arena *arena,
                      struct attempt_result *result, struct provider_error *said)
{
    const json_t *error = json_object_get(json, "error");
    bool is_good = answer->status / 100 == 2;
    result->prompt_tokens = token_count(json, "prompt_tokens");
    result->completion_tokens = token_count(json, "completion_tokens");
    if (!is_good || (error && !json_is_null(error))) {
        read_error(json_is_object(error) ? error : json, is_good ? 0 : answer->status, result);
        *said = error_said(json, error, arena);
    } else {
        read_choice(json_array_get(json_object_get(json, "choices"), 0), answer->max_chars, arena, result);
    }
}

void openai_answer_read(const struct openai_answer *answer, struct arena *arena, struct attempt_result *result,
                        struct provider_error *error)
{
    *error = (struct provider_error){0};
    result->outcome = ATTEMPT_UNREADABLE;
    result->status = answer->status;
    json_t *json = answer->json ? json_incref(answer->json) : answer_json(answer);
    if (json || answer->status / 100 != 2)
        read_json(answer, json, arena, result, error);
    else
        result->problem = "not JSON";
    json_decref(json);
}
