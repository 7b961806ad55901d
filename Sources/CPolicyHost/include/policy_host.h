#ifndef RECKON_POLICY_HOST_H
#define RECKON_POLICY_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a host allows. Fixed by the policy contract, api 1.
enum {
    POLICY_FUEL = 200000,
    POLICY_BYTES = 8 * 1024 * 1024,
    POLICY_SOURCE_BYTES = 64 * 1024,
    POLICY_SOURCES = 32,
    POLICY_STRING_BYTES = 16 * 1024,
    POLICY_STATE_BYTES = 64 * 1024,
    POLICY_STATE_NODES = 1024,
    POLICY_STATE_DEPTH = 8,
    POLICY_NAME_BYTES = 64,
    POLICY_REASON_BYTES = 256,
    POLICY_PARAMS = 64,
    POLICY_SYMBOLS = 128,
    POLICY_SYMBOL_BYTES = 32,
    POLICY_LOG_LINES = 16,
    POLICY_LOG_BYTES = 256,
};

typedef enum {
    POLICY_OK = 0,
    POLICY_ERROR,
    POLICY_INSTRUCTIONS,
    POLICY_MEMORY,
    POLICY_INVALID,
    POLICY_STATE,
    POLICY_LOAD,
} policy_status;

// A piece of the text arena that travels with the struct.
typedef struct {
    uint32_t offset;
    uint32_t length;
} policy_text;

// One file: `module` is the name `require` knows ("" for the main chunk), `chunk` the name errors show.
typedef struct {
    const char *module;
    const char *chunk;
    const char *bytes;
    size_t length;
} policy_source;

typedef struct {
    double max_notional_usdt;
    int64_t max_leverage;
    double min_entry_conf;
    double entry_cooldown_seconds;
    int64_t max_open_orders_per_symbol;
} policy_limits;

typedef struct {
    policy_text symbol;
    bool has_allow_entries;
    bool allow_entries;
    bool has_max_notional_usdt;
    bool has_max_leverage;
    bool has_min_entry_conf;
    bool has_entry_cooldown_seconds;
    double max_notional_usdt;
    int64_t max_leverage;
    double min_entry_conf;
    double entry_cooldown_seconds;
} policy_symbol_knobs;

typedef struct {
    // 0 GREEN, 1 YELLOW, 2 ORANGE, 3 RED
    int32_t mode;
    bool allow_entries;
    bool kill_switch_trip;
    bool has_reason;
    bool has_debt_score;
    bool has_debt_growth_per_min;
    bool has_recovery_stage;
    bool has_next_unlock_sec;
    double max_notional_usdt;
    int64_t max_leverage;
    double min_entry_conf;
    double entry_cooldown_seconds;
    int64_t max_open_orders_per_symbol;
    double debt_score;
    double debt_growth_per_min;
    double next_unlock_sec;
    policy_text reason;
    policy_text recovery_stage;
    const policy_symbol_knobs *symbols;
    size_t symbol_count;
} policy_knobs;

typedef struct {
    policy_text symbol;
    policy_text kind;
    double debt_sec;
    int64_t mismatches;
} policy_symbol_debt;

typedef struct {
    double debt_sec;
    int64_t debt_symbols;
    int64_t mismatch_streak;
    double confidence;
    double evidence_confidence;
    double ws_score;
    double rest_score;
    double fill_score;
    double ws_age_sec;
    double rest_age_sec;
    double fill_age_sec;
    double contradiction_score;
    int64_t contradiction_streak;
    int64_t degraded_sources;
    int64_t unknown_count;
    double unknown_oldest_sec;
    double gross_usdt;
    int64_t positions;
    int64_t naked_symbols;
    double naked_sec;
    const policy_symbol_debt *symbols;
    size_t symbol_count;
} policy_belief;

typedef struct {
    policy_text name;
    double value;
} policy_param_value;

// Everything one call may hang on. Texts point into `arena`.
typedef struct {
    const char *arena;
    size_t arena_length;
    double now;
    double dt;
    int64_t tick;
    int64_t since_load_ticks;
    bool params_changed;
    const policy_param_value *params;
    size_t param_count;
    policy_limits limits;
    policy_knobs last_enforced;
    policy_belief belief;
    const uint8_t *state;
    size_t state_length;
    int64_t old_state_version;
} policy_question;

typedef struct {
    policy_text name;
    policy_text unit;
    policy_text doc;
    double initial;
    double least;
    double most;
} policy_param;

typedef struct {
    int64_t api;
    int64_t state_version;
    bool has_state_version;
    bool has_migrate;
    policy_text name;
    policy_text version;
    // The first field that the contract does not know; length 0 if none.
    policy_text unknown_field;
    policy_param params[POLICY_PARAMS];
    size_t param_count;
} policy_description;

// What came back. Pointers stay valid until the next call on the same host.
typedef struct {
    policy_status status;
    // False where the failure hangs on byte counts, which differ between runs.
    bool reproducible;
    int64_t instructions;
    const char *message;
    size_t message_length;
    const char *arena;
    size_t arena_length;
    policy_knobs knobs;
    const uint8_t *state;
    size_t state_length;
    const policy_text *log;
    size_t log_count;
    uint32_t log_dropped;
} policy_outcome;

typedef struct policy_host policy_host;

// Copies and compiles the sources; the first is the main chunk. Never NULL unless the machine is out of
// memory; whether it can be used is in `policy_host_load_outcome`.
policy_host *policy_host_new(const policy_source *sources, size_t count);
// The same work without hook, limits and sandbox, under the standard allocator and libraries: what the
// defences cost is measured against it. Never for a policy that is not trusted.
policy_host *policy_host_new_plain(const policy_source *sources, size_t count);
void policy_host_free(policy_host *host);

const policy_outcome *policy_host_load_outcome(policy_host *host);

// Runs the main chunk and reads the policy table into `description`, whose texts point into the outcome's
// arena.
const policy_outcome *policy_host_describe(policy_host *host, policy_description *description);
// Each runs the main chunk anew and calls one function of the policy.
const policy_outcome *policy_host_initial_state(policy_host *host, const policy_question *question);
const policy_outcome *policy_host_migrate(policy_host *host, const policy_question *question);
const policy_outcome *policy_host_evaluate(policy_host *host, const policy_question *question);
// Runs the main chunk, which returns a list, and encodes its item at `index` (from 1) like a state, under
// the same caps; a state of length 0 past its end.
const policy_outcome *policy_host_item(policy_host *host, int64_t index);

// Bytes that all calls so far have asked the allocator for.
uint64_t policy_host_asked_bytes(const policy_host *host);

// From now on the lines that run are noted, one bit each. False without memory.
bool policy_host_note_lines(policy_host *host);
void policy_host_forget_lines(policy_host *host);
// The bits of a source, line 1 in bit 1; `*length` bytes. NULL where none are noted.
const uint8_t *policy_host_lines(const policy_host *host, size_t source, size_t *length);
// The compiled source with its debug information, as `string.dump` would give it; valid until the next such
// call. NULL where there is none.
const uint8_t *policy_host_bytecode(policy_host *host, size_t source, size_t *length);

// Whether bytes are a state as this host encodes it: complete, canonical, within the caps.
bool policy_state_is_sound(const uint8_t *bytes, size_t length);

// The release of the Lua library that is linked.
const char *policy_lua_release(void);

void policy_sha256(const uint8_t *bytes, size_t length, uint8_t digest[32]);

// Lower-case hexadecimal, without a terminating zero.
void policy_sha256_hex(const uint8_t *bytes, size_t length, char hex[64]);

#endif
