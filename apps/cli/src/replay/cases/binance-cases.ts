import { SymbolTable } from '#libs/exchanges/binance';
import { judgeHttpAnswer } from './binance-http.js';
import { binanceInstruments } from './binance-instruments.js';
import { judgeRequest } from './binance-request.js';
import { judgeSigning } from './binance-signing.js';
import { judgeFrame, judgeMessage } from './binance-ws.js';
import { refused, textOf, type CaseFields, type CaseJudge, type Verdict } from './case-file.js';

/** Cases of Binance spot. Instruments come from `exchangeInfo` answers beside the file, where there are some. */
export async function binanceCases(folder: string): Promise<CaseJudge> {
  const instruments = await binanceInstruments(folder);
  const symbols = new SymbolTable(instruments);
  const toSymbol = (venueSymbol: string): string => symbols.unified(venueSymbol);
  return {
    judge(fields: CaseFields): Verdict {
      if (textOf(fields, 'kind') === 'signing' || textOf(fields, 'scheme') !== null) return judgeSigning(fields);
      if (fields['intent'] !== undefined) return judgeRequest(fields, symbols);
      const raw = textOf(fields, 'raw');
      if (raw === null) return refused('no payload');
      if (fields['channel'] === 'ws') return fields['dir'] === 'out' ? judgeMessage(raw) : judgeFrame(raw, fields['expected'], toSymbol);
      if (fields['dir'] === 'out') return refused('a request without its intent');
      return judgeHttpAnswer(fields, raw, toSymbol);
    },
  };
}
