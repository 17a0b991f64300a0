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

void health_ready(struct call *call)
{
    call->error = readiness_why_not(call->arena);
    call_answer(call, call->error ? 503 : 200, health_body(call->arena, call->error));
}

void health_metrics(struct call *call)
{
    struct buf page = buf_new(call->arena);
    metrics_write(&page);
    call_answer_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", page.text, page.len);
}
