import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HttpAdapterHost } from '@nestjs/core';
import type { IdSource } from '#libs/kernel';
import { LEASE_DEFAULTS } from '#libs/leases';
import type { LeaseOptions } from '#libs/leases';
import type { Settings } from '#libs/settings';

/** How long a request may wait for another replica, beyond what that one waits for the venue's verdict, ms. */
const HOP_MARGIN_MS = 1_000;

/** How this process takes part among replicas. Its address is read when it is needed, since the port is known only then. */
export function leaseOptions({ leases, cluster }: Settings, ids: IdSource, host: HttpAdapterHost): LeaseOptions {
  return {
    ...LEASE_DEFAULTS,
    ttlMs: leases.ttlMs,
    renewEveryMs: leases.renewEveryMs,
    owner: cluster.instanceId ?? ids.uuid(),
    ownerUrl: () => cluster.advertiseUrl ?? advertisedUrl(host.httpAdapter.getHttpServer().address() as AddressInfo | null),
  };
}

export function handOnDeadlineMs({ orders }: Settings): number {
  return orders.ackTimeoutMs + HOP_MARGIN_MS;
}

/** The address that a server listens on, as others can reach it: for one that listens everywhere, the machine's first address. */
export function advertisedUrl(listening: Pick<AddressInfo, 'address' | 'port'> | null): string | null {
  if (listening === null) return null;
  const { address, port } = listening;
  const host = address === '0.0.0.0' || address === '::' ? (firstAddress() ?? '127.0.0.1') : address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function firstAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
}
