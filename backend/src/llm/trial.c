#include "llm/trial.h"

#include "base/clock.h"
#include "llm/dialect.h"
#include "llm/provider.h"
#include "llm/verdict.h"

static const char request[] =
    "{\"persona\":{\"name\":\"Ayla\",\"bio\":\"Plants trees along the road.\",\"tone\":\"calm\"},"
    "\"room\":{\"name\":\"Garden\",\"description\":\"What grows, and what doesn't.\"}}";

struct trial {
    struct loop *loop;
    struct arena *arena;
    struct brief brief;
    void *provider;
    uint64_t begun, deadline;
    struct llm_trial *out;
};

static void trial_attempt(struct trial *trial);

static const char *kept(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static void on_attempt(void *ctx, const struct attempt_result *result)
{
    struct trial *trial = ctx;
    uint64_t now = loop_now(trial->loop);
    if (result->is_learnt && now < trial->deadline) {
        trial_attempt(trial);
        return;
    }
    char sentence[SENTENCE_SIZE];
    *trial->out = (struct llm_trial){
        .text = result->outcome == ATTEMPT_TEXT ? arena_strdup(trial->arena, result->text) : NULL,
        .error = kept(trial->arena, verdict_sentence(sentence, result)),
        .detail = kept(trial->arena, result->problem ? result->problem : result->words),
        .trouble = result->trouble,
        .took_ms = (now - trial->begun) / NS_PER_MS,
        .prompt_tokens = result->prompt_tokens,
        .completion_tokens = result->completion_tokens,
    };
    loop_stop(trial->loop);
}

static void trial_attempt(struct trial *trial)
{
    trial->begun = loop_now(trial->loop);
    uint64_t left = trial->deadline > trial->begun ? trial->deadline - trial->begun : 0;
    llm_openai.attempt(trial->provider, &(struct attempt_ask){.brief = &trial->brief,
                                                              .timeout_ms = MAX(left / NS_PER_MS, 1),
                                                              .done = on_attempt,
                                                              .ctx = trial});
}

bool llm_try(const struct config *config, uint64_t timeout_ms, struct arena *arena, struct llm_trial *out,
             struct err *err)
{
    struct trial trial = {.loop = loop_new(), .arena = arena, .out = out};
    bool ok = brief_read(&trial.brief, LLM_POST_DRAFT, request, arena, err);
    trial.brief.max_chars = (int)config->draft_max_len;
    trial.provider = ok ? llm_openai.open(trial.loop, config, 1, err) : NULL;
    if (trial.provider) {
        trial.deadline = loop_now(trial.loop) + timeout_ms * NS_PER_MS;
        trial_attempt(&trial);
        loop_run(trial.loop);
        out->learnt = dialect_words(dialect_of(config), arena);
        llm_openai.close(trial.provider);
    }
    loop_free(trial.loop);
    return trial.provider != NULL;
}
