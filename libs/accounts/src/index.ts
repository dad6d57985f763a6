import { AccountCredentialsEntity } from './persistence/account-credentials.entity.js';
import { AccountEntity } from './persistence/account.entity.js';

export { AccountsModule } from './accounts.module.js';
export { AccountStore } from './application/account.js';
export type { Account } from './application/account.js';
export { AccountStatus } from './application/account-status.js';
export { BalanceBook } from './application/balance-book.js';
export const ACCOUNT_ENTITIES = [AccountEntity, AccountCredentialsEntity] as const;
