/**
 * What is wrong with a credential. Clients are told none of it: every fault is the same 401.
 *
 * `missing`: a field of the credential is absent; `duplicate`: a field, or an element of a list, came twice; `malformed`:
 * outside the grammar; `too-many`: more than 16 signatures; `unknown-version`: only versions that do not count here;
 * `downgrade`: only a weaker, older signature; `stale`, `future`: outside the tolerance; `unknown-key`: no secret for this
 * request; `mismatch`: none of the signatures is right for any of the secrets.
 */
export type SignatureFault =
  | 'missing'
  | 'duplicate'
  | 'malformed'
  | 'too-many'
  | 'unknown-version'
  | 'downgrade'
  | 'stale'
  | 'future'
  | 'unknown-key'
  | 'mismatch'
