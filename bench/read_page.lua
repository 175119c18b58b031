-- Reads one page repeatedly; every answer must be the page.
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init() refused = 0 end

function response(status)
  if status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("refused") end
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), refused + errors.connect + errors.read + errors.write + errors.timeout))
end
