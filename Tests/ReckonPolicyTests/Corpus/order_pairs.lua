-- expect: says -3 1 2 10 A Z a ab z

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local t = { z = 1, ab = 1, A = 1, a = 1, Z = 1, [10] = 1, 1, 1, [-3] = 1 } local list = {} for k in pairs(t) do table.insert(list, tostring(k)) end local k = knobs() k.reason = table.concat(list, " ") return k, state
  end,
}
