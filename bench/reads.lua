-- The requests of a file in turn: a path and perhaps a token on each line.
-- wrk -s reads.lua URL -- FILE FIRST
local requests, place = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, token = line:match("^(%S+) ?(%S*)$")
    local headers = token ~= "" and { Authorization = "Bearer " .. token } or {}
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  place = tonumber(arguments[2])
end

function request()
  place = place + 1
  return requests[(place - 1) % #requests + 1]
end
