-- expect: load policy_table
return math
