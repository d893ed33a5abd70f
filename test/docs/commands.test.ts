import { expect, test } from 'vitest'
import { repository, type Source } from '../architecture/source.js'
import { fencedBlocks } from './blocks.js'

const manifest = repository('package.json').find(({ path }) => path === 'package.json')!
const { scripts } = JSON.parse(manifest.text) as { scripts: Record<string, string> }
const readme = repository('.md').find(({ path }) => path === 'README.md')!

const isShell = (language: string) => /^(sh|bash|shell|console)$/.test(language)

/** The scripts of the root that a document tells its reader to run. */
function scriptsNamedBy(page: Source): string[] {
  return fencedBlocks(page)
    .filter(({ language }) => isShell(language))
    .flatMap(({ code }) => [...code.matchAll(/\bnpm (?:(start|test)\b|run (?:--silent )?([\w:-]+))/g)])
    .map(([, short, long]) => short ?? long!)
}

test('every npm script that a document names exists', () => {
  const unknown = repository('.md').flatMap((page) =>
    scriptsNamedBy(page)
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${page.path}: npm run ${name}`),
  )
  expect(unknown).toEqual([])
})

test('the README begins with the two commands', () => {
  const commands = fencedBlocks(readme).filter(({ language }) => isShell(language))
  expect(commands[0]?.code).toContain('npm install && npm start')
  expect(commands[0]?.code).toContain('npm install && npm test')
})

test('a first protected route takes at most five lines on each framework', () => {
  const [, section] = readme.text.split(/^## A first protected route$/m)
  const routes = fencedBlocks({ path: 'README.md', text: section!.split(/^## /m)[0]! }).filter(({ code }) =>
    /from '@latchkey\/(express|koa|hono)'/.test(code),
  )
  expect(routes.map(({ code }) => code.split('\n').filter((line) => line.trim() !== '').length <= 5)).toEqual([
    true,
    true,
    true,
  ])
})
