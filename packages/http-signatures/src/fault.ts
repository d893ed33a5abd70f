/**
 * What is wrong with a signed message. Clients are told none of it: every fault is the same 401.
 *
 * `missing`: there is no signature, or none under a label or tag that counts; `malformed`: outside the grammar, not in its one
 * spelling, or something comes twice; `too-many`: more than 16 signatures or 64 components; `insufficient`: a required
 * component is not covered as such; `missing-created`, `missing-nonce`: the policy asks for it; `stale`: too old or expired;
 * `future`: made later than now; `absent-component`: a covered component is not in the message, or cannot be had;
 * `unknown-key`: no key for it; `wrong-algorithm`: not the key's, or not an allowed one; `mismatch`: the signature is wrong;
 * `digest-missing`: `Content-Digest` has no algorithm that counts; `digest-mismatch`: the body is another.
 */
export type HttpSignatureFault =
  | 'missing'
  | 'malformed'
  | 'too-many'
  | 'insufficient'
  | 'missing-created'
  | 'missing-nonce'
  | 'stale'
  | 'future'
  | 'absent-component'
  | 'unknown-key'
  | 'wrong-algorithm'
  | 'mismatch'
  | 'digest-missing'
  | 'digest-mismatch'
