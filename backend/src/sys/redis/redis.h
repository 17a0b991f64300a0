/* One script on a Redis server, for one event loop (hiredis). Nothing blocks, name lookups
 * included.
 *
 * It connects in the background, and again after each loss. The server counts as up when it has run
 * the script once, so a server that is full, read-only or still loading counts as away. An answer
 * that takes longer than `answer_ms` counts as a loss, too, so that later calls don't wait for it.
 * Where the URL names several servers, the next one is tried after each loss; replicas, which can't
 * be written, are passed over so.
 */
#ifndef PW_SYS_REDIS_REDIS_H
#define PW_SYS_REDIS_REDIS_H

#include "sys/loop.h"

enum { REDIS_WORDS_MAX = 8, REDIS_WORD_SIZE = 96 };

/* What a run of the script is given: at most REDIS_WORDS_MAX words. */
struct redis_words {
    const char *const *words; /* the keys, then the arguments; each shorter than REDIS_WORD_SIZE */
    int count, keys;
};

struct redis_config {
    /* redis:// or rediss://[user:password@]host[:port][,host[:port]...][/database], [password with
     * an empty user]; parts percent-encoded */
    const char *url;
    const char *ca_bundle;    /* with rediss://: a file with the authorities (PEM); "": the system's */
    const char *script;       /* Lua (EVAL); answers whole numbers */
    struct redis_words probe; /* of the run that shows whether the script can run */
    uint64_t answer_ms;
    /* the first time and at each change; `why` it is away */
    void (*on_change)(void *ctx, bool up, const char *why);
    void *ctx;
};

struct redis;
struct redis_call;

/* Never waits. NULL: the URL or the bundle can't be read. Script and probe are kept by pointer. */
struct redis *redis_open(struct loop *, const struct redis_config *, struct err *) MUST_CHECK;
void redis_close(struct redis *); /* NULL is fine; no callback comes after it */

/* Runs the script; the words are copied. done(ctx, numbers, count) runs once on the loop; numbers
 * is NULL where no answer came: then the script may have run or not. NULL: the server is away, and
 * done won't run. */
typedef void redis_done(void *ctx, const int64_t *numbers, int count);
struct redis_call *redis_run(struct redis *, const struct redis_words *, redis_done *done, void *ctx);
void redis_drop(struct redis_call *); /* done won't run */

#endif
