import { expect, test } from 'vitest'
import { exampleProcess } from './example-process.js'

test('npm run tour gets the same statuses, in the same order, from each of the three examples', async () => {
  const tour = exampleProcess('scripts/tour.mjs', [], {})
  expect(await tour.ended).toBe(0)
  const visits = tour
    .output()
    .trim()
    .split('\n\n')
    .map((visit) => visit.split('\n'))
  expect(visits.map(([framework]) => framework)).toEqual(['express', 'koa', 'hono'])
  const answers = visits.map(([, ...lines]) => lines.map((line) => line.slice(67).split('  ')[0]))
  const statuses = '401 403 201 201 422 400 400 409 201 200 202 401 204 409 503'.split(' ')
  for (const answer of answers) expect(answer).toEqual([...statuses, 'exit code 0'])
}, 60_000)
