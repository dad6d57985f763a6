import { Global, Module } from '@nestjs/common';
import { AccountStore } from './application/account.js';
import { BalanceBook } from './application/balance-book.js';
import { AccountsController } from './http/accounts.controller.js';
import { SqlAccountStore } from './persistence/sql-account-store.js';

@Global()
@Module({
  controllers: [AccountsController],
  providers: [BalanceBook, { provide: AccountStore, useClass: SqlAccountStore }],
  exports: [BalanceBook, AccountStore],
})
export class AccountsModule {}
