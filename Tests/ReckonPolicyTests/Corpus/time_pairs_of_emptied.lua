-- expect: fault instructions

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local t = {} for j = 1, 4000 do t[j + 0.5] = 1 end for j = 1, 4000 do t[j + 0.5] = nil end while true do for _ in pairs(t) do end end return knobs(), state
  end,
}
