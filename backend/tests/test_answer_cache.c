#include "unit.h"

#include <string.h>

#include "api/http/answer_cache.h"

/* Times begin after all changes that other tests made. */
static uint64_t now_ns = 1;

static const char route_a[] = "a", route_b[] = "b";

static uint64_t ms(uint64_t n)
{
    return n * 1000000;
}

static void keep(struct answer_cache *cache, const char *route, const char *id, const char *body, uint64_t asked)
{
    const struct cached_answer answer = {
        .body = body, .len = strlen(body), .etag = "\"tag\"", .event_metadata = *id ? "{}" : NULL};
    answer_cache_keep(cache, (struct answer_key){.route = route, .id = id}, &answer, asked);
}

/* The body, or "" where none is found. */
static const char *find(struct answer_cache *cache, struct arena *arena, const char *route, const char *id,
                        uint64_t now)
{
    const struct cached_answer *found =
        answer_cache_find(cache, arena, (struct answer_key){.route = route, .id = id}, now);
    return found ? found->body : "";
}

static struct answer_cache *new_cache(size_t bytes)
{
    now_ns += ms(10000);
    return answer_cache_new(bytes);
}

/* Arenas hold answers, so they go first. */
static void end(struct answer_cache *cache, struct arena *arena)
{
    arena_free(arena);
    answer_cache_free(cache);
}

static void an_answer_is_found_by_route_and_id(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(1 << 20);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "a1", now_ns);
    keep(cache, route_b, "1", "b1", now_ns);
    keep(cache, route_a, "", "a", now_ns);
    assert_text(find(cache, arena, route_a, "1", now_ns), "a1", "route a");
    assert_text(find(cache, arena, route_b, "1", now_ns), "b1", "route b");
    assert_text(find(cache, arena, route_a, "", now_ns), "a", "no id");
    assert_text(find(cache, arena, route_a, "2", now_ns), "", "another id");
    end(cache, arena);
}

static void all_of_an_answer_is_kept(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(1 << 20);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "a body", now_ns);
    keep(cache, route_a, "", "", now_ns);
    const struct cached_answer *found = answer_cache_find(cache, arena, (struct answer_key){route_a, "1"}, now_ns);
    assert_text(found->etag, "\"tag\"", "tag");
    assert_text(found->event_metadata, "{}", "metadata");
    assert_int_equal(found->len, 6);
    found = answer_cache_find(cache, arena, (struct answer_key){route_a, ""}, now_ns);
    assert_null(found->event_metadata);
    assert_int_equal(found->len, 0);
    end(cache, arena);
}

static void it_is_fresh_for_a_second_from_when_it_was_asked_for(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(1 << 20);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "a", now_ns);
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(799)), "a", "799 ms");
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(800)), "", "one asks again");
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(800)), "a", "the others don't");
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(1000) - 1), "a", "nearly a second");
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(1000)), "", "a second");
    assert_text(find(cache, arena, route_a, "1", now_ns), "", "and it is gone");
    end(cache, arena);
}

static void a_newer_answer_takes_the_place_of_an_older_one(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(1 << 20);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "old", now_ns);
    const char *held = find(cache, arena, route_a, "1", now_ns);
    keep(cache, route_a, "1", "new", now_ns + ms(900));
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(1500)), "new", "after the old one's second");
    assert_text(held, "old", "whoever holds it keeps it");
    end(cache, arena);
}

static void a_change_forgets_what_was_asked_for_before_it(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(1 << 20), *other = answer_cache_new(1 << 20);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "before", now_ns);
    keep(other, route_a, "1", "before", now_ns + ms(5));
    keep(other, route_a, "2", "after", now_ns + ms(11));
    answer_caches_forget(now_ns + ms(10));
    answer_caches_forget(now_ns + ms(2)); /* an earlier one that is told later takes nothing back */
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(12)), "", "in this cache");
    assert_text(find(other, arena, route_a, "1", now_ns + ms(12)), "", "in the other one");
    assert_text(find(other, arena, route_a, "2", now_ns + ms(12)), "after", "asked for after it");
    keep(cache, route_a, "1", "read before, stored after", now_ns + ms(9));
    assert_text(find(cache, arena, route_a, "1", now_ns + ms(12)), "", "an answer that was under way");
    arena_free(arena);
    answer_cache_free(cache);
    answer_cache_free(other);
}

static void what_was_asked_for_longest_ago_goes_first(void **state)
{
    (void)state;
    enum { BODY = 1000, ROOM = 3 };
    struct answer_cache *cache = new_cache(ROOM * (BODY + 400));
    struct arena *arena = arena_new();
    char body[BODY + 1] = "";
    memset(body, 'x', BODY);
    keep(cache, route_a, "1", body, now_ns);
    keep(cache, route_a, "2", body, now_ns);
    keep(cache, route_a, "3", body, now_ns);
    assert_int_equal(strlen(find(cache, arena, route_a, "1", now_ns)), BODY);
    keep(cache, route_a, "4", body, now_ns);
    assert_text(find(cache, arena, route_a, "2", now_ns), "", "the second");
    assert_int_equal(strlen(find(cache, arena, route_a, "1", now_ns)), BODY);
    assert_int_equal(strlen(find(cache, arena, route_a, "4", now_ns)), BODY);
    end(cache, arena);
}

static void an_answer_larger_than_all_room_is_not_kept(void **state)
{
    (void)state;
    struct answer_cache *cache = new_cache(100);
    struct arena *arena = arena_new();
    keep(cache, route_a, "1", "a body that fills it, with what is kept beside it", now_ns);
    assert_text(find(cache, arena, route_a, "1", now_ns), "", "too large");
    end(cache, arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_by_route_and_id),
        cmocka_unit_test(all_of_an_answer_is_kept),
        cmocka_unit_test(it_is_fresh_for_a_second_from_when_it_was_asked_for),
        cmocka_unit_test(a_newer_answer_takes_the_place_of_an_older_one),
        cmocka_unit_test(a_change_forgets_what_was_asked_for_before_it),
        cmocka_unit_test(what_was_asked_for_longest_ago_goes_first),
        cmocka_unit_test(an_answer_larger_than_all_room_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
