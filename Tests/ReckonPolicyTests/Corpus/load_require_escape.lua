-- expect: load module_name
local m = require("../baseline/policy")
return {}
