import 'reflect-metadata';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaDrift } from '#libs/database';
import { testDatabase, type TestDatabase } from '#testing/database';
import { ENTITIES } from './app.module.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

test('the migrations build exactly the tables that the entities describe', async () => {
  expect(await schemaDrift(await db.dataSource({ entities: ENTITIES }))).toEqual([]);
});
