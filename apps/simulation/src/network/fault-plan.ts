import type { SeededRandom } from '../random/seeded-random.js';

/** What can happen to one HTTP request on its way. */
export const HTTP_FAULTS = [
  /** Nobody listens: not sent. */
  'refused',
  /** The connection takes long, perhaps longer than there is time to write. */
  'connect-slow',
  'request-lost',
  'response-lost',
  /** Arrives up to 70 s later, when the sender has long given up. */
  'request-late',
  'response-late',
  /** Cut before the venue took it, and after. The sender sees the same. */
  'reset-before',
  'reset-after',
  'duplicated',
  /** Overtaken by what is sent later. */
  'reordered',
  /** The line is cut within the body. */
  'cut-body',
  /** Half a body that claims to be whole. */
  'truncated',
  'garbage',
  /** A page of somebody in between, who has not passed the request on (403, 502), or has (502). */
  'html-403',
  'html-502-before',
  'html-502-after',
  'drip',
] as const;

/** What can happen when a WebSocket is opened. */
export const CONNECT_FAULTS = ['socket-refused', 'socket-hangs'] as const;

/** What can happen to a socket when the venue sends an event on it. */
export const FRAME_FAULTS = [
  'socket-cut',
  /** Data stops for a while, pings are answered. */
  'socket-silent',
  /** Nothing passes any more in either direction, and nobody is told. */
  'socket-half-open',
  'frame-dropped',
  'frame-duplicated',
  'frame-reordered',
  'frame-delayed',
  /** The venue ends the subscription, as it does when a key is revoked or a listen key runs out. */
  'stream-ended',
] as const;

/** What a venue can do to any signed request. */
export const VENUE_FAULTS = ['refused-5xx', 'refused-1007', 'rate-limited', 'banned', 'maintenance'] as const;

/** What a venue can do to a command. */
export const COMMAND_FAULTS = [
  'accepted-5xx',
  'accepted-1007',
  /** Its events come first, the answer much later. */
  'ack-after-events',
  'unknown-status',
  'async-reject',
  'fill-after-cancel',
  'overfill',
  'client-id-reuse',
] as const;

/** What a venue can do to a read about an account. None of it lasts longer than its visibility lag. */
export const READ_FAULTS = [
  /** Shows the account as it was. */
  'lagging',
  /** Does not know what it accepted lately: not found, and missing in lists. */
  'hiding',
  'read-unknown-status',
] as const;

export type FaultKind =
  | (typeof HTTP_FAULTS)[number]
  | (typeof CONNECT_FAULTS)[number]
  | (typeof FRAME_FAULTS)[number]
  | (typeof VENUE_FAULTS)[number]
  | (typeof COMMAND_FAULTS)[number]
  | (typeof READ_FAULTS)[number];

/** Probability per occasion, 0 to 1. Within one list of kinds they add up, since at most one of a list strikes. */
export type FaultChances = Readonly<Partial<Record<FaultKind, number>>>;

/** What a fault strikes: `POST /api/v3/order`, `SOCKET /ws-api/v3`, `FRAME /ws-api/v3`. */
export interface FaultTarget {
  readonly replica: string;
  readonly method: string;
  readonly path: string;
}

export interface ForcedFault {
  /** How often; once by default. */
  readonly times?: number;
  readonly when?: (target: FaultTarget) => boolean;
}

interface Forced {
  readonly kind: FaultKind;
  readonly when: (target: FaultTarget) => boolean;
  left: number;
}

/** Decides what goes wrong: by chance until the moment of healing, and by order of a test at any time. */
export class FaultPlan {
  /** How often each kind has struck. */
  readonly struck = new Map<FaultKind, number>();
  private readonly forced: Forced[] = [];
  private isHealed = false;

  constructor(
    private readonly random: SeededRandom,
    private readonly chances: FaultChances = {},
  ) {}

  /** From now on nothing strikes by chance. */
  heal(): void {
    this.isHealed = true;
  }

  get healed(): boolean {
    return this.isHealed;
  }

  /** Lets a fault strike the next occasions that fit, whatever the chances. */
  force(kind: FaultKind, { times = 1, when = () => true }: ForcedFault = {}): void {
    this.forced.push({ kind, when, left: times });
  }

  /** At most one fault of a list for this occasion. Draws one number, or none where nothing of the list can strike. */
  draw(kinds: readonly FaultKind[], target: FaultTarget): FaultKind | null {
    const kind = this.ordered(kinds, target) ?? this.byChance(kinds);
    if (kind !== null) this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    return kind;
  }

  private ordered(kinds: readonly FaultKind[], target: FaultTarget): FaultKind | null {
    const at = this.forced.findIndex(({ kind, when }) => kinds.includes(kind) && when(target));
    const found = this.forced[at];
    if (found === undefined) return null;
    found.left -= 1;
    if (found.left <= 0) this.forced.splice(at, 1);
    return found.kind;
  }

  private byChance(kinds: readonly FaultKind[]): FaultKind | null {
    if (this.isHealed) return null;
    let total = 0;
    for (const kind of kinds) total += this.chances[kind] ?? 0;
    if (total <= 0) return null;
    let point = this.random.next() * Math.max(1, total);
    for (const kind of kinds) {
      point -= this.chances[kind] ?? 0;
      if (point < 0) return kind;
    }
    return null;
  }
}
