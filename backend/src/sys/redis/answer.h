/* Reads a Redis server's answer to a script. For sys/redis/redis.c. Pure. */
#ifndef PW_SYS_REDIS_ANSWER_H
#define PW_SYS_REDIS_ANSWER_H

#include "base/base.h"

struct redisReply;

enum { REDIS_NUMBERS_MAX = 9 };

/* The whole numbers of a list, at most REDIS_NUMBERS_MAX of them; returns how many. -1: the
 * answer is no list, or has other members. */
int redis_answer_numbers(const struct redisReply *, int64_t numbers[static REDIS_NUMBERS_MAX]) MUST_CHECK;

/* The server doesn't have the script (any more), and wants its text. */
bool redis_answer_is_unknown_script(const struct redisReply *);

/* Why the answer can't be used; the text lives as long as the answer. */
const char *redis_answer_problem(const struct redisReply *);

#endif
