#include "internal.h"

#include <string.h>

static lua_Integer checked_length(lua_State *L, int table, const char *function) {
    lua_Unsigned length = lua_rawlen(L, table);
    if (length > SEQUENCE_LENGTH) {
        luaL_error(L, "%s: more than %d items", function, (int)SEQUENCE_LENGTH);
    }
    return (lua_Integer)length;
}

static int table_insert(lua_State *L) {
    sandbox_check_plain_table(L, 1, "table.insert");
    if (lua_gettop(L) != 2) return luaL_error(L, "table.insert: only (table, value), at the end");
    budget_charge(L, 1);
    lua_Unsigned length = lua_rawlen(L, 1);
    lua_rawseti(L, 1, (lua_Integer)length + 1);
    return 0;
}

static int table_unpack(lua_State *L) {
    sandbox_check_plain_table(L, 1, "table.unpack");
    lua_Integer from = sandbox_opt_integer(L, 2, 1);
    lua_Integer to = lua_isnoneornil(L, 3) ? (lua_Integer)lua_rawlen(L, 1) : sandbox_check_integer(L, 3);
    if (from > to) return 0;
    lua_Unsigned count = (lua_Unsigned)to - (lua_Unsigned)from;
    if (count >= UNPACK_LENGTH) return luaL_error(L, "table.unpack: more than %d items", (int)UNPACK_LENGTH);
    count += 1;
    budget_charge(L, (int64_t)count);
    luaL_checkstack(L, (int)count, "table.unpack");
    for (lua_Unsigned i = 0; i < count; i++) lua_rawgeti(L, 1, (lua_Integer)((lua_Unsigned)from + i));
    return (int)count;
}

// Copies the parts to one buffer whose size is bounded before it is made.
static int table_concat(lua_State *L) {
    sandbox_check_plain_table(L, 1, "table.concat");
    size_t gap = 0;
    const char *separator = luaL_optlstring(L, 2, "", &gap);
    lua_Integer first = sandbox_opt_integer(L, 3, 1);
    lua_Integer last = lua_isnoneornil(L, 4) ? (lua_Integer)lua_rawlen(L, 1) : sandbox_check_integer(L, 4);
    if (first > last) {
        lua_pushliteral(L, "");
        return 1;
    }
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= SEQUENCE_LENGTH) {
        return luaL_error(L, "table.concat: more than %d items", (int)SEQUENCE_LENGTH);
    }
    budget_charge(L, (int64_t)count + 1);
    char buffer[POLICY_STRING_BYTES];
    size_t used = 0;
    for (lua_Unsigned i = 0; i <= count; i++) {
        int type = lua_rawgeti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
        if (type != LUA_TSTRING && type != LUA_TNUMBER) {
            return luaL_error(L, "table.concat: an item is a %s", lua_typename(L, type));
        }
        if (lua_type(L, -1) == LUA_TNUMBER) budget_charge(L, FUEL_PER_CONVERSION);
        sandbox_push_scalar_text(L, -1, "table.concat");
        size_t length = 0;
        const char *text = lua_tolstring(L, -1, &length);
        size_t lead = i == 0 ? 0 : gap;
        if (lead > sizeof buffer - used || length > sizeof buffer - used - lead) {
            return luaL_error(L, "table.concat: the result is over %d bytes", (int)POLICY_STRING_BYTES);
        }
        memcpy(buffer + used, separator, lead);
        memcpy(buffer + used + lead, text, length);
        used += lead + length;
        lua_pop(L, 2);
    }
    budget_charge_bytes(L, used);
    lua_pushlstring(L, buffer, used);
    return 1;
}

enum { SORT_TABLE = 1, SORT_COMPARE = 2, SORT_FROM = 3, SORT_TO = 4 };

// Whether the item at `right` must come before the one at `left`.
static bool comes_before(lua_State *L, lua_Integer right, lua_Integer left) {
    budget_charge(L, 2);
    bool before;
    if (lua_isnil(L, SORT_COMPARE)) {
        int type = lua_rawgeti(L, SORT_FROM, right);
        if (type != lua_rawgeti(L, SORT_FROM, left) || (type != LUA_TNUMBER && type != LUA_TSTRING)) {
            luaL_error(L, "table.sort: items must be all numbers or all strings");
        }
        if (type == LUA_TSTRING) budget_charge_bytes(L, lua_rawlen(L, -1));
        before = lua_compare(L, -2, -1, LUA_OPLT);
        lua_pop(L, 2);
    } else {
        lua_pushvalue(L, SORT_COMPARE);
        lua_rawgeti(L, SORT_FROM, right);
        lua_rawgeti(L, SORT_FROM, left);
        lua_call(L, 2, 1);
        before = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    return before;
}

static void merge(lua_State *L, lua_Integer low, lua_Integer middle, lua_Integer high) {
    lua_Integer left = low;
    lua_Integer right = middle;
    for (lua_Integer to = low; to < high; to++) {
        bool take_right = left >= middle || (right < high && comes_before(L, right, left));
        lua_rawgeti(L, SORT_FROM, take_right ? right++ : left++);
        lua_rawseti(L, SORT_TO, to);
    }
}

static void copy_items(lua_State *L, int from, int to, lua_Integer length) {
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, to, i);
    }
}

// A stable merge sort over a copy: a comparator that lies or writes to the table can do no harm.
static int table_sort(lua_State *L) {
    sandbox_check_plain_table(L, 1, "table.sort");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_Integer length = checked_length(L, 1, "table.sort");
    lua_settop(L, 2);
    budget_charge(L, 2 * (int64_t)length + 1);
    lua_createtable(L, (int)length, 0);
    lua_createtable(L, (int)length, 0);
    copy_items(L, SORT_TABLE, SORT_FROM, length);
    for (lua_Integer width = 1; width < length; width *= 2) {
        budget_charge(L, (int64_t)length);
        for (lua_Integer low = 1; low <= length; low += 2 * width) {
            lua_Integer middle = low + width <= length ? low + width : length + 1;
            lua_Integer high = low + 2 * width <= length ? low + 2 * width : length + 1;
            merge(L, low, middle, high);
        }
        lua_pushvalue(L, SORT_FROM);
        lua_pushvalue(L, SORT_TO);
        lua_replace(L, SORT_FROM);
        lua_replace(L, SORT_TO);
    }
    copy_items(L, SORT_FROM, SORT_TABLE, length);
    return 0;
}

const luaL_Reg sandbox_table_functions[] = {
    {"concat", table_concat}, {"insert", table_insert}, {"sort", table_sort},
    {"unpack", table_unpack}, {NULL, NULL},
};
