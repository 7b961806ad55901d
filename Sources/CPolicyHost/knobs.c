#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Where a value was found, for messages: `knobs.x` or `knobs.symbols["S"].x`.
typedef struct {
    policy_host *host;
    int table;
    const char *path;
} place;

static void check_table(lua_State *L, int index, const char *path) {
    if (lua_type(L, index) != LUA_TTABLE) {
        host_refuse(L, POLICY_INVALID, "%s is a %s; it must be a table", path, luaL_typename(L, index));
    }
    if (lua_getmetatable(L, index)) {
        host_refuse(L, POLICY_INVALID, "%s has a metatable; only plain tables are read", path);
    }
}

static const char *type_found(lua_State *L, int index) {
    return lua_isnil(L, index) ? "missing" : luaL_typename(L, index);
}

// Each reader pushes the raw field, reads it and pops it. Optional ones give false where it is absent.
static bool read_boolean(lua_State *L, place at, const char *name, bool *value) {
    marshal_push_raw_field(L, at.table, name);
    bool present = !lua_isnil(L, -1);
    if (present && lua_type(L, -1) != LUA_TBOOLEAN) {
        host_refuse(L, POLICY_INVALID, "%s.%s is a %s; it must be a boolean", at.path, name,
                    type_found(L, -1));
    }
    if (present) *value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return present;
}

static bool read_number(lua_State *L, place at, const char *name, double *value) {
    marshal_push_raw_field(L, at.table, name);
    bool present = !lua_isnil(L, -1);
    if (present) {
        if (lua_type(L, -1) != LUA_TNUMBER) {
            host_refuse(L, POLICY_INVALID, "%s.%s is a %s; it must be a number", at.path, name,
                        type_found(L, -1));
        }
        double number = lua_tonumber(L, -1);
        if (!isfinite(number)) {
            host_refuse(L, POLICY_INVALID, "%s.%s is %s; it must be finite", at.path, name,
                        isnan(number) ? "not a number" : "infinite");
        }
        // Turns -0 into 0: they are equal, but their bits and texts differ.
        *value = number + 0.0;
    }
    lua_pop(L, 1);
    return present;
}

static bool read_integer(lua_State *L, place at, const char *name, int64_t *value) {
    marshal_push_raw_field(L, at.table, name);
    bool present = !lua_isnil(L, -1);
    if (present) {
        int exact = 0;
        if (lua_type(L, -1) != LUA_TNUMBER) {
            host_refuse(L, POLICY_INVALID, "%s.%s is a %s; it must be an integer", at.path, name,
                        type_found(L, -1));
        }
        *value = lua_tointegerx(L, -1, &exact);
        if (!exact) {
            host_refuse(L, POLICY_INVALID, "%s.%s has no exact integer value", at.path, name);
        }
    }
    lua_pop(L, 1);
    return present;
}

static bool read_text(lua_State *L, place at, const char *name, size_t most, policy_text *value) {
    marshal_push_raw_field(L, at.table, name);
    bool present = !lua_isnil(L, -1);
    if (present) {
        size_t length = 0;
        if (lua_type(L, -1) != LUA_TSTRING) {
            host_refuse(L, POLICY_INVALID, "%s.%s is a %s; it must be text", at.path, name,
                        type_found(L, -1));
        }
        const char *bytes = lua_tolstring(L, -1, &length);
        if (length > most) {
            host_refuse(L, POLICY_INVALID, "%s.%s has %zu bytes; at most %zu", at.path, name, length, most);
        }
        if (!marshal_is_utf8(bytes, length)) {
            host_refuse(L, POLICY_INVALID, "%s.%s is not UTF-8", at.path, name);
        }
        *value = host_keep(L, bytes, length);
    }
    lua_pop(L, 1);
    return present;
}

static void require_present(lua_State *L, bool present, place at, const char *name) {
    if (!present) host_refuse(L, POLICY_INVALID, "%s.%s is missing", at.path, name);
}

static bool is_known(host_key key, const char *const *names) {
    for (; *names != NULL; names++) {
        if (strlen(*names) == key.length && memcmp(*names, key.bytes, key.length) == 0) return true;
    }
    return false;
}

