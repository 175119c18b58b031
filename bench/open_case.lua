-- Opens cases by the plain form, each with a key and a mail address of its own; every answer must redirect to the case. Each
-- request comes from an address of its own, as a proxy forwards it, because of the rate limits. Arguments: a prefix that no
-- other run uses; then a token, if the same cases are opened by the API.
local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function init(args)
  prefix = args[1] or "bench"
  token = args[2]
  count, refused = 0, 0
  math.randomseed(id + 1)
end

-- The fields, which are the same for both.
local fields = {
  reporter = "Ana Teresa Rivas", contract = "CPS-VE-004213-58", serial = "FOC2614A1B2", platform = "network", country = "VE",
  location = "Torre Avila, piso 12, sala de redes", contact_name = "", contact_phone = "0212 555 0142",
  fault = "El conmutador del piso 12 se apaga y se enciende solo.", severity = "critical", urgency = "critical",
}
local form, members = "&contact_same=yes", '{"contact_same":true'
for name, value in pairs(fields) do
  form = form .. "&" .. name .. "=" .. value:gsub(",", "%%2C"):gsub(" ", "+")
  members = members .. ',"' .. name .. '":"' .. value .. '"'
end

function request()
  count = count + 1
  local own = string.format("%s-%02d-%08d", prefix, id, count)
  if token then
    local headers = {
      ["content-type"] = "application/json", ["authorization"] = "Bearer " .. token, ["idempotency-key"] = own,
    }
    return wrk.format("POST", "/api/v1/cases", headers, members .. ',"contact_mail":"' .. own .. '@cumbre.example"}')
  end
  local body = "key=" .. own .. "-0123456789abcdef" .. form .. "&contact_mail=" .. own .. "%40cumbre.example"
  local from = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
  local headers = { ["content-type"] = "application/x-www-form-urlencoded", ["x-forwarded-for"] = from }
  return wrk.format("POST", "/", headers, body)
end

function response(status)
  if status ~= (token and 201 or 303) then refused = refused + 1 end
end

function done(summary, latency)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("refused") end
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), refused + errors.connect + errors.read + errors.write + errors.timeout))
end
