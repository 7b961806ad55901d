#ifndef RECKON_POLICY_INTERNAL_H
#define RECKON_POLICY_INTERNAL_H

#include "policy_host.h"

#include <lauxlib.h>
#include <lua.h>

enum {
    FUEL_QUANTUM = 100,
    FUEL_PER_TABLE = 16,
    FUEL_PER_CLOSURE = 8,
    FUEL_PER_CONVERSION = 16,
    // A closure looks for each variable that it captures among all that are captured already.
    CAPTURES_FOR_FREE = 32,
    QUANTUM_PARTS = 10,
    // Of one table, beside its array. When it grows all of them are put in anew within one instruction, and if they
    // collide, which integers can be chosen to, that takes the square of their number. A node takes 24 bytes.
    MOST_KEYS = 4096,
    MOST_KEYS_BYTES = MOST_KEYS * 24,
    BYTES_PER_FUEL = 16,
    SHORT_STRING_OBJECT = 65,
    CALL_DEPTH = 190,
    EXTRA_ARGUMENTS = 32,
    SOURCE_PIECE = 512,
    SEQUENCE_LENGTH = 4096,
    // Of a table whose keys are all known: what has more is not looked through.
    KEYS_LOOKED_AT = 64,
    WATCH_EVERY = 64,
    UNPACK_LENGTH = 128,
    ARENA_BYTES = 64 * 1024,
    MESSAGE_BYTES = 512,
};

typedef struct {
    char *module;
    char *chunk;
    char *bytes;
    size_t length;
    int reference;
    bool running;
} host_source;

typedef struct {
    const char *bytes;
    size_t length;
} host_key;

struct policy_host {
    lua_State *lua;
    // For comparison only: no sandbox, no hook, no limits.
    bool is_plain;
    // Whether any source has a `...`, without which no call has extra arguments.
    bool has_varargs;
    // One bit a line and source, while lines are noted.
    uint8_t *lines[POLICY_SOURCES];
    size_t line_room[POLICY_SOURCES];
    bool notes_lines;
    uint8_t *bytecode;
    host_source sources[POLICY_SOURCES];
    size_t source_count;

    // Budget.
    int64_t fuel;
    int64_t granted;
    size_t live_bytes;
    uint64_t asked_bytes;
    bool charging;
    policy_status trip;
    // Time, which a few instructions can take without end; see watch.c.
    int64_t armed_at;
    int64_t looked_at;
    int64_t watched_from;
    bool is_watched;
    bool is_compiling;
    // Hooks come every tenth of a quantum, and this many since the last whole one.
    bool counts_parts;
    int parts;
    size_t long_string;
    bool is_large_table;

    // What the protected call hands out.
    policy_status refusal;
    policy_outcome load_outcome;
    policy_outcome outcome;
    char message[MESSAGE_BYTES];
    char load_message[MESSAGE_BYTES];
    char arena[ARENA_BYTES];
    size_t arena_length;
    policy_symbol_knobs symbols[POLICY_SYMBOLS];
    policy_text log[POLICY_LOG_LINES];
    size_t log_count;
    uint32_t log_dropped;
    uint8_t state[POLICY_STATE_BYTES];
    host_key keys[POLICY_STATE_NODES + 1];
};

// budget.c
void *budget_allocate(void *context, void *block, size_t old_size, size_t new_size);
void budget_arm(policy_host *host);
void budget_disarm(policy_host *host);
void budget_charge(lua_State *L, int64_t fuel);
// Fuel for touching that many bytes.
void budget_charge_bytes(lua_State *L, size_t bytes);
// For loops in C that no hook interrupts: ends the call where it has taken too long.
void budget_watch(lua_State *L);

// watch.c
void watch_start(policy_host *host);
// Whether the call has taken more time than any budget of instructions should.
bool watch_is_over(policy_host *host);

// host.c
policy_host *host_of(lua_State *L);
// Ends the protected call with a status and a message of our own. Never returns.
int host_refuse(lua_State *L, policy_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Keeps bytes for the outcome; refuses when the arena is full.
policy_text host_keep(lua_State *L, const char *bytes, size_t length);
// Runs a compiled source with a fresh environment; leaves its one result on the stack.
void host_run_source(lua_State *L, size_t index);
// Where the modules that this call has run are kept.
void host_push_module_cache(lua_State *L);

// stack.c Runs `body` with at least 1 MiB of C stack: here if there is room, else on a thread made for it.
// False if neither.
bool stack_with_room(void (*body)(void *), void *context);

// sandbox.c
void sandbox_build(lua_State *L);
void sandbox_push_environment(lua_State *L);
bool sandbox_is_plain_table(lua_State *L, int index);
int sandbox_check_plain_table(lua_State *L, int argument, const char *function);
// Numbers only, never text that reads as one: reading it costs by the byte, and nobody is charged.
lua_Integer sandbox_check_integer(lua_State *L, int argument);
lua_Integer sandbox_opt_integer(lua_State *L, int argument, lua_Integer otherwise);
lua_Number sandbox_check_number(lua_State *L, int argument);
void sandbox_add_functions(lua_State *L, const luaL_Reg *functions);

// sandbox_pairs.c, sandbox_table.c, sandbox_text.c
int sandbox_pairs(lua_State *L);
int sandbox_ipairs(lua_State *L);
extern const luaL_Reg sandbox_table_functions[];
extern const luaL_Reg sandbox_text_functions[];
// Text of a scalar on the stack, NaN without a sign; raises for anything else. Pushes it.
void sandbox_push_scalar_text(lua_State *L, int index, const char *function);
int sandbox_compare_keys(const void *left, const void *right);

// marshal.c
void marshal_push_belief(lua_State *L, const policy_question *question);
void marshal_push_context(lua_State *L, const policy_question *question);
void marshal_push_raw_field(lua_State *L, int index, const char *name);
bool marshal_is_utf8(const char *bytes, size_t length);

// knobs.c
void knobs_decode(lua_State *L, int index, policy_host *host);

// state.c
void state_push(lua_State *L, const uint8_t *bytes, size_t length);
// Encodes into the host's buffer.
void state_encode(lua_State *L, int index, policy_host *host);

// lines.c
void lines_note(lua_State *L, lua_Debug *activation);
void lines_free(policy_host *host);

// list.c
void list_encode_item(lua_State *L, int list, int64_t index, policy_host *host);

// plain.c
void *plain_allocate(void *context, void *block, size_t old_size, size_t new_size);
void plain_build(lua_State *L);

// describe.c
void describe_policy(lua_State *L, int index, policy_description *description);

#endif
