-- expect: load policy_table
return { api = 1, name = "a b", initial_state = function() return {} end, evaluate = function() end }
