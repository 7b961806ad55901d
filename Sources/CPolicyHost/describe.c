#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_name_letter(char letter, bool dash) {
    bool letter_or_digit = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
        || (letter >= '0' && letter <= '9');
    return letter_or_digit || letter == '_' || (dash && letter == '-');
}

static bool is_name(const char *bytes, size_t length, bool dash) {
    if (length == 0 || length > POLICY_NAME_BYTES) return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_name_letter(bytes[i], dash)) return false;
    }
    return true;
}

static policy_text optional_text(lua_State *L, int table, const char *name, size_t most, const char *owner) {
    policy_text text = {0, 0};
    marshal_push_raw_field(L, table, name);
    if (!lua_isnil(L, -1)) {
        size_t length = 0;
        const char *bytes = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        if (bytes == NULL || length > most || !marshal_is_utf8(bytes, length)) {
            host_refuse(L, POLICY_LOAD, "%s.%s must be text of at most %zu bytes", owner, name, most);
        }
        text = host_keep(L, bytes, length);
    }
    lua_pop(L, 1);
    return text;
}

static double bound(lua_State *L, int table, const char *name, const char *owner) {
    marshal_push_raw_field(L, table, name);
    double value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    if (!isfinite(value)) host_refuse(L, POLICY_LOAD, "params.%s.%s must be a finite number", owner, name);
    lua_pop(L, 1);
    return value + 0.0;
}

static void refuse_unknown_param_fields(lua_State *L, int table, const char *owner) {
    static const char *const known[] = {"default", "min", "max", "unit", "doc"};
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        host_key key = {"", 0};
        if (lua_type(L, -1) == LUA_TSTRING) key.bytes = lua_tolstring(L, -1, &key.length);
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            // By length too: a name may go on behind a zero byte.
            found = found
                || (strlen(known[i]) == key.length && memcmp(known[i], key.bytes, key.length) == 0);
        }
        if (!found) {
            host_refuse(L, POLICY_LOAD, "params.%s: only default, min, max, unit, doc are fields", owner);
        }
    }
}

static void read_param(lua_State *L, int table, policy_param *param, const char *name) {
    if (!sandbox_is_plain_table(L, table)) host_refuse(L, POLICY_LOAD, "params.%s must be a table", name);
    param->initial = bound(L, table, "default", name);
    param->least = bound(L, table, "min", name);
    param->most = bound(L, table, "max", name);
    if (param->least > param->most || param->initial < param->least || param->initial > param->most) {
        host_refuse(L, POLICY_LOAD, "params.%s: default %g must lie within min %g and max %g", name,
                    param->initial, param->least, param->most);
    }
    param->unit = optional_text(L, table, "unit", POLICY_NAME_BYTES, name);
    param->doc = optional_text(L, table, "doc", 1024, name);
    refuse_unknown_param_fields(L, table, name);
}

static void read_params(lua_State *L, int policy, policy_description *description) {
    policy_host *host = host_of(L);
    marshal_push_raw_field(L, policy, "params");
    if (lua_isnil(L, -1)) return;
    int params = lua_gettop(L);
    if (!sandbox_is_plain_table(L, params)) host_refuse(L, POLICY_LOAD, "params must be a plain table");
    size_t count = 0;
    bool all_named = true;
    lua_pushnil(L);
    while (lua_next(L, params)) {
        lua_pop(L, 1);
        if (count == POLICY_PARAMS) host_refuse(L, POLICY_LOAD, "more than %d params", (int)POLICY_PARAMS);
        size_t length = 0;
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        all_named = all_named && name != NULL && is_name(name, length, false);
        host->keys[count++] = (host_key){name, length};
    }
    if (!all_named) host_refuse(L, POLICY_LOAD, "params has a key that is no name");
    qsort(host->keys, count, sizeof *host->keys, sandbox_compare_keys);
    for (size_t i = 0; i < count; i++) {
        policy_param *param = &description->params[i];
        marshal_push_raw_field(L, params, host->keys[i].bytes);
        param->name = host_keep(L, host->keys[i].bytes, host->keys[i].length);
        read_param(L, lua_gettop(L), param, host->keys[i].bytes);
        lua_pop(L, 1);
    }
    description->param_count = count;
    lua_pop(L, 1);
}

static void read_identity(lua_State *L, int policy, policy_description *description) {
    marshal_push_raw_field(L, policy, "api");
    int exact = 0;
    description->api = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &exact) : 0;
    if (!exact || description->api != 1) {
        host_refuse(L, POLICY_LOAD, "the policy's `api` must be the integer 1");
    }
    lua_pop(L, 1);
    marshal_push_raw_field(L, policy, "name");
    size_t length = 0;
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    if (name == NULL || !is_name(name, length, true)) {
        host_refuse(L, POLICY_LOAD, "the policy's `name` must be 1 to %d of letters, digits, `_`, `-`",
                    (int)POLICY_NAME_BYTES);
    }
    description->name = host_keep(L, name, length);
    lua_pop(L, 1);
    description->version = optional_text(L, policy, "version", POLICY_NAME_BYTES, "policy");
    marshal_push_raw_field(L, policy, "state_version");
    description->has_state_version = !lua_isnil(L, -1);
    if (description->has_state_version) {
        exact = 0;
        if (lua_type(L, -1) == LUA_TNUMBER) description->state_version = lua_tointegerx(L, -1, &exact);
        if (!exact) host_refuse(L, POLICY_LOAD, "the policy's `state_version` must be an integer");
    }
    lua_pop(L, 1);
}

static void require_function(lua_State *L, int policy, const char *name) {
    marshal_push_raw_field(L, policy, name);
    if (lua_type(L, -1) != LUA_TFUNCTION) {
        host_refuse(L, POLICY_LOAD, "the policy has no function `%s`", name);
    }
    lua_pop(L, 1);
}

static void find_unknown_field(lua_State *L, int policy, policy_description *description) {
    static const char *const known[] = {
        "api", "name", "version", "params", "initial_state", "evaluate", "state_version", "migrate",
    };
    host_key first = {NULL, 0};
    int count = 0;
    lua_pushnil(L);
    while (lua_next(L, policy)) {
        lua_pop(L, 1);
        if (++count > KEYS_LOOKED_AT) {
            host_refuse(L, POLICY_LOAD, "the policy table has more than %d fields", (int)KEYS_LOOKED_AT);
        }
        host_key key = {"(a key that is not text)", 24};
        if (lua_type(L, -1) == LUA_TSTRING) key.bytes = lua_tolstring(L, -1, &key.length);
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            found = found || (strlen(known[i]) == key.length && memcmp(known[i], key.bytes, key.length) == 0);
        }
        if (!found && (first.bytes == NULL || sandbox_compare_keys(&key, &first) < 0)) first = key;
    }
    if (first.bytes == NULL) return;
    size_t shown = first.length > POLICY_NAME_BYTES ? POLICY_NAME_BYTES : first.length;
    description->unknown_field = host_keep(L, shown > 0 ? first.bytes : "?", shown > 0 ? shown : 1);
}

void describe_policy(lua_State *L, int policy, policy_description *description) {
    read_identity(L, policy, description);
    require_function(L, policy, "initial_state");
    require_function(L, policy, "evaluate");
    marshal_push_raw_field(L, policy, "migrate");
    description->has_migrate = lua_type(L, -1) == LUA_TFUNCTION;
    if (!description->has_migrate && !lua_isnil(L, -1)) {
        host_refuse(L, POLICY_LOAD, "the policy's `migrate` must be a function");
    }
    lua_pop(L, 1);
    read_params(L, policy, description);
    find_unknown_field(L, policy, description);
}
