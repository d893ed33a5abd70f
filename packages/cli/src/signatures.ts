import { type BoundScheme, sign, signaturePresets, verify } from '@latchkey/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { exitCodes, usageError } from './exit-codes.js'
import { headersByName } from './header-lines.js'
import { bytesFrom, defaultSecretVariable, type SecretSource, secretsFrom } from './input.js'
import { facts, moment, type OutputOptions, output, withJson } from './output.js'
import { durationSeconds, momentFrom, repeated } from './quantities.js'
import type { Session } from './session.js'
import { printable } from './terminal-text.js'

interface MessageOptions extends SecretSource, OutputOptions {
  readonly body: string
  readonly method: string
  readonly url: string
}

interface SignOptions extends MessageOptions {
  readonly id?: string
  readonly at?: Date
}

interface VerifyCommandOptions extends MessageOptions {
  readonly header?: readonly string[]
  readonly at?: Date
  readonly tolerance?: number
  readonly allowLegacy?: string
}

/** `latchkey sign` and `verify`: webhooks of every provider that core knows, by the name of the preset. */
export function addSignatures(program: Command, session: Session): void {
  const signing = withMessage(
    program.command('sign').description('the header fields that a provider would send with this body'),
  )
    .option('--id <id>', 'the delivery id (default: a random one, where the scheme signs one)')
    .option('--at <when>', 'when it is sent (default: now)', momentNow)
  withJson(signing).action(async (preset: string, options: SignOptions) => {
    const { id, at, method, url } = options
    const [secrets, body] = await secretsAndBody(options, session)
    const message = { body, method, url, ...(id !== undefined && { id }), ...(at && { timestampMs: at.getTime() }) }
    const headers = sign(signaturePresets[preset]!, message, secrets)
    const lines = () => Object.entries(headers).map(([name, value]) => printable(`${name}: ${value}`))
    output(session.io, options).result(headers, () => lines().join('\n'))
  })

  const verifying = withMessage(program.command('verify').description('whether a provider sent exactly this body'))
    .addOption(
      new Option('-H, --header <line>', "a field of the request, 'name: value'; can be repeated").argParser(repeated),
    )
    .option('--at <when>', 'the time to judge by (default: now)', momentNow)
    .option('--tolerance <duration>', "how far off the signed time may be (default: the scheme's own)", durationSeconds)
    .option('--allow-legacy <name>', 'accept an older, weaker signature where the strong one is absent')
  withJson(verifying).action(async (preset: string, options: VerifyCommandOptions) => {
    const { header = [], at, tolerance, allowLegacy, method, url } = options
    const [secrets, body] = await secretsAndBody(options, session)
    const bound: BoundScheme = signaturePresets[preset]!({ secrets, ...(allowLegacy !== undefined && { allowLegacy }) })
    const verdict = await verify(
      bound,
      { headers: headersByName(header), body, method, url },
      { ...(at && { nowMs: at.getTime() }), ...(tolerance !== undefined && { toleranceSeconds: tolerance }) },
    )
    if (!verdict.isValid) session.exitCode = exitCodes.negative
    output(session.io, options).result(verdict, () =>
      verdict.isValid
        ? facts([
            ['signature', 'valid'],
            ['delivery', verdict.id && `${verdict.id}${verdict.isIdSigned ? '' : ' (not signed)'}`],
            ['signed at', moment(verdict.signedAtMs)],
          ])
        : facts([['signature', `not valid: ${verdict.reason}`]]),
    )
  })
}

/** Adds what describes a message and its secret. */
function withMessage(command: Command): Command {
  return command
    .argument('<preset>', Object.keys(signaturePresets).join(', '), presetFrom)
    .option('--body <file>', 'the exact bytes; - for standard input', '-')
    .option('--method <method>', 'for schemes that sign it', 'POST')
    .option('--url <url>', "the receiver's, for schemes that sign it", '')
    .option('--secret-env <name>', `the variable that holds the secret (default: ${defaultSecretVariable})`)
    .addOption(
      new Option('--secret-file <file>', 'a file that holds one; - for standard input; can be repeated').argParser(
        repeated,
      ),
    )
}

function presetFrom(name: string): string {
  if (Object.hasOwn(signaturePresets, name)) return name
  throw new InvalidArgumentError(`There are ${Object.keys(signaturePresets).join(', ')}.`)
}

function momentNow(text: string): Date {
  return momentFrom(text, Date.now())
}

async function secretsAndBody(options: MessageOptions, session: Session): Promise<[string[], Uint8Array]> {
  const fromInput = [options.body, ...(options.secretFile ?? [])].filter((file) => file === '-')
  if (fromInput.length > 1) throw usageError('only one of body and secret can come from standard input')
  return [await secretsFrom(options, session), await bytesFrom(options.body, session)]
}