static bool is_printable(host_key key) {
    for (size_t i = 0; i < key.length; i++) {
        if (key.bytes[i] < 0x20 || key.bytes[i] > 0x7e) return false;
    }
    return true;
}

// Names the first unknown key by bytes, whatever order the table is walked in.
static void refuse_unknown_keys(lua_State *L, place at, const char *const *names) {
    host_key first = {NULL, 0};
    int others = 0;
    int count = 0;
    lua_pushnil(L);
    while (lua_next(L, at.table)) {
        lua_pop(L, 1);
        if (++count > KEYS_LOOKED_AT) {
            host_refuse(L, POLICY_INVALID, "%s has more than %d keys", at.path, (int)KEYS_LOOKED_AT);
        }
        if (lua_type(L, -1) != LUA_TSTRING) {
            others++;
            continue;
        }
        host_key key;
        key.bytes = lua_tolstring(L, -1, &key.length);
        if (is_known(key, names)) continue;
        if (first.bytes == NULL || sandbox_compare_keys(&key, &first) < 0) first = key;
    }
    if (others > 0) host_refuse(L, POLICY_INVALID, "%s has a key that is not text", at.path);
    if (first.bytes == NULL) return;
    bool shown = is_printable(first) && first.length <= POLICY_NAME_BYTES;
    host_refuse(L, POLICY_INVALID, "%s has the unknown key `%.*s`", at.path,
                shown ? (int)first.length : 1, shown ? first.bytes : "?");
}

static void read_mode(lua_State *L, place at, policy_knobs *knobs) {
    static const char *const modes[] = {"GREEN", "YELLOW", "ORANGE", "RED"};
    marshal_push_raw_field(L, at.table, "mode");
    if (lua_type(L, -1) != LUA_TSTRING) {
        host_refuse(L, POLICY_INVALID, "%s.mode is %s; it must be GREEN, YELLOW, ORANGE or RED", at.path,
                    type_found(L, -1));
    }
    size_t length = 0;
    const char *text = lua_tolstring(L, -1, &length);
    knobs->mode = -1;
    for (int i = 0; i < 4; i++) {
        if (strlen(modes[i]) == length && memcmp(modes[i], text, length) == 0) knobs->mode = i;
    }
    if (knobs->mode < 0) {
        host_refuse(L, POLICY_INVALID, "%s.mode is none of GREEN, YELLOW, ORANGE, RED", at.path);
    }
    lua_pop(L, 1);
}

// Collects the symbols' names in order of their bytes; the table keeps them alive.
static size_t sorted_symbols(lua_State *L, int table, policy_host *host) {
    size_t count = 0;
    size_t others = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (count + others == POLICY_SYMBOLS) {
            host_refuse(L, POLICY_INVALID, "knobs.symbols has more than %d symbols", (int)POLICY_SYMBOLS);
        }
        if (lua_type(L, -1) != LUA_TSTRING) {
            others++;
            continue;
        }
        host_key *key = &host->keys[count++];
        key->bytes = lua_tolstring(L, -1, &key->length);
    }
    if (others > 0) host_refuse(L, POLICY_INVALID, "knobs.symbols has a key that is not text");
    qsort(host->keys, count, sizeof *host->keys, sandbox_compare_keys);
    return count;
}

static void read_symbol(lua_State *L, policy_host *host, host_key name, policy_symbol_knobs *row) {
    static const char *const known[] = {
        "allow_entries", "max_notional_usdt", "max_leverage", "min_entry_conf",
        "entry_cooldown_seconds", NULL,
    };
    char path[POLICY_SYMBOL_BYTES + 32];
    snprintf(path, sizeof path, "knobs.symbols[\"%.*s\"]", (int)name.length, name.bytes);
    place at = {host, lua_gettop(L), path};
    check_table(L, at.table, path);
    memset(row, 0, sizeof *row);
    row->symbol = host_keep(L, name.bytes, name.length);
    row->has_allow_entries = read_boolean(L, at, "allow_entries", &row->allow_entries);
    row->has_max_notional_usdt = read_number(L, at, "max_notional_usdt", &row->max_notional_usdt);
    row->has_max_leverage = read_integer(L, at, "max_leverage", &row->max_leverage);
    row->has_min_entry_conf = read_number(L, at, "min_entry_conf", &row->min_entry_conf);
    row->has_entry_cooldown_seconds =
        read_number(L, at, "entry_cooldown_seconds", &row->entry_cooldown_seconds);
    refuse_unknown_keys(L, at, known);
    bool sound = (!row->has_max_notional_usdt || row->max_notional_usdt >= 0)
        && (!row->has_max_leverage || row->max_leverage >= 1)
        && (!row->has_min_entry_conf || (row->min_entry_conf >= 0 && row->min_entry_conf <= 1))
        && (!row->has_entry_cooldown_seconds || row->entry_cooldown_seconds >= 0);
    if (!sound) host_refuse(L, POLICY_INVALID, "%s has a figure out of its range", path);
}

