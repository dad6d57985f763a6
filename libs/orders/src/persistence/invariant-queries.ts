/** An invariant as a query: every row it answers breaks the invariant. */
export interface InvariantQuery {
  readonly invariant: string;
  readonly about: string;
  /** Answers `subject` (what it is about) and `found` (what is wrong), both text; no rows where all is well. */
  readonly text: string;
}

/**
 * What a database alone can say about the order protocol. To be run when the journal is flushed: rows that are written behind may be some
 * milliseconds late.
 */
export const INVARIANT_QUERIES: readonly InvariantQuery[] = [
  {
    invariant: 'INV-03',
    about: 'every attempt that is open was permitted by an event of its order',
    text: `
      SELECT a.order_id::text AS subject, a.kind || ' attempt without an event' AS found FROM open_attempts a
      WHERE NOT EXISTS (SELECT FROM order_events e WHERE e.order_id = a.order_id AND e.data -> 'attempt' ->> 'hash' = a.request_hash)`,
  },
  {
    invariant: 'INV-04',
    about: 'no open attempt carries a higher token than its account was ever given',
    text: `
      SELECT a.order_id::text AS subject, 'token ' || a.fence || ' above ' || g.token AS found
      FROM open_attempts a JOIN orders o ON o.id = a.order_id JOIN account_gates g ON g.account = o.account WHERE a.fence > g.token`,
  },
  {
    invariant: 'INV-06',
    about: 'every order has its events, without gaps',
    text: `
      SELECT o.id::text AS subject, count(e.version) || ' events up to version ' || coalesce(max(e.version), 0) AS found
      FROM orders o LEFT JOIN order_events e ON e.order_id = o.id GROUP BY o.id HAVING count(e.version) <> coalesce(max(e.version), -1)`,
  },
  {
    invariant: 'INV-07',
    about: 'filled quantity is the sum of fills less voids',
    text: `
      SELECT s.order_id::text AS subject, s.filled_quantity || ' counted, ' || coalesce(sum(f.quantity), 0) || ' booked' AS found
      FROM order_states s
      LEFT JOIN fills f ON f.order_id = s.order_id
        AND NOT EXISTS (SELECT FROM fill_voids v WHERE v.order_id = f.order_id AND v.venue_trade_id = f.venue_trade_id)
      GROUP BY s.order_id, s.filled_quantity HAVING s.filled_quantity <> coalesce(sum(f.quantity), 0)`,
  },
  {
    invariant: 'INV-10',
    about: 'what is held as never created has at least three negatives of two kinds, all after the horizon',
    text: `
      SELECT order_id::text AS subject, type || ' without proof' AS found
      FROM order_events, LATERAL (
        SELECT count(*) AS looks, count(DISTINCT look ->> 'family') AS families,
          bool_and((look ->> 'atMs')::numeric > (data -> 'evidence' ->> 'horizonMs')::numeric) AS late
        FROM jsonb_array_elements(data -> 'evidence' -> 'negatives') AS look
      ) AS proof
      WHERE type IN ('not-created', 'gone-at-venue') AND (looks < 3 OR families < 2 OR NOT late)`,
  },
  {
    invariant: 'INV-15',
    about: 'every event is in the outbox once, and in the audit trail',
    text: `
      SELECT e.order_id::text AS subject, 'event ' || e.version || ' is not in the outbox' AS found FROM order_events e
      WHERE NOT EXISTS (SELECT FROM order_outbox x WHERE x.order_id = e.order_id AND x.version = e.version)
      UNION ALL
      SELECT e.order_id::text, 'event ' || e.version || ' is not in the audit trail' FROM order_events e
      WHERE e.event_id IS NOT NULL AND NOT EXISTS (SELECT FROM audit_events a WHERE a.id = e.event_id)`,
  },
  {
    invariant: 'INV-19',
    about: "the numbers of an account's streams have no gaps",
    text: `
      SELECT account AS subject, 'orders ' || count(*) || ' of ' || max(seq) AS found FROM order_outbox
      GROUP BY account HAVING count(*) <> max(seq) OR min(seq) <> 1
      UNION ALL
      SELECT account, 'fills ' || count(*) || ' of ' || max(seq) FROM fills GROUP BY account HAVING count(*) <> max(seq) OR min(seq) <> 1`,
  },
];
