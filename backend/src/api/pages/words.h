/* The pages' own words, in each language: the one dictionary. */
#ifndef PW_API_PAGES_WORDS_H
#define PW_API_PAGES_WORDS_H

#include "domain/brief.h"

enum word {
    /* everywhere */
    WORD_SKIP,
    WORD_NAVIGATION,
    WORD_HOME,
    WORD_TEMPLATES,
    WORD_SIGN_UP,
    WORD_LOG_IN,
    /* the first page */
    WORD_LANDING_TITLE,
    WORD_LANDING,
    WORD_BATTLES,
    WORD_NO_BATTLES,
    WORD_PERSONAS,
    /* a battle */
    WORD_TEMPLATE_IS,
    WORD_FOR,
    WORD_AGAINST,
    WORD_BY_AI,
    WORD_BY_AI_APPROVED,
    WORD_BY_HUMAN,
    WORD_NOBODY,
    WORD_REMIX,
    WORD_ASK_REPLIES,
    WORD_USE_TEMPLATE,
    WORD_SHARE,
    WORD_SUMMARY,
    WORD_NO_SUMMARY,
    WORD_FRESH_SUMMARY,
    WORD_STALE_SUMMARY,
    WORD_REPLIES,
    WORD_MORE_REPLIES,
    WORD_NO_REPLIES,
    WORD_WRITING,
    /* a profile */
    WORD_PROFILE_ABOUT,
    WORD_FOLLOW,
    WORD_CREATE_OWN,
    WORD_FOLLOWERS,
    WORD_POSTS,
    WORD_TONE_IS,
    WORD_AI_PERSONA,
    WORD_TURKISH,
    WORD_ENGLISH,
    WORD_FORMALITY_0,
    WORD_FORMALITY_1,
    WORD_FORMALITY_2,
    WORD_FORMALITY_3,
    WORD_ROOMS,
    WORD_NO_POSTS,
    WORD_ATOM,
    /* templates */
    WORD_TEMPLATES_ABOUT,
    WORD_USE,
    WORD_TURNS,
    WORD_WORDS,
    WORD_USES,
    WORD_NO_TEMPLATES,
    /* signing up and logging in */
    WORD_EMAIL,
    WORD_PASSWORD,
    WORD_PASSWORD_HINT,
    WORD_START,
    WORD_HAVE_ACCOUNT,
    WORD_NO_ACCOUNT,
    WORD_FORGOT_PASSWORD,
    WORD_VERIFY,
    WORD_CONFIRM,
    WORD_RESET,
    WORD_NEW_PASSWORD,
    WORD_SAVE,
    /* what the application shows */
    WORD_ROOM,
    WORD_NEW_BATTLE,
    WORD_DRAFTS,
    WORD_PERSONA,
    WORD_NEW_PERSONA,
    WORD_NEW_TEMPLATE,
    WORD_NOTIFICATIONS,
    WORD_DIGEST,
    WORD_SEARCH,
    WORD_SETTINGS,
    WORD_WELCOME,
    WORD_NEEDS_SCRIPT,
    /* instead of a page */
    WORD_NOT_FOUND,
    WORD_NOT_FOUND_ABOUT,
    WORD_LIMITED,
    WORD_LIMITED_ABOUT,
    WORD_AWAY,
    WORD_AWAY_ABOUT,
    WORD_BUSY,
    WORD_BUSY_ABOUT,
    WORD_SLOW,
    WORD_SLOW_ABOUT,
    WORD_FAILED,
    WORD_FAILED_ABOUT,
    WORD_REQUEST,
    WORDS,
};

/* their names where a header or a query says them: "en", "tr"; NULL ends the list */
extern const char *const language_names[LANGUAGES + 1];

const char *word(enum language, enum word); /* as it stands in the dictionary */
/* with {n} filled in, in its form for so many */
const char *word_counted(struct arena *, enum language, enum word, int64_t n);
/* with {text} filled in, kept apart from the direction of the words around it */
const char *word_with(struct arena *, enum language, enum word, const char *text);

/* "1,234" or "1.234" */
const char *number_words(struct arena *, enum language, int64_t n);
/* The day of a time in RFC 3339: "Nov 29, 2026", "29 Kas 2026". "" where it is none. */
const char *day_words(struct arena *, enum language, const char *time);

#endif
