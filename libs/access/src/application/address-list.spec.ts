import { describe, expect, it } from 'vitest';
import { AddressList, isAddressOrRange } from './address-list.js';

describe('a list of addresses', () => {
  const list = new AddressList(['10.0.0.0/8', '192.168.1.7', '2001:db8::/32', '::1']);

  it.each(['10.255.0.1', '192.168.1.7', '2001:db8:1::5', '::1', '::ffff:10.0.0.1', '::FFFF:192.168.1.7'])('holds %s', (address) => {
    expect(list.has(address)).toBe(true);
  });

  it.each(['11.0.0.1', '192.168.1.8', '2001:db9::1', '::ffff:11.0.0.1', '::2', '', 'localhost', '10.0.0.1:80', '010.0.0.1', '10.0.0.1/8'])(
    'does not hold %j',
    (address) => {
      expect(list.has(address)).toBe(false);
    },
  );

  it.each(['10.0.0.1', '10.0.0.0/8', '::/0', '2001:db8::/128', '0.0.0.0/0'])('takes %s as an entry', (text) => {
    expect(isAddressOrRange(text)).toBe(true);
  });

  it.each(['', 'host', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', '10.0.0.0/', '10.0.0.0/a', 'fe80::1%eth0', '10.0.0'])(
    'refuses %j as an entry',
    (text) => {
      expect(isAddressOrRange(text)).toBe(false);
    },
  );
});
