/**
 * The parameters of a form-encoded body as one run of bytes: names in order, each followed by each of its different values in
 * order, name and value without anything between them. Over bytes: what is no UTF-8 stays apart from what it would be
 * decoded to.
 */
export function sortedForm(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  const parameters = new Map<string, Set<string>>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    const values = parameters.get(name) ?? new Set()
    parameters.set(name, values.add(at < 0 ? '' : decode(pair.slice(at + 1))))
  }
  const names = [...parameters.keys()].sort()
  const runs = names.flatMap((name) => [...parameters.get(name)!].sort().map((value) => name + value))
  return Buffer.from(runs.join(''), 'latin1')
}

/** A character a byte, before and after (WHATWG URL, "application/x-www-form-urlencoded parsing"). */
function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
