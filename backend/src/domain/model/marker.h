/* The tags and tokens by which models and chat templates tell reasoning, turns and channels from a
 * text: those that OpenAI's Harmony, DeepSeek, Qwen, Llama, Mistral, Gemma, Granite, GLM, Kimi,
 * Seed, EXAONE, Command A and others document. Pure.
 */
#ifndef PW_DOMAIN_MODEL_MARKER_H
#define PW_DOMAIN_MODEL_MARKER_H

#include "base/base.h"

enum meaning {
    NO_MARKER,
    TOKEN,     /* means nothing here */
    OPENS,     /* a block of reasoning */
    CLOSES,    /* it */
    TURN_ENDS, /* the model's */
    TURN_OF,   /* the role's name follows */
    MODEL_TURN,
    OTHER_TURN, /* of user, system or tool: what the model was told, or invents */
    PROMPT_ENDS,
    CHANNEL, /* the channel's name follows, then "<|message|>" (OpenAI's Harmony format) */
    LINE_BREAK,
};

struct marker {
    enum meaning meaning;
    size_t len;
};

/* The marker at the start of `text`; NO_MARKER and 0 bytes where there is none. */
struct marker marker_at(const char *text);

/* Whether a label like "[REASONING]" starts the text that is a marker once its end has come. */
bool marker_is_open_label(const char *text);

/* MODEL_TURN or OTHER_TURN by the role's name at the start of `text`, and its bytes with blanks
 * before it; else NO_MARKER. */
struct marker marker_role_at(const char *text);

/* Whether the channel's name at the start of `text`, behind blanks, is that of the text itself;
 * *end: what follows the name. */
bool marker_is_final_channel(const char *text, const char **end);

#endif
