/**
 * Adds up the test reports of all runs and prints the last line of the gate: "N passed, M failed".
 * Usage: node totals.mjs FOLDER [FAILED_STEP …]. A failed step counts as one failure where its report shows none.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const [folder, ...failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const stepsWithFailedTests = new Set();
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  if (report.numFailedTests > 0) stepsWithFailedTests.add(path.basename(name, '.json'));
}
failed += failedSteps.filter((step) => !stepsWithFailedTests.has(step)).length;
// A gate that ran no test has proven nothing.
const nothingRan = passed + failed === 0;

if (failedSteps.length > 0) console.log(`\nfailed steps: ${failedSteps.join(', ')}`);
if (nothingRan) console.log('\nno test ran');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || failedSteps.length > 0 || nothingRan ? 1 : 0;
