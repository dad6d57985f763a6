import { pauseFor } from '#libs/kernel';
import type { Clock, Scheduler } from '#libs/kernel';
import type { AccountLeases } from '#libs/leases';
import { PeerFault } from './peer-client.js';
import type { PeerAnswer, PeerClient, PeerRequest } from './peer-client.js';

export interface HandOn {
  readonly account: string;
  readonly request: PeerRequest;
  /** Doing it twice is the same as doing it once: reads, cancels, and orders under a key. */
  readonly isRepeatable: boolean;
  /** Gives up earlier than usual, where there is another way to an answer. */
  readonly withinMs?: number;
}

/**
 * `answered`: by the holder. `here`: no other replica has the account (any more), so it is for us to answer. `not-sent`: nobody took it and
 * nothing was done. `open`: it may have been carried out, and no answer came in time.
 */
export type HandedOn =
  | { readonly kind: 'answered'; readonly answer: PeerAnswer }
  | { readonly kind: 'here' }
  | { readonly kind: 'not-sent' }
  | { readonly kind: 'open' };

const PAUSE_MS = 100;
/** Problems by which a replica says that it did nothing, and that another one, or the same one later, will. */
const NOT_NOW: ReadonlySet<string> = new Set(['not-ready', 'draining']);

/**
 * Hands a request to the replica that holds the account, and again, to the same one or its successor, as long as that is safe and the
 * deadline is not over. Whatever is not proven to have been left undone counts as perhaps done.
 */
export class PeerForwarder {
  constructor(
    private readonly leases: AccountLeases,
    private readonly client: PeerClient,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly deadlineMs: number,
  ) {}

  /** Costs no I/O. False only where another replica is known to hold the account. */
  isHere(account: string): boolean {
    return this.leases.current(account) !== null || this.holderUrl(account) === null;
  }

  async handOn({ account, request, isRepeatable, withinMs = this.deadlineMs }: HandOn): Promise<HandedOn> {
    const untilMs = this.clock.monotonicMs() + Math.min(withinMs, this.deadlineMs);
    let mayBeDone = false;
    let refusal: PeerAnswer | null = null;
    for (;;) {
      if (this.leases.current(account) !== null) return { kind: 'here' };
      const url = this.holderUrl(account);
      // Nobody has it at this moment: our own answer says so. Once a part may be done, only the next holder can tell.
      if (url === null && !mayBeDone) return { kind: 'here' };
      if (url !== null) {
        const outcome = await this.attempt(url, request, untilMs);
        if (outcome === 'perhaps-done') mayBeDone = true;
        else if (outcome !== 'not-sent') {
          if (!isNotNow(outcome)) return { kind: 'answered', answer: outcome };
          refusal = outcome;
        }
      }
      if ((mayBeDone && !isRepeatable) || this.clock.monotonicMs() + PAUSE_MS >= untilMs) break;
      await pauseFor(this.scheduler, PAUSE_MS);
    }
    if (mayBeDone) return { kind: 'open' };
    return refusal === null ? { kind: 'not-sent' } : { kind: 'answered', answer: refusal };
  }

  private async attempt(url: string, request: PeerRequest, untilMs: number): Promise<PeerAnswer | 'not-sent' | 'perhaps-done'> {
    try {
      return await this.client.send(url, request, Math.max(1, untilMs - this.clock.monotonicMs()));
    } catch (error) {
      return error instanceof PeerFault && !error.isSent ? 'not-sent' : 'perhaps-done';
    }
  }

  private holderUrl(account: string): string | null {
    const holder = this.leases.holder(account);
    return holder === null || holder.isOurs ? null : holder.url;
  }
}

function isNotNow({ status, body }: PeerAnswer): boolean {
  if (status !== 503) return false;
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === 'string' && NOT_NOW.has(code);
  } catch {
    return false;
  }
}
