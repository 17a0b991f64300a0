#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "domain/address_set.h"

enum { NETWORKS_MAX = 16 };

static struct address address(const char *text)
{
    struct address address;
    if (!address_read(text, strlen(text), &address))
        fail_msg("\"%s\" is no address", text);
    return address;
}

static struct address_set *set_of(const char *list)
{
    struct cidr networks[NETWORKS_MAX];
    const char *bad;
    size_t bad_len;
    int count;
    if (!cidr_list_read(list, networks, &count, &bad, &bad_len))
        fail_msg("\"%s\" is no list of networks", list);
    return address_set_new(networks, count);
}

static void it_has_the_addresses_of_its_networks(void **state)
{
    (void)state;
    static const struct {
        const char *networks, *in, *out;
    } cases[] = {
        {"", "", "0.0.0.0 255.255.255.255 :: ::1"},
        {"192.0.2.7", "192.0.2.7 ::ffff:192.0.2.7", "192.0.2.6 192.0.2.8 ::c000:207"},
        {"10.0.0.0/8", "10.0.0.0 10.255.255.255", "9.255.255.255 11.0.0.0 ::a00:0"},
        {"10.0.0.0/8 10.1.0.0/16 10.1.2.3 9.0.0.0/8", "9.0.0.0 10.1.2.3 10.1.255.255 10.2.0.0 10.255.255.255",
         "8.255.255.255 11.0.0.0"},
        {"10.1.2.3 10.0.0.0/8", "10.1.2.4 10.200.0.0", "11.0.0.0"},
        {"0.0.0.0/0", "0.0.0.0 255.255.255.255 127.0.0.1", ":: ::1 2001:db8::1 ::fffe:ffff:ffff"},
        {"::/0", ":: 2001:db8::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0 192.0.2.1 255.255.255.255"},
        {"::/0 192.0.2.0/24", "::1 192.0.2.1", "192.0.3.1"},
        {"::ffff:192.0.2.0/120", "192.0.2.255", "192.0.3.0"},
        {"2001:db8::/32 2001:db8:1::/48 fd00::1 192.0.2.0/31",
         "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff fd00::1 192.0.2.1", "2001:db9:: fd00::2 192.0.2.2"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct address_set *set = set_of(cases[i].networks);
        for (int want = 0; want < 2; want++) {
            char words[256], *rest = words;
            snprintf(words, sizeof words, "%s", want ? cases[i].in : cases[i].out);
            for (char *word; (word = strsep(&rest, " ")) && *word;) {
                struct address one = address(word);
                if (address_set_has(set, &one) != want)
                    fail_msg("%s in {%s} is %d", word, cases[i].networks, !want);
            }
        }
        assert_int_equal(address_set_is_empty(set), !*cases[i].networks);
        address_set_free(set);
    }
}

/* Against asking one network after the other: nested, equal and lone ones of both families, from
 * a fixed seed. */
static void it_says_what_its_networks_say(void **state)
{
    (void)state;
    enum { SETS = 200, MOST = 40, LOOKS = 200 };
    struct cidr networks[MOST];
    srand(20261124);
    for (int n = 0; n < SETS; n++) {
        int count = rand() % MOST;
        for (int i = 0; i < count; i++) {
            char text[CIDR_TEXT_SIZE];
            bool v4 = rand() % 2;
            snprintf(text, sizeof text, v4 ? "10.%d.%d.%d/%d" : "2001:db8::%x:%x:%x/%d", rand() % 3, rand() % 3,
                     rand() % 256, v4 ? 8 + rand() % 25 : 80 + rand() % 49);
            assert_true(cidr_read(text, strlen(text), &networks[i]));
        }
        struct address_set *set = address_set_new(networks, count);
        for (int look = 0; look < LOOKS; look++) {
            char text[ADDRESS_TEXT_SIZE];
            snprintf(text, sizeof text, rand() % 2 ? "10.%d.%d.%d" : "2001:db8::%x:%x:%x", rand() % 4, rand() % 4,
                     rand() % 256);
            struct address one = address(text);
            bool want = false;
            for (int i = 0; i < count; i++)
                want = want || cidr_has(&networks[i], &one);
            if (address_set_has(set, &one) != want)
                fail_msg("%s, set %d", text, n);
        }
        address_set_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_has_the_addresses_of_its_networks),
                                       cmocka_unit_test(it_says_what_its_networks_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
