/* The head of a request: what is read of it, and what is refused. */
#include "sys/http/head.h"

#include <stdio.h>

#include "unit.h"

static enum head_found scanned(const char *bytes, size_t len, size_t *end)
{
    struct head_scan scan = {0};
    enum head_found found = head_scan(&scan, bytes, len);
    *end = scan.at;
    return found;
}

static int head_of(void **state, const char *text, struct head *head)
{
    return head_read(head, *state, text, strlen(text));
}

static void assert_refused(void **state, const char *text)
{
    struct head head;
    if (head_of(state, text, &head) != 400)
        fail_msg("read: %s", text);
}

/* A request whose other lines are these. */
static const char *request(void **state, const char *lines)
{
    return arena_printf(*state, "POST /a HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", lines);
}

static void a_head_ends_with_an_empty_line(void **state)
{
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody";
    size_t end;
    assert_int_equal(scanned(text, sizeof text - 1, &end), HEAD_WHOLE);
    assert_string_equal(text + end, "body");
    for (size_t len = 0; len < end; len++)
        assert_int_equal(scanned(text, len, &(size_t){0}), HEAD_MORE);
}

static void a_head_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
    struct head_scan scan = {0};
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_int_equal(head_scan(&scan, text, len), HEAD_MORE);
    assert_int_equal(head_scan(&scan, text, sizeof text - 1), HEAD_WHOLE);
    assert_int_equal(scan.at, sizeof text - 1);
}

static void a_line_ends_with_both_and_has_no_control_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } broken[] = {{"GET / HTTP/1.1\n", 15}, {"GET /\rX", 7}, {"A: \0", 4}, {"A: \x7f", 4}, {"A: \x1b", 4}, {"\n", 1}};
    for (size_t i = 0; i < COUNT(broken); i++)
        assert_int_equal(scanned(broken[i].text, broken[i].len, &(size_t){0}), HEAD_BROKEN);
    assert_int_equal(scanned("A: \t\xc3\xa9", 6, &(size_t){0}), HEAD_MORE);
}

static void a_request_is_read(void **state)
{
    struct head head;
    assert_int_equal(head_of(state,
                             "POST /a%2Fb?c=d?e HTTP/1.1\r\nHost: h:1\r\nX-A:\t 1, 2 \t\r\nContent-Length: 12 \r\n\r\n",
                             &head),
                     0);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.path, "/a%2Fb");
    assert_string_equal(head.query, "c=d?e");
    assert_string_equal(head_find(&head, "x-a")->value, "1, 2");
    assert_int_equal(head.length, 12);
    assert_true(head.keeps_alive);
    assert_false(head.is_chunked || head.is_1_0 || head.waits_for_go_ahead);
    assert_null(head_find(&head, "X-B"));
}

static void a_target_may_have_a_host(void **state)
{
    static const struct {
        const char *target, *path, *query;
    } forms[] = {
        {"http://a/b?c", "/b", "c"}, {"HTTPS://a:1/", "/", ""}, {"http://a", "/", ""}, {"http://a?q", "/", "q"}};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct head head;
        const char *text = arena_printf(*state, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", forms[i].target);
        assert_int_equal(head_of(state, text, &head), 0);
        assert_string_equal(head.path, forms[i].path);
        assert_string_equal(head.query, forms[i].query);
    }
    struct head head;
    assert_int_equal(head_of(state, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &head), 0);
    assert_string_equal(head.path, "*");
}

