#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The encoding, canonical: one byte of kind, then
//   'F' 'T'              booleans
//   'I' 8 bytes          integer, little-endian two's complement
//   'D' 8 bytes          float by its bits, little-endian
//   'S' u32 bytes        string
//   '{' u32 n, u32 k     table: n values at 1..n, then k pairs of u32 bytes and value, by bytes
// A state is one table.

typedef struct {
    lua_State *lua;
    policy_host *host;
    size_t used;
    size_t nodes;
    size_t keys;
} encoder;

static void put(encoder *to, const void *bytes, size_t length) {
    if (length > POLICY_STATE_BYTES - to->used) {
        host_refuse(to->lua, POLICY_STATE, "the state is over %d bytes", (int)POLICY_STATE_BYTES);
    }
    memcpy(to->host->state + to->used, bytes, length);
    to->used += length;
}

static void put_byte(encoder *to, char byte) { put(to, &byte, 1); }

static void put_u32(encoder *to, uint32_t value) {
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    put(to, bytes, sizeof bytes);
}

static void put_u64(encoder *to, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    put(to, bytes, sizeof bytes);
}

static void put_text(encoder *to, const char *bytes, size_t length) {
    put_u32(to, (uint32_t)length);
    put(to, bytes, length);
}

static void encode_value(encoder *to, int index, int depth);

// Collects the string keys behind those of the tables that hold this one, and counts the integer keys.
static size_t collect_keys(encoder *to, int table) {
    lua_State *L = to->lua;
    size_t positions = 0;
    size_t others = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        // Too many is told before wrong kinds: which of them is met first differs between runs.
        if (positions + others + to->keys >= POLICY_STATE_NODES) {
            host_refuse(L, POLICY_STATE, "the state has more than %d nodes", (int)POLICY_STATE_NODES);
        }
        if ((positions + others + to->keys) % WATCH_EVERY == 0) budget_watch(L);
        if (lua_isinteger(L, -1)) {
            positions++;
        } else if (lua_type(L, -1) == LUA_TSTRING) {
            host_key *key = &to->host->keys[to->keys++];
            key->bytes = lua_tolstring(L, -1, &key->length);
        } else {
            others++;
        }
    }
    if (others > 0) {
        host_refuse(L, POLICY_STATE, "the state has a key that is neither text nor an array position");
    }
    return positions;
}

static void encode_table(encoder *to, int table, int depth) {
    lua_State *L = to->lua;
    if (depth > POLICY_STATE_DEPTH) {
        host_refuse(L, POLICY_STATE, "the state is nested deeper than %d", (int)POLICY_STATE_DEPTH);
    }
    if (lua_getmetatable(L, table)) host_refuse(L, POLICY_STATE, "the state holds a table with a metatable");
    size_t first = to->keys;
    size_t positions = collect_keys(to, table);
    size_t count = to->keys - first;
    qsort(to->host->keys + first, count, sizeof *to->host->keys, sandbox_compare_keys);
    put_byte(to, '{');
    put_u32(to, (uint32_t)positions);
    put_u32(to, (uint32_t)count);
    for (size_t i = 1; i <= positions; i++) {
        // As many integer keys as the array is long, all found: nothing lies outside it.
        if (lua_rawgeti(L, table, (lua_Integer)i) == LUA_TNIL) {
            host_refuse(L, POLICY_STATE, "the state has an array with a hole or a key outside 1..n");
        }
        encode_value(to, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
    }
    for (size_t i = first; i < first + count; i++) {
        host_key key = to->host->keys[i];
        put_text(to, key.bytes, key.length);
        lua_pushlstring(L, key.bytes, key.length);
        lua_rawget(L, table);
        encode_value(to, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
    }
    to->keys = first;
}

static void encode_number(encoder *to, int index) {
    if (lua_isinteger(to->lua, index)) {
        put_byte(to, 'I');
        put_u64(to, (uint64_t)lua_tointeger(to->lua, index));
        return;
    }
    double number = lua_tonumber(to->lua, index);
    // The bits of a NaN differ between processors, and nothing can be decided with one.
    if (isnan(number)) host_refuse(to->lua, POLICY_STATE, "the state holds a number that is not a number");
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_byte(to, 'D');
    put_u64(to, bits);
}

static void encode_value(encoder *to, int index, int depth) {
    lua_State *L = to->lua;
    if (++to->nodes > POLICY_STATE_NODES) {
        host_refuse(L, POLICY_STATE, "the state has more than %d nodes", (int)POLICY_STATE_NODES);
    }
    luaL_checkstack(L, 8, "no stack");
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        put_byte(to, lua_toboolean(L, index) ? 'T' : 'F');
        break;
    case LUA_TNUMBER:
        encode_number(to, index);
        break;
    case LUA_TSTRING: {
        size_t length = 0;
        const char *bytes = lua_tolstring(L, index, &length);
        put_byte(to, 'S');
        put_text(to, bytes, length);
        break;
    }
    case LUA_TTABLE:
        encode_table(to, index, depth);
        break;
    default:
        host_refuse(L, POLICY_STATE, "the state holds a %s; only tables, numbers, text and booleans are data",
                    luaL_typename(L, index));
    }
}

void state_encode(lua_State *L, int index, policy_host *host) {
    encoder to = {L, host, 0, 0, 0};
    if (lua_type(L, index) != LUA_TTABLE) {
        host_refuse(L, POLICY_STATE, "the state is a %s; it must be a table", luaL_typename(L, index));
    }
    encode_value(&to, index, 1);
    host->outcome.state_length = to.used;
}

// Reads what may have been damaged on its way; any step past the end makes `sound` false and yields nothing
// more.
typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t at;
    size_t nodes;
    bool sound;
} reader;

