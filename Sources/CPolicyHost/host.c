#define _GNU_SOURCE
#include "internal.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char refused = 0;
static const char cache_key = 0;

policy_host *host_of(lua_State *L) { return *(policy_host **)lua_getextraspace(L); }

int host_refuse(lua_State *L, policy_status status, const char *format, ...) {
    policy_host *host = host_of(L);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(host->message, sizeof host->message, format, arguments);
    va_end(arguments);
    host->refusal = status;
    lua_pushlightuserdata(L, (void *)(uintptr_t)&refused);
    return lua_error(L);
}

policy_text host_keep(lua_State *L, const char *bytes, size_t length) {
    policy_host *host = host_of(L);
    if (length > ARENA_BYTES - host->arena_length) {
        host_refuse(L, POLICY_INVALID, "more text than %d bytes in one answer", (int)ARENA_BYTES);
    }
    policy_text text = {(uint32_t)host->arena_length, (uint32_t)length};
    memcpy(host->arena + host->arena_length, bytes, length);
    host->arena_length += length;
    return text;
}

void host_push_module_cache(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key); }

void host_run_source(lua_State *L, size_t index) {
    policy_host *host = host_of(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, host->sources[index].reference);
    // Set anew each time: a chunk may have assigned to its own _ENV.
    if (host->is_plain) {
        lua_pushglobaltable(L);
    } else {
        sandbox_push_environment(L);
    }
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
}

static int must_not_happen(lua_State *L) {
    (void)L;
    fputs("reckon: Lua raised outside a protected call\n", stderr);
    abort();
}

// Copies an error object into the message: strings only, capped, with bytes outside plain ASCII escaped.
// Objects of other types may carry metamethods and are only named.
static void describe_error(policy_host *host, lua_State *L) {
    if (lua_type(L, -1) != LUA_TSTRING) {
        snprintf(host->message, sizeof host->message, "an error object of type %s", luaL_typename(L, -1));
        return;
    }
    size_t length = 0;
    const char *text = lua_tolstring(L, -1, &length);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (used + 8 >= sizeof host->message) {
            memcpy(host->message + used, "...", 3);
            used += 3;
            break;
        }
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte < 0x7f) {
            host->message[used++] = (char)byte;
        } else {
            used += (size_t)snprintf(host->message + used, 5, "\\x%02x", byte);
        }
    }
    host->message[used] = 0;
}

static void close_state(policy_host *host) {
    if (host->lua == NULL) return;
    budget_disarm(host);
    lua_close(host->lua);
    host->lua = NULL;
}

typedef struct {
    const host_source *source;
    size_t at;
} source_reader;

// By pieces, so that time is looked at on the way: some source takes the square of its length to compile.
static const char *read_source(lua_State *L, void *context, size_t *size) {
    source_reader *reader = context;
    size_t left = reader->source->length - reader->at;
    const char *piece = reader->source->bytes + reader->at;
    budget_watch(L);
    *size = left < SOURCE_PIECE ? left : SOURCE_PIECE;
    reader->at += *size;
    return piece;
}

