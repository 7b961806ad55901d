-- expect: fault instructions

local function knobs()
  return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5, min_entry_conf = 0.5,
    entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2, kill_switch_trip = false }
end
return {
  api = 1, name = "hostile",
  initial_state = function(context) return {} end,
  evaluate = function(belief, state, context)
    local a = "\0" for i = 1, 13 do a = a .. a end local b = a .. "b" a = a .. "a" local x = 0 while true do if a < b then x = 1 end if a < b then x = 2 end end return knobs(), state
  end,
}
