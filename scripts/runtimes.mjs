// npm run runtimes: the suites on other runtimes than the one at hand. It installs them into .runtimes/ (about 1 GB, once), by npm
// alone. `npm run runtimes -- node-24 bun` looks at these only; `-- --write` records what was found and writes docs/runtimes.md.
import { build } from './build.mjs'

build()
const { main } = await import('../test/dist/runtimes/main.js')
process.exitCode = (await main(process.argv.slice(2))) === 0 ? 0 : 1
