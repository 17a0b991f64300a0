#include "api/http/idempotency.h"

#include "api/http/route.h"
#include "api/http/router.h"
#include "service/bodies.h"
#include "sys/crypto.h"

/* The parameters of idempotency/claim; idempotency/find has all but the last. */
enum { CALLER, ROUTE, KEY, REQUEST, HOLDER, CLAIM_PARAMS };

static const char *route_name(struct call *call)
{
    char label[96];
    router_label(label, sizeof label, call->route);
    return arena_printf(call->arena, "%s %s", method_names[call->route->method], label);
}

static const char *request_hash(struct call *call)
{
    const struct http_request *http = call->http;
    char body[DIGEST_SIZE], *all = arena_alloc(call->arena, DIGEST_SIZE);
    digest_bytes(body, http->body, http->body_len);
    digest(all, arena_printf(call->arena, "%s?%s %s", http->path, http->query, body));
    return all;
}

static const char *new_holder(struct call *call)
{
    char *holder = arena_alloc(call->arena, UUID_SIZE);
    random_uuid(holder);
    return holder;
}

/* ---- a repetition ---- */

static void on_found(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    enum { SAME, STATUS, ANSWER }; /* columns */
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) > 0 && !db_is_true(rows, 0, SAME)) {
        call_fail(call, 409, "idempotency key was used for another request");
    } else if (db_count(rows) > 0 && db_text(rows, 0, ANSWER)) {
        http_add_header(call->http, "Idempotency-Replayed", "true");
        call_answer(call, (int)db_number(rows, 0, STATUS), arena_strdup(call->arena, db_text(rows, 0, ANSWER)));
    } else {
        call_key_in_use(call);
    }
}

static void answer_repetition(struct call *call)
{
    call_query_with(call, SQL_IDEMPOTENCY_FIND, call->claim->statement.params, on_found);
}

/* ---- the claim ---- */

const char *idempotency_read(struct call *call)
{
    static const char header[] = "Idempotency-Key";
    const char *key = http_header(call->http, header);
    if (!key)
        return NULL;
    if (http_header_repeated(call->http, header) || !is_plain_id(key))
        return IDEMPOTENCY_MALFORMED;
    const char **params = arena_alloc(call->arena, CLAIM_PARAMS * sizeof *params);
    params[CALLER] = call->user_id;
    params[ROUTE] = route_name(call);
    params[KEY] = arena_strdup(call->arena, key);
    params[REQUEST] = request_hash(call);
    params[HOLDER] = new_holder(call);
    struct call_claim *claim = arena_alloc(call->arena, sizeof *claim);
    *claim = (struct call_claim){.statement = {SQL_IDEMPOTENCY_CLAIM, params}, .refused = answer_repetition};
    call->claim = claim;
    return NULL;
}
