declare module 'passport-http-bearer' {
  import { Strategy } from 'passport'

  type Done = (error: unknown, user?: unknown) => void
  export default class BearerStrategy extends Strategy {
    constructor(verify: (token: string, done: Done) => void)
    override name: string
    authenticate(request: { headers: { authorization?: string | undefined } }): unknown
  }
}
