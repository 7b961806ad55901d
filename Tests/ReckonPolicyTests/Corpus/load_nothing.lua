-- expect: load policy_table

