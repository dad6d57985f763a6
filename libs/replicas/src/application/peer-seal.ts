import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** What a seal vouches for: that a replica took this request from a client at this address. */
export interface Sealed {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The client's own key, so that a seal is of no use with another one. */
  readonly authorization: string;
  readonly clientAddress: string;
}

/** Replicas whose clocks differ by more do not believe each other. */
const VALID_MS = 30_000;
const FORM = /^(\d{13}) ([0-9a-fA-F.:]{2,45}) ([A-Za-z0-9_-]{43})$/;

/** A key-hashed seal (HMAC-SHA-256) by a secret that only replicas of one database have. */
export class PeerSeal {
  constructor(private readonly secret: Buffer) {}

  make(what: Sealed, nowMs: number): string {
    return `${nowMs} ${what.clientAddress} ${this.digest(what, nowMs).toString('base64url')}`;
  }

  /** @returns the client's address, or `null` where no replica made this seal for this request within the last 30 s. */
  open(seal: string, request: Omit<Sealed, 'clientAddress'>, nowMs: number): string | null {
    const [, time, clientAddress, digest] = FORM.exec(seal) ?? [];
    if (time === undefined || clientAddress === undefined || digest === undefined) return null;
    const madeMs = Number.parseInt(time, 10);
    if (Math.abs(nowMs - madeMs) > VALID_MS) return null;
    const given = Buffer.from(digest, 'base64url');
    const wanted = this.digest({ ...request, clientAddress }, madeMs);
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? clientAddress : null;
  }

  private digest({ method, path, authorization, clientAddress }: Sealed, madeMs: number): Buffer {
    const text = JSON.stringify([madeMs, method, path, clientAddress, hash('sha256', authorization)]);
    return createHmac('sha256', this.secret).update(text).digest();
  }
}
