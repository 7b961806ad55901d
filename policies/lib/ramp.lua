-- Small pieces of arithmetic that policies share.
local ramp = {}

function ramp.clamp(value, least, most)
  return math.max(least, math.min(most, value))
end

-- From `from` at 0 seconds to `to` at `length` seconds and later.
function ramp.linear(seconds, length, from, to)
  if seconds >= length or length <= 0 then return to end
  return from + (to - from) * math.max(0, seconds) / length
end

-- A whole number no larger than `limit`, at least 1 where the limit allows it.
function ramp.share(limit, part)
  return math.min(limit, math.max(1, math.floor(limit * part)))
end

return ramp
