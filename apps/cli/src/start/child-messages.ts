/** From the supervisor: load this module while you wait. */
export interface WarmMessage {
  readonly kind: 'warm';
  readonly module: string;
}

/** From the supervisor: begin, with these variables. */
export interface GoMessage {
  readonly kind: 'go';
  readonly env: Readonly<Record<string, string>>;
}

/** From a child: it serves at that address. */
export interface ReadyMessage {
  readonly ready: true;
  readonly url?: string;
}

export function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true;
}
