#include "base/turns.h"

#include <stdlib.h>

struct lane {
    struct turn *first; /* in the order in which they are taken */
    int count;
    uint64_t round; /* of the latest that was taken */
};

struct turns {
    int lane_count, room;
    int latest; /* the lane that had the last turn */
    struct lane lanes[];
};

struct turns *turns_new(int lanes, int room)
{
    struct turns *turns = must_calloc(1, sizeof *turns + (size_t)lanes * sizeof *turns->lanes);
    turns->lane_count = lanes;
    turns->room = room;
    return turns;
}

void turns_free(struct turns *turns)
{
    for (int i = 0; i < turns->lane_count; i++)
        INVARIANT(!turns->lanes[i].first);
    free(turns);
}

/* Passes over the things of a round. False: the networks have had their turns in it. */
static bool pass_round(const struct turn **at, uint64_t round, const struct turn_origin *origin)
{
    static const int turns[TURN_LEVELS] = {1, 4, 16};
    int taken[TURN_LEVELS] = {0};
    bool has_turn = true;
    for (; *at && (*at)->round == round; *at = (*at)->next)
        for (int level = 0; level < TURN_LEVELS; level++)
            taken[level] += (*at)->origin.networks[level] == origin->networks[level];
    for (int level = 0; level < TURN_LEVELS; level++)
        has_turn = has_turn && taken[level] < turns[level];
    return has_turn;
}

/* Never the round that is under way: it would never end where new networks keep coming. */
static uint64_t round_for(const struct lane *lane, const struct turn_origin *origin)
{
    const struct turn *at = lane->first;
    uint64_t round = lane->round + 1;
    while (at && at->round < round)
        at = at->next;
    while (!pass_round(&at, round, origin))
        round++;
    return round;
}

static void lane_insert(struct lane *lane, struct turn *turn)
{
    struct turn **at = &lane->first;
    while (*at && (*at)->round <= turn->round)
        at = &(*at)->next;
    turn->next = *at;
    *at = turn;
    lane->count++;
}

static struct turn *lane_unlink(struct lane *lane, struct turn **at)
{
    struct turn *turn = *at;
    *at = turn->next;
    lane->count--;
    return turn;
}

/* NULL where nothing waits. */
static struct turn *lane_last(const struct lane *lane)
{
    struct turn *last = lane->first;
    while (last && last->next)
        last = last->next;
    return last;
}

static bool has_place(const struct turns *turns, const struct lane *lane, uint64_t round)
{
    const struct turn *last = lane_last(lane);
    return lane->count < turns->room || (last && round < last->round);
}

bool turns_are_full_for(const struct turns *turns, int lane, const struct turn_origin *origin)
{
    return !has_place(turns, &turns->lanes[lane], round_for(&turns->lanes[lane], origin));
}

bool turns_remove(struct turns *turns, struct turn *turn)
{
    struct lane *lane = &turns->lanes[turn->lane];
    for (struct turn **at = &lane->first; *at; at = &(*at)->next)
        if (*at == turn) {
            lane_unlink(lane, at);
            return true;
        }
    return false;
}

struct turn *turns_add(struct turns *turns, struct turn *turn)
{
    struct lane *lane = &turns->lanes[turn->lane];
    turn->round = round_for(lane, &turn->origin);
    if (!has_place(turns, lane, turn->round))
        return turn;
    struct turn *displaced = lane->count < turns->room ? NULL : lane_last(lane);
    if (displaced)
        turns_remove(turns, displaced);
    lane_insert(lane, turn);
    return displaced;
}

struct turn *turns_take(struct turns *turns)
{
    for (int i = 1; i <= turns->lane_count; i++) {
        int next = (turns->latest + i) % turns->lane_count;
        struct lane *lane = &turns->lanes[next];
        if (!lane->first)
            continue;
        turns->latest = next;
        lane->round = lane->first->round;
        return lane_unlink(lane, &lane->first);
    }
    return NULL;
}
