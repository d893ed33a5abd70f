import { expect, test } from 'vitest'
import { bundled } from './bundle.js'

test('a program that verifies one scheme carries nothing of the other features', async () => {
  const code = await bundled(`
    import { github, signature } from '@latchkey/core'
    export const guard = (secret) => signature({ scheme: github({ secrets: [secret] }), replay: false })
  `)
  expect(code).toContain('x-hub-signature-256')
  expect(code).not.toMatch(/idempotency\.claimed|api-key\.accepted|stripe-signature|abacus/)
})

test('a program that draws a token carries no guard', async () => {
  const code = await bundled(`
    import { tokenUrlsafe } from '@latchkey/core'
    export const token = () => tokenUrlsafe(32)
  `)
  expect(code).toContain('randomFillSync')
  expect(code).not.toMatch(/problem\+json|x-hub-signature-256|abacus/)
})
