-- expect: load power_operator
local x = [==[ ^ ]==] --[[ ^ ]]
local y = 3^2
return {}
