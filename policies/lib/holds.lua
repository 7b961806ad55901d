-- Symbols in debt are closed at once, and stay so a little beyond it.
local holds = {}

local MOST = 96

-- The holds of the next state, by symbol the time until which each lasts, and whether there are more than can
-- be kept.
function holds.update(held, belief, now, seconds)
  local kept, count = {}, 0
  for symbol, last in pairs(held) do
    if last > now then kept[symbol] = last end
  end
  for _, row in ipairs(belief.symbols) do
    if row.debt_sec > 0 or row.mismatches > 0 then kept[row.symbol] = now + seconds end
  end
  local bounded = {}
  for symbol, last in pairs(kept) do
    count = count + 1
    if count <= MOST then bounded[symbol] = last end
  end
  return bounded, count > MOST
end

function holds.knobs(held)
  local knobs = {}
  for symbol in pairs(held) do knobs[symbol] = { allow_entries = false, max_notional_usdt = 0 } end
  return knobs
end

return holds
