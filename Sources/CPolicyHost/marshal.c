#include "internal.h"

#include <string.h>

static void set_number(lua_State *L, const char *name, double value) {
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, int64_t value) {
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, bool value) {
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

// Texts come as offsets into the question's arena; one outside of it is a bug of the caller and becomes
// empty.
static void push_text(lua_State *L, const policy_question *question, policy_text text) {
    size_t arena = question->arena_length;
    bool inside = text.offset <= arena && text.length <= arena - text.offset;
    lua_pushlstring(L, inside ? question->arena + text.offset : "", inside ? text.length : 0);
}

static void set_text(lua_State *L, const char *name, const policy_question *question, policy_text text) {
    push_text(L, question, text);
    lua_setfield(L, -2, name);
}

void marshal_push_raw_field(lua_State *L, int index, const char *name) {
    int table = lua_absindex(L, index);
    lua_pushlstring(L, name, strlen(name));
    lua_rawget(L, table);
}

static void push_evidence(lua_State *L, const policy_belief *belief) {
    lua_createtable(L, 0, 10);
    set_number(L, "confidence", belief->evidence_confidence);
    set_number(L, "ws_score", belief->ws_score);
    set_number(L, "rest_score", belief->rest_score);
    set_number(L, "fill_score", belief->fill_score);
    set_number(L, "ws_age_sec", belief->ws_age_sec);
    set_number(L, "rest_age_sec", belief->rest_age_sec);
    set_number(L, "fill_age_sec", belief->fill_age_sec);
    set_number(L, "contradiction_score", belief->contradiction_score);
    set_integer(L, "contradiction_streak", belief->contradiction_streak);
    set_integer(L, "degraded_sources", belief->degraded_sources);
}

static void push_symbol_debts(lua_State *L, const policy_question *question) {
    const policy_belief *belief = &question->belief;
    lua_createtable(L, (int)belief->symbol_count, 0);
    for (size_t i = 0; i < belief->symbol_count; i++) {
        const policy_symbol_debt *row = &belief->symbols[i];
        lua_createtable(L, 0, 4);
        set_text(L, "symbol", question, row->symbol);
        set_text(L, "kind", question, row->kind);
        set_number(L, "debt_sec", row->debt_sec);
        set_integer(L, "mismatches", row->mismatches);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void marshal_push_belief(lua_State *L, const policy_question *question) {
    const policy_belief *belief = &question->belief;
    lua_createtable(L, 0, 9);
    set_number(L, "debt_sec", belief->debt_sec);
    set_integer(L, "debt_symbols", belief->debt_symbols);
    set_integer(L, "mismatch_streak", belief->mismatch_streak);
    set_number(L, "confidence", belief->confidence);
    push_evidence(L, belief);
    lua_setfield(L, -2, "evidence");
    lua_createtable(L, 0, 2);
    set_integer(L, "count", belief->unknown_count);
    set_number(L, "oldest_sec", belief->unknown_oldest_sec);
    lua_setfield(L, -2, "unknown_intents");
    lua_createtable(L, 0, 2);
    set_number(L, "gross_usdt", belief->gross_usdt);
    set_integer(L, "positions", belief->positions);
    lua_setfield(L, -2, "exposure");
    lua_createtable(L, 0, 2);
    set_integer(L, "symbols", belief->naked_symbols);
    set_number(L, "sec", belief->naked_sec);
    lua_setfield(L, -2, "naked");
    push_symbol_debts(L, question);
    lua_setfield(L, -2, "symbols");
}

static void push_limits(lua_State *L, const policy_limits *limits) {
    lua_createtable(L, 0, 5);
    set_number(L, "max_notional_usdt", limits->max_notional_usdt);
    set_integer(L, "max_leverage", limits->max_leverage);
    set_number(L, "min_entry_conf", limits->min_entry_conf);
    set_number(L, "entry_cooldown_seconds", limits->entry_cooldown_seconds);
    set_integer(L, "max_open_orders_per_symbol", limits->max_open_orders_per_symbol);
}

static void push_symbol_knobs(lua_State *L, const policy_question *question) {
    const policy_knobs *knobs = &question->last_enforced;
    lua_createtable(L, 0, (int)knobs->symbol_count);
    for (size_t i = 0; i < knobs->symbol_count; i++) {
        const policy_symbol_knobs *row = &knobs->symbols[i];
        push_text(L, question, row->symbol);
        lua_createtable(L, 0, 5);
        if (row->has_allow_entries) set_boolean(L, "allow_entries", row->allow_entries);
        if (row->has_max_notional_usdt) set_number(L, "max_notional_usdt", row->max_notional_usdt);
        if (row->has_max_leverage) set_integer(L, "max_leverage", row->max_leverage);
        if (row->has_min_entry_conf) set_number(L, "min_entry_conf", row->min_entry_conf);
        if (row->has_entry_cooldown_seconds) {
            set_number(L, "entry_cooldown_seconds", row->entry_cooldown_seconds);
        }
        lua_rawset(L, -3);
    }
}

static void push_knobs(lua_State *L, const policy_question *question) {
    static const char *const modes[] = {"GREEN", "YELLOW", "ORANGE", "RED"};
    const policy_knobs *knobs = &question->last_enforced;
    lua_createtable(L, 0, 14);
    lua_pushstring(L, modes[knobs->mode & 3]);
    lua_setfield(L, -2, "mode");
    set_boolean(L, "allow_entries", knobs->allow_entries);
    set_boolean(L, "kill_switch_trip", knobs->kill_switch_trip);
    set_number(L, "max_notional_usdt", knobs->max_notional_usdt);
    set_integer(L, "max_leverage", knobs->max_leverage);
    set_number(L, "min_entry_conf", knobs->min_entry_conf);
    set_number(L, "entry_cooldown_seconds", knobs->entry_cooldown_seconds);
    set_integer(L, "max_open_orders_per_symbol", knobs->max_open_orders_per_symbol);
    if (knobs->has_reason) set_text(L, "reason", question, knobs->reason);
    if (knobs->has_debt_score) set_number(L, "debt_score", knobs->debt_score);
    if (knobs->has_debt_growth_per_min) set_number(L, "debt_growth_per_min", knobs->debt_growth_per_min);
    if (knobs->has_recovery_stage) set_text(L, "recovery_stage", question, knobs->recovery_stage);
    if (knobs->has_next_unlock_sec) set_number(L, "next_unlock_sec", knobs->next_unlock_sec);
    push_symbol_knobs(L, question);
    lua_setfield(L, -2, "symbols");
}

void marshal_push_context(lua_State *L, const policy_question *question) {
    lua_createtable(L, 0, 8);
    set_number(L, "now", question->now);
    set_number(L, "dt", question->dt);
    set_integer(L, "tick", question->tick);
    set_integer(L, "since_load_ticks", question->since_load_ticks);
    set_boolean(L, "params_changed", question->params_changed);
    lua_createtable(L, 0, (int)question->param_count);
    for (size_t i = 0; i < question->param_count; i++) {
        push_text(L, question, question->params[i].name);
        lua_pushnumber(L, question->params[i].value);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "params");
    push_limits(L, &question->limits);
    lua_setfield(L, -2, "limits");
    push_knobs(L, question);
    lua_setfield(L, -2, "last_enforced");
}

static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

bool marshal_is_utf8(const char *bytes, size_t length) {
    for (size_t at = 0; at < length;) {
        unsigned char lead = (unsigned char)bytes[at];
        size_t size = sequence_length(lead);
        if (size == 0 || size > length - at) return false;
        for (size_t i = 1; i < size; i++) {
            if (((unsigned char)bytes[at + i] & 0xc0) != 0x80) return false;
        }
        unsigned char second = size > 1 ? (unsigned char)bytes[at + 1] : 0;
        bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
        bool outside = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
        if (overlong || outside) return false;
        at += size;
    }
    return true;
}
