-- expect: load power_operator
local x = 2 ^ 0.5
return {}
