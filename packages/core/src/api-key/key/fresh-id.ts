import { ConfigurationError } from '../../errors.js'

/** Ids are random: a collision is news, and two in a row mean that the source of randomness repeats itself. */
const mostAttempts = 3

/**
 * Tries, each time under a new id, until the id is not `taken`.
 *
 * @throws ConfigurationError where every id is.
 */
export async function underFreshId<Outcome>(attempt: () => Promise<Outcome | 'taken'>): Promise<Outcome> {
  for (let count = 0; count < mostAttempts; count++) {
    const outcome = await attempt()
    if (outcome !== 'taken') return outcome
  }
  throw new ConfigurationError('invalid-option', 'apiKeys: "random" repeats itself: every id that it gave is taken')
}
