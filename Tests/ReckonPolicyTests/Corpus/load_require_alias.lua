-- expect: load require_not_literal
local r = require
return {}
