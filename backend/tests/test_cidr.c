#include "unit.h"

#include "domain/cidr.h"

static struct address address(const char *text)
{
    struct address address;
    if (!address_read(text, strlen(text), &address))
        fail_msg("\"%s\" is no address", text);
    return address;
}

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"::", "::"},
        {"::1", "::1"},
        {"fe80::1:2:3:4", "fe80::1:2:3:4"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address read = address(cases[i][0]);
        address_write(text, &read);
        assert_text(text, cases[i][1], cases[i][0]);
        assert_int_equal(address_is_v4(&read), strchr(cases[i][1], ':') == NULL);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        " ",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "1.2.3.4 ",
                                        " 1.2.3.4",
                                        "1.2.3.4:80",
                                        "[::1]",
                                        "::1%eth0",
                                        "fe80::1%1",
                                        "1.2.3.4/32",
                                        ":::",
                                        "1::2::3",
                                        "g::1",
                                        "unknown",
                                        "_hidden",
                                        "localhost",
                                        "12345::",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                        "0x7f.1",
                                        "2130706433",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255.255.255.255"};
    struct address ignored;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (address_read(cases[i], strlen(cases[i]), &ignored))
            fail_msg("\"%s\" counts as an address", cases[i]);
    assert_false(address_read("1.2.3.4\0", 8, &ignored));
    assert_true(address_read("1.2.3.45", 7, &ignored));
}

static void networks_have_their_addresses_alone(void **state)
{
    (void)state;
    static const struct {
        const char *network, *address;
        bool has;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0", true},
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "9.255.255.255", false},
        {"10.1.2.3/8", "10.9.9.9", true},
        {"10.0.0.0/9", "10.127.0.1", true},
        {"10.0.0.0/9", "10.128.0.1", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
        {"192.0.2.7/32", "192.0.2.7", true},
        {"192.0.2.6/31", "192.0.2.7", true},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "203.0.113.9", false},
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
        {"::ffff:10.0.0.0/104", "10.200.0.1", true},
        {"::ffff:10.0.0.0/104", "11.0.0.1", false},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::1", "::2", false},
        {"::1/127", "::", true},
        {"fd00::/8", "fdab::1", true},
        {"::a00:0/104", "10.0.0.1", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cidr cidr;
        struct address one = address(cases[i].address);
        if (!cidr_read(cases[i].network, strlen(cases[i].network), &cidr) || cidr_has(&cidr, &one) != cases[i].has)
            fail_msg("%s in %s", cases[i].address, cases[i].network);
    }
}

static void what_is_no_network_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        "/",
                                        "/8",
                                        "10.0.0.0/",
                                        "10.0.0.0/33",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/+8",
                                        "10.0.0.0/8 ",
                                        "10.0.0.0/8/8",
                                        "::/129",
                                        "::/1000",
                                        "10.0.0.0/0x8",
                                        "10/8",
                                        "all",
                                        "10.0.0.0/8,11.0.0.0/8"};
    struct cidr ignored;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (cidr_read(cases[i], strlen(cases[i]), &ignored))
            fail_msg("\"%s\" counts as a network", cases[i]);
}

static void addresses_are_cut_at_a_bit(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        int prefix;
        const char *want;
    } cases[] = {
        {"2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::"},
        {"2001:db8:1:2:3:4:5:6", 128, "2001:db8:1:2:3:4:5:6"},
        {"2001:db8:1:ffff::", 49, "2001:db8:1:8000::"},
        {"ffff::", 0, "::"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address whole = address(cases[i].address), cut = address_cut(&whole, cases[i].prefix);
        address_write(text, &cut);
        assert_text(text, cases[i].want, cases[i].address);
    }
}

static struct cidr network(const char *text)
{
    struct cidr cidr;
    if (!cidr_read(text, strlen(text), &cidr))
        fail_msg("\"%s\" is no network", text);
    return cidr;
}

static void networks_are_written_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *network, *written, *last;
    } cases[] = {
        {"10.1.2.3/8", "10.0.0.0/8", "10.255.255.255"},
        {"192.0.2.7", "192.0.2.7/32", "192.0.2.7"},
        {"0.0.0.0/0", "0.0.0.0/0", "255.255.255.255"},
        {"192.0.2.8/29", "192.0.2.8/29", "192.0.2.15"},
        {"::ffff:192.0.2.9/125", "192.0.2.8/29", "192.0.2.15"},
        {"2001:DB8::1/32", "2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"::1", "::1/128", "::1"},
        {"::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[CIDR_TEXT_SIZE];
        struct cidr cidr = network(cases[i].network);
        struct address last = cidr_last(&cidr);
        cidr_write(text, &cidr);
        assert_text(text, cases[i].written, cases[i].network);
        address_write(text, &last);
        assert_text(text, cases[i].last, cases[i].network);
    }
}

static void networks_meet_where_one_has_the_other(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool meet;
    } cases[] = {
        {"10.0.0.0/8", "10.1.0.0/16", true}, {"10.0.0.0/8", "11.0.0.0/8", false}, {"0.0.0.0/0", "127.0.0.1", true},
        {"::/0", "127.0.0.1", false},        {"::/0", "fd00::/8", true},          {"192.0.2.7", "192.0.2.7", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cidr one = network(cases[i].one), other = network(cases[i].other);
        if (cidr_meets(&one, &other) != cases[i].meet || cidr_meets(&other, &one) != cases[i].meet)
            fail_msg("%s and %s", cases[i].one, cases[i].other);
    }
}

static void lists_are_read_up_to_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        int count;
        const char *bad;
    } cases[] = {
        {"", 0, NULL}, {" ,\t", 0, NULL}, {"10.0.0.0/8, fd00::/8\t::1,", 3, NULL}, {"10.0.0.0/8,10/8 ::1", 0, "10/8"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cidr networks[16];
        const char *bad = NULL;
        size_t bad_len = 0;
        int count;
        bool ok = cidr_list_read(cases[i].list, networks, &count, &bad, &bad_len);
        assert_int_equal(ok, !cases[i].bad);
        if (ok)
            assert_int_equal(count, cases[i].count);
        else
            assert_true(bad_len == strlen(cases[i].bad) && strncmp(bad, cases[i].bad, bad_len) == 0);
    }
}

static void an_address_is_in_a_network_of_one_customer(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"192.0.2.255", "192.0.2.0/24"},
                                           {"::ffff:192.0.2.1", "192.0.2.0/24"},
                                           {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct address address;
        char text[CIDR_TEXT_SIZE];
        assert_true(address_read(cases[i][0], strlen(cases[i][0]), &address));
        const struct cidr around = cidr_around(&address);
        cidr_write(text, &around);
        assert_text(text, cases[i][1], cases[i][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(networks_have_their_addresses_alone),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(addresses_are_cut_at_a_bit),
        cmocka_unit_test(networks_are_written_in_one_form),
        cmocka_unit_test(networks_meet_where_one_has_the_other),
        cmocka_unit_test(an_address_is_in_a_network_of_one_customer),
        cmocka_unit_test(lists_are_read_up_to_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
