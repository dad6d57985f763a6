/** Why the server closes a connection: the code for programs (RFC 6455, private ones from 4000), the reason for people. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

export const CLOSE = {
  restart: { code: 1012, reason: 'the gateway is restarting; resume with since' },
  tooSlow: { code: 1013, reason: 'too slow for orders or fills; resume with since' },
  silent: { code: 1013, reason: 'no answer to a ping; resume with since' },
  tooManyMessages: { code: 1008, reason: 'too many messages' },
  binary: { code: 1003, reason: 'messages are text' },
  tooManyConnections: { code: 1013, reason: 'too many connections with this key' },
  notAuthenticated: { code: 4401, reason: 'no valid key was shown' },
  noKeyInTime: { code: 4401, reason: 'no key was shown in time' },
  keyEnded: { code: 4401, reason: 'the key was revoked, has expired or may not be used from this address any more' },
  internal: { code: 1011, reason: 'the gateway failed' },
} as const satisfies Record<string, CloseReason>;
