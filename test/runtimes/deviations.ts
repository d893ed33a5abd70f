import type { WebAdapter } from '../lab/web-lab.js'
import type { WebName } from './runtimes.js'
export function deviations(_r: WebName, _a: WebAdapter): Readonly<Record<string, string>> {
  return {}
}
