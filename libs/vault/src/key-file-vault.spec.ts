import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyFileVault } from './key-file-vault.js';
import { VaultError } from './vault.js';

describe('KeyFileVault', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'breakwater-vault-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes a key that only its owner can read, and uses the same one ever after', () => {
    const path = join(folder, 'vault-key');
    const sealed = KeyFileVault.fromFile(path).seal('secret', 'account:a:1');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(KeyFileVault.fromFile(path).open(sealed, 'account:a:1')).toBe('secret');
  });

  it('[lesson 45] does not show the secret in what it seals, and never seals twice alike', () => {
    const vault = KeyFileVault.fromFile(join(folder, 'vault-key'));
    const one = vault.seal('plain-text-secret', 'c');
    expect(one.includes('plain-text-secret')).toBe(false);
    expect(one.equals(vault.seal('plain-text-secret', 'c'))).toBe(false);
  });

  it.each([
    ['another context', (sealed: Buffer) => sealed, 'account:b:1'],
    [
      'a changed byte',
      (sealed: Buffer) => {
        sealed[sealed.length - 1]! ^= 1;
        return sealed;
      },
      'account:a:1',
    ],
    ['a cut end', (sealed: Buffer) => sealed.subarray(0, 20), 'account:a:1'],
    [
      'another version',
      (sealed: Buffer) => {
        sealed[0] = 9;
        return sealed;
      },
      'account:a:1',
    ],
  ])('does not open under %s', (_name, damage, context) => {
    const vault = KeyFileVault.fromFile(join(folder, 'vault-key'));
    const sealed = damage(vault.seal('secret', 'account:a:1'));
    expect(() => vault.open(sealed, context)).toThrow(VaultError);
  });

  it('says that a damaged key file is damaged, and does not make a new key over it', () => {
    const path = join(folder, 'vault-key');
    writeFileSync(path, 'short');
    expect(() => KeyFileVault.fromFile(path)).toThrow('damaged');
    expect(readFileSync(path, 'utf8')).toBe('short');
  });
});
