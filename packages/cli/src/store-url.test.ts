import { expect, test } from 'vitest'
import { placeOf } from './store-url.js'

test.each([
  ['postgres://bob:p@ss/word@db.example:5432/app?sslpassword=x', 'postgres://db.example:5432/app'],
  ['postgres:///app?host=/run&password=x', 'postgres:///app'],
  ['rediss://:secret@cache.example:6380/1', 'rediss://cache.example:6380/1'],
  ['redis://cache.example', 'redis://cache.example'],
  ['postgres://bob:a?b@db.example/app', 'postgres://db.example/app'],
  ['sqlite:./data/latchkey.db', 'sqlite:./data/latchkey.db'],
])('of %s no credentials are shown', (url, place) => {
  expect(placeOf(url)).toBe(place)
})
