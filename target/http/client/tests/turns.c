/* See turns.h. */
#include "turns.h"

#include "http/client/pool.h"

#include <string.h>

enum { LOCKS_MAX = 4 };

static struct {
    const void *words[LOCKS_MAX];
    int word_count;
    const struct wb_future *during;
    int moment; /* how many entries until then; 0: they came */
    int held;   /* locks */
    void (*act)(void);
} others;

static void watch(const struct wb__lock *lock) {
    assert_true(others.word_count < LOCKS_MAX);
    others.words[others.word_count++] = &lock->word;
}

void turns_forget(void) {
    memset(&others, 0, sizeof others);
}

void turns_watch_connection(const struct wb__h1_client *client) {
    turns_forget();
    watch(&client->lock);
    watch(&client->outgoing.lock);
}

void turns_watch_pool(struct wb__http_pool *pool) {
    struct wb__wait_link *first = pool->shared.idle.next;
    assert_ptr_not_equal(first, &pool->shared.idle);
    turns_watch_connection(WB_FUTURE_OF(first, struct wb__pooled, link)->client);
    watch(&pool->lock);
}

void turns_let_act(const struct wb_future *during, int moment, void (*act)(void)) {
    others.during = during;
    others.moment = moment;
    others.act = act;
}

bool turns_came(void) {
    return others.moment == 0;
}

static bool is_watched(const void *object) {
    bool is_watched = false;
    for (int i = 0; i < others.word_count; i++) {
        is_watched = is_watched || others.words[i] == object;
    }
    return is_watched;
}

static bool is_their_turn(void) {
    return others.held == 0 && others.moment != 0 && lab.polled == others.during
           && --others.moment == 0;
}

/* Called before a lock is entered and before it is left; nobody contends, so that its word tells
 * which. */
static void interleave(void *self, const void *object) {
    (void)self;
    if (!is_watched(object)) {
        return;
    }
    if (*(const uintptr_t *)object != WB__LOCK_FREE) {
        others.held--;
        return;
    }
    if (is_their_turn()) {
        others.act();
    }
    others.held++;
}

void turns_begin(void) {
    turns_forget();
    stage.world->ops.interleave = interleave;
}
