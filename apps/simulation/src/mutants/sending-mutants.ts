import { mutant } from './mutant.js';
import type { Mutant } from './mutant.js';

const SUBMIT = 'libs/orders/src/application/submit-order.service.js';
const SENDER = 'libs/orders/src/application/order-sender.js';
const CANCEL = 'libs/orders/src/application/cancel-order.service.js';
const RESUBMIT = 'libs/orders/src/application/resubmit.js';
const ACCOUNT = 'libs/exchanges/binance/src/binance.account.js';
const ERRORS = 'libs/exchanges/binance/src/rest/errors.js';
const DATABASE = 'apps/simulation/src/store/memory-database.js';

/** Errors in what is sent, when, how often, and in what its outcome is taken for. */
export const SENDING_MUTANTS: readonly Mutant[] = [
  mutant(
    'send-before-journal',
    'the order is sent while its journaling is still under way',
    SUBMIT,
    'const outcome = await this.journal.begin(beginning);',
    "const outcome = 'journaled'; void this.journal.begin(beginning).catch(() => undefined);",
  ),
  mutant(
    'unknown-commit-is-journaled',
    'a commit of which nobody knows the outcome counts as done, and the order is sent',
    SUBMIT,
    'if (error instanceof UnknownCommit)\n',
    'if (error instanceof UnknownCommit) return ok(this.live.begun(beginning.state));\n            if (error instanceof UnknownCommit)\n',
  ),
  mutant(
    'changed-body-gets-order',
    'another request under a known key is answered with the order of the first',
    SUBMIT,
    'if (terms.fingerprint !== fingerprint)',
    'if (false)',
  ),
  mutant(
    'sign-anew-on-lost-answer',
    'an order whose answer was lost is signed anew and sent again',
    SENDER,
    'this.placeFailed(order, asVenueError(error, venue));',
    `if (error.outcome === 'unknown') {
        try {
          const again = session.venueAccount.prepare({ kind: 'place', ...order.state.terms });
          this.live.observe(order, await session.venueAccount.send(again, { deadlineMs: 5_000, correlationId: null }), 'answer');
          return;
        } catch {}
      }
      this.placeFailed(order, asVenueError(error, venue));`,
  ),
  mutant(
    'timeout-is-rejected',
    'an order without an answer in time counts as rejected',
    SENDER,
    "if (failure.outcome === 'unknown' || failure.code === 'duplicate-client-order-id' || contradicted)",
    "if (failure.code === 'duplicate-client-order-id' || contradicted)",
  ),
  mutant(
    'same-bytes-again',
    'the same signed request is written once more when its connection breaks',
    ACCOUNT,
    'const answer = await this.command(prepared, options.deadlineMs, priorityOf(prepared.kind));',
    `const attempt = () => this.command(prepared, options.deadlineMs, priorityOf(prepared.kind));
        const answer = await attempt().catch((error) => (error.outcome === 'unknown' ? attempt() : Promise.reject(error)));`,
  ),
  mutant(
    'server-error-is-refusal',
    "the venue's 5xx counts as a refusal",
    ERRORS,
    'const definite = said.refused && status >= 400 && status < 500;',
    'const definite = status >= 400;',
  ),
  mutant(
    'page-is-refusal',
    'a page of HTML from somebody in between counts as a refusal by the venue',
    ERRORS,
    'return makeError(code, undecided(kind, status), {\n        venueCode: `HTTP ${status}`',
    "return makeError(code, 'refused', {\n        venueCode: `HTTP ${status}`",
  ),
  {
    name: 'written-after-deadline',
    about: 'a permitted request is written however late it has become',
    patches: [
      {
        file: SENDER,
        find: 'return this.clock.monotonicMs() > prepared.writeBeforeMs - clockMarginMs(prepared) ? RAN_OUT : null;',
        replace: 'return null;',
      },
      {
        file: ACCOUNT,
        find: 'const writeWithinMs = prepared.writeBeforeMs - this.options.clock.monotonicMs();',
        replace: 'const writeWithinMs = 600_000;',
      },
    ],
  },
  mutant('cancel-without-permit', 'a cancel is sent although its permit was refused', CANCEL, 'if (!given)', 'if (false)'),
  {
    name: 'amend-without-permit',
    about: 'an amend is sent without anybody asking for its permit, and the sender does not mind',
    patches: [
      {
        file: 'libs/orders/src/application/amend-order.service.js',
        find: "if (!(await this.live.permit(order, { type: 'permitted', intent: 'amend', attempt })))",
        replace: 'if (false)',
      },
      {
        file: SENDER,
        find: 'const obstacle = this.obstacle(order.state.amendAttempt, prepared, session);',
        replace: 'const obstacle = null;',
      },
    ],
  },
  {
    name: 'resubmit-without-proof',
    about: 'an unknown order is sent again without proof that the venue never created it, and its open attempt does not forbid that',
    patches: [
      {
        file: RESUBMIT,
        find: "return state.status === 'pending-new' && state.openAttempt === null && state.attempts > 0;",
        replace:
          "return (state.status === 'pending-new' || state.status === 'unknown') && state.terms.onNotCreated === 'resubmit' && state.acknowledgedAtMs === null && state.attempts > 0;",
      },
      { file: DATABASE, find: 'return !row.openAttempts.has(intent);', replace: 'return true;' },
    ],
  },
  mutant(
    'resubmit-after-cancel',
    'an order is sent again although its cancel was asked for meanwhile',
    'libs/orders/src/domain/fold.js',
    ' && !state.cancelRequested;',
    ';',
  ),
  mutant(
    'unknown-order-is-canceled',
    'the venue\'s "unknown order" to a cancel counts as canceled',
    SENDER,
    "this.live.record(order, { type: open ? 'cancel-unknown' : 'cancel-refused', reason: reasonOf(failure) });",
    `if (failure.code === 'order-not-found') {
        const closed = { status: 'canceled', filledQuantity: order.state.filledQuantity, reason: null };
        this.live.record(order, { type: 'reported', source: 'answer', change: { closed } });
        return 'answered';
      }
      this.live.record(order, { type: open ? 'cancel-unknown' : 'cancel-refused', reason: reasonOf(failure) });`,
  ),
  mutant(
    'cancel-of-unknown-forgotten',
    'a cancel of an order that the venue has not shown yet is answered and not written down',
    CANCEL,
    'else if (!order.state.cancelRequested) {',
    'else if (!order.state.cancelRequested && order.state.acknowledgedAtMs !== null) {',
  ),
];