static int compile_all(lua_State *L) {
    policy_host *host = host_of(L);
    sandbox_build(L);
    if (host->is_plain) plain_build(L);
    for (size_t i = 0; i < host->source_count; i++) {
        host_source *source = &host->sources[i];
        source_reader reader = {source, 0};
        if (lua_load(L, read_source, &reader, source->chunk, "t") != LUA_OK) return lua_error(L);
        source->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    return 0;
}

static void settle(policy_host *host, int result, policy_status otherwise);

// A fresh state with all sources compiled; false leaves the reason in the outcome.
static bool open_state(policy_host *host) {
    close_state(host);
    host->live_bytes = 0;
    host->charging = false;
    host->trip = POLICY_OK;
    host->lua = lua_newstate(host->is_plain ? plain_allocate : budget_allocate, host);
    host->refusal = POLICY_OK;
    if (host->lua == NULL) {
        snprintf(host->message, sizeof host->message, "no memory for a Lua state");
        host->outcome.status = POLICY_MEMORY;
        return false;
    }
    lua_atpanic(host->lua, must_not_happen);
    *(policy_host **)lua_getextraspace(host->lua) = host;
    budget_arm(host);
    host->is_compiling = true;
    lua_pushcfunction(host->lua, compile_all);
    int result = lua_pcall(host->lua, 0, 0, 0);
    host->is_compiling = false;
    settle(host, result, POLICY_LOAD);
    return host->outcome.status == POLICY_OK;
}

static void settle_trip(policy_host *host) {
    policy_outcome *outcome = &host->outcome;
    outcome->status = host->trip;
    if (host->trip == POLICY_INSTRUCTIONS) {
        // Told alike whether instructions or their time ran out first, since the latter hangs on the machine.
        snprintf(host->message, sizeof host->message, "used more than %d instructions, or the time for them",
                 (int)POLICY_FUEL);
        outcome->instructions = POLICY_FUEL;
    } else if (host->is_large_table) {
        snprintf(host->message, sizeof host->message, "made a table of more than %d keys", (int)MOST_KEYS);
    } else if (host->long_string > 0) {
        snprintf(host->message, sizeof host->message, "made a string longer than %d bytes",
                 (int)POLICY_STRING_BYTES);
    } else {
        // Byte counts hang on the hash seed, so nothing that was counted up to here can be told.
        snprintf(host->message, sizeof host->message, "used more than %d bytes (not reproducible)",
                 (int)POLICY_BYTES);
        outcome->reproducible = false;
        outcome->instructions = POLICY_FUEL;
    }
}

static bool is_refusal(lua_State *L) {
    return lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == (const void *)&refused;
}

// Turns the end of a protected call into the outcome, and gives up the state where a budget was blown.
static void settle(policy_host *host, int result, policy_status otherwise) {
    policy_outcome *outcome = &host->outcome;
    outcome->instructions = host->granted - host->fuel;
    outcome->reproducible = true;
    if (host->fuel <= 0 && host->trip == POLICY_OK) host->trip = POLICY_INSTRUCTIONS;
    if (host->trip != POLICY_OK) {
        settle_trip(host);
    } else if (result == LUA_OK) {
        outcome->status = POLICY_OK;
        host->message[0] = 0;
    } else if (is_refusal(host->lua)) {
        outcome->status = host->refusal;
    } else {
        outcome->status = otherwise;
        describe_error(host, host->lua);
    }
    bool blown = host->trip != POLICY_OK || result == LUA_ERRMEM;
    if (blown) {
        close_state(host);
    } else {
        budget_disarm(host);
        lua_settop(host->lua, 0);
        if (host->live_bytes > POLICY_BYTES / 16) lua_gc(host->lua, LUA_GCCOLLECT);
    }
}

static void point_outcome(policy_host *host) {
    policy_outcome *outcome = &host->outcome;
    outcome->message = host->message;
    outcome->message_length = strlen(host->message);
    outcome->arena = host->arena;
    outcome->arena_length = host->arena_length;
    outcome->state = host->state;
    outcome->log = host->log;
    outcome->log_count = host->log_count;
    outcome->log_dropped = host->log_dropped;
}

typedef enum { ASK_DESCRIBE, ASK_INITIAL_STATE, ASK_MIGRATE, ASK_EVALUATE, ASK_ITEM } ask_kind;

typedef struct {
    policy_host *host;
    ask_kind kind;
    const policy_question *question;
    policy_description *description;
    int64_t item;
} ask;

static void push_function(lua_State *L, int policy, const char *name) {
    marshal_push_raw_field(L, policy, name);
    if (lua_type(L, -1) != LUA_TFUNCTION) {
        host_refuse(L, POLICY_LOAD, "the policy has no function `%s`", name);
    }
}

static void push_policy(lua_State *L, policy_host *host) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cache_key);
    for (size_t i = 0; i < host->source_count; i++) host->sources[i].running = false;
    host->sources[0].running = true;
    host->charging = true;
    host_run_source(L, 0);
    host->charging = false;
    if (!sandbox_is_plain_table(L, -1)) {
        host_refuse(L, POLICY_LOAD, "the chunk returns a %s; it must return the policy table",
                    luaL_typename(L, -1));
    }
}

static void call_charged(lua_State *L, policy_host *host, int arguments, int results) {
    host->charging = true;
    lua_call(L, arguments, results);
    host->charging = false;
}

static int answer(lua_State *L) {
    ask *asked = lua_touserdata(L, 1);
    policy_host *host = asked->host;
    luaL_checkstack(L, 40, "no stack");
    push_policy(L, host);
    int policy = lua_gettop(L);
    switch (asked->kind) {
    case ASK_DESCRIBE:
        describe_policy(L, policy, asked->description);
        break;
    case ASK_ITEM:
        list_encode_item(L, policy, asked->item, host);
        break;
    case ASK_INITIAL_STATE:
        push_function(L, policy, "initial_state");
        marshal_push_context(L, asked->question);
        call_charged(L, host, 1, 1);
        state_encode(L, lua_gettop(L), host);
        break;
    case ASK_MIGRATE:
        push_function(L, policy, "migrate");
        state_push(L, asked->question->state, asked->question->state_length);
        lua_pushinteger(L, asked->question->old_state_version);
        marshal_push_context(L, asked->question);
        call_charged(L, host, 3, 1);
        state_encode(L, lua_gettop(L), host);
        break;
    case ASK_EVALUATE:
        push_function(L, policy, "evaluate");
        marshal_push_belief(L, asked->question);
        state_push(L, asked->question->state, asked->question->state_length);
        marshal_push_context(L, asked->question);
        call_charged(L, host, 3, 2);
        knobs_decode(L, lua_gettop(L) - 1, host);
        state_encode(L, lua_gettop(L), host);
        break;
    }
    return 0;
}

static void run_ask(void *context) {
    ask *asked = context;
    policy_host *host = asked->host;
    if (host->lua == NULL && !open_state(host)) return;
    budget_arm(host);
    lua_pushcfunction(host->lua, answer);
    lua_pushlightuserdata(host->lua, asked);
    settle(host, lua_pcall(host->lua, 1, 0, 0), POLICY_ERROR);
}

