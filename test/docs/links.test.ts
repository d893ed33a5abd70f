import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { repository, type Source } from '../architecture/source.js'

const documents = repository('.md')
const root = new URL('../../', import.meta.url)

/** The anchors that a page's headings make, as GitHub makes them. */
function anchorsOf({ text }: Source): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** The relative links of a page that lead nowhere. */
function deadLinks(page: Source, pages: readonly Source[]): string[] {
  const prose = page.text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split('#') as [string, string?]
      const path = file === '' ? page.path : posix.join(posix.dirname(page.path), file)
      if (!existsSync(new URL(path, root)) && !pages.some((other) => other.path === path)) return true
      const target = pages.find((other) => other.path === path)
      return anchor !== undefined && target !== undefined && !anchorsOf(target).includes(anchor)
    })
    .map((link) => `${page.path} -> ${link}`)
}

test('every relative link leads somewhere', () => {
  expect(documents.flatMap((page) => deadLinks(page, documents))).toEqual([])
})

test('a link to a file or to a heading that is not there is found', () => {
  const page = {
    path: 'docs/planted.md',
    text: '# Here it is\n[a](gone.md) [b](#here-it-is) [c](#gone) [d](https://example.com)',
  }
  expect(deadLinks(page, [page])).toEqual(['docs/planted.md -> gone.md', 'docs/planted.md -> #gone'])
})
