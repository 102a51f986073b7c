-- What wrk sends: the prepared requests of a file, in order, each once.
--
-- wrk … -s bench/load.lua URL -- FILE [again]
--
-- A line is a request: API key, Idempotency-Key, path and body, separated by tabs. `again` begins the file anew
-- at its end (for a server that keeps nothing); without it the callers stop there. The last line that is printed
-- is the result as JSON. wrk composes one request more than it sends, to look at it.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   requests = assert(io.open(args[1], "rb"))
   again = args[2] == "again"
   host = wrk.host .. ":" .. wrk.port
   composed, created, refused, failed, exhausted, problem = 0, 0, 0, 0, 0, ""
   last = ""
end

function request()
   local line = requests:read("*l")
   if not line and again then
      requests:seek("set")
      line = requests:read("*l")
   end
   if not line then
      -- What is sent now is a repeat of the last one, and nobody waits for its answer.
      exhausted = 1
      wrk.thread:stop()
      return last
   end
   composed = composed + 1
   local key, name, path, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
   last = "POST " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\nAuthorization: Bearer " .. key
      .. "\r\nIdempotency-Key: " .. name .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body
      .. "\r\n\r\n" .. body
   return last
end

function response(status, headers, body)
   if status == 201 then
      created = created + 1
      return
   end
   if status == 409 then
      refused = refused + 1
   else
      failed = failed + 1
   end
   -- A conflict may be what is looked for; anything else is the more telling.
   if problem == "" or (status ~= 409 and failed == 1) then
      problem = status .. " " .. body
   end
end

local function quoted(text)
   return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

function done(summary, latency)
   local thread = threads[1]
   local errors = summary.errors
   io.write(string.format(
      '{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"socket_errors":%d,'
         .. '"composed":%d,"created":%d,"refused":%d,"failed":%d,"exhausted":%s,"problem":%s}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.timeout,
      thread:get("composed"), thread:get("created"), thread:get("refused"), thread:get("failed"),
      thread:get("exhausted") == 1 and "true" or "false", quoted(thread:get("problem"))))
end
