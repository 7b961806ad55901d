-- expect: load module_missing
local m = require("no_such_module")
return {}
