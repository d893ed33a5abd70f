// npm run tour: builds what has changed, then runs the requests against the three examples.
import { build } from './build.mjs'

build('--filter=./examples/*')

await import('../examples/payments/dist/tour.js')
