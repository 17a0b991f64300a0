/* What a client that follows a text is shown of it. */
#include "unit.h"

#include "api/model/shown.h"

#define TEXT(delta) "event: text\ndata: {\"delta\":\"" delta "\"}\n\n"
#define RESTART(reason) "event: restart\ndata: {\"reason\":\"" reason "\"}\n\n"

/* What happens to a text, one letter each: words come ("w"), they begin anew ("n"), the check fails
 * ("f"), the text is whole ("."), the stream begins ("s"). */
static const struct story {
    const char *acts, *words[4], *want;
} stories[] = {
    {"w", {"Fine"}, TEXT("Fine")},
    {"ww.", {"Fine", " day.", "Fine day."}, TEXT("Fine") TEXT(" day.")},
    {"w.", {"Fine", "Fine day."}, TEXT("Fine") TEXT(" day.")},
    {".", {"Held back."}, TEXT("Held back.")},
    {"wnw", {"Half", NULL, "Anew"}, TEXT("Half") RESTART("retry") TEXT("Anew")},
    {"nw", {NULL, "Fine"}, TEXT("Fine")},
    {"wf.", {"Bad", NULL, "Good."}, TEXT("Bad") RESTART("check") TEXT("Good.")},
    {"f.", {NULL, "Good."}, TEXT("Good.")},
    {"wfw.", {"Bad", NULL, "Bad", "Bad but good."}, TEXT("Bad") RESTART("check") TEXT("Bad") TEXT(" but good.")},
    {"w.", {"One. Two", "One."}, TEXT("One. Two") RESTART("cut") TEXT("One.")},
    {"w.", {"One", "Two"}, TEXT("One") RESTART("cut") TEXT("Two")},
    {"wnn.", {"Half", NULL, NULL, "Two"}, TEXT("Half") RESTART("retry") TEXT("Two")},
    {"s", {NULL}, ""},
    {"wws", {"Fine", " day."}, TEXT("Fine") TEXT(" day.") TEXT("Fine day.")},
    {"w", {""}, ""},
    {"w", {"\"\n\x01é"}, TEXT("\\\"\\n\\u0001é")},
};

static void act(struct shown *shown, char what, const char *words, struct buf *events)
{
    switch (what) {
    case 'w':
    case 'n': shown_words(shown, words, events); break;
    case 'f': shown_failed(shown, events); break;
    case '.': shown_whole(shown, words, events); break;
    default: shown_so_far(shown, events);
    }
}

static void the_pieces_since_a_restart_are_the_text(void **state)
{
    for (size_t i = 0; i < COUNT(stories); i++) {
        struct shown shown;
        struct buf events = buf_new(*state);
        shown_begin(&shown, *state, NULL);
        for (size_t at = 0; stories[i].acts[at]; at++)
            act(&shown, stories[i].acts[at], stories[i].words[at], &events);
        assert_text(events.text, stories[i].want, stories[i].acts);
    }
}

static void of_several_texts_each_has_its_label(void **state)
{
    struct shown shown;
    struct buf events = buf_new(*state);
    shown_begin(&shown, *state, "AI Preview 2");
    shown_words(&shown, "Fine", &events);
    shown_failed(&shown, &events);
    assert_text(events.text,
                "event: text\ndata: {\"label\":\"AI Preview 2\",\"delta\":\"Fine\"}\n\n"
                "event: restart\ndata: {\"label\":\"AI Preview 2\",\"reason\":\"check\"}\n\n",
                "a label");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_pieces_since_a_restart_are_the_text),
        arena_test(of_several_texts_each_has_its_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
