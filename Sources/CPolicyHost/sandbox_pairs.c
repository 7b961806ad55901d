#include "internal.h"

#include <stdlib.h>
#include <string.h>

int sandbox_compare_keys(const void *left, const void *right) {
    const host_key *a = left;
    const host_key *b = right;
    size_t shared = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->bytes, b->bytes, shared);
    if (order != 0) return order;
    return (a->length > b->length) - (a->length < b->length);
}

static int compare_integers(const void *left, const void *right) {
    lua_Integer a = *(const lua_Integer *)left;
    lua_Integer b = *(const lua_Integer *)right;
    return (a > b) - (a < b);
}

typedef struct {
    size_t integers;
    size_t texts;
} key_counts;

// Tables are walked in an order that differs between runs, so that of two complaints the one about the number of keys
// comes first, whatever was met first.
static key_counts count_keys(lua_State *L, int table) {
    key_counts counts = {0, 0};
    size_t others = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1)) {
            counts.integers++;
        } else if (lua_type(L, -1) == LUA_TSTRING) {
            counts.texts++;
        } else {
            others++;
        }
        size_t total = counts.integers + counts.texts + others;
        if (total > SEQUENCE_LENGTH) luaL_error(L, "pairs: more than %d keys", (int)SEQUENCE_LENGTH);
        if (total % WATCH_EVERY == 0) budget_watch(L);
    }
    if (others > 0) luaL_error(L, "pairs: only integers and strings have an order as keys");
    return counts;
}

// Pushes an array of the table's keys: integers ascending, then strings by bytes.
static void push_sorted_keys(lua_State *L, int table) {
    key_counts counts = count_keys(L, table);
    size_t total = counts.integers + counts.texts;
    // Sorting is charged by the key, at about what as many instructions take.
    budget_charge(L, (int64_t)total * 4 + 1);
    size_t bytes = counts.integers * sizeof(lua_Integer) + counts.texts * sizeof(host_key) + 1;
    lua_Integer *integers = lua_newuserdatauv(L, bytes, 0);
    host_key *texts = (host_key *)(integers + counts.integers);
    key_counts seen = {0, 0};
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if ((seen.integers + seen.texts) % WATCH_EVERY == 0) budget_watch(L);
        if (lua_isinteger(L, -1)) {
            integers[seen.integers++] = lua_tointeger(L, -1);
        } else {
            // The table keeps its keys alive until all are copied below.
            host_key *key = &texts[seen.texts++];
            key->bytes = lua_tolstring(L, -1, &key->length);
        }
    }
    qsort(integers, counts.integers, sizeof *integers, compare_integers);
    qsort(texts, counts.texts, sizeof *texts, sandbox_compare_keys);
    lua_createtable(L, (int)total, 0);
    lua_Integer at = 0;
    for (size_t i = 0; i < counts.integers; i++) {
        lua_pushinteger(L, integers[i]);
        lua_rawseti(L, -2, ++at);
    }
    for (size_t i = 0; i < counts.texts; i++) {
        lua_pushlstring(L, texts[i].bytes, texts[i].length);
        lua_rawseti(L, -2, ++at);
    }
    lua_remove(L, -2);
}

// Upvalues: the table, its sorted keys, the place reached. Keys removed on the way are passed over.
static int next_pair(lua_State *L) {
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        at++;
        if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) break;
        lua_pop(L, 2);
        budget_charge(L, 1);
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

int sandbox_pairs(lua_State *L) {
    sandbox_check_plain_table(L, 1, "pairs");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    push_sorted_keys(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_pair, 3);
    return 1;
}

static int next_item(lua_State *L) {
    lua_Integer at = luaL_checkinteger(L, 2);
    at = (lua_Integer)((lua_Unsigned)at + 1u);
    lua_pushinteger(L, at);
    luaL_checktype(L, 1, LUA_TTABLE);
    return lua_rawgeti(L, 1, at) == LUA_TNIL ? 1 : 2;
}

int sandbox_ipairs(lua_State *L) {
    sandbox_check_plain_table(L, 1, "ipairs");
    lua_pushcfunction(L, next_item);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}
