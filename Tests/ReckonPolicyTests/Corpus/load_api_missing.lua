-- expect: load policy_table
return { name = "x", initial_state = function() return {} end, evaluate = function() end }
