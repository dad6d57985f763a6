/** Where messages go: a socket, or a test. */
export interface Outlet {
  send(message: Buffer): void;
  /** Bytes handed over that the network has not taken yet. */
  waitingBytes(): number;
}

/** One topic that one client hears. */
export interface Subscription {
  readonly channel: string;
  /** Sends what is due, as long as the outlet has room. Called at every piece of news and whenever there is room again. */
  pump(outlet: Outlet): 'kept-up' | 'too-slow';
  /** Whether everything known so far has been sent; market data and balances are never owed. */
  isSettled(): boolean;
  close(): void;
}

/** Somebody whose turn to send can be asked for. */
export interface Pumped {
  pump(): void;
}
