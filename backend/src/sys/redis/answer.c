#include "sys/redis/answer.h"

#include <hiredis/hiredis.h>
#include <string.h>

int redis_answer_numbers(const struct redisReply *reply, int64_t numbers[static REDIS_NUMBERS_MAX])
{
    if (reply->type != REDIS_REPLY_ARRAY)
        return -1;
    int count = (int)MIN(reply->elements, (size_t)REDIS_NUMBERS_MAX);
    for (int i = 0; i < count; i++) {
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return -1;
        numbers[i] = reply->element[i]->integer;
    }
    return count;
}

bool redis_answer_is_unknown_script(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

const char *redis_answer_problem(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR ? reply->str : "an answer of another kind";
}
