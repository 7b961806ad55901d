#include "internal.h"

#include <lualib.h>
#include <stdlib.h>

// What the standard library's own states use.
void *plain_allocate(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    (void)old_size;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

// Puts the standard libraries in, with the two functions that only this host has.
void plain_build(lua_State *L) {
    luaL_openlibs(L);
    sandbox_push_environment(L);
    lua_pushglobaltable(L);
    lua_getfield(L, -2, "require");
    lua_setfield(L, -2, "require");
    lua_getfield(L, -2, "log");
    lua_setfield(L, -2, "log");
    lua_pop(L, 2);
}
