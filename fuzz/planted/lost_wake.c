/* A planted bug for fuzz_kernel_fidelity: a wake-up without a key, as of an end, a reset or a
 * connection that stands, reaches nobody. epoll_wake is called by way of this (ld --wrap). */
#include <stdint.h>

struct sim_kernel;
struct registration;
void __real_epoll_wake(struct sim_kernel *kernel, struct registration *registration, uint32_t key);
void __wrap_epoll_wake(struct sim_kernel *kernel, struct registration *registration, uint32_t key);

void __wrap_epoll_wake(struct sim_kernel *kernel, struct registration *registration, uint32_t key) {
    if (key != 0) {
        __real_epoll_wake(kernel, registration, key);
    }
}
