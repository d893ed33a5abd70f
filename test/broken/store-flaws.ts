import { keyFlaws } from './key-flaws.js'

/** What can be wrong with a store, and the sentence of the suite that has to find it out. */
export const storeFlaws = {
  // Claims.
  'reads, then writes': 'claim: of 64 at once exactly one is claimed, the others are told that it runs',
  'forgets the fingerprint while running':
    'claim: another request under a running key is a mismatch and changes nothing',
  'forgets the fingerprint once finished':
    'claim: another request under a settled key is a mismatch and changes nothing',
  'does not know its own claimant':
    'claim: repeated under its own token it is claimed again, at the same attempt and with a fresh lease',
  'claims again without a fresh lease':
    'claim: repeated under its own token it is claimed again, at the same attempt and with a fresh lease',
  'compares without case': 'claim: ids are compared byte by byte, whatever they look like',
  trims: 'claim: ids are compared byte by byte, whatever they look like',
  'tells when, not how long': 'claim: a retry is told that the first is running and for how long its lease holds',
  // Leases.
  'ignores the lease': 'claim: a retry is told that the first is running and for how long its lease holds',
  'lets a lease hold a millisecond too long': 'lease: it holds until its last millisecond and not a millisecond more',
  'never gives a lapsed record away': 'lease: once it has lapsed the next claim takes over, and attempts count up',
  'takes over without leave':
    'lease: where nobody may take over, a lapsed record is reported as lapsed and stays its owner’s',
  'takes over, reading first': 'lease: of 64 take-overs at once exactly one is claimed',
  'does not count attempts': 'lease: once it has lapsed the next claim takes over, and attempts count up',
  'keeps the old token at a take-over': 'fence: settle after another has taken over is stale and changes nothing',
  'renews from the last end on': 'lease: a renewal counts from now',
  'expires a running record by its first ttl': 'lease: a record that is renewed stays far beyond its ttl',
  'expires a running record by its ttl alone':
    'lease: a ttl shorter than the lease does not end the record under its owner',
  'forgets a lapsed record': 'lease: a lapsed record stays for its ttl, then it is absent',
  // Fences.
  'settles under any token': 'fence: settle after another has taken over is stale and changes nothing',
  'tombstones under any token': 'fence: tombstone while another runs is stale and changes nothing',
  'releases under any token': 'fence: release after another has taken over is stale and changes nothing',
  'renews under any token': 'fence: renew after another has taken over is stale and changes nothing',
  'stores what nobody has claimed': 'fence: settle where nothing was claimed is stale and changes nothing',
  'releases what is finished': 'fence: release after its own settle is stale and changes nothing',
  'replaces a settled reply': 'settle: repeated, the first reply stands, and its time is not prolonged',
  'knows no repeat': 'fence: settle after its own settle is a repeat and changes nothing',
  'stores nothing after the lease': 'settle: after the lease has lapsed it is still the owner’s, if nobody took over',
  // Contents.
  'keeps text': 'contents: invalid UTF-8 comes back from a settled record byte by byte',
  'stops at a NUL': 'contents: each of the 256 bytes comes back from a settled record byte by byte',
  'cuts long contents': 'contents: 1 MiB comes back from a tombstone record byte by byte',
  'keeps the whole buffer of a view':
    'contents: a part of a longer buffer comes back from a settled record byte by byte',
  'keeps the bytes of the giver':
    'contents: bytes that are written to afterwards, by the giver or by a reader, stay as they were in the store',
  'hands its own bytes out':
    'contents: bytes that are written to afterwards, by the giver or by a reader, stay as they were in the store',
  // Expiry.
  'counts the ttl from the claim': 'expiry: the ttl counts from the settle, not from the claim',
  'keeps the ttl of the claim':
    'expiry: the ttl of the tombstone counts, not that of the claim, be it shorter or longer',
  'prolongs with each look': 'expiry: a claim that finds the record does not prolong what was written by settle',
  'keeps everything for ever': 'lease: a lapsed record stays for its ttl, then it is absent',
  'keeps a record a millisecond too long':
    'expiry: after settle the record is whole until its last millisecond, then a new one',
  // Operators.
  'lists in no order': 'list: pages go through all records in the order of their ids, without contents',
  'lists from the start': 'list: pages go through all records in the order of their ids, without contents',
  'lists contents': 'list: pages go through all records in the order of their ids, without contents',
  'shows lapsed records as running': 'list: by state, and nothing that has expired',
  'resolves what is running': 'resolve: a record whose lease holds is left alone',
  'replaces a reply by hand': 'resolve: a reply that a client may have is not replaced',
  'leaves a resolved record to its owner':
    'resolve: a lapsed record that is settled answers with that reply for its ttl, and its owner comes too late',
  // Damage.
  'runs what it cannot read': 'damage: a record that cannot be read is neither run, replayed nor overwritten',
  'cannot show what it cannot read':
    'damage: operators are shown a record that cannot be read as that, alone and among others',
  'hides what it cannot read':
    'damage: operators are shown a record that cannot be read as that, alone and among others',
  'keeps what it cannot read for ever':
    'damage: a record that cannot be read is new, for any request, once it is released by hand',
  // Messages.
  'reserves, reading first': 'replay: of 64 copies at once exactly one is reserved, the others are told that it runs',
  'does not know its own reservation':
    'replay: repeated under its own token a reservation is made again, with a fresh lease',
  'handles committed messages again': 'replay: a committed message stays committed for its ttl, from the commit on',
  'counts from the reservation': 'replay: a committed message stays committed for its ttl, from the commit on',
  'never forgets a message': 'replay: a committed message stays committed for its ttl, from the commit on',
  'never gives a lapsed message away':
    'replay: a reservation that has lapsed is another’s for the asking, and then no longer the first one’s',
  'forgets a lapsed reservation': 'replay: a holder that was slow can still commit, if nobody took over',
  'commits under any token': 'replay: strangers neither commit nor release, and what was never reserved is stale',
  'gives up under any token': 'replay: strangers neither commit nor release, and what was never reserved is stale',
  'gives up what is committed':
    'replay: a commit that is repeated is ok and does not prolong it, a release comes too late',
  'commits again and again':
    'replay: a commit that is repeated is ok and does not prolong it, a release comes too late',
  ...keyFlaws,
  // Tokens.
  'consumes, reading first': 'tokens: of 64 that consume one at once exactly one gets it, whole',
  'lets a token be used again':
    'tokens: one that was consumed or was never there is undefined, and ids are compared byte by byte',
  'compares tokens without case':
    'tokens: one that was consumed or was never there is undefined, and ids are compared byte by byte',
  'never lets a token expire': 'tokens: one is good for its ttl, by the store’s clock, and then counts for nothing',
  'counts what has expired': 'tokens: one is good for its ttl, by the store’s clock, and then counts for nothing',
  'tells the time by the application’s clock':
    'tokens: one is good for its ttl, by the store’s clock, and then counts for nothing',
  'keeps a token a millisecond too long': 'tokens: one ends at its very millisecond',
  'tells the ttl, not the time': 'tokens: insert tells when the token expires',
  'revokes the last token alone':
    'tokens: revoking ends all that a subject has, counts them, and touches no other subject',
  'takes subjects for patterns':
    'tokens: revoking ends all that a subject has, counts them, and touches no other subject',
  'revokes every purpose': 'tokens: revoking one purpose leaves the others',
  'revokes, reading first': 'tokens: consumed and revoked at once, each is one of the two',
  'replaces nothing': 'tokens: one that replaces ends the earlier ones of its subject and purpose, and no other',
  'replaces tokens of every purpose':
    'tokens: one that replaces ends the earlier ones of its subject and purpose, and no other',
  'replaces, reading first': 'tokens: of 64 that replace each other at once exactly one is left',
  'keeps a token for each insert':
    'tokens: an insert that is sent again makes no second token, and counts its ttl anew',
  'keeps UTF-8 for subjects':
    'tokens: a token with characters of four bytes, lone surrogates and a BOM comes back as it was',
  // Rates.
  'counts, reading first':
    'rates: of 64 at once exactly as many are allowed as the limit says, and each is told what is left',
  'allows one more than the limit':
    'rates: of 64 at once exactly as many are allowed as the limit says, and each is told what is left',
  'tells how many there were, not what is left':
    'rates: of 64 at once exactly as many are allowed as the limit says, and each is told what is left',
  'tells when a window ends, not how long it lasts':
    'rates: a window begins with its first request, and each request is told when it ends',
  'begins windows with the minute':
    'rates: a window begins with its first request, and each request is told when it ends',
  'prolongs a window with each request':
    'rates: a window begins with its first request, and each request is told when it ends',
  'never ends a window': 'rates: a window begins with its first request, and each request is told when it ends',
  'prolongs a window with what it refuses': 'rates: requests that are refused do not prolong a window',
  'keeps a window a millisecond too long':
    'rates: a window ends at its very millisecond, so that traffic at the limit’s own rate is never refused',
  'counts anew under another limit':
    'rates: under another limit the count and the window’s end stay, and what was refused was not counted',
  'counts what it refuses':
    'rates: under another limit the count and the window’s end stay, and what was refused was not counted',
  'counts all meters as one': 'rates: meters are counted apart and compared byte by byte, whatever they look like',
  'compares meters without case': 'rates: meters are counted apart and compared byte by byte, whatever they look like',
  'keeps UTF-8 for meters': 'rates: meters are counted apart and compared byte by byte, whatever they look like',
  // Changes.
  'tells nobody of its writes': 'watch: a write is told of before it is answered, to all who watch',
  'tells of a write after its answer': 'watch: a write is told of before it is answered, to all who watch',
  'tells its first watcher alone': 'watch: a write is told of before it is answered, to all who watch',
  'leaves later watchers in the dark': 'watch: whoever comes later is told at once that changes are heard',
  'hears of no other process': 'watch: what another process writes is told, and by then it can be read',
  'tells before it has written': 'watch: what another process writes is told, and by then it can be read',
  'tells of one key where several change':
    'watch: of all keys that an owner loses, and of all that share a quota, each is told',
  'tells of uses': 'watch: neither a use nor what is spent is told, by whichever process',
  'goes on telling after it was closed': 'watch: a store that is closed says so, and tells nothing more',
  'closes without a word': 'watch: a store that is closed says so, and tells nothing more',
} as const satisfies Readonly<Record<string, string>>

export type StoreFlaw = keyof typeof storeFlaws

/** Whether the store has one of these flaws. */
export type Has = (...flaws: StoreFlaw[]) => boolean
