/** What a switch stops: everything, one venue, or one account. */
export type KillScope = 'all' | `venue:${string}` | `account:${string}`;

/** A switch that is engaged. */
export interface KillSwitch {
  readonly scope: KillScope;
  readonly engagedAtMs: number;
  /** `key:<id>` or `system`. */
  readonly engagedBy: string;
  readonly reason: string | null;
  /** What is open in its scope is canceled for as long as it is engaged: also what turns up later. */
  readonly cancelOpenOrders: boolean;
}

const SCOPE = /^(?:all|venue:[a-z][a-z0-9-]{0,62}|account:[a-z0-9][a-z0-9._-]{0,62})$/;

export function isKillScope(text: string): text is KillScope {
  return SCOPE.test(text);
}

/** What the scope names: `null` for everything. */
export function subjectOf(scope: KillScope): { readonly kind: 'venue' | 'account'; readonly name: string } | null {
  const [kind, name] = scope.split(':');
  return name === undefined ? null : { kind: kind === 'venue' ? 'venue' : 'account', name };
}

export function isInScope(scope: KillScope, account: string, venue: string): boolean {
  return scope === 'all' || scope === `venue:${venue}` || scope === `account:${account}`;
}
