#include "api/live/hub_parts.h"

/* ---- what is tracked ---- */

static struct look *look_of(struct live_hub *hub, const struct tracked *t)
{
    return &hub->looks[t->topic.key.kind == KEY_POST ? LOOK_POSTS : LOOK_USERS];
}

bool is_address(const struct tracked *t)
{
    return t->topic.key.kind == KEY_ADDRESS;
}

struct tracked *hub_find(const struct live_hub *hub, const struct live_key *key)
{
    return (struct tracked *)(void *)topics_find(&hub->topics, key);
}

void hub_want_look(struct live_hub *hub, struct tracked *t)
{
    if (t->is_dirty)
        return;
    t->is_dirty = true;
    TAILQ_INSERT_TAIL(&look_of(hub, t)->dirty, t, dirty);
}

struct tracked *hub_track(struct live_hub *hub, const struct live_key *key)
{
    struct tracked *t = hub_find(hub, key);
    if (t)
        return t;
    t = tracked_new(key);
    topics_add(&hub->topics, &t->topic);
    t->is_known = is_address(t);
    if (is_address(t))
        return t;
    TAILQ_INSERT_TAIL(&look_of(hub, t)->all, t, all);
    look_of(hub, t)->all_count++;
    if (key->kind == KEY_USER && look_of(hub, t)->all_count == 1)
        feed_begin_anew(hub);
    hub_want_look(hub, t);
    return t;
}

void hub_forget(struct live_hub *hub, struct tracked *t)
{
    struct look *look = look_of(hub, t);
    INVARIANT(t->streams == 0 && !t->is_in_look);
    topics_remove(&hub->topics, &t->topic);
    if (!is_address(t)) {
        TAILQ_REMOVE(&look->all, t, all);
        look->all_count--;
    }
    if (t->is_dirty)
        TAILQ_REMOVE(&look->dirty, t, dirty);
    tracked_free(t);
}

/* ---- events ---- */

void hub_put_to_desks(struct live_hub *hub, enum live_word word, struct live_event *event)
{
    for (int i = 0; i < hub->desk_count; i++) {
        struct live_message *message = message_new(word, NULL, event ? 1 : 0);
        message->n = hub->n;
        message->event_count = event ? 1 : 0;
        if (event)
            message->events[0] = live_event_hold(event);
        inbox_put(hub->desks[i], message);
    }
}

void hub_tell(struct live_hub *hub, enum live_kind kind, struct tracked *about, const char *json)
{
    const struct live_id id = {hub->boot, ++hub->n};
    struct live_event *event = live_event_new(kind, &id, &about->topic.key, json);
    about->last_n = hub->n;
    live_ring_keep(&hub->ring, event);
    hub_put_to_desks(hub, WORD_TELL, event);
    live_event_release(event);
}
