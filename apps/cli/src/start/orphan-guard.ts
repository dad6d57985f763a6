/**
 * Loaded into every child before its own code: should the supervisor vanish, even by kill -9, the channel to it closes,
 * and the child stops as if it had been asked to.
 */
const INSIST_MS = Number.parseInt(process.env['BREAKWATER_SHUTDOWN_DRAIN_MS'] ?? '', 10) || 20_000;
const GRACE_MS = 5000;

if (process.channel !== undefined) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), INSIST_MS + GRACE_MS).unref();
  });
}

export {};
