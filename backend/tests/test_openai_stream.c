/* Streamed answers come to what the server would have answered whole, however the network cuts
 * them. */
#include "unit.h"

#include <stdlib.h>

#include "llm/openai_stream.h"

#define DELTA(content) "data: {\"choices\":[{\"delta\":{\"content\":\"" content "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static const struct {
    const char *name, *body;
    const char *answer; /* compact JSON; NULL: none */
} rows[] = {
    {"OpenAI",
     "data: "
     "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"finish_reason\":null}],"
     "\"usage\":null}\n\n" DELTA("Fine") DELTA(" day.") STOP
     "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n" DONE,
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Fine day.\",\"refusal\":\"\"}}],"
     "\"usage\":{\"completion_tokens\":2,\"prompt_tokens\":3}}"},
    {"no [DONE]", DELTA("Fine.") STOP,
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"no finish_reason", DELTA("Fine.") DONE, "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"CR LF, no blank behind the colon",
     "data:{\"choices\":[{\"delta\":{\"content\":\"Fine.\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata:[DONE]\r\n\r\n",
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"comments and other fields", ": OPENROUTER PROCESSING\n\nevent: message\nid: 7\n" DELTA("Fine.") ": x\n\n" STOP,
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"no blank lines",
     "data: {\"choices\":[{\"delta\":{\"content\":\"Fi\"}}]}\ndata: {\"choices\":[{\"delta\":{\"content\":\"ne.\"},"
     "\"finish_reason\":\"length\"}]}\ndata: [DONE]\n",
     "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"no blank lines, and one empty",
     "data:\ndata: {\"choices\":[{\"delta\":{\"content\":\"Fi\"}}]}\ndata:\ndata: "
     "{\"choices\":[{\"delta\":{\"content\":\"ne.\"}}]}\ndata: [DONE]\n",
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"a chunk of several lines", "data: {\"choices\":\ndata: [{\"delta\":\ndata: {\"content\":\"Fine.\"}}]}\n\n" DONE,
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"its end told within a chunk alone",
     "data: {\"choices\":[{\"delta\":{\"content\":\"[DONE]\"}}]}\n\ndata: {\"[DONE]\n", NULL},
    {"no line's end at the end", DELTA("Fine.") "data: [DONE]",
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"reasoning beside it", "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm.\"}}]}\n\n" DELTA("Fine.") DONE,
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"content in parts",
     "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[]},{\"type\":\"text\",\"text\":"
     "\"Fine.\"}]}}]}\n\n" DONE,
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"refused", "data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't.\"},\"finish_reason\":\"stop\"}]}\n\n",
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"\",\"refusal\":\"I can't.\"}}]}"},
    {"an error in the middle", DELTA("Fi") "data: {\"error\":{\"code\":502}}\n\n",
     "{\"choices\":[{\"message\":{\"content\":\"Fi\",\"refusal\":\"\"}}],\"error\":{\"code\":502}}"},
    {"a whole message as the last chunk",
     "data: {\"choices\":[{\"message\":{\"content\":\"Fine.\"},\"finish_reason\":\"stop\"}]}\n\n",
     "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"Turkish and an emoji", DELTA("\\u00d6l\\u00e7 ") DELTA("📏") DONE,
     "{\"choices\":[{\"message\":{\"content\":\"Ölç 📏\",\"refusal\":\"\"}}]}"},
    {"cut off", DELTA("Fine."), NULL},
    {"a chunk that is no JSON", "data: {\"choices\":[{\"del\n\n" DELTA("Fine.") DONE,
     "{\"choices\":[{\"message\":{\"content\":\"Fine.\",\"refusal\":\"\"}}]}"},
    {"not streamed", "{\"choices\":[{\"message\":{\"content\":\"Fine.\"},\"finish_reason\":\"stop\"}]}", NULL},
    {"nothing", "", NULL},
    {"a page", "<html>\n\n</html>", NULL},
};

static void each_answer_is_put_together_however_it_is_cut(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 90; step += step < 8 ? 1 : 40) {
            size_t len = strlen(rows[i].body);
            struct openai_stream *stream = openai_stream_new(*state);
            for (size_t at = 0; at < len; at += step)
                openai_stream_add(stream, rows[i].body + at, MIN(step, len - at));
            json_t *answer = openai_stream_answer(stream);
            char *text = answer ? json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
            if ((text == NULL) != (rows[i].answer == NULL) || (text && strcmp(text, rows[i].answer) != 0))
                fail_msg("%s, by %zu bytes: %s", rows[i].name, step, text ? text : "none");
            free(text);
            json_decref(answer);
            openai_stream_free(stream);
        }
}

#define LINE(content) "data: {\"choices\":[{\"delta\":{\"content\":\"" content "\"}}]}\n"

static void add(struct openai_stream *stream, const char *bytes)
{
    openai_stream_add(stream, bytes, strlen(bytes));
}

static void words_come_with_their_line_where_no_blank_line_does(void **state)
{
    struct openai_stream *stream = openai_stream_new(*state);
    size_t len;
    add(stream, LINE("Fi"));
    assert_string_equal(openai_stream_content(stream, &len), "Fi");
    add(stream, LINE("ne."));
    assert_string_equal(openai_stream_content(stream, &len), "Fine.");
    assert_int_equal(len, 5);
    openai_stream_free(stream);
}

/* As of a model that reasons long beside its content. */
static void what_comes_without_blank_lines_may_be_long_in_all(void **state)
{
    static const char hum[] = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm, and then again, hm.\"}}]}\n";
    struct openai_stream *stream = openai_stream_new(*state);
    for (size_t sent = 0; sent < 2 * 1024 * 1024; sent += sizeof hum)
        add(stream, hum);
    add(stream, LINE("Fine.") "data: [DONE]\n");
    json_t *answer = openai_stream_answer(stream);
    assert_non_null(answer);
    json_decref(answer);
    openai_stream_free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(each_answer_is_put_together_however_it_is_cut),
                                       arena_test(words_come_with_their_line_where_no_blank_line_does),
                                       arena_test(what_comes_without_blank_lines_may_be_long_in_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
