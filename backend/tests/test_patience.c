#include "unit.h"

#include "domain/patience.h"

enum act { COMES, GOT, MISSED };

/* A step at a time: what happens, and whether the reader who comes waits. */
static const struct step {
    uint64_t now_ms;
    enum act act;
    bool waits; /* of COMES */
} story[] = {
    {0, COMES, true},       {100, COMES, true},    /* as many as come */
    {2000, MISSED, false},  {2000, COMES, true},   /* one miss is nothing yet */
    {2050, GOT, false},     {2100, MISSED, false}, /* misses are counted anew */
    {2100, COMES, true},    {3000, COMES, true},   /* leaves again, which tells nothing */
    {4000, COMES, true},                           /* the latest one who waits */
    {4100, MISSED, false},  {4100, COMES, false},
    {6000, MISSED, false},                         /* that one, too */
    {13999, COMES, false},  {14000, COMES, true},  /* the try, ten seconds after the latest wait began */
    {14000, COMES, false},  {13990, COMES, false}, /* another thread's clock is a little behind */
    {16000, MISSED, false}, {16000, COMES, false},
    {23999, COMES, false},  {24000, COMES, true}, /* the next try: it leaves */
    {33999, COMES, false},  {34000, COMES, true},
    {35000, GOT, false},    {35000, COMES, true}, /* everybody again */
    {35000, COMES, true},   {37000, MISSED, false},
    {37000, COMES, true},   {37000, MISSED, false},
    {37000, COMES, false},  {37001, GOT, false}, /* who came before the misses gets it: that counts, too */
    {37001, COMES, true},
};

static void the_story(void **state)
{
    (void)state;
    struct patience patience = {0};
    for (size_t i = 0; i < COUNT(story); i++) {
        if (story[i].act != COMES)
            patience_learn(&patience, story[i].act == GOT);
        else if (patience_begin(&patience, story[i].now_ms * NS_PER_MS) != story[i].waits)
            fail_msg("step %zu, at %llu ms: %s", i, (unsigned long long)story[i].now_ms,
                     story[i].waits ? "doesn't wait" : "waits");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_story)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
