-- expect: says 3 6 1 4 7 2 5

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local t = {} for i = 1, 7 do t[i] = { i % 3, i } end table.sort(t, function(a, b) return a[1] < b[1] end) local list = {} for _, v in ipairs(t) do table.insert(list, v[2]) end local k = knobs() k.reason = table.concat(list, " ") return k, state
  end,
}
