export { TEST_SERVER_FOLDER, testDatabase, type TestDatabase } from './testing/test-database.js';
export { beginTestRun, endTestRun } from './testing/test-server.js';
