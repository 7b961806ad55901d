-- expect: load module_name
local m = require [[evil
ERROR the engine has stopped
]]
return {}
