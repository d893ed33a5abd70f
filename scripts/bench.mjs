// npm run bench: measures Latchkey against its peers and against the least work that any implementation must do.
import { build } from './build.mjs'

build('--filter=@latchkey/bench...')
await import('../bench/dist/main.js')
