/* Covers: sys/redis/answer.c */
#include "sys/redis/answer.h"

#include <ctype.h>
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

/* hiredis allocates as many members as a list's header announces. The Redis is the operator's
 * own, so it is trusted in this: the target leaves announcements of 10,000 members and more out. */
static bool announces_much(const char *bytes, size_t len)
{
    enum { MOST_DIGITS = 4 };
    size_t digits = 0;
    for (size_t i = 0; i < len && digits <= MOST_DIGITS; i++)
        if (strchr("*%~>|", bytes[i]) && bytes[i])
            for (digits = 0; i + 1 < len && isdigit((unsigned char)bytes[i + 1]); i++)
                digits++;
    return digits > MOST_DIGITS;
}

/* The server's bytes as they come, in two pieces; the first byte says where the second begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || announces_much((const char *)data + 1, size - 1))
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
