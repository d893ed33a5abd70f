// npm start: builds what has changed, then starts one of the examples and prints requests to try.
import { build } from './build.mjs'

build('--filter=./examples/*')

await import('../examples/payments/dist/start.js')
