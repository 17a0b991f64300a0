/* A brief: all data that a model gets for one piece of text. It comes from the JSON that a
 * statement made, and goes to a prompt (prompt.h) or to the mock's voice (mock_voice.h). All texts
 * are data from users: delimited in prompts, never instructions.
 *
 * The JSON (every member may be missing or null):
 * {"persona": {"name","bio","tone","preferred_language","formality","writing_samples":[],
 *              "do_not_say":[],"catchphrases":[]},
 *  "room":    {"name","description"},
 *  "about":   "…",                                          what a draft is wished to be about
 *  "post":    {"content","author","language"},
 *  "replies": [{"author","content","language"}],            oldest first
 *  "template":{"name","prompt_rules","turn_count","word_limit"},
 *  "activity":{"date":"2026-11-23","posts":1,"replies":2,
 *              "top_threads":[{"room_name","post_preview","activity_count"}]}}
 */
#ifndef PW_DOMAIN_BRIEF_H
#define PW_DOMAIN_BRIEF_H

#include "base/arena.h"

enum llm_operation { LLM_POST_DRAFT, LLM_REPLY, LLM_THREAD_SUMMARY, LLM_ACTIVITY_SUMMARY, LLM_OPERATIONS };
/* "post_draft", "reply", "thread_summary", "activity_summary" */
extern const char *const llm_operation_names[LLM_OPERATIONS];

enum language { LANGUAGE_EN, LANGUAGE_TR, LANGUAGES };

struct said { /* a post or reply as the thread shows it */
    const char *author, *content;
    const char *language; /* the author's: "tr", "en", or "" where it isn't known */
};

struct active_thread {
    const char *room_name, *post_preview;
    int64_t activity_count;
};

struct texts {
    const char **items;
    int count;
};

struct brief {
    enum llm_operation operation;
    int variant;   /* 1 or 2: previews want two that differ; else 1 */
    int max_chars; /* the text is cut to it, in code points; 0: no bound */

    struct {
        const char *name, *bio, *tone;
        enum language language;
        int formality; /* 0-3 */
        struct texts writing_samples, do_not_say, catchphrases;
    } persona;
    const char *room_name, *room_description;
    const char *about; /* what a draft is wished to be about; "": anything */
    struct said post;
    const struct said *replies;
    int reply_count;
    const char *template_name, *template_rules; /* NULL: no template */
    int word_limit;                             /* 0: none */
    const char *date;
    int64_t posts_today, replies_today;
    const struct active_thread *top_threads;
    int top_thread_count;
};

/* Missing texts are "", missing lists are empty; language defaults to English. Starts with
 * variant 1 and max_chars 0, for the caller to change. False: not a JSON object. Everything
 * lives in the arena. */
bool brief_read(struct brief *, enum llm_operation, const char *json, struct arena *, struct err *) MUST_CHECK;

/* Some of the persona's members are others, as JSON: {"tone":"dry"}. False: not a JSON object. */
bool brief_speak_as(struct brief *, const char *persona, struct arena *, struct err *) MUST_CHECK;

/* All that people wrote in it, a text a line, in the arena: to find it again in what others say. */
const char *brief_said(const struct brief *, struct arena *);

#endif
