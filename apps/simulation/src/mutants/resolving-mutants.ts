import { mutant } from './mutant.js';
import type { Mutant } from './mutant.js';

const RESOLVER = 'libs/orders/src/application/resolver.js';
const ABSENCE = 'libs/orders/src/domain/absence.js';
const ACCOUNT = 'libs/exchanges/binance/src/binance.account.js';
const RECONCILED = 'libs/orders/src/application/reconciled-orders.js';
const CATCH_UP = 'libs/orders/src/application/catch-up.js';
const KEEPER = 'libs/orders/src/application/account-keeper.js';
const LIVE = 'libs/orders/src/application/live-orders.js';

/** Errors in how what is open is settled: by the venue's records, after a while, and after another process. */
export const RESOLVING_MUTANTS: readonly Mutant[] = [
  mutant(
    'resolve-before-horizon',
    'absence is concluded as soon as the request has run out, while the venue may still be working on it or hiding it',
    ABSENCE,
    'return notAfterMs + timing.engineTimeMs + timing.visibilityLagMs + CLOCK_ERROR_MS;',
    'return notAfterMs;',
  ),
  {
    name: 'one-family-is-enough',
    about: 'absence is concluded from the look-up by id alone',
    patches: [
      {
        file: ABSENCE,
        find: 'if (late.length < NEGATIVES_MIN || families.size < FAMILIES_MIN)',
        replace: 'if (late.length < NEGATIVES_MIN)',
      },
      {
        file: RESOLVER,
        find: 'const search = await searchVenue(order.state, session, records, (id) => this.live.knowsVenueOrder(session.name, id));',
        replace: 'const search = { report: null, negatives: [] };',
      },
    ],
  },
  mutant(
    'first-not-found-rejects',
    'an order that the venue does not find at the first look counts as rejected',
    RESOLVER,
    'else if (isLate && !isFinal(order.state.status))',
    `else if (!isFinal(order.state.status) && order.state.acknowledgedAtMs === null)
                this.live.record(order, { type: 'refused', source: 'query', reason: { code: 'not-found', message: '', venueCode: null } });
            else if (isLate && !isFinal(order.state.status))`,
  ),
  {
    name: 'failed-look-is-not-found',
    about: 'a look that failed on the network counts as one that found nothing, and balances that could not be read as explained',
    patches: [
      {
        file: ACCOUNT,
        find: 'return this.options.api.signedGet(this.signature, path, query, weight);',
        replace: `return this.options.api.signedGet(this.signature, path, query, weight).catch((error) => {
            if (path === '/api/v3/account') throw error;
            if (path === '/api/v3/order') throw Object.assign(error, { venueCode: '-2013' });
            return [];
        });`,
      },
      {
        file: RESOLVER,
        find: 'await this.witness.unexplained(session.name, assetsOf(order.state, session));',
        replace: 'await this.witness.unexplained(session.name, assetsOf(order.state, session)).catch(() => false);',
      },
    ],
  },
  mutant(
    'horizon-by-wall-clock',
    'the horizon of an absence is measured on the wall clock, which somebody may set',
    RESOLVER,
    'return absenceHorizonMs(overMs, session.exchange.capabilities);',
    `if (state.openAttempt === null) return absenceHorizonMs(overMs, session.exchange.capabilities);
        return absenceHorizonMs(state.openAttempt.notAfterMs - this.clock.nowMs() + this.clock.monotonicMs(), session.exchange.capabilities);`,
  ),
  mutant(
    'permit-time-forgotten',
    'a process that takes an order over counts its horizon from long before it saw the order',
    LIVE,
    "return this.permits.get(intent) ?? (intent === 'place' ? this.sinceMs : otherwiseMs);",
    'return this.permits.get(intent) ?? 0;',
  ),
  mutant(
    'fills-not-fetched',
    'fills that the venue has counted and the stream did not bring are never asked for',
    RESOLVER,
    'await this.fetchFills(order, session);',
    '',
  ),
  mutant(
    'amend-never-concluded',
    'an amend or cancel whose answer was lost stays open for ever',
    RESOLVER,
    'this.concludeCommands(order);',
    '',
  ),
  {
    name: 'no-sweep',
    about: 'what was said while nobody listened is not asked for: neither after a reconnect, nor regularly, nor by reconciliation',
    patches: [
      { file: RECONCILED, find: "this.live.observe(order, report, 'query');", replace: ';' },
      { file: RECONCILED, find: "this.live.observeFills(order, [fill], 'query');", replace: ';' },
      { file: RECONCILED, find: 'await this.resolver.lookNow(order);', replace: ';' },
      {
        file: 'libs/orders/src/application/account-news.js',
        find: "(event.kind === 'stream' && event.state === 'live')",
        replace: 'false',
      },
      { file: CATCH_UP, find: 'for (const session of this.sessions.all())', replace: 'for (const session of [])' },
    ],
  },
  {
    name: 'takeover-without-loading',
    about: 'whoever takes an account over does not read its open orders from the journal',
    patches: [
      { file: KEEPER, find: 'for (const state of states)', replace: 'for (const state of [])' },
      { file: CATCH_UP, find: 'for (const id of await this.reader.openIds(account))', replace: 'for (const id of [])' },
    ],
  },
  {
    name: 'takeover-trusts-the-dead',
    about: 'whoever takes an account over goes on waiting for answers to what another process sent',
    patches: [{ file: KEEPER, find: 'for (const order of this.live.open(account))\n            this.takeUp(order);', replace: '' }],
  },
  {
    name: 'doubtful-commit-dropped',
    about: 'an order whose commit was in doubt is never looked at again, neither by whoever doubted nor by the sweep',
    patches: [
      {
        file: 'libs/orders/src/application/doubtful-commits.js',
        find: 'const held = await this.journal.holds(state.terms.id);',
        replace: 'const held = false;',
      },
      {
        file: 'libs/orders/src/application/catch-up.js',
        find: 'for (const id of await this.reader.openIds(account))',
        replace: 'for (const id of [])',
      },
    ],
  },
  mutant(
    'own-state-kept-on-conflict',
    'where another replica wrote first, we go on from what we held instead of reading what it wrote',
    LIVE,
    'order.waiting = null;\n        order.state = state;',
    'order.waiting = null;',
  ),
];
