#include "unit.h"

#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "ops/shared/exposition.h"

static const char requests[] =
    "# HELP http_requests_total Requests.\n"
    "# TYPE http_requests_total counter\n"
    "http_requests_total{route=\"/rooms\",method=\"GET\",status=\"200\"} 90\n"
    "http_requests_total{route=\"/rooms\",method=\"GET\",status=\"503\"} 6\n"
    "http_requests_total{route=\"/p/{slug}\",method=\"GET\",status=\"500\"} 4 1700000000000\n"
    "queue_depth 12\n";

static void test_sums_over_matchers(void **state)
{
    struct page page = page_read(*state, requests);
    assert_int_equal(page.count, 4);
    assert_true(page_sum(&page, "http_requests_total", NULL) == 100);
    assert_true(page_sum(&page, "http_requests_total", WHERE(BEGINS("status", "5"))) == 10);
    assert_true(page_sum(&page, "http_requests_total", WHERE(BEGINS("status", "5"), IS("route", "/rooms"))) == 6);
    assert_true(page_sum(&page, "http_requests_total", WHERE(IS_NOT("status", "503"))) == 94);
    /* a label that isn't there is empty */
    assert_true(page_sum(&page, "http_requests_total", WHERE(IS("nope", ""))) == 100);
    assert_true(page_sum(&page, "http_requests", NULL) == 0);
    assert_true(page_max(&page, "http_requests_total", NULL) == 90);
    assert_true(page_has(&page, "queue_depth", NULL));
    assert_false(page_has(&page, "queue_dept", NULL));
}

static void test_label_values_are_sorted_and_each_once(void **state)
{
    struct page page = page_read(*state, requests);
    const struct label_values routes = page_label_values(*state, &page, "http_requests_total", "route", NULL);
    assert_int_equal(routes.count, 2);
    assert_string_equal(routes.texts[0], "/p/{slug}");
    assert_string_equal(routes.texts[1], "/rooms");
}

/* What a line gives as value of `a`; NULL: it is skipped, and the page's other line is not. */
static const struct {
    const char *line, *label;
    double value;
} lines[] = {
    {"a 1", "", 1},
    {"a{} 1", "", 1},
    {"a{x=\"1\",} +Inf", "1", INFINITY},
    {"a{ x=\"1\" , y=\"2\" } -Inf", "1", -INFINITY},
    {"a{x=\"a\\\"b\\\\c\\nd\"} 2.5e-3", "a\"b\\c\nd", 0.0025},
    {"a{x=\"}\"} 3", "}", 3},
    {"a{x=\"ş€\"} 3\t1234", "ş€", 3},
    {"a{x=\"\"} 0x10", "", 16},
    {"a", NULL, 0},
    {"a ", NULL, 0},
    {"a{x=\"1\"}", NULL, 0},
    {"a{x=\"1} 2", NULL, 0},
    {"a{x=\"1\\", NULL, 0},
    {"a{x=\"\\t\"} 2", NULL, 0},
    {"a{x=1} 2", NULL, 0},
    {"a{x} 2", NULL, 0},
    {"a{x=\"1\"y=\"2\"} 2", NULL, 0},
    {"a{,} 2", NULL, 0},
    {"a{x=\"1\" 2", NULL, 0},
    {"a 2x", NULL, 0},
    {"a one", NULL, 0},
    {"9a 2", NULL, 0},
    {"{x=\"1\"} 2", NULL, 0},
    {"", NULL, 0},
    {"a{b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b=\"1\",b="
     "\"1\",b=\"1\",b=\"1\",b=\"1\"} 1",
     NULL, 0},
};

static void test_lines(void **state)
{
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct page page = page_read(*state, arena_printf(*state, "%s\nother 7\n", lines[i].line));
        const struct sample *sample = &page.samples[0];
        bool is_read = page_has(&page, "a", NULL);
        assert_true(page_sum(&page, "other", NULL) == 7);
        if (is_read != (lines[i].label != NULL) || page.count != 1 + is_read)
            fail_msg("of \"%s\": %s", lines[i].line, is_read ? "was read" : "was skipped");
        if (!is_read)
            continue;
        assert_text(sample_label(sample, "x"), lines[i].label, lines[i].line);
        assert_true(sample->value == lines[i].value);
    }
    struct page page = page_read(*state, "a NaN\n");
    assert_true(isnan(page_sum(&page, "a", NULL)));
}

/* However a page is cut: nothing that wasn't said. */
static void test_a_page_cut_short_says_nothing_wrong(void **state)
{
    for (size_t len = 0; len < sizeof requests; len++) {
        struct page page = page_read(*state, arena_copy(*state, requests, len));
        double ok = page_sum(&page, "http_requests_total", WHERE(IS("status", "200"))),
               depth = page_sum(&page, "queue_depth", NULL);
        assert_true(ok == 0 || ok == 90);
        assert_true(depth == 0 || depth == 12);
    }
}

static void test_increase_of_counters(void **state)
{
    struct page earlier = page_read(*state, "a{x=\"1\"} 10\na{x=\"2\"} 500\ngone 9\n");
    struct page later = page_read(*state, "a{x=\"1\"} 15\na{x=\"2\"} 7\na{x=\"new\"} 3\n");
    struct page gained = page_increase(*state, &earlier, &later);
    assert_true(page_sum(&gained, "a", WHERE(IS("x", "1"))) == 5);
    assert_true(page_sum(&gained, "a", WHERE(IS("x", "2"))) == 7); /* reset: counts from 0 */
    assert_true(page_sum(&gained, "a", WHERE(IS("x", "new"))) == 3);
    assert_false(page_has(&gained, "gone", NULL));
    struct page nothing = page_read(*state, "");
    assert_int_equal(page_increase(*state, &earlier, &nothing).count, 0);
    assert_true(page_sum(&(struct page){0}, "a", NULL) == 0);
}

