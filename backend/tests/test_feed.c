#include "unit.h"

#include <stdio.h>

#include <string.h>

#include "domain/feed.h"

#define HOUR_US (INT64_C(3600) * 1000000)
static const int64_t now = INT64_C(1700000000) * 1000000;
static const char caller[] = "me";

static struct feed_entry battle(const char *id, double hours, int64_t shares, int64_t remixes)
{
    return (struct feed_entry){.id = id,
                               .owner = "somebody",
                               .created_us = now - (int64_t)(hours * (double)HOUR_US),
                               .shares = shares,
                               .remixes = remixes,
                               .json = "{}"};
}

static struct feed_entry template_used(const char *id, double hours, int64_t uses)
{
    struct feed_entry entry = battle(id, hours, 0, 0);
    entry.uses = uses;
    return entry;
}

/* "id:score:reason:reasons id:…", reasons by their first letters. */
static const char *rank(struct arena *arena, const struct feed_sources *sources)
{
    static const char letters[] = {'f', 't', 'n'};
    struct feed_item items[FEED_MAX];
    int count = feed_rank(sources, now, items);
    const char *text = "";
    for (int i = 0; i < count; i++) {
        char reasons[FEED_REASONS + 1] = "", *at = reasons;
        for (int reason = 0; reason < FEED_REASONS; reason++)
            if (items[i].has_reason[reason])
                *at++ = letters[reason];
        text = arena_printf(arena, "%s%s%s:%lld:%c:%s", text, i ? " " : "", items[i].entry->id,
                            (long long)items[i].score, letters[items[i].reason], reasons);
    }
    return text;
}

static struct feed_sources sources_of(struct feed_list followed, struct feed_list trending, struct feed_list templates)
{
    return (struct feed_sources){.followed = followed, .trending = trending, .templates = templates, .caller = caller};
}

#define LIST(...)                                                                                        \
    (struct feed_list)                                                                                   \
    {                                                                                                    \
        (const struct feed_entry[]){__VA_ARGS__}, (int)COUNT(((const struct feed_entry[]){__VA_ARGS__})) \
    }
static const struct feed_list none = {0};

static void scores_are_those_of_the_table(void **state)
{
    struct feed_sources sources =
        sources_of(LIST(battle("a", 10, 3, 2)), LIST(battle("b", 10, 3, 2)), LIST(template_used("c", 10, 4)));
    assert_text(rank(*state, &sources), "a:10550:f:f b:8650:t:t c:6680:n:n", "95+6+8-3.5, 70+9+10-2.5, 60+8-1.2");
    assert_text(rank(*state, &(struct feed_sources){.caller = caller}), "", "nothing");
}

static void scores_are_rounded_to_hundredths_before_they_order(void **state)
{
    /* 94.9965 and 94.9961 are both 95.00: the newer one stands first */
    struct feed_sources sources =
        sources_of(LIST(battle("older", 0.011, 0, 0), battle("newer", 0.01, 0, 0)), none, none);
    assert_text(rank(*state, &sources), "newer:9500:f:f older:9500:f:f", "equal scores");
    sources = sources_of(LIST(battle("b", 0.03, 0, 0), battle("a", 0.03, 0, 0)), none, none);
    assert_text(rank(*state, &sources), "a:9499:f:f b:9499:f:f", "equal times: by id");
}

static void a_battle_of_both_lists_is_one_item(void **state)
{
    struct feed_sources sources = sources_of(LIST(battle("liked", 2, 1, 0), battle("loved", 2, 30, 0)),
                                             LIST(battle("loved", 2, 30, 0), battle("liked", 2, 1, 0)), none);
    assert_text(rank(*state, &sources), "loved:15950:t:ft liked:9630:f:ft", "the better score and its reason");
    /* 95 + 2 * 25 = 70 + 3 * 25 at once */
    sources = sources_of(LIST(battle("even", 0, 25, 0)), LIST(battle("even", 0, 25, 0)), none);
    assert_text(rank(*state, &sources), "even:14500:f:ft", "on a tie it is the followed persona's");
}

static void a_battle_of_both_lists_is_shown_as_the_caller_s_rows_have_it(void **state)
{
    (void)state;
    struct feed_entry fresh = battle("a", 2, 40, 0), older = battle("a", 2, 39, 0);
    fresh.json = "fresh";
    older.json = "older";
    struct feed_sources sources = sources_of(LIST(fresh), LIST(older), none);
    struct feed_item items[FEED_MAX];
    assert_int_equal(feed_rank(&sources, now, items), 1);
    assert_text(items[0].entry->json, "fresh", "json");
    assert_int_equal(items[0].score, 18950);
}

static void time_has_bounds(void **state)
{
    struct feed_entry ahead = battle("ahead", -5, 0, 0), never = battle("never", 0, 0, 0), end = battle("end", 0, 0, 0);
    never.created_us = INT64_MIN;
    end.created_us = INT64_MAX;
    struct feed_sources sources = sources_of(LIST(never, ahead, end), none, none);
    assert_text(rank(*state, &sources), "end:9500:f:f ahead:9500:f:f never:-34990500:f:f",
                "no age below 0, or over a million hours");
}

static void make_many(struct feed_entry *entries, char (*ids)[8], const char *prefix, int n)
{
    for (int i = 0; i < n; i++) {
        snprintf(ids[i], sizeof ids[i], "%s%03d", prefix, i);
        entries[i] = battle(ids[i], i, 0, 0);
    }
}

static void own_battles_do_not_trend_and_twenty_of_others_do(void **state)
{
    enum { MANY = 45, OWN = 22 };
    struct feed_entry entries[MANY];
    char ids[MANY][8];
    make_many(entries, ids, "t", MANY);
    for (int i = 0; i < OWN; i++)
        entries[2 * i].owner = caller;
    struct feed_sources sources = sources_of(none, (struct feed_list){entries, MANY}, none);
    struct feed_item items[FEED_MAX];
    assert_int_equal(feed_trending_of_others(&sources), FEED_TRENDING_MAX);
    assert_int_equal(feed_rank(&sources, now, items), FEED_TRENDING_MAX);
    assert_text(items[0].entry->id, "t001", "the first");
    assert_text(items[FEED_TRENDING_MAX - 1].entry->id, "t039", "the twentieth");
    sources.trending.count = 7;
    assert_int_equal(feed_trending_of_others(&sources), 3);
    (void)state;
}

static void fifty_at_most(void **state)
{
    (void)state;
    struct feed_entry followed[20], trending[20], templates[12];
    char ids[52][8];
    make_many(followed, ids, "f", 20);
    make_many(trending, ids + 20, "t", 20);
    make_many(templates, ids + 40, "n", 12);
    struct feed_sources sources = sources_of((struct feed_list){followed, 20}, (struct feed_list){trending, 20},
                                             (struct feed_list){templates, 12});
    struct feed_item items[FEED_MAX];
    assert_int_equal(feed_rank(&sources, now, items), FEED_MAX);
    assert_text(items[FEED_MAX - 1].entry->id, "n009", "the two oldest templates are left out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(scores_are_those_of_the_table),
        arena_test(scores_are_rounded_to_hundredths_before_they_order),
        arena_test(a_battle_of_both_lists_is_one_item),
        arena_test(a_battle_of_both_lists_is_shown_as_the_caller_s_rows_have_it),
        arena_test(time_has_bounds),
        arena_test(own_battles_do_not_trend_and_twenty_of_others_do),
        arena_test(fifty_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
