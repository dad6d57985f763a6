/** Keeps secrets at rest. Port: a key file now, a key service later. */
export abstract class Vault {
  /**
   * Encrypts. @param context - names what the secret belongs to; opening it under another context fails, so that two
   * ciphertexts cannot be swapped.
   */
  abstract seal(plaintext: string, context: string): Buffer;
  /** @throws {VaultError} when it was made under another key or context, or was changed. */
  abstract open(sealed: Buffer, context: string): string;
}

export class VaultError extends Error {
  override readonly name = 'VaultError';
}
