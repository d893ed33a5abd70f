import { type RefusalCode, refusals } from '@latchkey/core'
import { keyManagement, managementDescription } from '@latchkey/management'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { Described } from './described.js'

describe('the description of the management API', () => {
  const document = managementDescription({ basePath: '/admin/api-keys' })

  test.each([{}, { whoamiPath: '/whoami' }])('is a valid document of OpenAPI 3.1 with %j', async (options) => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(managementDescription(options))))
    expect(errors).toBe(undefined)
    expect([valid, validator.version]).toEqual([true, '3.1'])
  })

  test('has every refusal of the management API in the table', () => {
    const told = JSON.stringify(document)
    const codes = (Object.keys(refusals) as RefusalCode[]).filter((code) => code.startsWith('management-'))
    // A method that is not there has no operation to describe it with.
    expect(codes.filter((code) => !told.includes(code))).toEqual(['management-method-not-allowed'])
  })

  test('has the operations of the API, each with a name of its own, and no others', async () => {
    const keys = { issue() {}, revokeAll() {}, prefixes: [] } as never
    const guard = keyManagement({ keys, authorize: () => undefined, basePath: '/admin/api-keys' })
    const names = new Set<string>()
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of ['get', 'put', 'post', 'patch', 'delete', 'options']) {
        const url = `https://example.com${path.replace('{id}', '4fQ2v9sKx0Lb')}`
        const request = { method: method.toUpperCase(), url, headers: { get: () => null, count: () => 0 } }
        const verdict = await guard(request as never, { caller: undefined, get: () => undefined })
        const status = verdict.kind === 'reply' ? verdict.reply.status : 0
        expect(status, `${method} ${path}`).toBe(method in operations ? 403 : 405)
        if (method in operations) names.add(operations[method]!.operationId as string)
      }
    }
    expect(names.size).toBe(11)
  })

  test('is not satisfied by a reply that shows more than it says', () => {
    const described = new Described(document)
    const id = '4fQ2v9sKx0Lb'
    const reply = (json: object) => ({
      ...{ status: 200, headers: { 'content-type': 'application/json' } },
      ...{ text: JSON.stringify(json), json },
    })
    const path = '/admin/api-keys/revoke-all'
    described.expects('POST', path, reply({ revoked: [id] }))
    expect(() => described.expects('POST', path, reply({ revoked: [id], digest: 'x' }))).toThrow(
      /additional properties/,
    )
    expect(() => described.expects('POST', path, { ...reply({}), status: 418 })).toThrow()
    expect(() => described.takes('POST', path, { owner: 'acme' })).toThrow(/must have required property/)
  })
})
