#include "api/health.h"

#include "api/http/answer.h"
#include "base/buf.h"
#include "service/bodies.h"
#include "service/readiness.h"
#include "sys/metrics.h"

void health_live(struct call *call)
{
    call_answer(call, 200, health_body(call->arena, NULL));
}

static void drop_question(void *question)
{
    readiness_drop(question);
}

static void on_ready(void *ctx, const char *why_not)
{
    struct call *call = ctx;
    call_got(call, drop_question);
    if (why_not)
        call->error = arena_strdup(call->arena, why_not);
    call_answer(call, why_not ? 503 : 200, health_body(call->arena, why_not));
}

void health_ready(struct call *call)
{
    struct question *question = readiness_ask(call->api->readiness, call->arena, on_ready, call);
    if (question)
        call_wait(call, drop_question, question);
}

void health_metrics(struct call *call)
{
    struct buf page = buf_new(call->arena);
    metrics_write(&page);
    call_answer_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", page.text, page.len);
}
