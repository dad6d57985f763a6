import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlMessage, firstBatch, streamName, WindowBudget } from './control-messages.js';

describe('control messages', () => {
  it('name streams in lower case', () => {
    expect(streamName('BTCUSDT', 'depth@100ms')).toBe('btcusdt@depth@100ms');
  });

  it.each([
    ['SUBSCRIBE' as const, ['a@trade'], '{"method":"SUBSCRIBE","params":["a@trade"],"id":7}'],
    ['LIST_SUBSCRIPTIONS' as const, [], '{"method":"LIST_SUBSCRIPTIONS","id":7}'],
  ])('are written as the venue wants them: %s', (method, params, text) => {
    expect(controlMessage(method, params, 7)).toBe(text);
  });

  it('take as many streams as fit, from the first on, and at least one', () => {
    const limits = { streamsPerControlMax: 10, controlCharactersMax: 100 };
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 30 }), (streams) => {
        const batch = firstBatch(streams, limits);
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(limits.streamsPerControlMax);
        expect(streams.slice(0, batch.length)).toEqual(batch);
        if (batch.length > 1) expect(batch.join('","').length).toBeLessThanOrEqual(limits.controlCharactersMax);
      }),
    );
  });
});

it('a window budget never lets more through in any window', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 100 }), (waits) => {
      const budget = new WindowBudget(3, 1_000);
      const taken: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        if (budget.take(now)) taken.push(now);
        else expect(taken.filter((at) => at > now - 1_000)).toHaveLength(3);
        expect(taken.filter((at) => at > now - 1_000).length).toBeLessThanOrEqual(3);
      }
    }),
  );
});
