-- expect: load policy_table
return { api = 2, name = "x", initial_state = function() return {} end, evaluate = function() end }
