import { usageError } from './exit-codes.js'

/**
 * The id of a key from an argument: the id itself, or the key as it is shown, `acme_live_<id>_…`.
 *
 * @throws CommandError where it is neither. What was given is not repeated: it may be a whole key.
 */
export function readKeyId(text: string): string {
  if (/^[0-9A-Za-z]{12}$/.test(text)) return text
  if (/_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/.test(text)) {
    throw usageError(
      'that is a whole key, and arguments are seen by others and kept: give its id, and think of rotating it',
    )
  }
  const shown = /^(?:[a-z][a-z0-9_]*_)?[a-z]{2,12}_([0-9A-Za-z]{12})_(?:…|\.\.\.)?$/.exec(text)
  if (shown === null) throw usageError('the id of a key is 12 letters and digits')
  return shown[1]!
}
