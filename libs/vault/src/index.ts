export { KeyFileVault } from './key-file-vault.js';
export { Vault, VaultError } from './vault.js';
