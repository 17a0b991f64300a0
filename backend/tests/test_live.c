/* The parts of live events that need neither a database nor a client. */
#include <stdio.h>
#include <string.h>

#include "api/live/ring.h"
#include "api/live/seen.h"
#include "api/live/topics.h"
#include "service/live_tell.h"
#include "unit.h"

static const char post[] = "0b5c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3";

static void ids_are_read_as_they_are_written(void **state)
{
    (void)state;
    struct live_id id;
    char text[LIVE_ID_SIZE];
    assert_true(live_id_read("3f2a90c1.17", &id));
    assert_int_equal(id.boot, 0x3f2a90c1);
    assert_int_equal(id.n, 17);
    live_id_write(text, &id);
    assert_string_equal(text, "3f2a90c1.17");
    static const char *const none[] = {
        "",           "3f2a90c1",    "3f2a90c1.",   "3f2a90c1.x",  "3f2a90c.17",
        "3F2A90C1.1", "3f2a90c1.1 ", "3f2a90c1.01", "3f2a90c1.-1", "3f2a90c1.9999999999999999999"};
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(live_id_read(none[i], &id));
}

static void keys_are_written_as_the_uuids_that_they_are(void **state)
{
    (void)state;
    char text[UUID_SIZE];
    struct live_key key = live_key_of(KEY_POST, post),
                    same = live_key_of(KEY_POST, "0B5C1D2E-3F40-4A5B-8C6D-7E8F90A1B2C3"),
                    user = live_key_of(KEY_USER, post);
    live_key_write(text, &key);
    assert_string_equal(text, post);
    assert_true(live_keys_equal(&key, &same));
    assert_false(live_keys_equal(&key, &user));
}

static void what_was_seen_is_known_until_it_is_old(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_true(seen_add(&seen, "a", 10));
    assert_true(seen_add(&seen, "b", 20));
    assert_false(seen_add(&seen, "a", 30));
    seen_forget(&seen, 20);
    assert_int_equal(seen.count, 1);
    assert_true(seen_add(&seen, "a", 10));
    assert_false(seen_add(&seen, "b", 20));
    seen_free(&seen);
}

static void topics_are_found_while_the_table_grows(void **state)
{
    enum { MANY = 2000 };
    (void)state;
    static struct topic list[MANY];
    struct topics topics = {0};
    assert_null(topics_find(&topics, &list[0].key));
    for (int i = 0; i < MANY; i++) {
        list[i].key = (struct live_key){KEY_POST, {(unsigned char)i, (unsigned char)(i >> 8)}};
        topics_add(&topics, &list[i]);
    }
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(topics_find(&topics, &list[i].key), &list[i]);
    for (int i = 0; i < MANY; i++)
        topics_remove(&topics, &list[i]);
    assert_null(topics_find(&topics, &list[0].key));
    assert_null(topics_any(&topics));
    topics_free(&topics);
}

static void tell(struct live_ring *ring, uint64_t n, size_t len)
{
    static char json[(1 << 20) + 1];
    struct live_key key = live_key_of(KEY_POST, post);
    memset(json, 'x', len);
    json[len] = '\0';
    struct live_event *event = live_event_new(LIVE_REPLY, &(const struct live_id){1, n}, &key, json);
    live_ring_keep(ring, event);
    live_event_release(event);
}

static void the_ring_keeps_so_many_events(void **state)
{
    (void)state;
    static struct live_ring ring;
    assert_true(live_ring_reaches(&ring, 0));
    for (uint64_t n = 1; n <= RING_EVENTS; n++)
        tell(&ring, n, 1);
    assert_true(live_ring_reaches(&ring, 0));
    tell(&ring, RING_EVENTS + 1, 1);
    assert_false(live_ring_reaches(&ring, 0));
    assert_true(live_ring_reaches(&ring, 1));
    assert_int_equal(live_ring_newest(&ring, 0)->n, RING_EVENTS + 1);
    assert_int_equal(live_ring_newest(&ring, RING_EVENTS - 1)->n, 2);
    assert_null(live_ring_newest(&ring, RING_EVENTS));
    live_ring_free(&ring);
}

static void the_ring_keeps_so_many_bytes(void **state)
{
    (void)state;
    static struct live_ring ring;
    for (uint64_t n = 1; n <= 20; n++)
        tell(&ring, n, 1 << 20);
    assert_true(ring.bytes <= RING_BYTES);
    assert_int_equal(live_ring_newest(&ring, 0)->n, 20);
    assert_true(live_ring_reaches(&ring, 13));
    assert_false(live_ring_reaches(&ring, 12));
    live_ring_free(&ring);
}

static void payloads_are_read_item_by_item(void **state)
{
    (void)state;
    char payload[256];
    struct live_item item;
    snprintf(payload, sizeof payload, "p%s  x%s u%s f ff d%s-", post, post, post, post);
    const char *at = payload;
    assert_true(live_item_read(&at, &item) && item.kind == 'p');
    assert_string_equal(item.id, post);
    assert_true(live_item_read(&at, &item) && item.kind == 'u');
    assert_true(live_item_read(&at, &item) && item.kind == 'f');
    assert_string_equal(item.id, "");
    assert_false(live_item_read(&at, &item));
    at = "";
    assert_false(live_item_read(&at, &item));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_read_as_they_are_written),
        cmocka_unit_test(keys_are_written_as_the_uuids_that_they_are),
        cmocka_unit_test(what_was_seen_is_known_until_it_is_old),
        cmocka_unit_test(topics_are_found_while_the_table_grows),
        cmocka_unit_test(the_ring_keeps_so_many_events),
        cmocka_unit_test(the_ring_keeps_so_many_bytes),
        cmocka_unit_test(payloads_are_read_item_by_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
