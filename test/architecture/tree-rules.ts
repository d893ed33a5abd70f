import { posix } from 'node:path'
import type { Rule } from './dependency-rules.js'

const mostLines = 250

/** No file is longer than what one can take in. */
export const filesAreShort: Rule = (sources) =>
  sources
    .filter(({ path }) => /\.(ts|mjs|js)$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > mostLines)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${mostLines}`)

/** A name that says nothing about what is inside. */
export const namesSaySomething: Rule = (sources) =>
  sources
    .map(({ path }) => path)
    .filter((path) =>
      path.split('/').some((part) => /^(utils?|helpers?|commons?|misc|types|managers?)(\.|$)/i.test(part)),
    )
    .map((path) => `${path} is named after nothing in it`)

/** Files and folders are in kebab case. */
export const namesAreKebabCase: Rule = (sources) =>
  sources
    .map(({ path }) => path)
    .filter((path) => /^(packages|examples|test)\//.test(path) && path.endsWith('.ts'))
    .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|test\.kit|d))?\.ts$/.test(posix.basename(path)))
    .map((path) => `${path} is not in kebab case`)

/** Nothing in the repository knows the machine on which it was written. */
export const noMachinePaths: Rule = (sources) =>
  sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        /(^|[^\w.])\/(home|Users|root|work)\/\w|\b[A-Z]:\\Users\\/.test(line)
          ? [`${path}:${index + 1} names a machine's path`]
          : [],
      ),
  )

/** A decision that takes more than a page has not been made yet. */
export const decisionsAreShort: Rule = (sources) =>
  sources
    .filter(({ path }) => path.startsWith('docs/adr/'))
    .filter(({ path, text }) => !/\/\d{4}-[a-z0-9-]+\.md$/.test(path) || text.split('\n').length - 1 > 40)
    .map(({ path }) => `${path} is over forty lines, or not named NNNN-title.md`)
