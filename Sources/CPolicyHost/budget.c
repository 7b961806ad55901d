#include "internal.h"

#include <stdlib.h>

// Raised when a budget is spent. Light userdata, so that raising never allocates.
static const char spent = 0;

static int64_t fuel_for_captures(size_t captures) {
    return captures > CAPTURES_FOR_FREE ? (int64_t)(captures * captures / 32) : 0;
}

// Charges what a script allocates by kinds whose sizes do not hang on the hash seed: tables and closures by
// piece, long strings by byte. Vectors are left out, for tables rehash at moments that differ between runs.
static void charge_allocation(policy_host *host, size_t kind, size_t size) {
    switch (kind) {
    case LUA_TTABLE:
        host->fuel -= FUEL_PER_TABLE;
        break;
    case LUA_TFUNCTION:
        host->fuel -= FUEL_PER_CLOSURE + fuel_for_captures(size / sizeof(void *));
        break;
    case LUA_TSTRING:
        // Short strings (up to 40 bytes) are interned, so whether one is made anew hangs on the collector.
        if (size > SHORT_STRING_OBJECT) host->fuel -= (int64_t)(size / BYTES_PER_FUEL);
        break;
    default:
        break;
    }
}

void *budget_allocate(void *context, void *block, size_t old_size, size_t new_size) {
    policy_host *host = context;
    // For a new block `old_size` is the kind of object, not a size.
    size_t kind = block == NULL ? old_size : 0;
    size_t held = block == NULL ? 0 : old_size;
    if (new_size == 0) {
        free(block);
        host->live_bytes -= held;
        return NULL;
    }
    if (new_size > held) {
        host->asked_bytes += new_size - held;
        if (!host->is_plain && kind == LUA_TSTRING && new_size > POLICY_STRING_BYTES + 64) {
            host->long_string = new_size;
            if (host->trip == POLICY_OK) host->trip = POLICY_MEMORY;
            return NULL;
        }
        // A fresh block of no kind is a table's keys; those of arrays and stacks grow from what they were.
        if (!host->is_plain && block == NULL && kind == 0 && new_size > MOST_KEYS_BYTES) {
            host->is_large_table = true;
            if (host->trip == POLICY_OK) host->trip = POLICY_MEMORY;
            return NULL;
        }
        if (host->live_bytes + (new_size - held) > POLICY_BYTES) {
            host->long_string = 0;
            if (host->trip == POLICY_OK) host->trip = POLICY_MEMORY;
            return NULL;
        }
        if (host->charging) charge_allocation(host, kind, new_size);
    }
    void *moved = realloc(block, new_size);
    if (moved == NULL) return new_size <= held ? block : NULL;
    host->live_bytes = host->live_bytes - held + new_size;
    return moved;
}

static void hook(lua_State *L, lua_Debug *activation);

static void raise_spent(lua_State *L, policy_host *host) {
    if (host->trip == POLICY_OK) host->trip = POLICY_INSTRUCTIONS;
    // Sticky: whatever the script still runs is stopped at its next line or call.
    lua_sethook(L, hook, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&spent);
    lua_error(L);
}

// Deep calls hold stack that no instruction pays for. Looked at with the count, for a hook on each call costs more
// than all the others together; between two looks fuel bounds how much deeper it gets.
static void check_depth(lua_State *L) {
    lua_Debug deepest;
    if (lua_getstack(L, CALL_DEPTH, &deepest)) {
        luaL_error(L, "calls nested deeper than %d", (int)CALL_DEPTH);
    }
}

// A vararg call copies its extra arguments in one instruction.
static void check_arguments(lua_State *L, lua_Debug *activation) {
    if (lua_getlocal(L, activation, -(EXTRA_ARGUMENTS + 1)) != NULL) {
        lua_pop(L, 1);
        luaL_error(L, "a call with more than %d extra arguments", (int)EXTRA_ARGUMENTS);
    }
}

static int hook_mask(const policy_host *host) {
    return LUA_MASKCOUNT | (host->has_varargs ? LUA_MASKCALL : 0) | (host->notes_lines ? LUA_MASKLINE : 0);
}

// Once a call is slow, time is looked at ten times as often. Fuel still goes by the quantum, at the same
// instructions, so that no figure tells how fast the machine was. Whether a whole quantum is over.
static bool count_quantum(lua_State *L, policy_host *host) {
    if (watch_is_over(host)) host->fuel = 0;
    if (host->counts_parts && ++host->parts < QUANTUM_PARTS) return false;
    host->parts = 0;
    host->fuel -= FUEL_QUANTUM;
    if (host->is_watched && !host->counts_parts) {
        host->counts_parts = true;
        lua_sethook(L, hook, hook_mask(host), FUEL_QUANTUM / QUANTUM_PARTS);
    }
    return true;
}

static void hook(lua_State *L, lua_Debug *activation) {
    policy_host *host = host_of(L);
    // Lines are looked at between trips only, so that noting them moves no figure.
    if (activation->event == LUA_HOOKLINE && host->trip == POLICY_OK) return lines_note(L, activation);
    bool is_whole = activation->event == LUA_HOOKCOUNT && count_quantum(L, host);
    if (host->fuel <= 0 || host->trip != POLICY_OK) raise_spent(L, host);
    if (is_whole) check_depth(L);
    if (activation->event == LUA_HOOKCALL || activation->event == LUA_HOOKTAILCALL) {
        check_arguments(L, activation);
    }
}

void budget_arm(policy_host *host) {
    host->fuel = POLICY_FUEL;
    host->granted = POLICY_FUEL;
    host->trip = POLICY_OK;
    host->long_string = 0;
    host->is_large_table = false;
    host->charging = false;
    if (host->is_plain) return;
    watch_start(host);
    lua_sethook(host->lua, hook, hook_mask(host), FUEL_QUANTUM);
}

void budget_disarm(policy_host *host) {
    host->charging = false;
    lua_sethook(host->lua, NULL, 0, 0);
}

void budget_charge(lua_State *L, int64_t fuel) {
    policy_host *host = host_of(L);
    host->fuel -= fuel;
    if (host->fuel <= 0 || host->trip != POLICY_OK) raise_spent(L, host);
}

void budget_watch(lua_State *L) {
    policy_host *host = host_of(L);
    if (host->is_plain || !watch_is_over(host)) return;
    host->fuel = 0;
    raise_spent(L, host);
}

void budget_charge_bytes(lua_State *L, size_t bytes) {
    budget_charge(L, 1 + (int64_t)(bytes / BYTES_PER_FUEL));
}
