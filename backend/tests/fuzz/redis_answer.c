/* Covers: sys/redis_answer.c */
#include "sys/redis_answer.h"

#include <hiredis/hiredis.h>

#include "fuzz.h"

static void check(const redisReply *reply)
{
    int64_t numbers[REDIS_NUMBERS_MAX];
    int count = redis_answer_numbers(reply, numbers);
    INVARIANT(count >= -1 && count <= REDIS_NUMBERS_MAX);
    INVARIANT(count < 0 || !redis_answer_is_unknown_script(reply));
    INVARIANT(count >= 0 || redis_answer_problem(reply));
}

/* The server's bytes as they come, in two pieces; the first byte says where the second begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    redisReader *reader = redisReaderCreate();
    const char *bytes = (const char *)data + 1;
    size_t len = size - 1, first = MIN(data[0], len);
    void *reply = NULL;
    redisReaderFeed(reader, bytes, first);
    if (redisReaderGetReply(reader, &reply) == REDIS_OK && !reply) {
        redisReaderFeed(reader, bytes + first, len - first);
        if (redisReaderGetReply(reader, &reply) != REDIS_OK)
            reply = NULL;
    }
    if (reply) {
        check(reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    return 0;
}
