import type { KillScope, KillSwitch } from '../domain/kill-switch.js';

/** Who changes a switch, for the audit trail. */
export interface Actor {
  readonly name: string;
  readonly correlationId: string | null;
}

export interface Engaged {
  readonly before: KillSwitch | null;
  readonly after: KillSwitch;
}

/**
 * A store that was held up by locks and did nothing: the same call may succeed at once.
 */
export class HeldUp extends Error {
  override readonly name = 'HeldUp';
}

/** Keeps the switches that are engaged, and the marks at the gates of accounts that every permit reads under a lock. */
export abstract class KillSwitchStore {
  abstract all(): Promise<readonly KillSwitch[]>;
  /**
   * Commits the switch with its audit record; permits that begin afterwards are refused. One that is engaged already stays as it was,
   * save that it takes a new reason, and cancels from now on where either asks for it. @throws HeldUp
   */
  abstract engage(wanted: KillSwitch, by: Actor): Promise<Engaged>;
  /**
   * Marks each gate under any switch, waiting for permits under way. Afterwards no permit in their scopes can be given.
   * @returns how many accounts were marked now. @throws HeldUp while a permit is under way for long.
   */
  abstract halt(): Promise<number>;
  /** Takes a switch away and the marks of the gates that no other one holds. @returns what was engaged, if anything. @throws HeldUp */
  abstract lift(scope: KillScope, by: Actor): Promise<KillSwitch | null>;
}
