/* What a stream can be told, and what it can be about. */
#ifndef PW_API_LIVE_EVENT_H
#define PW_API_LIVE_EVENT_H

#include <stdatomic.h>

#include "base/uuid.h"

enum live_kind {
    LIVE_HELLO,
    LIVE_REPLY,
    LIVE_PENDING,
    LIVE_SUMMARY,
    LIVE_THREAD,
    LIVE_GONE,
    LIVE_NOTIFICATION,
    LIVE_UNREAD,
    LIVE_DIGEST,
    LIVE_FEED,
    LIVE_RESET,
    LIVE_BYE,
    LIVE_KINDS
};
extern const char *const live_names[LIVE_KINDS];

/* A post or a user, by the id; or a client's network. */
enum { KEY_POST = 'p', KEY_USER = 'u', KEY_ADDRESS = 'a' };
struct live_key {
    unsigned char kind, bytes[16];
};
struct live_key live_key_of(int kind, const char *uuid); /* a valid one */
void live_key_write(char out[static UUID_SIZE], const struct live_key *);
bool live_keys_equal(const struct live_key *, const struct live_key *);

/* "3f2a90c1.17": the process's start and the event's number in it. */
enum { LIVE_ID_SIZE = 32 };
struct live_id {
    uint32_t boot;
    uint64_t n;
};
void live_id_write(char out[static LIVE_ID_SIZE], const struct live_id *);
bool live_id_read(const char *text, struct live_id *) MUST_CHECK;

/* An event as streams get it, shared among threads; it never changes. */
struct live_event {
    atomic_int holders;
    enum live_kind kind;
    uint64_t n;
    struct live_key about;
    size_t len;
    char text[];
};
struct live_event *live_event_new(enum live_kind, const struct live_id *, const struct live_key *about,
                                  const char *json); /* held by the caller */
struct live_event *live_event_hold(struct live_event *);
void live_event_release(struct live_event *);

#endif
