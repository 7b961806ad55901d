-- expect: load module_missing
local m = _ENV.require "evil"
return {}
