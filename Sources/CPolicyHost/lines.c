#include "internal.h"

#include <stdlib.h>
#include <string.h>

// A source has at most one line a byte, and one more.
static size_t room_for_lines(const host_source *source) {
    size_t lines = 2;
    for (size_t i = 0; i < source->length; i++) {
        if (source->bytes[i] == '\n' || source->bytes[i] == '\r') lines++;
    }
    return lines / 8 + 1;
}

bool policy_host_note_lines(policy_host *host) {
    if (host->is_plain) return false;
    for (size_t i = 0; i < host->source_count; i++) {
        host->line_room[i] = room_for_lines(&host->sources[i]);
        if (host->lines[i] == NULL) host->lines[i] = calloc(1, host->line_room[i]);
        if (host->lines[i] == NULL) return false;
    }
    host->notes_lines = true;
    return true;
}

void policy_host_forget_lines(policy_host *host) {
    for (size_t i = 0; i < host->source_count; i++) {
        if (host->lines[i] != NULL) memset(host->lines[i], 0, host->line_room[i]);
    }
}

const uint8_t *policy_host_lines(const policy_host *host, size_t source, size_t *length) {
    if (source >= host->source_count || host->lines[source] == NULL) return NULL;
    *length = host->line_room[source];
    return host->lines[source];
}

void lines_note(lua_State *L, lua_Debug *activation) {
    policy_host *host = host_of(L);
    if (!host->notes_lines || activation->currentline < 0) return;
    if (!lua_getinfo(L, "S", activation)) return;
    for (size_t i = 0; i < host->source_count; i++) {
        if (strcmp(host->sources[i].chunk, activation->source) != 0) continue;
        size_t line = (size_t)activation->currentline;
        if (line / 8 < host->line_room[i]) {
            host->lines[i][line / 8] |= (uint8_t)(1u << (line % 8));
        }
        return;
    }
}

void lines_free(policy_host *host) {
    for (size_t i = 0; i < POLICY_SOURCES; i++) free(host->lines[i]);
    free(host->bytecode);
}

typedef struct {
    uint8_t *bytes;
    size_t length;
} dump;

// Never raises: a status other than 0 ends the dump.
static int append(lua_State *L, const void *piece, size_t size, void *context) {
    (void)L;
    dump *to = context;
    uint8_t *grown = realloc(to->bytes, to->length + size + 1);
    if (grown == NULL) return 1;
    memcpy(grown + to->length, piece, size);
    to->bytes = grown;
    to->length += size;
    return 0;
}

const uint8_t *policy_host_bytecode(policy_host *host, size_t source, size_t *length) {
    if (host->lua == NULL || source >= host->source_count) return NULL;
    dump to = {NULL, 0};
    // Neither call allocates in Lua, so neither can raise.
    lua_rawgeti(host->lua, LUA_REGISTRYINDEX, host->sources[source].reference);
    int failed = lua_dump(host->lua, append, &to, 0);
    lua_settop(host->lua, 0);
    free(host->bytecode);
    host->bytecode = to.bytes;
    if (failed) return NULL;
    *length = to.length;
    return to.bytes;
}
