/** Server settings for real work: nothing that was acknowledged may be lost when the power goes. */
export const DURABLE_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The group committer already gathers what waits: a delay here would only add latency.
  commit_delay: '0',
  shared_buffers: '256MB',
  wal_buffers: '16MB',
  wal_compression: 'on',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  random_page_cost: '1.1',
  // Every statement is short: compiling it costs more than running it.
  jit: 'off',
};

/** For tests only: data that is thrown away needs no durability. */
export const THROWAWAY_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_wal_size: '1GB',
  jit: 'off',
  autovacuum: 'off',
};

/** What every embedded server has, whatever it is for. */
const COMMON_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // Loopback TCP only: socket paths have a length limit that deep folders exceed.
  unix_socket_directories: '',
  max_connections: '100',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** Command-line arguments for `postgres`. */
export function serverArguments(dataFolder: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const options = Object.entries({ ...COMMON_SETTINGS, ...settings });
  return ['-D', dataFolder, '-p', String(port), ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
