import { Module } from '@nestjs/common';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { Clock } from '#libs/kernel';
import { MarketReader } from './application/market-reader.js';
import { MarketController } from './http/market.controller.js';
import { VenuesController } from './http/venues.controller.js';

/** Needs `ExchangeDirectory` and `Clock` from a global module. */
@Module({
  controllers: [VenuesController, MarketController],
  providers: [
    {
      provide: MarketReader,
      useFactory: (exchanges: ExchangeDirectory, clock: Clock) => new MarketReader(exchanges, clock),
      inject: [ExchangeDirectory, Clock],
    },
  ],
  exports: [MarketReader],
})
export class MarketDataModule {}