static void read_symbols(lua_State *L, place at, policy_knobs *knobs) {
    policy_host *host = at.host;
    marshal_push_raw_field(L, at.table, "symbols");
    if (!lua_isnil(L, -1)) {
        int table = lua_gettop(L);
        check_table(L, table, "knobs.symbols");
        size_t count = sorted_symbols(L, table, host);
        for (size_t i = 0; i < count; i++) {
            host_key name = host->keys[i];
            if (name.length == 0 || name.length > POLICY_SYMBOL_BYTES || !is_printable(name)) {
                host_refuse(L, POLICY_INVALID, "knobs.symbols has a name that is no symbol");
            }
            lua_pushlstring(L, name.bytes, name.length);
            lua_rawget(L, table);
            read_symbol(L, host, name, &host->symbols[i]);
            lua_pop(L, 1);
        }
        knobs->symbols = host->symbols;
        knobs->symbol_count = count;
    }
    lua_pop(L, 1);
}

static void read_required(lua_State *L, place at, policy_knobs *knobs) {
    bool present = read_boolean(L, at, "allow_entries", &knobs->allow_entries);
    require_present(L, present, at, "allow_entries");
    present = read_boolean(L, at, "kill_switch_trip", &knobs->kill_switch_trip);
    require_present(L, present, at, "kill_switch_trip");
    present = read_number(L, at, "max_notional_usdt", &knobs->max_notional_usdt);
    require_present(L, present, at, "max_notional_usdt");
    present = read_number(L, at, "entry_cooldown_seconds", &knobs->entry_cooldown_seconds);
    require_present(L, present, at, "entry_cooldown_seconds");
    present = read_integer(L, at, "max_leverage", &knobs->max_leverage);
    require_present(L, present, at, "max_leverage");
    present = read_integer(L, at, "max_open_orders_per_symbol", &knobs->max_open_orders_per_symbol);
    require_present(L, present, at, "max_open_orders_per_symbol");
    present = read_number(L, at, "min_entry_conf", &knobs->min_entry_conf);
    require_present(L, present, at, "min_entry_conf");
}

// Strict: raw access, exact types, nothing unknown. Fields are read in a fixed order, so that of several
// faults the same one is told each time.
void knobs_decode(lua_State *L, int index, policy_host *host) {
    static const char *const known[] = {
        "mode", "allow_entries", "kill_switch_trip", "max_notional_usdt", "entry_cooldown_seconds",
        "max_leverage", "max_open_orders_per_symbol", "min_entry_conf", "reason", "debt_score",
        "debt_growth_per_min",
        "recovery_stage", "next_unlock_sec", "symbols", NULL,
    };
    policy_knobs *knobs = &host->outcome.knobs;
    place at = {host, index, "knobs"};
    luaL_checkstack(L, 20, "no stack");
    check_table(L, index, "knobs");
    read_mode(L, at, knobs);
    read_required(L, at, knobs);
    knobs->has_reason = read_text(L, at, "reason", POLICY_REASON_BYTES, &knobs->reason);
    knobs->has_debt_score = read_number(L, at, "debt_score", &knobs->debt_score);
    knobs->has_debt_growth_per_min = read_number(L, at, "debt_growth_per_min", &knobs->debt_growth_per_min);
    knobs->has_recovery_stage =
        read_text(L, at, "recovery_stage", POLICY_NAME_BYTES, &knobs->recovery_stage);
    knobs->has_next_unlock_sec = read_number(L, at, "next_unlock_sec", &knobs->next_unlock_sec);
    read_symbols(L, at, knobs);
    refuse_unknown_keys(L, at, known);
}
