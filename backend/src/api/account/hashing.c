#include "api/account/hashing.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/client.h"

struct hashing {
    struct call *call;
    hashing_done *done;
};

struct turn_origin hashing_origin(struct call *call)
{
    const struct address client = client_of(call->http);
    const struct cidr network = cidr_around(&client);
    return address_origin(&network.network);
}

static void drop_hashing(void *job)
{
    password_drop(job);
}

static void on_hash(void *ctx, enum password_outcome outcome, const char *hash)
{
    const struct hashing *hashing = ctx;
    struct call *call = hashing->call;
    call_got(call, drop_hashing);
    if (outcome == PASSWORD_CROWDED) {
        call_busy(call, "password_queue");
    } else if (outcome != PASSWORD_OK) {
        call->error = "password hashing failed";
        call_fail(call, 500, "internal server error");
    } else {
        hashing->done(call, hash);
    }
}

void hashing_start(struct call *call, enum password_lane lane, const char *password, hashing_done *done)
{
    struct hashing *hashing = arena_alloc(call->arena, sizeof *hashing);
    *hashing = (struct hashing){.call = call, .done = done};
    const struct password_ask ask = {.loop = call->api->loop,
                                     .lane = lane,
                                     .origin = hashing_origin(call),
                                     .password = password,
                                     .len = strlen(password),
                                     .done = on_hash,
                                     .ctx = hashing};
    struct password_job *job = password_hash(&ask);
    if (job)
        call_wait(call, drop_hashing, job);
    else
        call_busy(call, "password_queue");
}
