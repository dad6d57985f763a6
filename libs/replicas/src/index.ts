export type { PeerAnswer } from './application/peer-client.js';
export type { HandedOn } from './application/peer-forwarder.js';
export { AccountRouting, notSent, openOutcome, relayed, type Instead } from './http/account-routing.js';
export { PEER_HEADER } from './http/peer-gate.js';
export { ClusterSecretEntity } from './persistence/cluster-secret.entity.js';
export { ReplicasModule } from './replicas.module.js';
