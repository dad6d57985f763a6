import { afterEach, describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

describe('the metrics', () => {
  const made: Metrics[] = [];
  const metrics = (): Metrics => {
    const one = new Metrics({ version: '1.2.3' });
    made.push(one);
    return one;
  };
  afterEach(() => made.splice(0).forEach((one) => one.close()));

  it('counts orders, fills and what is not known', async () => {
    const one = metrics();
    one.orders.submitted('binance', 'acknowledged');
    one.orders.submitted('binance', 'acknowledged');
    one.orders.fillBooked('stream');
    one.orders.unknownOpen(3, 12.5);
    one.orders.overhead(0.0004);
    const text = await one.text();
    expect(text).toContain('breakwater_order_submissions_total{venue="binance",outcome="acknowledged"} 2');
    expect(text).toContain('breakwater_fills_total{source="stream"} 1');
    expect(text).toContain('breakwater_order_unknown_open 3');
    expect(text).toContain('breakwater_order_unknown_oldest_age_seconds 12.5');
    expect(text).toContain('breakwater_gateway_overhead_seconds_bucket{le="0.0005"} 1');
  });

  it('shows what reconciliation found, and forgets the kinds that are closed', async () => {
    const one = metrics();
    one.reconciliation.succeeded('balances', 1_700_000_000_500);
    one.reconciliation.discrepanciesOpen(new Map([['overfill', 1]]));
    one.reconciliation.discrepanciesOpen(new Map([['balance-drift', 2]]));
    one.reconciliation.balanceDrift();
    one.reconciliation.lateAppearance();
    const text = await one.text();
    expect(text).toContain('breakwater_reconcile_last_success_timestamp_seconds{loop="balances"} 1700000000.5');
    expect(text).toContain('breakwater_reconcile_discrepancies_open{kind="balance-drift"} 2');
    expect(text).not.toContain('kind="overfill"');
    expect(text).toContain('breakwater_balance_drift_detected_total 1');
    expect(text).toContain('breakwater_order_late_appearance_total 1');
  });

  it('counts accounts taken over and lost, and forgets switches that were lifted', async () => {
    const one = metrics();
    one.replica.leaseChanged('gained');
    one.replica.leaseChanged('gained');
    one.replica.leaseChanged('lost');
    one.replica.killSwitchesActive(['all', 'account:a', 'account:b']);
    const engaged = await one.text();
    expect(engaged).toContain('breakwater_lease_transitions_total{change="gained"} 2');
    expect(engaged).toContain('breakwater_leases_held 1');
    expect(engaged).toContain('breakwater_kill_switch_active{scope="account"} 2');
    one.replica.killSwitchesActive([]);
    expect(await one.text()).not.toContain('breakwater_kill_switch_active{');
  });

  it('says what was built and how the pools stand', async () => {
    const one = metrics();
    one.watchPool('hot', () => ({ total: 10, idle: 4, waiting: 2 }));
    const text = await one.text();
    expect(text).toContain('breakwater_build_info{version="1.2.3",node="v');
    expect(text).toContain('db_client_connection_count{pool="hot",state="used"} 6');
    expect(text).toContain('db_client_connection_pending_requests{pool="hot"} 2');
  });

  it('measures requests by route and class, and refusals by reason', async () => {
    const one = metrics();
    one.httpRequest('GET', '/v1/orders/:id', 404, 0.002);
    one.authFailed('unknown-key');
    const text = await one.text();
    expect(text).toContain('http_server_request_duration_seconds_count{method="GET",route="/v1/orders/:id",status_class="4xx"} 1');
    expect(text).toContain('breakwater_auth_failures_total{reason="unknown-key"} 1');
  });

  it('keeps two of itself apart, so that tests and a second application do not share counts', async () => {
    metrics().orders.duplicateFill();
    expect(await metrics().text()).toContain('breakwater_fills_duplicate_total 0');
  });

  it('has names of base units, and counters that end in _total', async () => {
    for (const { name, type } of await metrics().registry.getMetricsAsJSON()) {
      expect(name).toMatch(/^(breakwater|http_server|db_client)_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(String(type) === 'counter');
      expect(String(type) !== 'histogram' || name.endsWith('_seconds')).toBe(true);
    }
  });
});
