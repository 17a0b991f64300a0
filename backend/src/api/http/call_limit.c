#include "api/http/call_limit.h"

#include "api/http/answer.h"
#include "api/http/client.h"
#include "sys/log.h"

struct limited { /* a call before its limit */
    struct call *call;
    call_limit_passed *passed;
    enum limit by_address; /* is to be counted by address, too; LIMIT_NONE: nothing more */
};

static void drop_check(void *check)
{
    limit_drop(check);
}

static void answer_429(struct call *call, const struct limit_verdict *verdict)
{
    log_warn("rate_limited", log_str("scope", verdict->scope), log_str("endpoint", verdict->endpoint),
             log_str("client", client_address(call->http)), log_str("account", call->account),
             log_str("request_id", call->request_id), log_str("user_id", call->user_id));
    call_fail_until(call, 429, verdict->sentence, (uint64_t)verdict->retry_after_s * 1000);
}

static struct limit_client address_client(struct call *call, enum limit limit)
{
    return (struct limit_client){
        .limit = limit,
        .scope = LIMIT_BY_ADDRESS,
        .who = client_network(call->http),
        .networks = {client_wider_network(call->http, 56), client_wider_network(call->http, 48)},
        .arena = call->arena};
}

static struct limit_client client_for(struct call *call, enum limit limit, const char *account)
{
    enum limit_scope scope = limit_scope(limit, *call->user_id);
    if (scope == LIMIT_BY_ADDRESS)
        return address_client(call, limit);
    return (struct limit_client){
        .limit = limit, .scope = scope, .who = account ? account : call->user_id, .arena = call->arena};
}

static void on_verdict(void *limited, const struct limit_verdict *);

static struct limited *limited_new(struct call *call, call_limit_passed *passed)
{
    struct limited *limited = arena_alloc(call->arena, sizeof *limited);
    *limited = (struct limited){.call = call, .passed = passed};
    return limited;
}

static void wait_for_check(struct call *call, struct limit_check *check)
{
    if (check)
        call_wait(call, drop_check, check);
}

/* The user is within the limit: is the address? */
static void take_by_address(struct limited *limited)
{
    struct call *call = limited->call;
    const struct limit_client client = address_client(call, limited->by_address);
    limited->by_address = LIMIT_NONE;
    wait_for_check(call, limit_take(call->api->limits, &client, on_verdict, limited));
}

/* The headers tell of the limit that was looked at first, or of the one that refuses. */
static void on_verdict(void *ctx, const struct limit_verdict *verdict)
{
    struct limited *limited = ctx;
    struct call *call = limited->call;
    call_got(call, drop_check);
    if (verdict->policy_header && (!call->limit || !verdict->is_allowed))
        call->limit = verdict;
    if (!verdict->is_allowed)
        answer_429(call, verdict);
    else if (limited->by_address != LIMIT_NONE)
        take_by_address(limited);
    else
        limited->passed(call);
}

void call_limit_take(struct call *call, enum limit limit, const char *account, call_limit_passed *passed)
{
    if (limit == LIMIT_NONE) {
        passed(call);
        return;
    }
    struct limit_client client = client_for(call, limit, account);
    struct limited *limited = limited_new(call, passed);
    if (client.scope == LIMIT_BY_USER && limit_is_by_both(limit))
        limited->by_address = limit;
    wait_for_check(call, limit_take(call->api->limits, &client, on_verdict, limited));
}

void call_limit_look(struct call *call, enum limit limit, const char *account, call_limit_passed *passed)
{
    struct limit_client client = client_for(call, limit, account);
    wait_for_check(call, limit_look(call->api->limits, &client, on_verdict, limited_new(call, passed)));
}
