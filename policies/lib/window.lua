-- How much a figure has grown within a window of time, from a few samples kept in the state.
local window = {}

local SAMPLES = 12

-- Growth of `value` per minute over its least sample within `length` seconds; 0 while there is none. Never
-- reads the sample of this tick, and divides by the whole window, so that one jump between two close ticks
-- is no burst.
function window.growth_per_min(samples, value, now, length)
  local least = value
  for _, sample in ipairs(samples) do
    if now - sample.at <= length then least = math.min(least, sample.value) end
  end
  return (value - least) * 60 / length
end

-- The samples of the next state: those still inside the window, and this one.
function window.push(samples, value, now, length)
  local kept = {}
  for _, sample in ipairs(samples) do
    if now - sample.at <= length then table.insert(kept, sample) end
  end
  local last = kept[#kept]
  if last == nil or now - last.at >= length / SAMPLES then
    table.insert(kept, { at = now, value = value })
  else
    last.value = math.min(last.value, value)
  end
  return kept
end

return window
