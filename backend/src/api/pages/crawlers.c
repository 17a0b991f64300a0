#include "api/pages/crawlers.h"

#include <string.h>
#include <strings.h>

/* clang-format off */
const char *const crawlers[] = {
    /* search engines and archives */
    "Applebot", "archive.org_bot", "Baiduspider", "bingbot", "DuckDuckBot", "Googlebot", "YandexBot",
    /* previews of links */
    "Cardyb" /* Bluesky's */, "Discordbot", "Embedly", "facebookexternalhit", "Iframely", "LinkedInBot", "Mastodon",
    "Pinterestbot", "redditbot", "SkypeUriPreview" /* Teams', too */, "Slackbot-LinkExpanding", "TelegramBot",
    "Twitterbot", "WhatsApp",
    NULL,
};
/* clang-format on */

static const char token_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";

static bool is_among_crawlers(const char *token, size_t len)
{
    for (const char *const *crawler = crawlers; *crawler; crawler++)
        if (strlen(*crawler) == len && strncasecmp(token, *crawler, len) == 0)
            return true;
    return false;
}

bool is_crawler(const char *user_agent)
{
    const char *end = user_agent ? user_agent + strnlen(user_agent, CRAWLER_AGENT_MAX) : NULL;
    for (const char *at = user_agent; at < end;) {
        size_t len = strspn(at, token_characters);
        if (len <= (size_t)(end - at) && is_among_crawlers(at, len))
            return true;
        at += len + 1;
    }
    return false;
}
