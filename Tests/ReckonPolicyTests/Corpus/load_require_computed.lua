-- expect: load require_not_literal
local name = "x"
local m = require(name)
return {}
