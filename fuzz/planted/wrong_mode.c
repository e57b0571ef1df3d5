/* A planted bug for fuzz_reactor_ops: a source that is registered again for edges is registered for
 * levels. wb_registry_reregister is called by way of this (ld --wrap). */
#include "wb/poll.h"

enum wb_status __real_wb_registry_reregister(const struct wb_registry *registry,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);
enum wb_status __wrap_wb_registry_reregister(const struct wb_registry *registry,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);

enum wb_status __wrap_wb_registry_reregister(const struct wb_registry *registry,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    return __real_wb_registry_reregister(
        registry, source, token, interest, trigger == WB_TRIGGER_EDGE ? WB_TRIGGER_LEVEL : trigger);
}
