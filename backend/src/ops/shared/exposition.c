#include "ops/shared/exposition.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* more of them than any of our series has; a line with more is out of form */
enum { LABELS_MAX = 16, BUCKETS_MAX = 64 };

/* ---- lines ---- */

/* What is left of a line while it is read. */
struct cursor {
    struct arena *arena;
    const char *at;
};

static bool cursor_take(struct cursor *c, char wanted)
{
    if (*c->at != wanted)
        return false;
    c->at++;
    return true;
}

static void skip_blanks(struct cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t')
        c->at++;
}

static const char *read_name(struct cursor *c)
{
    const char *start = c->at;
    while (isalnum((unsigned char)*c->at) || *c->at == '_' || *c->at == ':')
        c->at++;
    if (c->at == start || isdigit((unsigned char)*start))
        return NULL;
    return arena_copy(c->arena, start, (size_t)(c->at - start));
}

/* The text between quotes; NULL where its end is missing, or an escape is none of \\ \" \n. */
static const char *read_quoted(struct cursor *c)
{
    if (!cursor_take(c, '"'))
        return NULL;
    char *out = arena_alloc(c->arena, strcspn(c->at, "\n") + 1);
    size_t len = 0;
    for (; *c->at && *c->at != '\n' && *c->at != '"'; c->at++) {
        if (*c->at != '\\') {
            out[len++] = *c->at;
            continue;
        }
        c->at++;
        if (*c->at != '\\' && *c->at != '"' && *c->at != 'n')
            return NULL;
        out[len++] = (char)(*c->at == 'n' ? '\n' : *c->at);
    }
    return cursor_take(c, '"') ? out : NULL;
}

/* The labels between braces, after the first of them. */
static bool read_labels(struct cursor *c, struct sample *sample)
{
    struct label labels[LABELS_MAX];
    int count = 0;
    for (skip_blanks(c); !cursor_take(c, '}'); skip_blanks(c)) {
        if (count == LABELS_MAX || !(labels[count].name = read_name(c)) || !cursor_take(c, '=') ||
            !(labels[count].value = read_quoted(c)))
            return false;
        count++;
        skip_blanks(c);
        if (!cursor_take(c, ',') && *c->at != '}')
            return false;
    }
    sample->labels = (const struct label *)arena_copy(c->arena, (const char *)labels, (size_t)count * sizeof *labels);
    sample->label_count = count;
    return true;
}

/* strtod knows what Prometheus writes: 1e+06, NaN, +Inf. A time stamp may follow. */
static bool read_sample_value(struct cursor *c, double *value)
{
    char *end;
    skip_blanks(c);
    if (*c->at == '\n')
        return false; /* strtod would go on in the next line */
    *value = strtod(c->at, &end);
    bool ok = end != c->at && strchr(" \t\n", *end);
    c->at = end;
    return ok;
}

static bool read_sample(struct arena *arena, const char *line, struct sample *sample)
{
    struct cursor c = {.arena = arena, .at = line};
    *sample = (struct sample){.name = read_name(&c)};
    if (!sample->name || (cursor_take(&c, '{') && !read_labels(&c, sample)))
        return false;
    sample->series = arena_copy(arena, line, (size_t)(c.at - line));
    return read_sample_value(&c, &sample->value);
}

/* ---- pages ---- */

static int by_series(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->series, ((const struct sample *)b)->series);
}

/* Of what is the same series one is left, with the values added up or one of them. */
static struct page sorted(struct sample *samples, int count, bool adds_up)
{
    int kept = 0;
    qsort(samples, (size_t)count, sizeof *samples, by_series);
    for (int i = 0; i < count; i++) {
        if (kept && by_series(&samples[kept - 1], &samples[i]) == 0) {
            samples[kept - 1].value += adds_up ? samples[i].value : 0;
            continue;
        }
        samples[kept++] = samples[i];
    }
    return (struct page){samples, kept};
}

static size_t line_count(const char *text)
{
    size_t lines = 0;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1)
        lines++;
    return lines;
}

struct page page_read(struct arena *arena, const char *text)
{
    struct sample *samples = arena_alloc(arena, (line_count(text) + 1) * sizeof *samples);
    int count = 0;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1)
        if (*text != '#' && read_sample(arena, text, &samples[count]))
            count++;
    return sorted(samples, count, false);
}

static const char *series_of(struct arena *arena, const struct sample *sample)
{
    struct buf series = buf_new(arena);
    buf_str(&series, sample->name);
    for (int i = 0; i < sample->label_count; i++) {
        buf_printf(&series, "%s%s=", i ? "," : "{", sample->labels[i].name);
        buf_json(&series, sample->labels[i].value);
    }
    buf_str(&series, sample->label_count ? "}" : "");
    return series.text;
}

struct page page_of(struct arena *arena, const struct sample *samples, int count)
{
    struct sample *own = arena_alloc(arena, ((size_t)count + 1) * sizeof *own);
    for (int i = 0; i < count; i++) {
        own[i] = samples[i];
        own[i].series = series_of(arena, &samples[i]);
    }
    return sorted(own, count, false);
}

struct page page_increase(struct arena *arena, const struct page *earlier, const struct page *later)
{
    struct sample *gained = arena_alloc(arena, ((size_t)later->count + 1) * sizeof *gained);
    for (int i = 0; i < later->count; i++) {
        const struct sample *before = earlier->count ? bsearch(&later->samples[i], earlier->samples,
                                                               (size_t)earlier->count, sizeof *gained, by_series)
                                                     : NULL;
        gained[i] = later->samples[i];
        if (before && before->value <= gained[i].value)
            gained[i].value -= before->value;
    }
    return (struct page){gained, later->count};
}

