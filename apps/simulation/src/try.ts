import { judge } from './checkers/check.js';
import { Run } from './workload/run.js';
const from = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 20),
  trace = process.argv[4] === 'trace';
const t0 = performance.now();
let bad = 0;
for (let seed = from; seed < from + n; seed += 1) {
  const t = performance.now();
  const run = await new Run({
    seed,
    ...(trace ? { onLine: (at: number, who: string, text: string) => console.log((at / 1000).toFixed(3), who, text) } : {}),
  }).finish();
  const v = judge(run);
  if (v.violations.length > 0) {
    bad += 1;
    console.log(
      'seed',
      seed,
      v.violations.length,
      v.violations
        .slice(0, 3)
        .map((x) => `${x.invariant} ${x.text}`)
        .join(' | '),
    );
  }
  if (n <= 5 && v.settledAfterMs === null)
    for (const r of run.fleet.replicas)
      console.log(
        r.process.name,
        r.process.state,
        r.holds('main'),
        r.holds('second'),
        r.parts.gate.refusal()?.code,
        r.parts.resolver.size(),
        r.parts.journal.backlog(),
        r.parts.doubtful.size,
        r.parts.live
          .open(null)
          .filter(({ state }) => state.acknowledgedAtMs === null || state.cancelRequested)
          .map(({ state }) => `${state.terms.id} ${state.status} ${state.cancelRequested}`)
          .join(),
      );
  const id = process.argv[5];
  const row = id === undefined ? undefined : run.fleet.database.orders.get(id);
  if (row !== undefined) {
    for (const e of row.events) console.log(e.committedAtMs.toFixed(1), e.stored.version, JSON.stringify(e.stored.event));
    for (const o of run.fleet.world.venue.exchange.orders(row.terms.account, null)) {
      if (o.clientOrderId !== row.terms.venueClientId) continue;
      console.log('VENUE', o.orderId, o.status, o.filledQuantity.toFixed(), o.createdAtMs);
      for (const fl of run.fleet.world.venue.exchange.fills(row.terms.account, null))
        if (fl.orderId === o.orderId) console.log('FILL', JSON.stringify(fl));
      for (const r of run.fleet.world.tap.records)
        if (r.clientOrderId === row.terms.venueClientId || r.parameter('orderId') === String(o.orderId))
          console.log('TAP', r.line().slice(0, 600));
    }
  }
  if (n <= 5)
    console.log(
      seed,
      v.traceHash,
      v.orders,
      v.settledAfterMs,
      (performance.now() - t).toFixed(0),
      'ms',
      run.fleet.world.time.tasks,
      JSON.stringify([...v.faults]),
    );
}
console.log('bad', bad, 'of', n, ((performance.now() - t0) / n).toFixed(0), 'ms each');
process.exit(0);
