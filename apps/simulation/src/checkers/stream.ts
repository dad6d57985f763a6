import { SeededRandom } from '../random/seeded-random.js';
import type { Checker, Evidence } from './checker.js';

/** A place in an account's stream, and what stands there. */
interface Told {
  readonly seq: number;
  /** What is told, by a name that no two events share. */
  readonly name: string;
  /** Of which order it is, and as which of its events; fills have no order among themselves. */
  readonly orderId: string | null;
  readonly version: number;
}

const CLIENTS = 3;
const PAGE_MAX = 40;
/** How often a connection ends before a page is through. */
const DISCONNECTS = 0.3;

const everythingIsToldOnce: Checker = {
  invariant: 'INV-19',
  about: 'a client that resumes from `seq` sees every order and fill event exactly once',
  check(evidence, findings) {
    const { run } = evidence;
    const random = new SeededRandom(run.seed).fork('stream clients');
    for (const { account, channel, rows, expected } of streamsOf(evidence)) {
      for (let client = 1; client <= CLIENTS; client += 1) {
        const heard = listen(rows, random);
        const times = new Map<string, number>();
        for (const { name } of heard) times.set(name, (times.get(name) ?? 0) + 1);
        for (const name of expected) {
          const count = times.get(name) ?? 0;
          findings.expect(count === 1, () => `client ${client} of the ${channel} of ${account} heard ${count} times of ${name}`);
          times.delete(name);
        }
        findings.expect(
          times.size === 0,
          () => `client ${client} of the ${channel} of ${account} heard of ${[...times.keys()].join(', ')}`,
        );
        const jump = outOfOrder(heard);
        findings.expect(jump === null, () => `client ${client} of the ${channel} of ${account} heard ${jump?.name} out of its order`);
      }
    }
  },
};

/** A client that asks for what is above the last number it has seen, page by page, and loses its connection now and then. */
function listen(rows: readonly Told[], random: SeededRandom): readonly Told[] {
  const heard: Told[] = [];
  const head = rows.reduce((highest, { seq }) => Math.max(highest, seq), 0);
  // Each connection brings at least one message, so that this ends.
  for (let since = 0; since < head; since = heard.at(-1)?.seq ?? head) {
    const page = rows.filter(({ seq }) => seq > since).slice(0, random.between(1, PAGE_MAX));
    if (page.length === 0) break;
    heard.push(...(random.chance(DISCONNECTS) ? page.slice(0, random.between(1, page.length)) : page));
  }
  return heard;
}

function streamsOf({ run, orders }: Evidence): { account: string; channel: string; rows: Told[]; expected: string[] }[] {
  const { outbox, fills } = run.fleet.database;
  const accounts = [...new Set(orders.map(({ row }) => row.terms.account as string))];
  return accounts.flatMap((account) => [
    {
      account,
      channel: 'orders',
      rows: (outbox.get(account) ?? []).map(({ seq, orderId, version }) => ({ seq, name: `${orderId} ${version}`, orderId, version })),
      expected: orders
        .filter(({ row }) => row.terms.account === account)
        .flatMap(({ row }) => row.events.map(({ stored }) => `${row.terms.id} ${stored.version}`)),
    },
    {
      account,
      channel: 'fills',
      rows: (fills.get(account) ?? []).map(({ seq, id }) => ({ seq, name: id, orderId: null, version: 0 })),
      expected: orders
        .filter(({ row }) => row.terms.account === account)
        .flatMap(
          ({ row }) => run.fleet.database.fills.get(account)?.flatMap(({ id, orderId }) => (orderId === row.terms.id ? [id] : [])) ?? [],
        ),
    },
  ]);
}

/** The first event that came before an earlier one of its order; `null` where none did. */
function outOfOrder(heard: readonly Told[]): Told | null {
  const last = new Map<string, number>();
  for (const told of heard) {
    if (told.orderId === null) continue;
    if (told.version !== (last.get(told.orderId) ?? 0) + 1) return told;
    last.set(told.orderId, told.version);
  }
  return null;
}

/** What clients of the streams hear. */
export const STREAMS: readonly Checker[] = [everythingIsToldOnce];
