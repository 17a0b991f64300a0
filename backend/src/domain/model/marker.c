#include "domain/model/marker.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct name {
    const char *name;
    enum meaning meaning;
};

/* Names of tags and tokens are compared in lower case, "-" and the "▁" of SentencePiece as "_". A
 * block is one by any word of its name ("inner_thoughts", "seed:think"), or by all of it. */
static const char *const block_words[] = {
    "think",     "thinking",     "thought",    "thoughts",   "reason",   "reasoning",
    "reflect",   "reflection",   "reflecting", "scratchpad", "analysis", "antthinking",
    "monologue", "deliberation", "cot",        "rationale",  "planning", "introspection",
};
static const char *const block_names[] = {
    "details", /* as Open WebUI shows reasoning */
    "tool_call", "tool_calls", "tool_use", "tool_response", "function_call", "function_calls",
};

static const struct name tag_names[] = {
    {"s", TOKEN},
    {"/s", TURN_ENDS},
    {"bos", TOKEN},
    {"eos", TURN_ENDS},
    {"pad", TOKEN},
    {"unk", TOKEN},
    {"start_of_turn", TURN_OF},
    {"end_of_turn", TURN_ENDS},
    {"unused94", OPENS}, /* MedGemma */
    {"unused95", CLOSES},
    {"0x0a", LINE_BREAK},
};

static const struct name token_names[] = {
    {"end", TURN_ENDS},
    {"return", TURN_ENDS},
    {"call", TURN_ENDS},
    {"eos", TURN_ENDS},
    {"eot", TURN_ENDS},
    {"eot_id", TURN_ENDS},
    {"eom_id", TURN_ENDS},
    {"im_end", TURN_ENDS},
    {"endoftext", TURN_ENDS},
    {"end_of_text", TURN_ENDS},
    {"end_of_turn", TURN_ENDS},
    {"endofturn", TURN_ENDS},
    {"end_of_turn_token", TURN_ENDS},
    {"end_of_sentence", TURN_ENDS},
    {"start", TURN_OF},
    {"im_start", TURN_OF},
    {"start_header_id", TURN_OF},
    {"start_of_role", TURN_OF},
    {"start_of_turn_token", TURN_OF},
    {"assistant", MODEL_TURN},
    {"model", MODEL_TURN},
    {"chatbot_token", MODEL_TURN},
    {"user", OTHER_TURN},
    {"system", OTHER_TURN},
    {"human", OTHER_TURN},
    {"tool", OTHER_TURN},
    {"observation", OTHER_TURN},
    {"user_token", OTHER_TURN},
    {"system_token", OTHER_TURN},
    {"channel", CHANNEL},
};

/* Names in brackets, in capitals alone: "[think]" is a word that somebody put in brackets. */
static const struct name bracket_names[] = {
    {"THINK", OPENS}, {"/THINK", CLOSES}, {"TOOL_CALLS", OPENS}, {"INST", OTHER_TURN}, {"/INST", PROMPT_ENDS},
};

/* What no pattern fits. */
static const struct name literals[] = {
    {"<<SYS>>", OPENS},     {"<</SYS>>", CLOSES}, {"<|channel>thought", OPENS}, /* Gemma 4 */
    {"<channel|>", CLOSES}, {"◁think▷", OPENS},   {"◁/think▷", CLOSES},         /* Kimi-VL */
};

static const struct name roles[] = {
    {"assistant", MODEL_TURN}, {"model", MODEL_TURN}, {"user", OTHER_TURN},      {"system", OTHER_TURN},
    {"human", OTHER_TURN},     {"tool", OTHER_TURN},  {"developer", OTHER_TURN},
};

static enum meaning meaning_in(const struct name *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].meaning;
    return NO_MARKER;
}

/* The text behind `prefix` where `text` begins with it, else NULL. */
static const char *behind(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static bool is_one_of(const char *const *words, size_t count, const char *word, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == len && strncmp(words[i], word, len) == 0)
            return true;
    return false;
}