static void test_total_of_processes(void **state)
{
    struct page pages[] = {page_read(*state, "a{x=\"1\"} 1\nb 5\n"), page_read(*state, "a{x=\"1\"} 2\na{x=\"2\"} 4\n")};
    struct page total = page_total(*state, pages, 2);
    assert_int_equal(total.count, 3);
    assert_true(page_sum(&total, "a", WHERE(IS("x", "1"))) == 3);
    assert_true(page_sum(&total, "a", NULL) == 7);
    assert_true(page_sum(&total, "b", NULL) == 5);
}

static void test_a_page_from_elsewhere(void **state)
{
    const struct label one[] = {{"x", "a\"b"}}, two[] = {{"x", "c"}};
    const struct sample samples[] = {{.name = "b", .labels = two, .label_count = 1, .value = 2},
                                     {.name = "a", .labels = one, .label_count = 1, .value = 1}};
    struct page page = page_of(*state, samples, 2);
    assert_string_equal(page.samples[0].series, "a{x=\"a\\\"b\"}");
    assert_true(page_sum(&page, "b", WHERE(IS("x", "c"))) == 2);
}

/* Edges with their counts; the quantiles are what Prometheus' histogram_quantile gives for them. */
static const struct {
    const char *buckets;
    double q, want;
} quantiles[] = {
    {"0.1 0|0.5 10|1 20|+Inf 20", 0.5, 0.5},
    {"0.1 0|0.5 10|1 20|+Inf 20", 0.95, 0.95},
    {"0.1 0|0.5 10|1 20|+Inf 20", 0.25, 0.3},
    {"0.1 20|0.5 20|+Inf 20", 0.5, 0.05},    /* from 0 within the first */
    {"0.1 0|0.5 0|+Inf 20", 0.5, 0.5},       /* above all edges: the highest of them */
    {"0.1 0|0.5 10|1 8|+Inf 10", 0.9, 0.46}, /* out of step: none holds less than the one before */
    {"1 10|0.5 5|+Inf 10", 0.5, 0.5},        /* in any order */
    {"-1 5|1 10|+Inf 10", 0.4, -1},
    {"0.1 0|+Inf 0", 0.5, NAN},
    {"+Inf 5", 0.5, NAN},
    {"0.1 5|0.5 10", 0.5, NAN}, /* no +Inf */
    {"0.1 5|x 10|+Inf 10", 0.5, NAN},
    {"0.1 NaN|+Inf 10", 0.5, NAN},
};

static struct page histogram(struct arena *arena, const char *buckets)
{
    struct buf text = buf_new(arena);
    char *copy = arena_strdup(arena, buckets), *rest;
    for (char *bucket = strtok_r(copy, "|", &rest); bucket; bucket = strtok_r(NULL, "|", &rest)) {
        char *count = strchr(bucket, ' ');
        *count++ = '\0';
        buf_printf(&text, "d_bucket{route=\"/a\",le=\"%s\"} %s\nd_bucket{route=\"/b\",le=\"%s\"} 1000\n", bucket, count,
                   bucket);
    }
    return page_read(arena, text.text);
}

static void test_quantiles(void **state)
{
    for (size_t i = 0; i < COUNT(quantiles); i++) {
        struct page page = histogram(*state, quantiles[i].buckets);
        double got = page_quantile(&page, quantiles[i].q, "d", WHERE(IS("route", "/a"))), want = quantiles[i].want;
        if (isnan(want) ? !isnan(got) : !(fabs(got - want) < 1e-9))
            fail_msg("of %s: got %g, want %g", quantiles[i].buckets, got, want);
    }
}

static void test_a_quantile_adds_its_series_up(void **state)
{
    struct page page = page_read(*state,
                                 "d_bucket{r=\"1\",le=\"1\"} 10\nd_bucket{r=\"1\",le=\"+Inf\"} "
                                 "10\nd_bucket{r=\"2\",le=\"1\"} 0\nd_bucket{r=\"2\",le=\"2\"} 10\n"
                                 "d_bucket{r=\"2\",le=\"+Inf\"} 10\nd_bucket{r=\"1\",le=\"2\"} 10\n");
    assert_true(page_quantile(&page, 0.75, "d", NULL) == 1.5);
    assert_true(isnan(page_quantile(&page, 0.75, "nope", NULL)));
}

/* More edges than any histogram of ours has: no answer, and nothing is overrun. */
static void test_endless_edges(void **state)
{
    struct buf text = buf_new(*state);
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "d_bucket{le=\"%d\"} %d\n", i, i);
    buf_str(&text, "d_bucket{le=\"+Inf\"} 1000\n");
    struct page page = page_read(*state, text.text);
    assert_true(isnan(page_quantile(&page, 0.5, "d", NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_sums_over_matchers),
        arena_test(test_label_values_are_sorted_and_each_once),
        arena_test(test_lines),
        arena_test(test_a_page_cut_short_says_nothing_wrong),
        arena_test(test_increase_of_counters),
        arena_test(test_total_of_processes),
        arena_test(test_a_page_from_elsewhere),
        arena_test(test_quantiles),
        arena_test(test_a_quantile_adds_its_series_up),
        arena_test(test_endless_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