struct page page_total(struct arena *arena, const struct page *pages, int count)
{
    size_t all = 0, at = 0;
    for (int i = 0; i < count; i++)
        all += (size_t)pages[i].count;
    struct sample *samples = arena_alloc(arena, (all + 1) * sizeof *samples);
    for (int i = 0; i < count; i++)
        for (int n = 0; n < pages[i].count; n++)
            samples[at++] = pages[i].samples[n];
    return sorted(samples, (int)all, true);
}

/* ---- questions ---- */

const char *sample_label(const struct sample *sample, const char *name)
{
    for (int i = 0; i < sample->label_count; i++)
        if (strcmp(sample->labels[i].name, name) == 0)
            return sample->labels[i].value;
    return "";
}

static bool holds(const struct matcher *matcher, const char *value)
{
    switch (matcher->how) {
    case MATCH_EQUAL: return strcmp(value, matcher->value) == 0;
    case MATCH_NOT_EQUAL: return strcmp(value, matcher->value) != 0;
    case MATCH_PREFIX: return strncmp(value, matcher->value, strlen(matcher->value)) == 0;
    }
    return false;
}

bool sample_matches(const struct sample *sample, const char *name, const struct matcher *matchers)
{
    if (strcmp(sample->name, name) != 0)
        return false;
    for (const struct matcher *m = matchers; m && m->label; m++)
        if (!holds(m, sample_label(sample, m->label)))
            return false;
    return true;
}

double page_sum(const struct page *page, const char *name, const struct matcher *matchers)
{
    double sum = 0;
    for (int i = 0; i < page->count; i++)
        if (sample_matches(&page->samples[i], name, matchers))
            sum += page->samples[i].value;
    return sum;
}

double page_max(const struct page *page, const char *name, const struct matcher *matchers)
{
    double most = 0;
    for (int i = 0; i < page->count; i++)
        if (sample_matches(&page->samples[i], name, matchers))
            most = fmax(most, page->samples[i].value);
    return most;
}

bool page_has(const struct page *page, const char *name, const struct matcher *matchers)
{
    for (int i = 0; i < page->count; i++)
        if (sample_matches(&page->samples[i], name, matchers))
            return true;
    return false;
}

/* ---- quantiles ---- */

struct bucket {
    double edge, observed; /* at most `edge` */
};

static int by_edge(const void *a, const void *b)
{
    double x = ((const struct bucket *)a)->edge, y = ((const struct bucket *)b)->edge;
    return (x > y) - (x < y);
}

/* False: too many edges. */
static bool add_bucket(struct bucket *buckets, int *count, double edge, double observed)
{
    for (int i = 0; i < *count; i++)
        if (buckets[i].edge == edge) {
            buckets[i].observed += observed;
            return true;
        }
    if (*count == BUCKETS_MAX)
        return false;
    buckets[(*count)++] = (struct bucket){edge, observed};
    return true;
}

/* Sorted by edge; 0 where they make no histogram. Two scrapes of a busy process may see buckets
 * out of step: none holds less than the one before. */
static int read_buckets(const struct page *page, const char *name, const struct matcher *matchers,
                        struct bucket *buckets)
{
    char family[256];
    int count = 0;
    if (snprintf(family, sizeof family, "%s_bucket", name) >= (int)sizeof family)
        return 0;
    for (int i = 0; i < page->count; i++) {
        const struct sample *sample = &page->samples[i];
        if (!sample_matches(sample, family, matchers))
            continue;
        const char *le = sample_label(sample, "le");
        char *end;
        double edge = strtod(le, &end);
        if (!*le || *end || isnan(edge) || isnan(sample->value) || !add_bucket(buckets, &count, edge, sample->value))
            return 0;
    }
    qsort(buckets, (size_t)count, sizeof *buckets, by_edge);
    for (int i = 1; i < count; i++)
        buckets[i].observed = fmax(buckets[i].observed, buckets[i - 1].observed);
    return count;
}

double page_quantile(const struct page *page, double q, const char *name, const struct matcher *matchers)
{
    struct bucket buckets[BUCKETS_MAX];
    int count = read_buckets(page, name, matchers, buckets), at = 0;
    if (count < 2 || !isinf(buckets[count - 1].edge) || !(buckets[count - 1].observed > 0))
        return NAN;
    double rank = q * buckets[count - 1].observed;
    while (at < count - 1 && buckets[at].observed < rank)
        at++;
    if (at == count - 1)
        return buckets[count - 2].edge;
    if (at == 0 && buckets[0].edge <= 0)
        return buckets[0].edge;
    double from = at ? buckets[at - 1].edge : 0, below = at ? buckets[at - 1].observed : 0;
    double inside = buckets[at].observed - below;
    return inside > 0 ? from + (buckets[at].edge - from) * (rank - below) / inside : from;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct label_values page_label_values(struct arena *arena, const struct page *page, const char *name, const char *label,
                                      const struct matcher *matchers)
{
    const char **values = arena_alloc(arena, ((size_t)page->count + 1) * sizeof *values);
    int all = 0, kept = 0;
    for (int i = 0; i < page->count; i++)
        if (sample_matches(&page->samples[i], name, matchers))
            values[all++] = sample_label(&page->samples[i], label);
    qsort(values, (size_t)all, sizeof *values, by_text);
    for (int i = 0; i < all; i++)
        if (!kept || strcmp(values[kept - 1], values[i]) != 0)
            values[kept++] = values[i];
    return (struct label_values){values, kept};
}
