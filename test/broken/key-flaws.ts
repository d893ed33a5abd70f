/** What can be wrong with a store of keys, and the sentence of the suite that has to find it out. */
export const keyFlaws = {
  // Keys.
  'inserts, reading first': 'keys: of 64 inserts of one id at once exactly one succeeds, whole',
  'lets a key replace another': 'keys: an id that is taken stays with its first key',
  'lists the keys of all owners': 'keys: pages go through one owner’s keys, or all, in the order of their ids',
  'takes owners for patterns': 'keys: pages go through one owner’s keys, or all, in the order of their ids',
  'lists keys backwards': 'keys: pages go through one owner’s keys, or all, in the order of their ids',
  'lets the last revocation stand': 'keys: the first revocation stands',
  'revives a revoked key that is enabled': 'keys: revoking and enabling at once, neither undoes the other',
  'writes whole records': 'keys: revoking and enabling at once, neither undoes the other',
  'writes to keys that are not there': 'keys: writes to a key that is not there are false, and none comes about',
  'keeps the record of the giver': 'keys: a record that its giver changes afterwards stays as it was in the store',
  'keeps UTF-8 for names': 'keys: a key with characters of four bytes, lone surrogates and a BOM comes back as it was',
  'copies metadata name by name': 'keys: a key with names of Object.prototype comes back as it was',
  'compares keys without case': 'keys: ids are told apart by case, and an unknown one is undefined',
  'takes an insert that comes again for another':
    'keys: an insert that is sent again is ok, and changes nothing of what has come about since',
  'lets an insert that comes again undo what came since':
    'keys: an insert that is sent again is ok, and changes nothing of what has come about since',
  'lets several keys have a lookup':
    'keys: a lookup that is taken stays with its first key, and no other key comes about',
  'keeps the quota of a key that it refuses':
    'keys: a lookup that is taken stays with its first key, and no other key comes about',
  'looks for lookups, reading first': 'keys: of 64 inserts of one lookup at once exactly one succeeds',
  'counts keys, reading first':
    'keys: of 64 inserts at once so many succeed as the owner may have, and others have theirs',
  'takes no lookup for one': 'keys: any number of keys has no lookup',
  'finds the last lookup first':
    'keys: of several lookups the one that is named first counts, and they are compared byte by byte',
  'counts the keys of all owners':
    'keys: of 64 inserts at once so many succeed as the owner may have, and others have theirs',
  'counts keys that are over':
    'keys: what is revoked, removed or expired does not count against how many its owner may have',
  'lists all environments': 'keys: pages are of one environment, and of names in which a text stands letter for letter',
  'takes names for patterns':
    'keys: pages are of one environment, and of names in which a text stands letter for letter',
  'takes names in any case':
    'keys: pages are of one environment, and of names in which a text stands letter for letter',
  // Their lives.
  'empties what an update does not name': 'keys: an update changes what it names and leaves the rest alone',
  'takes null for nothing': 'keys: an update changes what it names and leaves the rest alone',
  'updates whole records':
    'keys: updates of 64 at once undo nothing of each other, and nothing of what else is written',
  'notes uses in whole records': 'keys: a use never takes a revocation back, nor anything else',
  'lets the last use stand':
    'keys: of 64 uses noted at once the latest stands, and an earlier one that comes later changes nothing',
  'puts ends off': 'keys: an end is brought forward and never put off',
  'revokes what was revoked':
    'keys: all keys of an owner are revoked, those that are left and no others, and their ids are told',
  'revokes all keys, reading first': 'keys: rotated while all are revoked, neither a key nor its successor gets away',
  'tells of keys that another has revoked':
    'keys: of two who revoke all keys of an owner at once each key is told to one',
  'removes all keys of the owner':
    'keys: one that is removed is gone, with its lookup and its quota, and the others stay',
  'sets quotas of keys that are not there':
    'keys: nothing is written under an id that is not there, whatever the write',
  // Their successors, and their digests.
  'lets a successor have the lookup':
    'keys: a successor has all that the key has, and its own columns, and the two are linked',
  'enables successors':
    'keys: what was changed before a rotation its successor has, and what is changed after it has not',
  'ends a rotated key as it is told':
    'keys: rotating never puts an end off, and leaves it where it is to be settled at the first use',
  'rotates what is over':
    'keys: one that is revoked, expired or rotated is not rotated, nor to an id that is taken, and nothing changes',
  'rotates to an id that is taken':
    'keys: one that is revoked, expired or rotated is not rotated, nor to an id that is taken, and nothing changes',
  'rotates, reading first':
    'keys: of 64 that rotate a key at once exactly one succeeds, and no successor besides comes about',
  'rotates the key as it was':
    'keys: disabled while it is rotated, a key has no successor that is not, unless that came first',
  'replaces whichever digest there is':
    'keys: a digest is replaced if it still is the one that is named, in each of its parts',
  'compares the text of digests alone':
    'keys: a digest is replaced if it still is the one that is named, in each of its parts',
  'takes lookups away': 'keys: a digest is not replaced where another key has the lookup, and its own stays its own',
  'replaces digests, reading first':
    'keys: of 64 that replace a digest at once exactly one succeeds, and of 64 that take a lookup one has it',
  // Their quotas.
  'spends, reading first':
    'quota: of 64 that spend at once exactly so many succeed as were left, each with a number of its own',
  'refills, reading first': 'quota: of 64 that spend at once when a refill is due it comes once',
  'does not say when more comes':
    'quota: where nothing is left it says when more comes, and nothing is spent by asking',
  'adds to a quota by hand': 'quota: one that is set by hand counts from then on, and what was spent before does not',
  'spends what is not there':
    'quota: of 64 that spend at once exactly so many succeed as were left, each with a number of its own',
  'refills a millisecond late':
    'quota: a refill comes at its very millisecond, sets what is left, and the next is due a period later',
  'adds a refill to what is left':
    'quota: a refill comes at its very millisecond, sets what is left, and the next is due a period later',
  'counts the next refill from the last spending':
    'quota: refills that were missed count once, and the next is due at the multiple of the period that follows',
  'makes up for each refill that was missed':
    'quota: refills that were missed count once, and the next is due at the multiple of the period that follows',
  'refills once a spending':
    'quota: refills that were missed count once, and the next is due at the multiple of the period that follows',
  'takes no quota for an endless one':
    'quota: a key without one has nothing to spend, and so has a meter that nobody knows',
  'gives a successor a meter of its own': 'quota: a key and its successors share one, and it changes for all of them',
  'ends a quota with the first of its keys': 'quota: it goes with the last key that shares it, and with none before',
  'keeps quotas for ever': 'quota: it goes with the last key that shares it, and with none before',
  'removes, reading first':
    'quota: removed while it is rotated a key leaves its successor the quota, and two removed at once leave none',
} as const satisfies Readonly<Record<string, string>>
