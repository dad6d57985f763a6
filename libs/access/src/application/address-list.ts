import { BlockList, isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether the text is an IPv4 or IPv6 address, alone or with a prefix length. */
export function isAddressOrRange(text: string): boolean {
  const [address = '', prefix, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined || address.includes('%')) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number.parseInt(prefix, 10) <= (family === 4 ? 32 : 128);
}

/** Addresses and ranges, asked for each request. */
export class AddressList {
  private readonly list = new BlockList();

  /** @param entries as `isAddressOrRange` accepts them */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry);
  }

  /** An IPv4 client on a dual-stack socket (`::ffff:10.0.0.1`) counts as IPv4. */
  has(address: string): boolean {
    const plain = MAPPED.exec(address)?.[1] ?? address;
    const family = isIP(plain);
    return family !== 0 && this.list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }

  private add(entry: string): void {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, Number.parseInt(prefix, 10), family);
  }
}
