export { AccountLeases } from './application/account-leases.js';
export type { Lease, LeaseHolder, LeaseListener } from './application/account-leases.js';
export { AccountLeaseEntity } from './persistence/account-lease.entity.js';
