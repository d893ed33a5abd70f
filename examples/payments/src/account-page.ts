import { createHash } from 'node:crypto'
import type { Reply } from '@latchkey/core'

/**
 * Browsers do not send what stands behind the `#` of a link: the token is in no log of a server and in no `Referer`. The script
 * takes it from there, and out of the history.
 */
const script = `
const token = location.hash.slice(1)
history.replaceState(null, '', location.pathname)
const form = document.querySelector('form')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = JSON.stringify({ ...Object.fromEntries(new FormData(form)), token })
  const answer = await fetch(location.pathname, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  document.querySelector('output').textContent = answer.ok ? 'Done.' : (await answer.json()).title
})
`

const policy = [
  `default-src 'none'; connect-src 'self'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  `form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
].join('; ')

/** The page that a link leads to: the same bytes for everybody. Only its form uses the token, with a POST to the page's own path. */
export function accountPage(title: string, fields: string): Reply {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<h1>${title}</h1>
<form>${fields}<button>${title}</button></form>
<output></output>
<script>${script}</script>
</html>
`
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['referrer-policy', 'no-referrer'],
      ['content-security-policy', policy],
    ],
    body: Buffer.from(html),
  }
}
