/**
 * Loaded into every child before its own code.
 *
 * Should the supervisor vanish, even by kill -9, the channel to it closes, and the child stops as if it had been asked to.
 *
 * The child's own code begins when the supervisor says so, with the variables that only then are known (the address of the
 * database). What takes long, loading the modules, is done while the child waits.
 */
import type { GoMessage, WarmMessage } from './child-messages.js';

const GRACE_MS = 5000;
const DRAIN_MS = Number.parseInt(process.env['BREAKWATER_SHUTDOWN_DRAIN_MS'] ?? '', 10) || 20_000;

function stopWithSupervisor(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), DRAIN_MS + GRACE_MS).unref();
}

async function untilGo(): Promise<GoMessage> {
  return new Promise((resolve) => {
    const listen = (message: WarmMessage | GoMessage) => {
      if (message.kind === 'warm') void import(message.module).catch(() => undefined);
      else {
        process.off('message', listen);
        resolve(message);
      }
    };
    process.on('message', listen);
  });
}

if (process.channel !== undefined) {
  process.once('disconnect', stopWithSupervisor);
  Object.assign(process.env, (await untilGo()).env);
}
