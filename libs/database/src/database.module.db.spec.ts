import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from './connection/database.js';
import { DatabaseModule } from './database.module.js';
import { testDatabase, type TestDatabase } from './testing.js';

@Injectable()
class Reader {
  constructor(
    @Inject(Database) readonly database: Database,
    @Inject(DataSource) readonly dataSource: DataSource,
  ) {}
}

@Module({ providers: [Reader], exports: [Reader] })
class ReaderModule {}

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

test('every module is given the pool and the data source, and both are closed at the end', async () => {
  const app = await Test.createTestingModule({ imports: [DatabaseModule.forRoot({ url: db.url }), ReaderModule] }).compile();
  const { database, dataSource } = app.get(Reader);
  await database.ping();
  expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await app.close();
  expect(dataSource.isInitialized).toBe(false);
  await expect(database.ping()).rejects.toThrow('does not answer');
});

test('an application whose database is not there does not start', async () => {
  const module = Test.createTestingModule({ imports: [DatabaseModule.forRoot({ url: 'postgres://a:b@127.0.0.1:1/c' })] });
  await expect(module.compile()).rejects.toThrow('ECONNREFUSED');
});
