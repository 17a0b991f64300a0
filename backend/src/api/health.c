#include "api/health.h"

#include "api/http/answer.h"
#include "service/bodies.h"
#include "service/metrics_page.h"
#include "service/readiness.h"

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
    struct metrics_page page = metrics_page(call->http);
    call_answer_text(call, 200, METRICS_TYPE, page.text, page.len);
}
