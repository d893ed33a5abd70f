/** Opens a script: `now` is the server's clock in whole epoch milliseconds. */
export const clock = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`
