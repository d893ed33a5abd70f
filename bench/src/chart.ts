import type { Group, Skipped } from './area.js'

const [width, left, line] = [760, 330, 22]
const colours = { latchkey: '#2563eb', floor: '#16a34a', bare: '#86efac', peer: '#9ca3af' } as const

/** What is drawn of all that was measured: these groups, by how their titles begin. */
const drawn = [
  'A valid key of',
  'The first request with a key',
  'A delivery of Standard Webhooks, 1 KiB',
  'A delivery of GitHub, 1 KiB',
]

/** Bars of the times, one group under the other, each on a scale of its own: by the logarithm, since peers are apart by thousands. */
export function chartOf(groups: readonly (Group | Skipped)[]): string {
  const shown = drawn.flatMap((title) => groups.find((group) => group.title.startsWith(title)) ?? [])
  const parts: string[] = []
  let y = 24
  for (const group of shown) {
    if ('skipped' in group) continue
    parts.push(`<text x="8" y="${y}" font-weight="bold">${escaped(group.title)}, ns (logarithmic)</text>`)
    y += 8
    const most = Math.max(...group.rows.map(({ cells }) => cells[0]!.median))
    for (const { name, kind, cells } of group.rows) {
      const { median } = cells[0]!
      const long = Math.max(2, (Math.log10(median / 100) / Math.log10(most / 100)) * (width - left - 90))
      parts.push(
        `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
        `<rect x="${left}" y="${y + 4}" width="${long.toFixed(0)}" height="14" fill="${colours[kind]}"/>`,
        `<text x="${(left + long + 6).toFixed(0)}" y="${y + 15}">${Math.round(median).toLocaleString('en')}</text>`,
      )
      y += line
    }
    y += 30
  }
  const style = 'font-family="sans-serif" font-size="12"'
  const title = '<title>Times of one operation, Latchkey beside floors and other libraries</title>'
  const background = `<rect width="${width}" height="${y}" fill="#fff"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" ${style}>\n${[title, background, ...parts].join('\n')}\n</svg>\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
