/* Fields that are owned: one growing text, and where in it each of them stands. */
#include "wb/http.h"
#include "wb/http_fields.h"

#include <assert.h>
#include <string.h>

enum { ITEMS_FIRST = 16, NAME_LEN_MAX = UINT16_MAX };

void wb_http_field_list_init(struct wb_http_field_list *list, const struct wb_sys *sys,
    uint32_t count_max, uint32_t text_len_max) {
    assert(text_len_max <= INT32_MAX && count_max <= INT32_MAX);
    *list = (struct wb_http_field_list){.text = wb_bytes_mut_new(sys),
        .count_max = count_max != 0 ? count_max : (uint32_t)WB_HTTP_FIELDS_MAX,
        .text_len_max = text_len_max != 0 ? text_len_max : (uint32_t)WB_HTTP_FIELDS_LEN_MAX};
}

void wb_http_field_list_clean_up(struct wb_http_field_list *list) {
    if (list == NULL) {
        return;
    }
    const struct wb_sys *sys = list->text.sys;
    WB_SYS(sys, free, list->items, list->capacity * sizeof(*list->items));
    wb_bytes_mut_release(&list->text);
    wb_http_field_list_init(list, sys, list->count_max, list->text_len_max);
}

static enum wb_status make_room(struct wb_http_field_list *list) {
    if (list->count < list->capacity) {
        return WB_OK;
    }
    uint32_t capacity = list->capacity == 0 ? (uint32_t)ITEMS_FIRST : list->capacity * 2;
    const size_t item_size = sizeof(*list->items);
    void *items = WB_SYS(
        list->text.sys, resize, list->items, list->capacity * item_size, capacity * item_size);
    if (items == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    list->items = items;
    list->capacity = capacity;
    return WB_OK;
}

/* What lies in the text would be gone when the text grows. */
static bool lies_in(const struct wb_bytes_mut *text, struct wb_bytes bytes) {
    uintptr_t begin = (uintptr_t)text->ptr;
    uintptr_t at = (uintptr_t)bytes.ptr;
    return bytes.len != 0 && at >= begin && at - begin < text->len;
}

enum wb_status wb_http_field_list_add(
    struct wb_http_field_list *list, struct wb_bytes name, struct wb_bytes value) {
    assert(!lies_in(&list->text, name) && !lies_in(&list->text, value));
    value = wb_http_trim(value);
    if (!wb_http_is_token(name) || !wb_http_is_text(value)) {
        return WB_ERR_INVALID;
    }
    if (list->count >= list->count_max || name.len > NAME_LEN_MAX
        || name.len + value.len > list->text_len_max - list->text.len) {
        return WB_ERR_LIMIT;
    }
    enum wb_status status = make_room(list);
    if (status == WB_OK) {
        status = wb_bytes_mut_reserve(&list->text, name.len + value.len);
    }
    if (status != WB_OK) {
        return status;
    }
    list->items[list->count++] = (struct wb_http_field){.name_at = (uint32_t)list->text.len,
        .value_at = (uint32_t)(list->text.len + name.len),
        .value_len = (uint32_t)value.len,
        .name_len = (uint16_t)name.len,
        .id = (uint8_t)wb_http_field_id_of(name)};
    size_t room;
    uint8_t *out = wb_bytes_mut_spare(&list->text, &room);
    assert(room >= name.len + value.len);
    memcpy(out, name.ptr, name.len);
    if (value.len != 0) {
        memcpy(out + name.len, value.ptr, value.len);
    }
    wb_bytes_mut_commit(&list->text, name.len + value.len);
    return WB_OK;
}

/* Removes those of that name among the first `count`; how many. */
static size_t remove_among(struct wb_http_field_list *list, struct wb_bytes name, uint32_t count) {
    struct wb_http_fields fields = wb_http_field_list_view(list);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fields.count; i++) {
        bool goes = i < count && wb_http_equal_nocase(wb_http_fields_name(fields, i), name);
        if (!goes) {
            list->items[kept++] = list->items[i];
        }
    }
    size_t removed = fields.count - kept;
    list->count = kept;
    return removed;
}

enum wb_status wb_http_field_list_set(
    struct wb_http_field_list *list, struct wb_bytes name, struct wb_bytes value) {
    uint32_t before = list->count;
    enum wb_status status = wb_http_field_list_add(list, name, value);
    if (status == WB_OK) {
        (void)remove_among(list, name, before);
    }
    return status;
}

size_t wb_http_field_list_remove(struct wb_http_field_list *list, struct wb_bytes name) {
    return remove_among(list, name, list->count);
}
