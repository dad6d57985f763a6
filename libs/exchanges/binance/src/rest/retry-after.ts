import { err, ok, type Result } from '#libs/kernel';

/** The longest ban that Binance imposes. */
export const BAN_MS_MAX = 259_200_000;

/**
 * How long Binance asks us to stay silent, in milliseconds.
 *
 * @param header raw `Retry-After`, whole seconds; `null` when the venue sent none.
 * @returns the wait in ms, or `malformed` for anything but 0 to 259,200 whole seconds (bans last 2 minutes to 3 days).
 * @see Binance Spot `rest-api.md`, "IP Limits", revision of 2026-07-21.
 */
export function retryAfterMs(header: string | null): Result<number, 'malformed'> {
  if (header === null || !/^\d{1,6}$/.test(header.trim())) return err('malformed');
  const ms = parseInt(header, 10) * 1_000;
  return ms <= BAN_MS_MAX ? ok(ms) : err('malformed');
}

/** The end of a ban that the message names: `IP banned until 1700000123456`; `null` where it names none. */
export function bannedUntilMs(message: string): number | null {
  const digits = /banned until (\d{13})\b/.exec(message)?.[1];
  return digits === undefined ? null : parseInt(digits, 10);
}
