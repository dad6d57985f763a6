import { describe, expect, it } from 'vitest';
import { MessageBudget } from './message-budget.js';

describe('how many messages a client may send', () => {
  it('is a burst, regained at a steady rate up to the burst and no further', () => {
    let nowMs = 0;
    const budget = new MessageBudget({ messageBurst: 3, messagesPerSecond: 2 }, () => nowMs);
    const taken = (): number => [1, 2, 3, 4, 5].filter(() => budget.take()).length;
    expect(taken()).toBe(3);
    nowMs = 499;
    expect(taken()).toBe(0);
    nowMs = 1_000;
    expect(taken()).toBe(2);
    nowMs = 60_000;
    expect(taken()).toBe(3);
  });
});
