/* A stranger's program on the installed stack: only public headers, only what the package names. A
 * waker is woken and its event comes back from a wait. */
#include <wb/event.h>
#include <wb/poll.h>
#include <wb/status.h>
#include <wb/sys_linux.h>
#include <wb/waker.h>

#include <stdio.h>

static enum wb_status wake_and_wait(
    struct wb_poll *poll, struct wb_events *events, struct wb_waker *waker) {
    enum wb_status status = wb_waker_init(waker, wb_poll_registry(poll), 7);
    if (status != WB_OK) {
        return status;
    }
    status = wb_waker_wake(waker);
    if (status != WB_OK) {
        return status;
    }
    return wb_poll_wait(poll, events, WB_TIMEOUT_INFINITE);
}

int main(void) {
    const struct wb_sys *sys = wb_sys_linux();
    struct wb_poll poll = {0};
    struct wb_events events = {0};
    struct wb_waker waker = {0};
    enum wb_status status = wb_poll_init(&poll, sys);
    if (status == WB_OK) {
        status = wb_events_init(&events, sys, 4);
    }
    if (status == WB_OK) {
        status = wake_and_wait(&poll, &events, &waker);
    }
    uint32_t count = status == WB_OK ? wb_events_count(&events) : 0;
    printf("%s, %u event\n", wb_status_name(status), (unsigned)count);
    wb_waker_clean_up(&waker);
    wb_events_clean_up(&events);
    wb_poll_clean_up(&poll);
    return count == 1 ? 0 : 1;
}
