/* The page of metrics, to the letter. Families are the process's, so each test looks for what it
 * made itself. */
#include "sys/metrics.h"

#include "base/clock.h"
#include "unit.h"

static const char *page(struct arena *arena)
{
    struct buf text = buf_new(arena);
    metrics_write(&text);
    return text.text;
}

static void assert_on_page(void **state, const char *want)
{
    const char *text = page(*state);
    if (!strstr(text, want))
        fail_msg("the page has not\n%s\nbut\n%s", want, text);
}

static void a_series_is_there_before_it_counts(void **state)
{
    char labels[256];
    struct family *family = metric_family(METRIC_COUNTER, "tries_total", "Tries.", NULL);
    struct metric *good = metric_series(family, metric_labels(labels, 2, "kind", "good", "of", "a"));
    metric_series(family, metric_labels(labels, 1, "kind", "bad"));
    assert_on_page(state,
                   "# HELP tries_total Tries.\n# TYPE tries_total counter\n"
                   "tries_total{kind=\"good\",of=\"a\"} 0\ntries_total{kind=\"bad\"} 0\n");
    metric_add(good, 3);
    metric_add(good, 4);
    assert_on_page(state, "tries_total{kind=\"good\",of=\"a\"} 7\ntries_total{kind=\"bad\"} 0\n");
    assert_int_equal(metric_count(good), 7);
}

static void a_counter_is_exact_however_long_it_runs(void **state)
{
    struct metric *metric = metric_series(metric_family(METRIC_COUNTER, "old_total", "Old.", NULL), "");
    metric_add(metric, 999999999999999);
    assert_on_page(state, "\nold_total 999999999999999\n");
}

static void a_gauge_goes_both_ways(void **state)
{
    struct metric *metric = metric_series(metric_family(METRIC_GAUGE, "level", "Level.", NULL), "");
    assert_on_page(state, "# TYPE level gauge\nlevel 0\n");
    metric_set(metric, 2.25);
    assert_on_page(state, "\nlevel 2.25\n");
    metric_shift(metric, 2);
    assert_on_page(state, "\nlevel 4.25\n");
    metric_shift(metric, -5);
    assert_on_page(state, "\nlevel -0.75\n");
}

static double twice(void *ctx)
{
    const double *value = ctx;
    return *value * 2;
}

static void what_is_read_is_read_at_each_scrape(void **state)
{
    static double value = 1;
    metric_read(metric_family(METRIC_GAUGE, "seen", "Seen.", NULL), "at=\"once\"", twice, &value);
    assert_on_page(state, "\nseen{at=\"once\"} 2\n");
    value = 0.1;
    assert_on_page(state, "\nseen{at=\"once\"} 0.2\n");
}

static void a_duration_counts_up_to_its_edge(void **state)
{
    static const double edges[] = {0.0005, 0.001, 2.5, 0};
    struct metric *metric = metric_series(metric_family(METRIC_HISTOGRAM, "took_seconds", "Took.", edges), "of=\"x\"");
    assert_on_page(state,
                   "# TYPE took_seconds histogram\n"
                   "took_seconds_bucket{of=\"x\",le=\"0.0005\"} 0\ntook_seconds_bucket{of=\"x\",le=\"0.001\"} 0\n"
                   "took_seconds_bucket{of=\"x\",le=\"2.5\"} 0\ntook_seconds_bucket{of=\"x\",le=\"+Inf\"} 0\n"
                   "took_seconds_sum{of=\"x\"} 0\ntook_seconds_count{of=\"x\"} 0\n");
    metric_observe(metric, 0);
    metric_observe(metric, 500000);           /* the edge itself is within */
    metric_observe(metric, 500001);           /* past it by the least that there is */
    metric_observe(metric, 5 * NS_PER_S / 2); /* the last edge */
    metric_observe(metric, 3 * NS_PER_S);     /* past all */
    assert_on_page(state,
                   "took_seconds_bucket{of=\"x\",le=\"0.0005\"} 2\ntook_seconds_bucket{of=\"x\",le=\"0.001\"} 3\n"
                   "took_seconds_bucket{of=\"x\",le=\"2.5\"} 4\ntook_seconds_bucket{of=\"x\",le=\"+Inf\"} 5\n"
                   "took_seconds_sum{of=\"x\"} 5.501000001\ntook_seconds_count{of=\"x\"} 5\n");
}

static void a_histogram_without_labels_has_one(void **state)
{
    static const double edges[] = {1, 0};
    metric_observe(metric_series(metric_family(METRIC_HISTOGRAM, "bare_seconds", "Bare.", edges), ""), NS_PER_MS);
    assert_on_page(state,
                   "\nbare_seconds_bucket{le=\"1\"} 1\nbare_seconds_bucket{le=\"+Inf\"} 1\n"
                   "bare_seconds_sum 0.001\nbare_seconds_count 1\n");
}

static void every_edge_of_the_alerts_is_one(void **state)
{
    struct family *family = metric_family(METRIC_HISTOGRAM, "all_seconds", "All.", duration_edges);
    metric_series(family, "");
    for (const double *edge = duration_edges; *edge > 0; edge++) {
        assert_true(edge == duration_edges || edge[0] > edge[-1]);
        assert_on_page(state, arena_printf(*state, "\nall_seconds_bucket{le=\"%g\"} 0\n", *edge));
    }
}

static void values_of_labels_are_escaped(void **state)
{
    (void)state;
    char labels[256], most[300];
    assert_text(metric_labels(labels, 1, "a", "x\"y\\z\n"), "a=\"x\\\"y\\\\z\\n\"", "quotes");
    assert_text(metric_labels(labels, 2, "a", "", "b", "\xc3\xa9"), "a=\"\",b=\"\xc3\xa9\"", "an empty one");
    memset(most, '"', sizeof most - 1);
    most[sizeof most - 1] = '\0';
    metric_labels(labels, 1, "a", most); /* cut, and whole all the same */
    size_t len = strlen(labels);
    assert_in_range(len, 200, 255);
    assert_int_equal(labels[len - 1], '"');
    assert_int_equal((len - strlen("a=\"\"")) % 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_series_is_there_before_it_counts),
        arena_test(a_counter_is_exact_however_long_it_runs),
        arena_test(a_gauge_goes_both_ways),
        arena_test(what_is_read_is_read_at_each_scrape),
        arena_test(a_duration_counts_up_to_its_edge),
        arena_test(a_histogram_without_labels_has_one),
        arena_test(every_edge_of_the_alerts_is_one),
        arena_test(values_of_labels_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
