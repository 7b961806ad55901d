-- expect: says 0.1+0.2

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local t = { a = 0.1, b = 0.2, c = 0.3, d = 1e16, e = -1e16 } local sum = 0 for _, v in pairs(t) do sum = sum + v end local k = knobs() k.reason = (sum == 0.1 + 0.2 + 0.3 + 1e16 - 1e16) and "0.1+0.2" or "other" return k, state
  end,
}
