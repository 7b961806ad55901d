-- expect: load policy_table
return { api = 1, name = "x", initial_state = function() return {} end }