/* A path or an address in "<>" isn't a name. */
static bool is_block(const char *name)
{
    if (strpbrk(name, "/."))
        return false;
    if (is_one_of(block_names, COUNT(block_names), name, strlen(name)))
        return true;
    for (const char *word = name; *word;) {
        size_t len = strcspn(word, "_:");
        if (is_one_of(block_words, COUNT(block_words), word, len))
            return true;
        word += len + (word[len] != '\0');
    }
    return false;
}

static enum meaning block_meaning(const char *name)
{
    bool ends = *name == '/' || behind(name, "end_");
    if (!is_block(*name == '/' ? name + 1 : name))
        return NO_MARKER;
    return ends ? CLOSES : OPENS;
}

enum { NAME_SIZE = 64 };

/* The name at `text`, as the tables have it: letters, digits and "_:/.", at most NAME_SIZE - 1.
 * Gives what follows it. */
static const char *read_name(const char *text, char name[static NAME_SIZE])
{
    size_t len = 0;
    for (; len < NAME_SIZE - 1; len++) {
        const char *piece = behind(text, "▁");
        if (!piece && !isalnum((unsigned char)*text) && (!*text || !strchr("_-:/.", *text)))
            break;
        name[len] = (char)(piece || *text == '-' ? '_' : tolower((unsigned char)*text));
        text = piece ? piece : text + 1;
    }
    name[len] = '\0';
    return text;
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* The end of a tag whose name was read: ">" behind blanks or attributes. The text may have been cut
 * inside it. NULL: it is no tag. */
static const char *tag_end(const char *text)
{
    enum { ATTRIBUTES_MAX = 300 };
    size_t len = strcspn(text, "<>");
    bool has_edge = *text == '>' || *text == '\0' || isspace((unsigned char)*text);
    if (!has_edge || len > ATTRIBUTES_MAX || text[len] == '<')
        return NULL;
    return text + len + (text[len] == '>');
}

/* <think>, < / Thinking >, <think type="x">, <s> */
static struct marker tag_at(const char *text)
{
    char name[NAME_SIZE + 1] = "/";
    const char *at = skip_spaces(text + 1);
    bool closing = *at == '/';
    at = read_name(closing ? skip_spaces(at + 1) : at, closing ? name + 1 : name);
    size_t len = strlen(name);
    bool is_empty = len > 1 && name[len - 1] == '/'; /* <think/> */
    if (is_empty)
        name[len - 1] = '\0';
    const char *end = tag_end(at);
    enum meaning meaning = meaning_in(tag_names, COUNT(tag_names), name);
    if (meaning != NO_MARKER && *at != '>')
        return (struct marker){0}; /* "<s" may be a comparison */
    if (meaning == NO_MARKER)
        meaning = block_meaning(name);
    if (!end || meaning == NO_MARKER)
        return (struct marker){0};
    return (struct marker){is_empty ? TOKEN : meaning, (size_t)(end - text)};
}

/* <|im_end|>, <｜Assistant｜>, [|endofturn|]. `unknown`: what an unknown name means. */
static struct marker token_at(const char *text, const char *open, const char *close, enum meaning unknown)
{
    char name[NAME_SIZE];
    const char *at = behind(text, open);
    at = at ? read_name(at, name) : NULL;
    const char *end = at && *name ? behind(at, close) : NULL;
    if (!end)
        return (struct marker){0};
    enum meaning meaning = meaning_in(token_names, COUNT(token_names), name);
    if (meaning == NO_MARKER)
        meaning = block_meaning(name);
    return (struct marker){meaning == NO_MARKER ? unknown : meaning, (size_t)(end - text)};
}

/* The name in capitals between brackets; "" where there is none. */
static const char *bracket_name(const char *text, char name[static NAME_SIZE])
{
    size_t len = *text == '[' ? strspn(text + 1, "/ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") : 0;
    bool is_name = len > 0 && len < NAME_SIZE && text[1 + len] == ']';
    snprintf(name, NAME_SIZE, "%.*s", is_name ? (int)len : 0, text + 1);
    return name;
}

static enum meaning label_meaning(const char *name)
{
    char lower[NAME_SIZE];
    read_name(name, lower);
    return block_meaning(lower);
}

static bool has_end_label(const char *text, const char *name)
{
    char end[NAME_SIZE + 4];
    snprintf(end, sizeof end, "[/%s]", name);
    return strstr(text, end);
}

bool marker_is_open_label(const char *text)
{
    char name[NAME_SIZE];
    bool is_label = *bracket_name(text, name) && meaning_in(bracket_names, COUNT(bracket_names), name) == NO_MARKER;
    return is_label && label_meaning(name) == OPENS && !has_end_label(text, name);
}

/* [REASONING] is one only where [/REASONING] follows: people put labels into brackets. */
static struct marker bracket_at(const char *text)
{
    char name[NAME_SIZE];
    size_t len = strlen(bracket_name(text, name));
    if (len == 0)
        return (struct marker){0};
    enum meaning meaning = meaning_in(bracket_names, COUNT(bracket_names), name);
    if (meaning == NO_MARKER && behind(name, "UNUSED_TOKEN_"))
        meaning = TOKEN; /* InternLM */
    if (meaning == NO_MARKER && !marker_is_open_label(text))
        meaning = label_meaning(name);
    return (struct marker){meaning, len + 2};
}

/* A comment, "<!-- … -->". */
static struct marker comment_at(const char *text)
{
    const char *inside = behind(text, "<!--"), *end = inside ? strstr(inside, "-->") : NULL;
    if (!inside)
        return (struct marker){0};
    return end ? (struct marker){TOKEN, (size_t)(end + 3 - text)} : (struct marker){OPENS, strlen(text)};
}

/* A tag whose angles are escaped: "&lt;think&gt;". */
static struct marker escaped_tag_at(const char *text)
{
    char tag[NAME_SIZE + 8];
    const char *inside = behind(text, "&lt;"), *end = inside ? strstr(inside, "&gt;") : NULL;
    if (!end || end - inside > NAME_SIZE)
        return (struct marker){0};
    snprintf(tag, sizeof tag, "<%.*s>", (int)(end - inside), inside);
    struct marker marker = tag_at(tag);
    return (struct marker){marker.meaning, marker.meaning == NO_MARKER ? 0 : (size_t)(end + 4 - text)};
}

/* A fence of the language "thinking". */
static struct marker fence_at(const char *text)
{
    char name[NAME_SIZE];
    const char *inside = behind(text, "```");
    const char *line = inside ? read_name(inside, name) : NULL;
    if (!line || *line != '\n' || block_meaning(name) != OPENS)
        return (struct marker){0};
    const char *end = strstr(line, "\n```");
    return end ? (struct marker){TOKEN, (size_t)(end + 4 - text)} : (struct marker){OPENS, strlen(text)};
}

static struct marker literal_at(const char *text)
{
    for (size_t i = 0; i < COUNT(literals); i++) {
        const char *end = behind(text, literals[i].name);
        if (end)
            return (struct marker){literals[i].meaning, (size_t)(end - text)};
    }
    return (struct marker){0};
}

struct marker marker_at(const char *text)
{
    static const char starts[] = "<[&`\xE2"; /* the last: of "◁" */
    if (!strchr(starts, *text))
        return (struct marker){0};
    const struct marker tries[] = {literal_at(text),
                                   comment_at(text),
                                   escaped_tag_at(text),
                                   fence_at(text),
                                   token_at(text, "<|", "|>", TOKEN),
                                   token_at(text, "<｜", "｜>", TOKEN),
                                   token_at(text, "[|", "|]", NO_MARKER),
                                   *text == '<' ? tag_at(text) : (struct marker){0},
                                   *text == '[' ? bracket_at(text) : (struct marker){0}};
    for (size_t i = 0; i < COUNT(tries); i++)
        if (tries[i].meaning != NO_MARKER)
            return tries[i];
    return (struct marker){0};
}

struct marker marker_role_at(const char *text)
{
    char name[NAME_SIZE];
    const char *end = read_name(skip_spaces(text), name);
    enum meaning meaning = meaning_in(roles, COUNT(roles), name);
    return (struct marker){meaning, meaning == NO_MARKER ? 0 : (size_t)(end - text)};
}

bool marker_is_final_channel(const char *text, const char **end)
{
    char name[NAME_SIZE];
    *end = read_name(skip_spaces(text), name);
    return strcmp(name, "final") == 0;
}
