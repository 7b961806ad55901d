#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Arguments must be strings: a number would be changed in place by lua_tolstring.
static const char *checked_text(lua_State *L, int argument, size_t *length) {
    luaL_checktype(L, argument, LUA_TSTRING);
    return lua_tolstring(L, argument, length);
}

static int text_len(lua_State *L) {
    size_t length = 0;
    checked_text(L, 1, &length);
    lua_pushinteger(L, (lua_Integer)length);
    return 1;
}

// A place as Lua counts them: from 1, or from the end if negative.
static lua_Integer place(lua_Integer position, size_t length) {
    if (position >= 0) return position;
    return -position > (lua_Integer)length ? 0 : (lua_Integer)length + position + 1;
}

static int text_sub(lua_State *L) {
    size_t length = 0;
    const char *text = checked_text(L, 1, &length);
    lua_Integer from = sandbox_check_integer(L, 2);
    lua_Integer to = sandbox_opt_integer(L, 3, -1);
    if (from < -(lua_Integer)length) from = 1;
    from = place(from, length);
    to = to < -(lua_Integer)length ? 0 : place(to, length);
    if (from < 1) from = 1;
    if (to > (lua_Integer)length) to = (lua_Integer)length;
    size_t taken = from > to ? 0 : (size_t)(to - from + 1);
    budget_charge_bytes(L, taken);
    lua_pushlstring(L, taken > 0 ? text + from - 1 : "", taken);
    return 1;
}

static int text_byte(lua_State *L) {
    size_t length = 0;
    const char *text = checked_text(L, 1, &length);
    lua_Integer from = sandbox_opt_integer(L, 2, 1);
    lua_Integer to = sandbox_opt_integer(L, 3, from);
    from = from < -(lua_Integer)length ? 1 : place(from, length);
    to = to < -(lua_Integer)length ? 0 : place(to, length);
    if (from < 1) from = 1;
    if (to > (lua_Integer)length) to = (lua_Integer)length;
    if (from > to) return 0;
    if (to - from >= UNPACK_LENGTH) {
        return luaL_error(L, "string.byte: more than %d bytes", (int)UNPACK_LENGTH);
    }
    int count = (int)(to - from + 1);
    budget_charge(L, count);
    luaL_checkstack(L, count, "string.byte");
    for (int i = 0; i < count; i++) lua_pushinteger(L, (unsigned char)text[from - 1 + i]);
    return count;
}

static int changed_case(lua_State *L, char first, char last, int shift) {
    size_t length = 0;
    const char *text = checked_text(L, 1, &length);
    if (length > POLICY_STRING_BYTES) {
        return luaL_error(L, "a string over %d bytes", (int)POLICY_STRING_BYTES);
    }
    budget_charge_bytes(L, length);
    char buffer[POLICY_STRING_BYTES];
    for (size_t i = 0; i < length; i++) {
        buffer[i] = text[i] >= first && text[i] <= last ? (char)(text[i] + shift) : text[i];
    }
    lua_pushlstring(L, buffer, length);
    return 1;
}

static int text_upper(lua_State *L) { return changed_case(L, 'a', 'z', 'A' - 'a'); }

static int text_lower(lua_State *L) { return changed_case(L, 'A', 'Z', 'a' - 'A'); }

enum { FORMAT_RESULT = 4096, FORMAT_ITEM = 512 };

// One conversion as written, such as `%-08.3`; the letter follows apart.
typedef struct {
    char text[16];
    size_t length;
} conversion;

static bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// Reads flags, at most two digits of width and of precision; returns where the letter is.
static const char *read_conversion(lua_State *L, const char *at, const char *end, conversion *found) {
    const char *start = at;
    int flags = 0;
    while (at < end && *at != 0 && strchr("-+ #0", *at) != NULL && flags < 5) {
        at++;
        flags++;
    }
    for (int digits = 0; at < end && is_digit(*at) && digits < 2; digits++) at++;
    if (at < end && *at == '.') {
        at++;
        for (int digits = 0; at < end && is_digit(*at) && digits < 2; digits++) at++;
    }
    if (at >= end) luaL_error(L, "string.format: the format ends within a conversion");
    found->text[0] = '%';
    memcpy(found->text + 1, start, (size_t)(at - start));
    found->length = 1 + (size_t)(at - start);
    return at;
}

