import { apiKeys, type Store } from '@latchkey/core'
import type { Adapter } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { type Canary, found } from './canary.js'
import { misuse } from './misuse.js'
import { canariesOf, freshSecrets } from './secrets.js'
import { openSinks, type SinkName, type Sinks, sinkNames } from './sinks.js'
import { storeDump } from './store-dump.js'
import { type ScannedStoreName, scannedStores } from './stores.js'
import { Visits } from './visits.js'

/**
 * Where a canary may be, and why. Replies that are kept hold what the handler put in, the body of the request here; a key's row names
 * its owner, and so do the events by which an application keeps a trail of its own. What is logged and measured of them does not.
 */
const exempt = { store: ['body', 'tenant'], event: ['tenant'] } as const satisfies Partial<Record<SinkName, string[]>>

/** Which canaries were found in which sink, where none of them belongs. */
export type Leaks = Readonly<Record<string, readonly string[]>>

interface Scan {
  readonly leaks: Leaks
  /** Those that the store may hold, and does: the dump reads what is in it. */
  readonly held: readonly string[]
  readonly scanned: ReadonlyMap<SinkName, Buffer>
}

/**
 * Runs the lab on one framework over one store with canaries in every place where a secret is, along the ways that accept, refuse and
 * fail, and looks for them in everything that got out.
 *
 * @param plant puts canaries where they do not belong, for a scan that has to find them.
 */
export async function scan(
  adapter: Adapter,
  name: ScannedStoreName,
  plant: (sinks: Sinks, store: Store) => Promise<readonly Canary[]> | readonly Canary[] = () => [],
): Promise<Scan> {
  const secrets = await freshSecrets()
  const { system, start } = scannedStores[name]
  const { url, whileDown, remove } = await start(secrets.urlPassword)
  const sinks = openSinks()
  const { observe, telemetry } = sinks
  let store: Store | undefined
  const quick = { storeTimeoutSeconds: 0.5, settleTimeoutSeconds: 0.5 }
  const lab = await startLab({
    adapter,
    store: url,
    seen: (opened) => {
      store = telemetry.store(opened, system)
      return store
    },
    options: {
      apiKey: { observe },
      idempotency: { observe, secret: secrets.recordSecret, settleRetrySeconds: 10, ...quick },
      signature: {
        observe,
        secrets: { github: [secrets.hookSecret], 'header-secret': [secrets.headerSecret] },
        ...quick,
      },
    },
  })
  try {
    const visits = new Visits(lab, secrets, sinks)
    const keys = apiKeys({ store: store!, prefix: 'acme', observe })
    const tenant = await keys.issue({ ownerId: secrets.tenant })
    await visits.send('GET /whoami', { key: tenant.key })
    await visits.keys()
    await visits.charges()
    await visits.hooks()
    await visits.fault({ keys: 'fail', claim: 'fail' }, 'failed')
    await visits.fault({ claim: 'hang' }, 'hung')
    await visits.fault({ claim: 'lose-answer' }, 'lost')
    await visits.fault({ settle: 'fail' }, 'unsettled')
    // What a server that is killed had in memory is gone afterwards.
    sinks.add('store', await storeDump(url, store!))
    const running = visits.send('POST /everyone/charge?delayMs=300', {
      once: `${secrets.idempotencyKey}cut`,
      body: JSON.stringify({ note: secrets.body }),
    })
    await whileDown(async () => {
      await visits.once('down')
      await running
    })
    await misuse(sinks, secrets, { store: store!, keys, lab })
    const planted = await plant(sinks, store!)
    const canaries = [...canariesOf(secrets), ...visits.canaries, ...planted]
    sinks.add('store', await storeDump(url, store!))
    const scanned = await sinks.contents()
    const held = found(
      scanned.get('store')!,
      canaries.filter(({ name }) => (exempt.store as readonly string[]).includes(name)),
    )
    return { leaks: leaksIn(scanned, canaries), held, scanned }
  } finally {
    await lab.close()
    await sinks.close()
    await remove()
  }
}

function leaksIn(scanned: ReadonlyMap<SinkName, Buffer>, canaries: readonly Canary[]): Leaks {
  const leaks = (sink: SinkName) => {
    const allowed: readonly string[] = sink in exempt ? exempt[sink as keyof typeof exempt] : []
    const sought = canaries.filter(({ name }) => !allowed.includes(name))
    return [...new Set(found(scanned.get(sink)!, sought))]
  }
  return Object.fromEntries(sinkNames.map((sink) => [sink, leaks(sink)]))
}
