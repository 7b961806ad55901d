#include "internal.h"

void list_encode_item(lua_State *L, int list, int64_t index, policy_host *host) {
    int kind = lua_rawgeti(L, list, (lua_Integer)index);
    if (kind == LUA_TNIL) {
        if (index == 1) {
            lua_pushnil(L);
            if (lua_next(L, list)) host_refuse(L, POLICY_LOAD, "the chunk returns a table that is no list");
        }
        return;
    }
    state_encode(L, lua_gettop(L), host);
}