static uint8_t take_byte(reader *from) {
    if (!from->sound || from->at >= from->length) {
        from->sound = false;
        return 0;
    }
    return from->bytes[from->at++];
}

static uint64_t take_number(reader *from, int size) {
    uint64_t value = 0;
    for (int i = 0; i < size; i++) value |= (uint64_t)take_byte(from) << (8 * i);
    return value;
}

static host_key take_text(reader *from) {
    host_key text = {"", 0};
    size_t length = (size_t)take_number(from, 4);
    if (!from->sound || length > from->length - from->at) {
        from->sound = false;
        return text;
    }
    text.bytes = (const char *)from->bytes + from->at;
    text.length = length;
    from->at += length;
    return text;
}

static void read_value(reader *from, lua_State *L, int depth);

// With no `L` the bytes are only checked.
static void read_table(reader *from, lua_State *L, int depth) {
    size_t positions = (size_t)take_number(from, 4);
    size_t count = (size_t)take_number(from, 4);
    if (depth > POLICY_STATE_DEPTH || positions + count > POLICY_STATE_NODES) from->sound = false;
    if (!from->sound) return;
    if (L != NULL) lua_createtable(L, (int)positions, (int)count);
    for (size_t i = 1; i <= positions && from->sound; i++) {
        read_value(from, L, depth + 1);
        if (L != NULL) lua_rawseti(L, -2, (lua_Integer)i);
    }
    host_key last = {NULL, 0};
    for (size_t i = 0; i < count && from->sound; i++) {
        host_key key = take_text(from);
        if (last.bytes != NULL && sandbox_compare_keys(&last, &key) >= 0) from->sound = false;
        last = key;
        if (L != NULL) lua_pushlstring(L, key.bytes, key.length);
        read_value(from, L, depth + 1);
        if (L != NULL) lua_rawset(L, -3);
    }
}

static void read_double(reader *from, lua_State *L) {
    uint64_t bits = take_number(from, 8);
    double number;
    memcpy(&number, &bits, sizeof number);
    if (isnan(number)) from->sound = false;
    if (L != NULL) lua_pushnumber(L, number);
}

static void read_value(reader *from, lua_State *L, int depth) {
    if (++from->nodes > POLICY_STATE_NODES) from->sound = false;
    if (L != NULL) luaL_checkstack(L, 8, "no stack");
    uint8_t kind = take_byte(from);
    host_key text;
    switch (kind) {
    case 'T':
    case 'F':
        if (L != NULL) lua_pushboolean(L, kind == 'T');
        break;
    case 'I':
        if (L != NULL) {
            lua_pushinteger(L, (lua_Integer)take_number(from, 8));
        } else {
            take_number(from, 8);
        }
        break;
    case 'D':
        read_double(from, L);
        break;
    case 'S':
        text = take_text(from);
        if (L != NULL) lua_pushlstring(L, text.bytes, text.length);
        break;
    case '{':
        read_table(from, L, depth);
        break;
    default:
        from->sound = false;
    }
}

bool policy_state_is_sound(const uint8_t *bytes, size_t length) {
    reader from = {bytes, length, 0, 0, length > 0 && length <= POLICY_STATE_BYTES && bytes[0] == '{'};
    read_value(&from, NULL, 1);
    return from.sound && from.at == length;
}

void state_push(lua_State *L, const uint8_t *bytes, size_t length) {
    if (!policy_state_is_sound(bytes, length)) {
        host_refuse(L, POLICY_STATE, "the kept state is damaged");
    }
    reader from = {bytes, length, 0, 0, true};
    read_value(&from, L, 1);
}
