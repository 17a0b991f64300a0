/* Which programs fetch pages for search engines and previews. */
#include "api/pages/crawlers.h"

#include "unit.h"

static void a_crawler_is_known_by_its_token(void **state)
{
    (void)state;
    static const char *const agents[] = {
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Twitterbot/1.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1 +http://www.linkedin.com)",
        "http.rb/5.1.1 (Mastodon/4.2.1; +https://example.social/) Bot",
        "Mastodon/4.3.0 (http.rb/5.2.0; +https://example.social/)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 "
        "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
        "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
        "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "GOOGLEBOT",
        "(twitterBOT)",
    };
    for (size_t i = 0; i < COUNT(agents); i++) {
        print_message("%s\n", agents[i]);
        assert_true(is_crawler(agents[i]));
    }
}

static void other_programs_and_people_are_none(void **state)
{
    (void)state;
    static const char *const agents[] = {
        NULL,
        "",
        "curl/8.5.0",
        "python-httpx/0.28.1",
        "node",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "NotGooglebot/2.1",
        "Googlebots/2.1",
        "Googlebot-Image-Scraper",
        "Google bot",
        "http://www.google.com/bot.html",
        "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Applebot-Extended",
        "MastodonAndroid/2.0",
        "bot",
    };
    for (size_t i = 0; i < COUNT(agents); i++) {
        print_message("%s\n", agents[i] ? agents[i] : "(none)");
        assert_false(is_crawler(agents[i]));
    }
}

static void a_long_agent_counts_to_its_bound(void **state)
{
    static const char name[] = " WhatsApp";
    size_t before = CRAWLER_AGENT_MAX - strlen(name);
    for (size_t n = before - 1; n <= before + 1; n++) {
        char *agent = repeated(*state, "x", n + strlen(name));
        memcpy(agent + n, name, strlen(name));
        assert_int_equal(is_crawler(agent), n <= before);
    }
}

static void the_table_has_tokens_alone(void **state)
{
    (void)state;
    int count = 0;
    for (; crawlers[count]; count++)
        assert_true(is_crawler(crawlers[count]));
    assert_true(count >= 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crawler_is_known_by_its_token),
        cmocka_unit_test(other_programs_and_people_are_none),
        arena_test(a_long_agent_counts_to_its_bound),
        cmocka_unit_test(the_table_has_tokens_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
