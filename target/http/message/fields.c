/* Looking at fields. */
#include "wb/http.h"
#include "wb/http_fields.h"

#include <assert.h>

struct wb_bytes wb_http_fields_name(struct wb_http_fields fields, size_t index) {
    assert(index < fields.count);
    const struct wb_http_field *field = &fields.items[index];
    return wb_bytes_from(fields.base + field->name_at, field->name_len);
}

struct wb_bytes wb_http_fields_value(struct wb_http_fields fields, size_t index) {
    assert(index < fields.count);
    const struct wb_http_field *field = &fields.items[index];
    return wb_bytes_from(fields.base + field->value_at, field->value_len);
}

size_t wb_http_fields_find_id(
    struct wb_http_fields fields, enum wb_http_field_id id, size_t start) {
    size_t index = start;
    while (index < fields.count && fields.items[index].id != id) {
        index++;
    }
    return index < fields.count ? index : fields.count;
}

size_t wb_http_fields_find(struct wb_http_fields fields, struct wb_bytes name, size_t start) {
    enum wb_http_field_id id = wb_http_field_id_of(name);
    if (id != WB_HTTP_FIELD_OTHER) {
        return wb_http_fields_find_id(fields, id, start);
    }
    for (size_t index = start; index < fields.count; index++) {
        if (wb_http_equal_nocase(wb_http_fields_name(fields, index), name)) {
            return index;
        }
    }
    return fields.count;
}

bool wb_http_fields_get(
    struct wb_http_fields fields, struct wb_bytes name, struct wb_bytes *out_value) {
    size_t index = wb_http_fields_find(fields, name, 0);
    if (index == fields.count) {
        return false;
    }
    *out_value = wb_http_fields_value(fields, index);
    return true;
}
