import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseExchangeInfo, type ExchangeInfo } from '#libs/exchanges/binance';
import { parseLosslessJson } from '#libs/exchanges/transport';
import type { Instrument } from '#libs/model';
import { caseLines, textOf } from './case-file.js';

/** Reference data stands at the head of a stream recording; further in there is none. */
const STREAM_LINES_MAX = 50;
const STREAM_FOLDER = 'streams';

/**
 * The markets that `exchangeInfo` answers in this folder, and in recordings of streams below it, tell of. A market told of
 * more than once is as the latest answer has it. Entries without a lot step (shortened examples) tell nothing.
 */
export async function binanceInstruments(folder: string): Promise<readonly Instrument[]> {
  const answers: ExchangeInfo[] = [];
  for (const file of await recordings(folder)) answers.push(...(await exchangeInfos(path.join(folder, file), Infinity)));
  const streams = path.join(folder, STREAM_FOLDER);
  for (const file of await recordings(streams)) answers.push(...(await exchangeInfos(path.join(streams, file), STREAM_LINES_MAX)));
  const bySymbol = new Map<string, Instrument>();
  for (const info of answers.sort((a, b) => a.serverTimeMs - b.serverTimeMs)) {
    for (const instrument of info.instruments) {
      if (instrument.filters.quantityStep !== null || !bySymbol.has(instrument.symbol)) bySymbol.set(instrument.symbol, instrument);
    }
  }
  return [...bySymbol.values()];
}

async function recordings(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /\.jsonl(?:\.gz)?$/.test(name)).sort();
  } catch {
    return [];
  }
}

async function exchangeInfos(file: string, linesMax: number): Promise<readonly ExchangeInfo[]> {
  const found: ExchangeInfo[] = [];
  try {
    for await (const { number, fields } of caseLines(file)) {
      if (number > linesMax) break;
      const raw = fields === null || fields['dir'] === 'out' ? null : textOf(fields, 'raw');
      if (raw === null || !raw.includes('"symbols"') || !raw.includes('"filterType"')) continue;
      const info = infoOf(raw);
      if (info !== null) found.push(info);
    }
  } catch {
    // A file beside the cases that cannot be read tells nothing; what is missed shows in the cases that need it.
  }
  return found;
}

function infoOf(raw: string): ExchangeInfo | null {
  try {
    const value = parseLosslessJson(raw) as { result?: unknown };
    return parseExchangeInfo(value.result ?? value, 'binance');
  } catch {
    return null;
  }
}
