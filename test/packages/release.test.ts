import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = new URL('../../', import.meta.url)
const text = (path: string) => readFileSync(new URL(path, root), 'utf8')

interface Job {
  readonly permissions: Readonly<Record<string, string>>
  readonly needs?: string
  readonly steps: readonly {
    readonly uses?: string
    readonly run?: string
    readonly env?: Readonly<Record<string, string>>
  }[]
}

const source = text('.github/workflows/release.yml')
const workflow = parse(source) as { readonly permissions: object; readonly jobs: Readonly<Record<string, Job>> }
const { check, publish } = workflow.jobs as { readonly check: Job; readonly publish: Job }

describe('the release workflow', () => {
  test('may publish in one job alone, after everything that a commit must pass', () => {
    expect(workflow.permissions).toEqual({})
    expect(check.permissions).toEqual({ contents: 'read' })
    expect(publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    expect(publish.needs).toBe('check')
    expect(check.steps.map(({ run }) => run)).toContain('bash .ci/run')
  })

  test('publishes with provenance and without a token, and runs no script of a dependency where it may', () => {
    const last = publish.steps.at(-1)
    expect(last).toMatchObject({ run: 'npm run release:publish', env: { NPM_CONFIG_PROVENANCE: 'true' } })
    expect(source).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/)
    expect(publish.steps.map(({ run }) => run)).toContain('npm ci --ignore-scripts')
  })

  test('names every action by its commit, and its version beside it', () => {
    const lines = source.split('\n').filter((line) => line.includes('uses:'))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })
})

describe('the packages', () => {
  const manifests = readdirSync(new URL('packages/', root)).map(
    (folder) => JSON.parse(text(`packages/${folder}/package.json`)) as Manifest,
  )

  interface Manifest {
    readonly name: string
    readonly version: string
    readonly private?: boolean
    readonly dependencies?: Readonly<Record<string, string>>
  }

  test('have one version, all of them, and depend on each other by it', () => {
    const [first] = manifests
    const versions = manifests.flatMap(({ version, dependencies = {} }) => [
      version,
      ...Object.entries(dependencies).flatMap(([name, range]) => (name.startsWith('@latchkey/') ? [range] : [])),
    ])
    expect([...new Set(versions)]).toEqual([first?.version])
  })

  test('are public, and go together', () => {
    expect(manifests.filter(({ private: isPrivate }) => isPrivate)).toEqual([])
    expect(manifests.map(({ name }) => name).filter((name) => !/^(latchkey|@latchkey\/[a-z-]+)$/.test(name))).toEqual(
      [],
    )
    const { fixed, access } = JSON.parse(text('.changeset/config.json')) as Record<string, unknown>
    expect({ fixed, access }).toEqual({ fixed: [['latchkey', '@latchkey/*']], access: 'public' })
  })
})
