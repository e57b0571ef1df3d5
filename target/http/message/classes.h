/* Which bytes may stand where, as a table of bits for each byte. */
#ifndef HTTP_MESSAGE_CLASSES_H
#define HTTP_MESSAGE_CLASSES_H

#include <stddef.h>
#include <stdint.h>

enum {
    WB__CLASS_TOKEN = 1,     /* RFC 9110 section 5.6.2 */
    WB__CLASS_TEXT = 2,      /* of a field's value: HTAB, SP, visible, and beyond ASCII */
    WB__CLASS_TARGET = 4,    /* of a request's target: visible ASCII but the number sign */
    WB__CLASS_REG_NAME = 8,  /* of a host: RFC 3986 section 3.2.2, escapes included */
    WB__CLASS_SCHEME = 16,   /* RFC 3986 section 3.1, behind the first letter */
    WB__CLASS_USERINFO = 32, /* as a host, and the colon */
};

extern const uint8_t wb__http_classes[256];

static inline int wb__is_class(uint8_t byte, unsigned class_bits) {
    return (wb__http_classes[byte] & class_bits) != 0;
}

/* How many bytes at the front are of the class. */
static inline size_t wb__class_run(const uint8_t *bytes, size_t len, unsigned class_bits) {
    size_t run = 0;
    while (run < len && wb__is_class(bytes[run], class_bits)) {
        run++;
    }
    return run;
}

/* Of a hexadecimal digit; -1: it is none. */
static inline int wb__hex_value(uint8_t byte) {
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    const uint8_t letter = byte | 0x20u;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

#endif
