import { runWithCorrelation } from '#libs/http';
import { describe, expect, it } from 'vitest';
import { createRootLogger } from './root-logger.js';

function capture(): { lines: () => Record<string, unknown>[]; destination: { write(line: string): void } } {
  const written: string[] = [];
  return {
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    destination: { write: (line) => written.push(line) },
  };
}

describe('the root logger', () => {
  it('writes JSON with the level as a word, the time in UTC, and the correlation id of the work going on', () => {
    const { lines, destination } = capture();
    const logger = createRootLogger({ format: 'json', level: 'info', version: '1.0.0', destination });
    runWithCorrelation('c-1', () => logger.info({ account: 'a' }, 'order sent'));
    logger.info('outside');
    expect(lines()[0]).toMatchObject({
      level: 'info',
      msg: 'order sent',
      correlationId: 'c-1',
      account: 'a',
      service: 'breakwater',
      version: '1.0.0',
    });
    expect(lines()[0]!['time']).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
    expect(lines()[1]).not.toHaveProperty('correlationId');
  });

  it('masks fields with the name of a secret', () => {
    const { lines, destination } = capture();
    const logger = createRootLogger({ format: 'json', level: 'info', destination });
    logger.info({ authorization: 'Bearer x', account: { name: 'a', apiSecret: 'x' }, request: { headers: { cookie: 'x' } } }, 'careless');
    expect(lines()[0]).toMatchObject({ authorization: '***', account: { name: 'a', apiSecret: '***' }, request: { headers: '***' } });
  });

  it('[lesson 44b] writes of an error only what cannot hold a secret', () => {
    const { lines, destination } = capture();
    const logger = createRootLogger({ format: 'json', level: 'info', destination });
    const cause = Object.assign(new Error('socket closed'), { code: 'UND_ERR_SOCKET', request: { headers: ['X-MBX-APIKEY', 'k'] } });
    logger.error({ err: new Error('venue call failed', { cause }) }, 'failed');
    expect(lines()[0]!['err']).toMatchObject({ message: 'venue call failed', cause: { message: 'socket closed', code: 'UND_ERR_SOCKET' } });
    expect(JSON.stringify(lines()[0])).not.toContain('MBX');
  });

  it('writes nothing below its level', () => {
    const { lines, destination } = capture();
    createRootLogger({ format: 'json', level: 'warn', destination }).info('quiet');
    expect(lines()).toEqual([]);
  });
});