static void start_outcome(policy_host *host) {
    memset(&host->outcome, 0, sizeof host->outcome);
    host->outcome.reproducible = true;
    host->refusal = POLICY_ERROR;
    host->message[0] = 0;
    host->arena_length = 0;
    host->log_count = 0;
    host->log_dropped = 0;
}

static const policy_outcome *put(ask asked) {
    policy_host *host = asked.host;
    start_outcome(host);
    if (!stack_with_room(run_ask, &asked)) {
        host->outcome.status = POLICY_ERROR;
        host->outcome.reproducible = false;
        snprintf(host->message, sizeof host->message, "no thread with room for Lua could be started");
    }
    point_outcome(host);
    return &host->outcome;
}

const policy_outcome *policy_host_describe(policy_host *host, policy_description *description) {
    memset(description, 0, sizeof *description);
    return put((ask){host, ASK_DESCRIBE, NULL, description, 0});
}

const policy_outcome *policy_host_initial_state(policy_host *host, const policy_question *question) {
    return put((ask){host, ASK_INITIAL_STATE, question, NULL, 0});
}

const policy_outcome *policy_host_migrate(policy_host *host, const policy_question *question) {
    return put((ask){host, ASK_MIGRATE, question, NULL, 0});
}

const policy_outcome *policy_host_evaluate(policy_host *host, const policy_question *question) {
    return put((ask){host, ASK_EVALUATE, question, NULL, 0});
}

const policy_outcome *policy_host_item(policy_host *host, int64_t index) {
    return put((ask){host, ASK_ITEM, NULL, NULL, index});
}

static char *copied(const char *bytes, size_t length) {
    char *copy = malloc(length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, bytes, length);
    copy[length] = 0;
    return copy;
}

static bool copy_sources(policy_host *host, const policy_source *sources, size_t count) {
    for (size_t i = 0; i < count; i++) {
        host_source *source = &host->sources[i];
        source->module = copied(sources[i].module, strlen(sources[i].module));
        source->chunk = copied(sources[i].chunk, strlen(sources[i].chunk));
        source->bytes = copied(sources[i].bytes, sources[i].length);
        source->length = sources[i].length;
        host->source_count = i + 1;
        if (source->module == NULL || source->chunk == NULL || source->bytes == NULL) return false;
        if (source->length > POLICY_SOURCE_BYTES) return false;
        // In a comment too: a reading of the language here could be wrong, this cannot.
        if (memmem(source->bytes, source->length, "...", 3) != NULL) host->has_varargs = true;
    }
    return count > 0;
}

static bool locale_is_plain(void) {
    const char *collation = setlocale(LC_COLLATE, NULL);
    const char *numbers = setlocale(LC_NUMERIC, NULL);
    return collation != NULL && numbers != NULL
        && (strcmp(collation, "C") == 0 || strcmp(collation, "POSIX") == 0)
        && (strcmp(numbers, "C") == 0 || strcmp(numbers, "POSIX") == 0);
}

static void load(void *context) { open_state(context); }

static policy_host *open_host(const policy_source *sources, size_t count, bool is_plain) {
    policy_host *host = calloc(1, sizeof *host);
    if (host == NULL) return NULL;
    host->is_plain = is_plain;
    start_outcome(host);
    if (!locale_is_plain()) {
        host->outcome.status = POLICY_LOAD;
        snprintf(host->message, sizeof host->message, "LC_COLLATE and LC_NUMERIC must be \"C\"");
    } else if (count > POLICY_SOURCES || !copy_sources(host, sources, count)) {
        host->outcome.status = POLICY_LOAD;
        snprintf(host->message, sizeof host->message, "more than %d files, or a file over %d bytes",
                 (int)POLICY_SOURCES, (int)POLICY_SOURCE_BYTES);
    } else if (!stack_with_room(load, host)) {
        host->outcome.status = POLICY_LOAD;
        snprintf(host->message, sizeof host->message, "no thread with room for Lua could be started");
    }
    point_outcome(host);
    host->load_outcome = host->outcome;
    memcpy(host->load_message, host->message, sizeof host->message);
    host->load_outcome.message = host->load_message;
    return host;
}

policy_host *policy_host_new(const policy_source *sources, size_t count) {
    return open_host(sources, count, false);
}

policy_host *policy_host_new_plain(const policy_source *sources, size_t count) {
    return open_host(sources, count, true);
}

void policy_host_free(policy_host *host) {
    if (host == NULL) return;
    close_state(host);
    lines_free(host);
    for (size_t i = 0; i < host->source_count; i++) {
        free(host->sources[i].module);
        free(host->sources[i].chunk);
        free(host->sources[i].bytes);
    }
    free(host);
}

uint64_t policy_host_asked_bytes(const policy_host *host) { return host->asked_bytes; }

const policy_outcome *policy_host_load_outcome(policy_host *host) { return &host->load_outcome; }

const char *policy_lua_release(void) { return LUA_RELEASE; }
