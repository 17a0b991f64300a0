/* Mails as texts, addresses, and the settings about them. */
#include "unit.h"

#include <string.h>

#include "base/mailbox.h"
#include "config/mail.h"
#include "config/smtp_url.h"
#include "domain/mail/message.h"
#include "domain/mail/words.h"

static void an_address_is_fit_for_commands_and_headers(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool fit;
    } rows[] = {
        {"a@b", true},
        {"a.b+c'd@e.example", true},
        {"ayşe@örnek.example", true},
        {"!#$%&*/=?^_`{|}~@b", true},
        {"", false},
        {"@", false},
        {"a@", false},
        {"@b", false},
        {"a@b@c", false},
        {"a b@c", false},
        {"a@b\r\nRCPT TO:<c@d>", false},
        {"a\t@b", false},
        {"<a@b", false},
        {"a@b>", false},
        {"a,b@c", false},
        {"a;b@c", false},
        {"\"a\"@b", false},
        {"a\\@b", false},
        {"(a)@b", false},
        {"a@[1.2.3.4]", false},
        {"-a@b", false},
        {"a@b\x7f", false},
        {"a@\xff", false},
        {"a:b@c", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (mail_address_is_fit(rows[i].address, strlen(rows[i].address)) != rows[i].fit)
            fail_msg("%s", rows[i].address);
    char longest[300];
    memset(longest, 'x', sizeof longest);
    longest[200] = '@';
    assert_true(mail_address_is_fit(longest, 254));
    assert_false(mail_address_is_fit(longest, 255));
}

static void a_mailbox_is_an_address_or_a_name_and_one(void **state)
{
    (void)state;
    struct mailbox box;
    assert_true(mailbox_read("a@b", &box) && box.name_len == 0 && box.address_len == 3);
    assert_true(mailbox_read("<a@b>", &box) && box.name_len == 0 && memcmp(box.address, "a@b", 3) == 0);
    assert_true(mailbox_read("Some Body  <a@b>", &box) && box.name_len == strlen("Some Body"));
    static const char *const wrong[] = {"",         "a",  "Name",        "Name <a@b",
                                        "Name <a>", "<>", "a@b <a@b> x", "N\r\nBcc: c@d <a@b>"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (mailbox_read(wrong[i], &box))
            fail_msg("%s", wrong[i]);
}

static char *message(struct arena *arena, const char *from, const char *subject, const char *body)
{
    const struct mail mail = {
        .from = from, .to = "you@example.org", .subject = subject, .body = body, .id = "1-2", .unix_s = 86400};
    return mail_message(arena, &mail);
}

static void a_message_has_headers_and_a_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(message(arena, "Persona Worlds <me@here.example>", "Hello", "A = 1\nş\n"),
                        "From: Persona Worlds <me@here.example>\r\nTo: <you@example.org>\r\nSubject: Hello\r\n"
                        "Date: Fri, 02 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1-2@here.example>\r\n"
                        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                        "A =3D 1\r\n=C5=9F\r\n");
    arena_free(arena);
}

static void every_line_of_a_message_is_short_and_in_ascii(void **state)
{
    (void)state;
    char name[400], body[2000];
    struct arena *arena = arena_new();
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "ş", 3);
    memcpy(name + 380, " <a@b>", sizeof " <a@b>");
    memset(body, '=', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    for (const char *line = message(arena, name, name, body); *line; line += strcspn(line, "\n") + 1) {
        assert_in_range(strcspn(line, "\n"), 1, 77);
        assert_int_equal(line[strcspn(line, "\n") - 1], '\r');
        for (size_t i = 0; i < strcspn(line, "\r"); i++)
            assert_in_range(line[i], ' ', '~');
    }
    arena_free(arena);
}

static void each_mail_says_what_its_link_is_for_in_each_language(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *link = mail_link(arena, MAIL_RESET, "https://here.example", "abc");
    assert_string_equal(link, "https://here.example/reset?token=abc");
    for (enum mail_kind kind = MAIL_VERIFICATION; kind <= MAIL_RESET; kind++)
        for (enum language language = 0; language < LANGUAGES; language++) {
            const char *body = mail_body(arena, kind, language, link), *at = strstr(body, link);
            assert_true(at && at[-1] == '\n' && at[strlen(link)] == '\n');
            assert_true(*mail_subject(kind, language));
        }
    arena_free(arena);
}

static void secrets_go_over_encrypted_connections_alone(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int64_t env;
        bool needs;
    } rows[] = {
        {"smtp://mail.example", ENV_PROD, true},
        {"smtp://mail.example", ENV_DEV, false},
        {"smtp://u:p@mail.example", ENV_DEV, true},
        {"smtps://127.0.0.1", ENV_DEV, true},
        {"smtp://127.0.0.1:25", ENV_PROD, false},
        {"smtp://u:p@localhost", ENV_PROD, false},
        {"smtp://[::1]:25/", ENV_PROD, false},
        {"smtp://localhost.evil.example", ENV_PROD, true},
        {"smtp://127.0.0.1.evil.example", ENV_PROD, true},
        {"smtp://128.0.0.1", ENV_PROD, true},
        {"smtp://u:p@127.evil.example:25", ENV_DEV, true},
        {"smtp://LOCALHOST", ENV_PROD, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct config config = {.smtp_url = rows[i].url, .app_env = rows[i].env};
        assert_null(smtp_url_problem(rows[i].url));
        if (config_smtp_needs_tls(&config) != rows[i].needs)
            fail_msg("%s", rows[i].url);
    }
}

static void a_url_is_one_of_a_mail_server(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://:25",
        "smtp://h:",
        "smtp://h:0",
        "smtp://h:65536",
        "smtp://h:2x",
        "smtp://h/path",
        "smtp://u@h",
        "smtp://:p@h",
        "smtp://[::1",
        "smtp://u:p@x@h",
        "smtp://u:%zz@h",
        "smtp://h?x=1",
        "SMTP://h",
        "smtp://h:25:26",
    };
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (!smtp_url_problem(wrong[i]))
            fail_msg("%s", wrong[i]);
    assert_null(smtp_url_problem("smtps://u:p%40x@mail.example:465/"));
    assert_null(smtp_url_problem("smtp://h:65535"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_fit_for_commands_and_headers),
        cmocka_unit_test(a_mailbox_is_an_address_or_a_name_and_one),
        cmocka_unit_test(a_message_has_headers_and_a_text),
        cmocka_unit_test(every_line_of_a_message_is_short_and_in_ascii),
        cmocka_unit_test(each_mail_says_what_its_link_is_for_in_each_language),
        cmocka_unit_test(secrets_go_over_encrypted_connections_alone),
        cmocka_unit_test(a_url_is_one_of_a_mail_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
