export { AccountLeases } from './application/account-leases.js';
export type { Lease, LeaseHolder, LeaseListener } from './application/account-leases.js';
export { LEASE_DEFAULTS, LeaseKeeper, type LeaseOptions, type LeasePorts } from './application/lease-keeper.js';
export { LeaseLog } from './application/lease-log.js';
export { LeaseStore, type HolderRow, type LeaseRequest } from './application/lease-store.js';
export { LeasesModule } from './leases.module.js';
export { AccountLeaseEntity } from './persistence/account-lease.entity.js';
