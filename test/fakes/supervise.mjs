/** `npm start` with stand-ins for gateway and simulator. Needs the build, as every program does. */
import { fileURLToPath } from 'node:url';

const built = (name) => import(new URL(`../../dist/apps/cli/src/${name}.js`, import.meta.url).href);
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const { Supervisor } = await built('start/supervisor');
const { Terminal } = await built('start/terminal');
const { StopSignals } = await built('start/stop-signals');
const { faultText } = await built('state/command-fault');

try {
  process.exitCode = await new Supervisor({
    env: process.env,
    cwd: process.cwd(),
    terminal: new Terminal(),
    signals: new StopSignals(),
    programs: { gateway: beside('gateway.mjs'), simulator: beside('simulator.mjs') },
  }).run();
} catch (error) {
  process.stderr.write(`breakwater: ${faultText(error)}\n`);
  process.exitCode = 1;
}
