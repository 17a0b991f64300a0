/* The router over a table of this test's own. */
#include "api/http/router.h"

#include "unit.h"

const char *const method_names[METHOD_OTHER + 1] = {[METHOD_GET] = "GET", [METHOD_POST] = "POST"};

const struct route routes[] = {
    {.method = METHOD_POST, .path = "/notes/{id:notification id}"},
    {.method = METHOD_POST, .path = "/notes/all"},
    {.method = METHOD_GET, .path = "/notes/{id:notification id}"},
    {.method = METHOD_GET, .path = "/p/{slug:slug}"},
    {.method = METHOD_GET, .path = "/rooms/{id:room id}/p/{slug:slug}"},
};
const int route_count = COUNT(routes);

static const char page[] = "any";
const struct route pages[] = {
    {.method = METHOD_GET, .path = "/notes/new", .page = (const struct page *)page},
    {.method = METHOD_GET, .path = "/p/{slug:slug}", .page = (const struct page *)page},
};
const int page_count = COUNT(pages);

static struct arena *arena;

static const char *wrong_id(const char *path)
{
    struct match match = router_find(arena, SERVES_ALL, METHOD_GET, path);
    assert_non_null(match.route);
    return router_check_ids(arena, &match);
}

static void static_segments_win(void **state)
{
    (void)state;
    assert_ptr_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/all").route, &routes[1]);
    assert_null(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/all").ids[0]);
    assert_ptr_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/7").route, &routes[0]);
    assert_ptr_equal(router_find(arena, SERVES_ALL, METHOD_GET, "/notes/all").route, &routes[2]);
}

static const struct route *route_of(const char *path)
{
    return router_find(arena, SERVES_ALL, METHOD_POST, path).route;
}

static void letters_may_be_encoded(void **state)
{
    (void)state;
    static const char *const same[] = {"/%6eotes/all", "/note%73/all", "/%6E%6F%74%65%73/%61%6c%6C"};
    for (size_t i = 0; i < COUNT(same); i++)
        assert_ptr_equal(route_of(same[i]), &routes[1]);
    static const char *const others[] = {"%2Fnotes/all", "/notes%2Fall",    "/notes%2fall", "/%256eotes/all",
                                         "/%4Eotes/all", "/note%73%00/all", "/note%",       "/note%7",
                                         "/note%7g/all", "/notes/all%"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_ptr_not_equal(route_of(others[i]), &routes[1]);
    assert_ptr_equal(route_of("/%6eotes/7"), &routes[0]);
    assert_string_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/%6eotes/7").ids[0], "7");
    assert_string_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/%2541").ids[0], "%41"); /* decoded once */
    assert_string_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/%%34%31").ids[0], "?");
    assert_string_equal(router_find(arena, SERVES_ALL, METHOD_POST, "/notes/%2%46").ids[0], "?");
    assert_null(router_find(arena, SERVES_ALL, METHOD_PUT, "/note%73/all").route);
    assert_true(router_find(arena, SERVES_ALL, METHOD_PUT, "/note%73/all").path_known);
    assert_string_equal(router_allow(arena, SERVES_ALL, "/note%73/7"), router_allow(arena, SERVES_ALL, "/notes/7"));
}

static void numbers_are_positive_and_of_64_bits(void **state)
{
    (void)state;
    assert_null(wrong_id("/notes/1"));
    assert_null(wrong_id("/notes/9223372036854775807"));
    assert_string_equal(wrong_id("/notes/"), "notification id is required");
    static const char *const bad[] = {
        "0", "-1", "+1", "1x", "%201", "1%20", "1.0", "9223372036854775808", "99999999999999999999999", "%00", "%zz"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_string_equal(wrong_id(arena_printf(arena, "/notes/%s", bad[i])), "notification id is invalid");
}

static void slugs_are_normalised(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ada", "ada"}, {"Ada%20L_ovelace", "ada-l-ovelace"}, {"%C5%9F", ""}, {"", ""}, {"--", ""}, {"%00", ""},
        {"%", ""}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *path = arena_printf(arena, "/p/%s", pairs[i][0]);
        assert_string_equal(router_find(arena, SERVES_ALL, METHOD_GET, path).ids[0], pairs[i][1]);
        assert_null(wrong_id(path));
    }
}

static void each_variable_has_its_own_kind(void **state)
{
    (void)state;
    assert_string_equal(wrong_id("/rooms/ADA/p/ADA"), "room id is invalid");
    struct match match =
        router_find(arena, SERVES_ALL, METHOD_GET, "/rooms/7D444840-9dc0-11d1-b245-5ffdce74fad2/p/ADA");
    assert_null(router_check_ids(arena, &match));
    assert_string_equal(match.ids[0], "7D444840-9dc0-11d1-b245-5ffdce74fad2");
    assert_string_equal(match.ids[1], "ada");
}

static void a_page_stands_beside_its_route(void **state)
{
    (void)state;
    struct match match = router_find(arena, SERVES_ALL, METHOD_GET, "/notes/new");
    assert_ptr_equal(match.page, &pages[0]);
    assert_null(match.page_ids[0]);
    assert_ptr_equal(match.route, &routes[2]);
    assert_string_equal(match.ids[0], "new");
    match = router_find(arena, SERVES_ALL, METHOD_GET, "/p/ADA");
    assert_ptr_equal(match.page, &pages[1]);
    assert_string_equal(match.page_ids[0], "ada");
    assert_null(router_find(arena, SERVES_ALL, METHOD_POST, "/p/ada").page);
    assert_null(router_find(arena, SERVES_OPERATORS, METHOD_GET, "/p/ada").page);
    assert_null(router_find(arena, SERVES_ALL, METHOD_GET, "/notes/7").page);
}

static void every_row_has_its_place(void **state)
{
    (void)state;
    char label[64];
    assert_int_equal(route_row_count(), COUNT(routes) + COUNT(pages));
    for (int place = 0; place < route_row_count(); place++)
        assert_int_equal(route_place(route_row(place)), place);
    router_label(label, sizeof label, route_row(COUNT(routes) + 1));
    assert_string_equal(label, "page:/p/{slug}");
    router_label(label, 5, &pages[1]);
    assert_string_equal(label, "page");
    router_label(label, 8, &pages[1]);
    assert_string_equal(label, "page:/p");
}

static void labels_are_without_kinds(void **state)
{
    (void)state;
    char label[64];
    router_label(label, sizeof label, &routes[4]);
    assert_string_equal(label, "/rooms/{id}/p/{slug}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_segments_win),      cmocka_unit_test(numbers_are_positive_and_of_64_bits),
        cmocka_unit_test(slugs_are_normalised),     cmocka_unit_test(each_variable_has_its_own_kind),
        cmocka_unit_test(labels_are_without_kinds), cmocka_unit_test(letters_may_be_encoded),
        cmocka_unit_test(every_row_has_its_place),  cmocka_unit_test(a_page_stands_beside_its_route),
    };
    arena = arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
