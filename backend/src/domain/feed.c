#include "domain/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLLOWED_MAX = 20, TEMPLATES_MAX = 12, ITEMS_MAX = FOLLOWED_MAX + FEED_TRENDING_MAX + TEMPLATES_MAX };

/* What an entry's score begins with, and what adds to it. */
static const struct weight {
    double base, per_share, per_remix, per_use, per_hour;
} weights[] = {
    [FEED_FOLLOWED] = {.base = 95, .per_share = 2, .per_remix = 4, .per_hour = 0.35},
    [FEED_TRENDING] = {.base = 70, .per_share = 3, .per_remix = 5, .per_hour = 0.25},
    [FEED_TEMPLATE] = {.base = 60, .per_use = 2, .per_hour = 0.12},
};

/* Bounded, as rows that are written by hand may be of any time. */
static double age_in_hours(int64_t created_us, int64_t now_us)
{
    const double us_per_hour = 3600e6, most = 1e6;
    double hours = ((double)now_us - (double)created_us) / us_per_hour;
    return MIN(MAX(hours, 0), most);
}

static int64_t score_of(const struct feed_entry *entry, enum feed_reason reason, int64_t now_us)
{
    const struct weight *weight = &weights[reason];
    double score = weight->base + weight->per_share * (double)entry->shares +
                   weight->per_remix * (double)entry->remixes + weight->per_use * (double)entry->uses -
                   weight->per_hour * age_in_hours(entry->created_us, now_us);
    return llround(score * 100);
}

/* The item of the same battle, or NULL. */
static struct feed_item *item_of(struct feed_item *items, int count, const struct feed_entry *entry)
{
    for (int i = 0; i < count; i++)
        if (strcmp(items[i].entry->id, entry->id) == 0)
            return &items[i];
    return NULL;
}

static struct feed_item item_new(const struct feed_entry *entry, enum feed_reason reason, int64_t now_us)
{
    struct feed_item item = {.entry = entry, .reason = reason, .score = score_of(entry, reason, now_us)};
    item.has_reason[reason] = true;
    return item;
}

/* A second reason counts where its score is better. */
static void add_reason(struct feed_item *item, enum feed_reason reason, int64_t now_us)
{
    int64_t score = score_of(item->entry, reason, now_us);
    item->has_reason[reason] = true;
    if (score > item->score) {
        item->score = score;
        item->reason = reason;
    }
}

static bool is_of_caller(const struct feed_sources *sources, int i)
{
    return strcmp(sources->trending.at[i].owner, sources->caller) == 0;
}

int feed_trending_of_others(const struct feed_sources *sources)
{
    int count = 0;
    for (int i = 0; i < sources->trending.count && count < FEED_TRENDING_MAX; i++)
        count += !is_of_caller(sources, i);
    return count;
}

static int gather(const struct feed_sources *sources, int64_t now_us, struct feed_item *items)
{
    int count = 0, trending = 0;
    for (int i = 0; i < MIN(sources->followed.count, FOLLOWED_MAX); i++)
        items[count++] = item_new(&sources->followed.at[i], FEED_FOLLOWED, now_us);
    for (int i = 0; i < sources->trending.count && trending < FEED_TRENDING_MAX; i++) {
        if (is_of_caller(sources, i))
            continue;
        const struct feed_entry *entry = &sources->trending.at[i];
        struct feed_item *followed = item_of(items, count, entry);
        trending++;
        if (followed)
            add_reason(followed, FEED_TRENDING, now_us);
        else
            items[count++] = item_new(entry, FEED_TRENDING, now_us);
    }
    for (int i = 0; i < MIN(sources->templates.count, TEMPLATES_MAX); i++)
        items[count++] = item_new(&sources->templates.at[i], FEED_TEMPLATE, now_us);
    return count;
}

/* By score, then the newest, then the id. */
static int compare(const void *a, const void *b)
{
    const struct feed_item *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->entry->created_us != y->entry->created_us)
        return x->entry->created_us > y->entry->created_us ? -1 : 1;
    return strcmp(x->entry->id, y->entry->id);
}

int feed_rank(const struct feed_sources *sources, int64_t now_us, struct feed_item items[static FEED_MAX])
{
    struct feed_item all[ITEMS_MAX];
    int count = gather(sources, now_us, all), shown = MIN(count, FEED_MAX);
    qsort(all, (size_t)count, sizeof *all, compare);
    memcpy(items, all, (size_t)shown * sizeof *all);
    return shown;
}
