import type { IncomingHttpHeaders } from 'node:http';
import type { FaultTarget } from '../faults/index.js';
import type { LiveSocket } from './live-socket.js';

/** One HTTP request as the venue's protocol sees it: the simulator's own prefix is already cut off. */
export interface HttpCall {
  readonly method: string;
  /** Path without the venue prefix and without the query, as received. */
  readonly path: string;
  /** Raw query without `?`, percent-encoded as received; empty where there is none. */
  readonly query: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
}

/** A complete answer: protocols answer at once, the server writes it (or breaks it, where a fault says so). */
export interface HttpReply {
  readonly status: number;
  /** Name, value, name, value, …; `Content-Length` is added when it is written. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface UpgradeCall {
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
}

/** A request that broke a rate limit, for the ledger. */
export interface RateLimitViolation {
  readonly atMs: number;
  readonly venue: string;
  readonly account: string | null;
  readonly ip: string;
  /** Which limit: `weight`, `raw-requests`, `orders`, `connections`, `inbound-messages`, `banned`. */
  readonly limit: string;
  /** What was asked: `POST /api/v3/order`, `ws order.place`. */
  readonly request: string;
  readonly status: number;
}

/**
 * One venue's wire protocol in front of the simulated exchange. It is made anew at every reset, so it may keep state
 * (rate-limit windows, sessions, subscriptions) without thinking of resets.
 */
export interface VenueProtocol {
  /** `binance` */
  readonly venue: string;
  /** Answers an HTTP request: synchronous, because the exchange is. */
  handleHttp(call: HttpCall): HttpReply;
  /** What faults are matched against for this request; asked only while faults are set. */
  faultTarget(call: HttpCall): FaultTarget;
  /** A refusal, or what takes the socket over once the handshake is done. */
  handleUpgrade(call: UpgradeCall): HttpReply | ((socket: LiveSocket) => void);
  /** The venue's usual body for a status, for `http-status` faults. */
  statusReply(status: number): HttpReply;
  banReply(untilMs: number): HttpReply;
  maintenanceReply(): HttpReply;
  /** Tells open sockets that the venue is about to go down. */
  announceShutdown(): void;
  violations(): readonly RateLimitViolation[];
  /** Stops timers and listeners; the server drops the sockets. */
  close(): void;
}

export function jsonReply(status: number, body: string, headers: readonly string[] = []): HttpReply {
  return { status, headers: ['Content-Type', 'application/json;charset=UTF-8', ...headers], body };
}

export function htmlReply(status: number, title: string): HttpReply {
  const body = `<html><head><title>${status} ${title}</title></head><body><center><h1>${status} ${title}</h1></center></body></html>`;
  return { status, headers: ['Content-Type', 'text/html'], body };
}
