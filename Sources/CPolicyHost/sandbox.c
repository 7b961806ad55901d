#include "internal.h"

#include <lualib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char environment_key = 0;

bool sandbox_is_plain_table(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return false;
    if (!lua_getmetatable(L, index)) return true;
    lua_pop(L, 1);
    return false;
}

// A raw write into one of the sandbox's own tables would outlive the tick; those carry a metatable, a
// policy's never do.
int sandbox_check_plain_table(lua_State *L, int argument, const char *function) {
    luaL_checktype(L, argument, LUA_TTABLE);
    if (!sandbox_is_plain_table(L, argument)) {
        return luaL_error(L, "%s: the sandbox's own tables cannot be used here", function);
    }
    return 0;
}

lua_Integer sandbox_check_integer(lua_State *L, int argument) {
    luaL_checktype(L, argument, LUA_TNUMBER);
    return luaL_checkinteger(L, argument);
}

lua_Integer sandbox_opt_integer(lua_State *L, int argument, lua_Integer otherwise) {
    return lua_isnoneornil(L, argument) ? otherwise : sandbox_check_integer(L, argument);
}

lua_Number sandbox_check_number(lua_State *L, int argument) {
    luaL_checktype(L, argument, LUA_TNUMBER);
    return lua_tonumber(L, argument);
}

static int refuse_write(lua_State *L) {
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return luaL_error(L, "assignment to the global or library field `%s`", name);
}

static int refuse_read(lua_State *L) {
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return luaL_error(L, "there is no global `%s`", name);
}

// Replaces the table on top by a proxy that reads through to it and refuses writes.
static void guard_table(lua_State *L) {
    lua_createtable(L, 0, 0);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

void sandbox_add_functions(lua_State *L, const luaL_Reg *functions) {
    for (const luaL_Reg *entry = functions; entry->name != NULL; entry++) {
        lua_pushcfunction(L, entry->func);
        lua_setfield(L, -2, entry->name);
    }
}

static int base_type(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

void sandbox_push_scalar_text(lua_State *L, int index, const char *function) {
    char text[64];
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        return;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        return;
    case LUA_TNUMBER:
        // The sign of a NaN differs between processors.
        if (!lua_isinteger(L, index) && isnan(lua_tonumber(L, index))) {
            lua_pushliteral(L, "nan");
            return;
        }
        lua_pushvalue(L, index);
        lua_tolstring(L, -1, NULL);
        return;
    default:
        snprintf(text, sizeof text, "%s: a %s has no text", function, luaL_typename(L, index));
        luaL_error(L, "%s", text);
    }
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    sandbox_push_scalar_text(L, 1, "tostring");
    return 1;
}

static int digit_value(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'Z') return letter - 'A' + 10;
    return 99;
}

static int number_in_radix(lua_State *L, lua_Integer radix) {
    size_t length = 0;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *text = lua_tolstring(L, 1, &length);
    luaL_argcheck(L, radix >= 2 && radix <= 36, 2, "base out of range");
    bool negative = length > 0 && text[0] == '-';
    size_t at = negative ? 1 : 0;
    lua_Unsigned value = 0;
    bool sound = at < length && length <= 70;
    for (; sound && at < length; at++) {
        int digit = digit_value(text[at]);
        sound = digit < radix;
        value = value * (lua_Unsigned)radix + (lua_Unsigned)digit;
    }
    if (!sound) {
        lua_pushnil(L);
    } else {
        lua_pushinteger(L, (lua_Integer)(negative ? 0u - value : value));
    }
    return 1;
}

static int base_tonumber(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_isnoneornil(L, 2)) return number_in_radix(L, sandbox_check_integer(L, 2));
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_settop(L, 1);
        return 1;
    }
    size_t length = 0;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
    if (length > 32) budget_charge(L, (int64_t)length);
    if (text == NULL || length > 200 || lua_stringtonumber(L, text) != length + 1) lua_pushnil(L);
    return 1;
}