static void a_request_line_has_three_parts(void **state)
{
    static const char *const lines[] = {
        "GET /",
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / http/1.1",
        "GET / HTTP/1.1 ",
        "GET  / HTTP/1.1",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "G(T / HTTP/1.1",
        " / HTTP/1.1",
        "GET a HTTP/1.1",
        "GET * HTTP/1.1",
        "GET http:///a HTTP/1.1",
        "GET http://h#/a HTTP/1.1",
        "GET /a#b HTTP/1.1",
        "GET /a\tb HTTP/1.1",
        "GET http://u@h/ HTTP/1.1",
        "GET ftp://h/ HTTP/1.1",
        "CONNECT h:1 HTTP/1.1",
        "",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_refused(state, arena_printf(*state, "%s\r\nHost: x\r\n\r\n", lines[i]));
}

static void a_field_has_a_name_and_one_line(void **state)
{
    static const char *const lines[] = {"A", ": b", "A : b", "A B: c", "A: b\r\n c", "A: b\r\n\tc", " A: b", "A(: b"};
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_refused(state, request(state, lines[i]));
}

static void there_is_one_host(void **state)
{
    assert_refused(state, "GET / HTTP/1.1\r\n\r\n");
    assert_refused(state, request(state, "Host: y"));
    assert_refused(state, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert_refused(state, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n");
    struct head head;
    assert_int_equal(head_of(state, "GET / HTTP/1.1\r\nHost:\r\n\r\n", &head), 0);
    assert_int_equal(head_of(state, "GET / HTTP/1.0\r\n\r\n", &head), 0);
}

static void a_length_can_be_read_in_one_way(void **state)
{
    static const char *const lines[] = {
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1, 1",
        "Content-Length: +1",
        "Content-Length: 0x1",
        "Content-Length: -0",
        "Content-Length:",
        "Content-Length: 1 1",
        "Content-Length: 1234567890123456789",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_refused(state, request(state, lines[i]));
    assert_refused(state, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
    struct head head;
    assert_int_equal(head_of(state, request(state, "Content-Length: 123456789012345678"), &head), 0);
    assert_true(head.length == 123456789012345678);
    assert_int_equal(head_of(state, request(state, "transfer-encoding: \tCHUNKED "), &head), 0);
    assert_true(head.is_chunked);
}

static bool keeps_alive(void **state, const char *version, const char *lines)
{
    struct head head;
    const char *text = arena_printf(*state, "GET / HTTP/%s\r\nHost: x\r\n%s\r\n", version, lines);
    assert_int_equal(head_of(state, text, &head), 0);
    return head.keeps_alive;
}

static void a_connection_stays_where_both_want_it(void **state)
{
    assert_true(keeps_alive(state, "1.1", ""));
    assert_true(keeps_alive(state, "1.1", "Connection: closed, upgrade\r\n"));
    assert_false(keeps_alive(state, "1.1", "Connection: Close \r\n"));
    assert_false(keeps_alive(state, "1.1", "Connection: keep-alive\r\nConnection: upgrade ,close\r\n"));
    assert_false(keeps_alive(state, "1.0", ""));
    assert_true(keeps_alive(state, "1.0", "Connection: Keep-Alive\r\n"));
}

static void only_the_newer_version_waits_for_a_go_ahead(void **state)
{
    struct head head;
    assert_int_equal(head_of(state, request(state, "Expect: 100-Continue\r\nContent-Length: 1"), &head), 0);
    assert_true(head.waits_for_go_ahead);
    assert_int_equal(head_of(state, "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", &head), 0);
    assert_false(head.waits_for_go_ahead);
}

static void fields_have_a_limit(void **state)
{
    struct head head;
    const char *most = repeated(*state, "A: b\r\n", HEAD_FIELDS_MAX - 1);
    assert_int_equal(head_of(state, arena_printf(*state, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", most), &head), 0);
    assert_int_equal(head.field_count, HEAD_FIELDS_MAX);
    assert_int_equal(head_of(state, arena_printf(*state, "GET / HTTP/1.1\r\nHost: x\r\n%sC: d\r\n\r\n", most), &head),
                     431);
}

static void a_refused_head_says_what_was_asked(void **state)
{
    struct head head;
    assert_int_equal(head_of(state, "GET /a HTTP/1.1\r\nHo", &head), 400);
    assert_string_equal(head.method, "GET");
    assert_string_equal(head.path, "/a");
    assert_int_equal(head_of(state, "GE", &head), 400);
    assert_string_equal(head.method, "");
    assert_string_equal(head.path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_ends_with_an_empty_line),
        cmocka_unit_test(a_head_may_come_byte_by_byte),
        cmocka_unit_test(a_line_ends_with_both_and_has_no_control_characters),
        arena_test(a_request_is_read),
        arena_test(a_target_may_have_a_host),
        arena_test(a_request_line_has_three_parts),
        arena_test(a_field_has_a_name_and_one_line),
        arena_test(there_is_one_host),
        arena_test(a_length_can_be_read_in_one_way),
        arena_test(a_connection_stays_where_both_want_it),
        arena_test(only_the_newer_version_waits_for_a_go_ahead),
        arena_test(fields_have_a_limit),
        arena_test(a_refused_head_says_what_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