static int put_number(lua_State *L, conversion *found, char letter, int argument, char *out) {
    if (strchr("dixX", letter) != NULL) {
        memcpy(found->text + found->length, "ll", 2);
        found->text[found->length + 2] = letter;
        found->text[found->length + 3] = 0;
        return snprintf(out, FORMAT_ITEM, found->text, (long long)sandbox_check_integer(L, argument));
    }
    double value = sandbox_check_number(L, argument);
    if (isnan(value)) value = fabs(value);
    found->text[found->length] = letter;
    found->text[found->length + 1] = 0;
    return snprintf(out, FORMAT_ITEM, found->text, value);
}

typedef struct {
    char bytes[FORMAT_RESULT];
    size_t length;
} format_result;

static void add(lua_State *L, format_result *result, const char *bytes, size_t length) {
    if (length > FORMAT_RESULT - result->length) {
        luaL_error(L, "string.format: the result is over %d bytes", (int)FORMAT_RESULT);
    }
    memcpy(result->bytes + result->length, bytes, length);
    result->length += length;
}

static void add_text(lua_State *L, format_result *result, conversion *found, int argument) {
    luaL_checkany(L, argument);
    sandbox_push_scalar_text(L, argument, "string.format");
    size_t length = 0;
    const char *text = lua_tolstring(L, -1, &length);
    if (found->length == 1) {
        add(L, result, text, length);
    } else {
        char item[FORMAT_ITEM];
        if (length >= 100 || strlen(text) != length) {
            luaL_error(L, "string.format: text with a width must be under 100 bytes, without zero bytes");
        }
        found->text[found->length] = 's';
        found->text[found->length + 1] = 0;
        int written = snprintf(item, sizeof item, found->text, text);
        add(L, result, item, (size_t)written);
    }
    lua_pop(L, 1);
}

static int text_format(lua_State *L) {
    size_t length = 0;
    const char *at = checked_text(L, 1, &length);
    const char *end = at + length;
    budget_charge_bytes(L, length);
    format_result result;
    result.length = 0;
    int argument = 1;
    while (at < end) {
        if (*at != '%') {
            add(L, &result, at++, 1);
            continue;
        }
        conversion found;
        budget_charge(L, FUEL_PER_CONVERSION);
        at = read_conversion(L, at + 1, end, &found);
        char letter = *at++;
        if (letter == '%' && found.length == 1) {
            add(L, &result, "%", 1);
        } else if (letter == 's') {
            add_text(L, &result, &found, ++argument);
        } else if (letter != 0 && strchr("dixXeEfgG", letter) != NULL) {
            char item[FORMAT_ITEM];
            int written = put_number(L, &found, letter, ++argument, item);
            if (written < 0 || written >= FORMAT_ITEM) {
                return luaL_error(L, "string.format: a number is too long");
            }
            // The C library's work on a long number grows with the square of its digits.
            if (written > 32) budget_charge(L, (int64_t)written * written / 64);
            add(L, &result, item, (size_t)written);
        } else {
            return luaL_error(L, "string.format: only %%d %%i %%x %%X %%e %%E %%f %%g %%G %%s %%%%");
        }
    }
    budget_charge_bytes(L, result.length);
    lua_pushlstring(L, result.bytes, result.length);
    return 1;
}

const luaL_Reg sandbox_text_functions[] = {
    {"byte", text_byte}, {"format", text_format}, {"len", text_len}, {"lower", text_lower},
    {"sub", text_sub},   {"upper", text_upper},   {NULL, NULL},
};
