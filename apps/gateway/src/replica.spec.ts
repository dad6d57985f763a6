import { expect, it } from 'vitest';
import { advertisedUrl } from './replica.js';

it('tells others the address that the gateway listens on', () => {
  expect(advertisedUrl({ address: '127.0.0.1', port: 3000 })).toBe('http://127.0.0.1:3000');
  expect(advertisedUrl({ address: '10.1.2.3', port: 80 })).toBe('http://10.1.2.3:80');
  expect(advertisedUrl({ address: '::1', port: 3000 })).toBe('http://[::1]:3000');
  expect(advertisedUrl(null)).toBeNull();
});

it('never tells others an address that means everywhere', () => {
  for (const address of ['0.0.0.0', '::'])
    expect(advertisedUrl({ address, port: 3000 })).toMatch(/^http:\/\/(?!0\.0\.0\.0)\d+\.\d+\.\d+\.\d+:3000$/);
});
