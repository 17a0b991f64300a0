/* Where servers listen, as operators write it. */
#include "unit.h"

#include <netinet/in.h>
#include <unistd.h>

#include "sys/http/places.h"

static void addresses_are_read_in_their_order(void **state)
{
    (void)state;
    struct http_places places;
    assert_null(http_places_read(" 127.0.0.1,::1\t10.0.0.7 ,", 8080, &places));
    assert_int_equal(places.count, 3);
    assert_string_equal(places.list[0].address, "127.0.0.1");
    assert_string_equal(places.list[1].address, "::1");
    assert_string_equal(places.list[2].address, "10.0.0.7");
    assert_int_equal(places.list[2].port, 8080);
    assert_null(http_places_read("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4", 1, &places));
}

static void what_is_no_list_of_addresses_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      ",",
                                      "localhost",
                                      "127.0.0.1:80",
                                      "[::1]",
                                      "10.0.0.0/8",
                                      "127.0.0.01",
                                      "::1%lo",
                                      "1,1,1,1,1",
                                      "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5",
                                      "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    struct http_places places;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_non_null(http_places_read(bad[i], 80, &places));
}

static void a_place_has_an_address_and_a_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *address;
        int64_t port;
    } good[] = {{"127.0.0.1:9100", "127.0.0.1", 9100}, {"[::1]:1", "::1", 1}, {"[::]:65535", "::", 65535}};
    static const char *const bad[] = {"",
                                      "9100",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:0",
                                      ":9100",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:+80",
                                      "127.0.0.1:80 ",
                                      "127.0.0.1:123456",
                                      "::1:9",
                                      "[127.0.0.1]:9",
                                      "[::1]",
                                      "[::1:9",
                                      "[]:9",
                                      "x:9"};
    struct http_place place;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_null(http_place_read(good[i].text, &place));
        assert_string_equal(place.address, good[i].address);
        assert_int_equal(place.port, good[i].port);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_non_null(http_place_read(bad[i], &place));
}

static void a_url_is_of_this_machine_where_it_can_be(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"127.0.0.1,::1", "http://localhost:81"},
                                           {"::", "http://localhost:81"},
                                           {"10.0.0.7,127.0.0.1", "http://localhost:81"},
                                           {"10.0.0.7", "http://10.0.0.7:81"},
                                           {"fd00::7", "http://[fd00::7]:81"}};
    struct arena *arena = arena_new();
    struct http_places places;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_null(http_places_read(pairs[i][0], 81, &places));
        assert_string_equal(http_places_url(arena, &places), pairs[i][1]);
    }
    arena_free(arena);
    arena_drain_spares();
}

static void a_taken_place_is_not_free(void **state)
{
    (void)state;
    struct err err;
    struct http_places places;
    struct sockaddr_in bound;
    socklen_t size = sizeof bound;
    int fd, other;
    assert_null(http_places_read("127.0.0.1", 0, &places));
    assert_true(http_listen(&places.list[0], &fd, &err));
    assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &size), 0);
    places.list[0].port = ntohs(bound.sin_port);
    assert_false(http_places_are_free(&places, &err));
    assert_non_null(strstr(err.text, "while opening 127.0.0.1, port "));
    assert_non_null(strstr(err.text, ": Address already in use (is another instance running?)"));
    assert_true(http_listen(&places.list[0], &other, &err)); /* another thread's */
    close(other);
    close(fd);
    assert_true(http_places_are_free(&places, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_in_their_order), cmocka_unit_test(what_is_no_list_of_addresses_is_refused),
        cmocka_unit_test(a_place_has_an_address_and_a_port), cmocka_unit_test(a_url_is_of_this_machine_where_it_can_be),
        cmocka_unit_test(a_taken_place_is_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
