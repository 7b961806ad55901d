-- expect: load policy_table
local function knobs()
end
