import { mutant } from './mutant.js';
import type { Mutant } from './mutant.js';

const DATABASE = 'apps/simulation/src/store/memory-database.js';
const STORES = 'apps/simulation/src/store/memory-stores.js';
const BOOK = 'libs/leases/src/domain/lease-book.js';
const WRITER = 'libs/orders/src/persistence/behind-writer.js';
const JOURNAL = 'libs/orders/src/persistence/queued-order-journal.js';

/**
 * Errors in what the database and the leases guarantee. The simulation's store stands for the constraints and statements of the real
 * one, so that these are planted there.
 */
export const KEEPING_MUTANTS: readonly Mutant[] = [
  {
    name: 'fence-not-checked',
    about: 'permits are given under a token that has been overtaken, to a holder that believes in its lease for too long',
    patches: [
      { file: DATABASE, find: 'if (this.gates.get(terms.account)?.token !== openAttempt.fence)', replace: 'if (false)' },
      { file: DATABASE, find: 'if (this.gates.get(account)?.token !== attempt.fence)', replace: 'if (false)' },
      { file: BOOK, find: 'this.validForMs = validForMs;', replace: 'this.validForMs = validForMs + 600_000;' },
    ],
  },
  {
    name: 'token-not-raised',
    about: 'a takeover goes on under the token of the holder before, which believes in its lease for too long',
    patches: [
      { file: STORES, find: 'const token = (row?.token ?? 0) + 1;', replace: 'const token = row?.token ?? 1;' },
      { file: BOOK, find: 'this.validForMs = validForMs;', replace: 'this.validForMs = validForMs + 600_000;' },
    ],
  },
  mutant(
    'lease-taken-alive',
    'a lease is taken from a holder that is still alive',
    STORES,
    'if (row !== undefined && row.owner !== owner && row.expiresAtMs > this.databaseNowMs())',
    'if (false)',
  ),
  mutant(
    'kill-switch-not-read',
    'the first permit of an order is given while a kill switch holds its account',
    DATABASE,
    "if (this.isHalted(terms.account, terms.venue))\n                return 'halted';",
    '',
  ),
  mutant(
    'kill-switch-not-read-later',
    'later permits are given while a kill switch holds the account',
    DATABASE,
    "if (intent !== 'cancel' && this.isHalted(account, venue))",
    'if (false)',
  ),
  mutant(
    'duplicate-key-second-order',
    'the same key twice makes two orders',
    DATABASE,
    'if (keys.some((key) => this.keys.has(key)))',
    'if (false)',
  ),
  mutant(
    'queue-lost-on-fault',
    'what waits to be written is dropped when the database fails',
    WRITER,
    'await pauseFor(this.scheduler, this.options.retryMs);',
    'this.leave(batch);',
  ),
  mutant(
    'own-writes-taken-for-others',
    'a write whose verdict was lost is written once more',
    JOURNAL,
    'order.eventIds.get(item.change.stored.version) === item.eventId',
    'false',
  ),
  mutant(
    'outbox-told-twice',
    'the beginning of an order is told to the outbox again after a lost verdict',
    DATABASE,
    "if (item.kind === 'announcement')\n            return this.announced.has(eventKey(item.orderId, 1));",
    "if (item.kind === 'announcement')\n            return false;",
  ),
  mutant(
    'outbox-never-told',
    'the beginning of an order is not told to the outbox',
    JOURNAL,
    "this.behind.add({ kind: 'announcement', account, orderId });",
    '',
  ),
  mutant(
    'conflict-overwrites',
    'an event is written although another replica has written that version of the order',
    DATABASE,
    'some(({ stored }) => stored.version === item.change.stored.version) ?? true',
    'some(({ eventId }) => eventId === item.eventId) ?? true',
  ),
];
