/* Who the client is, by what the proxies wrote. */
#include "unit.h"

#include "domain/forwarded.h"

static struct address address(const char *text)
{
    struct address read;
    assert_true(address_read(text, strlen(text), &read));
    return read;
}

static struct forwarded walk(const char *list, enum forwarded_header header)
{
    static struct cidr networks[2];
    static const struct proxies proxies = {networks, COUNT(networks)};
    assert_true(cidr_read("10.0.0.0/8", strlen("10.0.0.0/8"), &networks[0]));
    assert_true(cidr_read("fd00::/8", strlen("fd00::/8"), &networks[1]));
    struct address peer = address("10.0.0.1");
    return forwarded_client(&peer, list, header, &proxies);
}

/* `bad`: the item that ended the walk; NULL: none did. */
struct expectation {
    const char *list, *client, *bad;
};

static void check(const struct expectation *rows, size_t count, enum forwarded_header header)
{
    for (size_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        const struct forwarded got = walk(rows[i].list, header);
        const char *bad = rows[i].bad ? rows[i].bad : "";
        address_write(text, &got.client);
        bool same_bad = got.unreadable_len == strlen(bad) && (!*bad || memcmp(got.unreadable, bad, strlen(bad)) == 0);
        if (strcmp(text, rows[i].client) != 0 || !same_bad)
            fail_msg("%s: %s, stopped by \"%.*s\"", rows[i].list, text, (int)got.unreadable_len,
                     got.unreadable ? got.unreadable : "");
    }
}

static void x_forwarded_for(void **state)
{
    static const struct expectation rows[] = {
        {"", "10.0.0.1", NULL},
        {"203.0.113.4", "203.0.113.4", NULL},
        {"203.0.113.4:1111", "203.0.113.4", NULL},
        {"203.0.113.4:_hidden", "203.0.113.4", NULL},
        {"[2001:db8::1]:443", "2001:db8::1", NULL},
        {"[2001:db8::1]", "2001:db8::1", NULL},
        {"2001:db8::1:443", "2001:db8::1:443", NULL},
        {"\"203.0.113.6\"", "203.0.113.6", NULL},
        {"\" [2001:db8::1]:443 \"", "2001:db8::1", NULL},
        {"203.0.113.14, ", "203.0.113.14", NULL},
        {",, 203.0.113.14 ,\t, ,", "203.0.113.14", NULL},
        {",,,", "10.0.0.1", NULL},
        {"203.0.113.19, 10.0.0.5:3333", "203.0.113.19", NULL},
        {"203.0.113.19, [fd00::5]:3333 ,, \"10.0.0.7:1\"", "203.0.113.19", NULL},
        {"198.51.100.1, 203.0.113.19", "203.0.113.19", NULL},
        {"::ffff:203.0.113.9", "203.0.113.9", NULL},
        {"64:ff9b::203.0.113.9", "203.0.113.9", NULL},
        {"[64:ff9b::203.0.113.9]:80", "203.0.113.9", NULL},
        {"64:ff9b:1::203.0.113.9", "64:ff9b:1::cb00:7109", NULL},
        {"203.0.113.9, 64:ff9b::10.0.0.1", "10.0.0.1", NULL}, /* no proxy: only who comes by IPv4 is */
        {"\"203.0.113.9, 198.51.100.7", "198.51.100.7", NULL},
        {"198.51.100.1, unknown", "10.0.0.1", "unknown"},
        {"198.51.100.1, unknown, 10.0.0.9", "10.0.0.9", "unknown"},
        {"203.0.113.004", "10.0.0.1", "203.0.113.004"},
        {"203.0.113.4:", "10.0.0.1", "203.0.113.4:"},
        {"203.0.113.4:123456", "10.0.0.1", "203.0.113.4:123456"},
        {"203.0.113.4:8o", "10.0.0.1", "203.0.113.4:8o"},
        {"203.0.113.4:80 x", "10.0.0.1", "203.0.113.4:80 x"},
        {"[2001:db8::1", "10.0.0.1", "[2001:db8::1"},
        {"[2001:db8::1]x", "10.0.0.1", "[2001:db8::1]x"},
        {"2001:db8::1%eth0", "10.0.0.1", "2001:db8::1%eth0"},
        {"\"", "10.0.0.1", "\""},
        {"\"\"", "10.0.0.1", "\"\""},
        {"for=203.0.113.4", "10.0.0.1", "for=203.0.113.4"},
    };
    (void)state;
    check(rows, COUNT(rows), HEADER_X_FORWARDED_FOR);
}

static void forwarded(void **state)
{
    static const struct expectation rows[] = {
        {"for=192.0.2.43", "192.0.2.43", NULL},
        {"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17", NULL},
        {"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", NULL},
        {"proto=https;by=\"a,b;for=1.1.1.1\";FOR=\"192.0.2.43:47011\" , ,", "192.0.2.43", NULL},
        {"for=192.0.2.43, for=10.17.0.1;by=\"_x\\\",\"", "192.0.2.43", NULL},
        {"for=192.0.2.43,for=\"[fd00::9]\"", "192.0.2.43", NULL},
        {";;for=192.0.2.43;", "192.0.2.43", NULL},
        /* what the client left open doesn't swallow what the proxy wrote */
        {"for=\"1.1.1.1, for=\"[2001:db8::9]:1\";by=\"_p\"", "2001:db8::9", NULL},
        {"for=1.1.1.1;x=\"\\, for=192.0.2.43", "192.0.2.43", NULL},
        {"for=1.1.1.1, for=unknown", "10.0.0.1", "for=unknown"},
        {"for=1.1.1.1, for=_hidden, for=10.0.0.4", "10.0.0.4", "for=_hidden"},
        /* a proxy that doesn't say who asked vouches for nobody */
        {"for=1.1.1.1, proto=https", "10.0.0.1", "proto=https"},
        {"for=1.1.1.1;for=1.1.1.2", "10.0.0.1", "for=1.1.1.1;for=1.1.1.2"},
        {"for=\"1.1.1\\.1\"", "10.0.0.1", "for=\"1.1.1\\.1\""},
        {"for= 1.1.1.1x", "10.0.0.1", "for= 1.1.1.1x"},
        {"1.1.1.1", "10.0.0.1", "1.1.1.1"},
    };
    (void)state;
    check(rows, COUNT(rows), HEADER_FORWARDED);
}

static void a_stranger_is_who_it_is(void **state)
{
    (void)state;
    static const struct proxies none = {NULL, 0};
    struct address peer = address("64:ff9b::198.51.100.7"), plain = address("198.51.100.7");
    for (enum forwarded_header header = HEADER_X_FORWARDED_FOR; header <= HEADER_FORWARDED; header++) {
        const struct forwarded got = forwarded_client(&peer, "for=1.1.1.1, 1.1.1.1", header, &none);
        assert_memory_equal(&got.client, &plain, sizeof plain);
        assert_null(got.unreadable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x_forwarded_for),
        cmocka_unit_test(forwarded),
        cmocka_unit_test(a_stranger_is_who_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
