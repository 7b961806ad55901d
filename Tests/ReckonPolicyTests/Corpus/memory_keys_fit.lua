-- expect: runs

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local t = {} for i = 1, 4096 do t["k" .. i] = i end return knobs(), state
  end,
}