static int base_error(lua_State *L) {
    lua_Integer level = sandbox_opt_integer(L, 2, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level < CALL_DEPTH) {
        luaL_where(L, (int)level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int base_assert(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1)) return lua_gettop(L);
    if (lua_gettop(L) < 2) return luaL_error(L, "assertion failed!");
    lua_settop(L, 2);
    return lua_error(L);
}

static int base_select(lua_State *L) {
    int count = lua_gettop(L);
    if (lua_type(L, 1) == LUA_TSTRING && lua_rawlen(L, 1) == 1 && *lua_tostring(L, 1) == '#') {
        lua_pushinteger(L, count - 1);
        return 1;
    }
    lua_Integer from = sandbox_check_integer(L, 1);
    if (from < 0) from = count + from;
    luaL_argcheck(L, from >= 1, 1, "index out of range");
    return from >= count ? 0 : count - (int)from;
}

static int base_log(lua_State *L) {
    policy_host *host = host_of(L);
    luaL_checkany(L, 1);
    sandbox_push_scalar_text(L, 1, "log");
    size_t length = 0;
    const char *text = lua_tolstring(L, -1, &length);
    if (length > POLICY_LOG_BYTES) length = POLICY_LOG_BYTES;
    budget_charge_bytes(L, length);
    if (host->log_count == POLICY_LOG_LINES) {
        host->log_dropped += 1;
        return 0;
    }
    policy_text line = host_keep(L, text, length);
    host->log[host->log_count++] = line;
    return 0;
}

static int base_require(lua_State *L) {
    policy_host *host = host_of(L);
    luaL_checktype(L, 1, LUA_TSTRING);
    size_t length = 0;
    const char *name = lua_tolstring(L, 1, &length);
    for (size_t i = 1; i < host->source_count; i++) {
        host_source *source = &host->sources[i];
        if (strlen(source->module) != length || memcmp(source->module, name, length) != 0) continue;
        if (source->running) return luaL_error(L, "require: `%s` requires itself", source->module);
        host_push_module_cache(L);
        if (lua_rawgeti(L, -1, (lua_Integer)i) != LUA_TNIL) return 1;
        lua_pop(L, 1);
        source->running = true;
        host_run_source(L, i);
        source->running = false;
        if (lua_isnil(L, -1)) return luaL_error(L, "require: `%s` returns nothing", source->module);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)i);
        return 1;
    }
    return luaL_error(L, "require: there is no module of that name");
}

// Results of libm differ in the last bit between machines; twelve digits are the same on all that we know of.
static int quantised(lua_State *L, double value) {
    char text[40];
    budget_charge(L, FUEL_PER_CONVERSION);
    snprintf(text, sizeof text, "%.12g", value);
    lua_pushnumber(L, strtod(text, NULL));
    return 1;
}

static int math_exp(lua_State *L) { return quantised(L, exp(sandbox_check_number(L, 1))); }

static int math_log(lua_State *L) {
    double value = log(sandbox_check_number(L, 1));
    return quantised(L, lua_isnoneornil(L, 2) ? value : value / log(sandbox_check_number(L, 2)));
}

// One of Lua's own functions, its upvalue, for arguments that are no text.
static int math_call(lua_State *L) {
    int count = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        if (lua_type(L, i) == LUA_TSTRING) luaL_checktype(L, i, LUA_TNUMBER);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void push_math(lua_State *L) {
    static const char *const kept[] = {"huge", "maxinteger", "mininteger", "pi", "type", NULL};
    static const char *const wrapped[] = {
        "abs", "ceil", "floor", "fmod", "max", "min", "modf", "sqrt", "tointeger", "ult", NULL,
    };
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    lua_newtable(L);
    for (const char *const *name = kept; *name != NULL; name++) {
        lua_getfield(L, -2, *name);
        lua_setfield(L, -2, *name);
    }
    for (const char *const *name = wrapped; *name != NULL; name++) {
        lua_getfield(L, -2, *name);
        lua_pushcclosure(L, math_call, 1);
        lua_setfield(L, -2, *name);
    }
    lua_remove(L, -2);
    sandbox_add_functions(L, (const luaL_Reg[]){{"exp", math_exp}, {"log", math_log}, {NULL, NULL}});
    guard_table(L);
}

void sandbox_build(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"assert", base_assert},     {"error", base_error},       {"ipairs", sandbox_ipairs},
        {"log", base_log},           {"pairs", sandbox_pairs},    {"require", base_require},
        {"select", base_select},     {"tonumber", base_tonumber}, {"tostring", base_tostring},
        {"type", base_type},         {NULL, NULL},
    };
    lua_newtable(L);
    sandbox_add_functions(L, functions);
    push_math(L);
    lua_setfield(L, -2, "math");
    lua_newtable(L);
    sandbox_add_functions(L, sandbox_table_functions);
    guard_table(L);
    lua_setfield(L, -2, "table");
    lua_newtable(L);
    sandbox_add_functions(L, sandbox_text_functions);
    guard_table(L);
    lua_setfield(L, -2, "string");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, refuse_read);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    guard_table(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
}

void sandbox_push_environment(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key); }
