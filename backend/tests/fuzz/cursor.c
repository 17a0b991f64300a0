/* Covers: api/http/paging.c */
#include "api/http/paging.h"
#include "base/uuid.h"
#include "fuzz.h"

/* paging.c asks a call for its query and gives it parameters: here the call is these. */
static const char *query_value;
static const char *params[2];
static int64_t number;

const char *call_query_value(struct call *call, const char *name)
{
    (void)call, (void)name;
    return query_value;
}

void call_number_param(struct call *call, int64_t value)
{
    (void)call;
    number = value;
}

void call_param(struct call *call, const char *value)
{
    params[call->param_count++] = value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct call call = {.arena = arena_new()};
    query_value = fuzz_text(call.arena, data, size);
    if (!paging_limit(&call, 20))
        INVARIANT(number >= 1 && number <= PAGE_MAX);
    if (!paging_cursor(&call)) {
        INVARIANT(call.param_count == 2 && !params[0] == !params[1]);
        INVARIANT(!params[0] || params[0][strspn(params[0], "0123456789")] == '\0');
        INVARIANT(!params[1] || uuid_valid(params[1], strlen(params[1])));
    }
    arena_free(call.arena);
    return 0;
}
