import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject, type SwaggerDocumentOptions } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from './problem-codes.js';

export interface OpenApiOptions {
  readonly title?: string;
  readonly version: string;
  readonly description?: string;
}

type Operation = Record<string, unknown>;
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };

/** What the API browser needs beyond `default-src 'none'`. */
const DOCS_POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Serves `/openapi.json` (3.1) and `/docs`. Call after the modules are known and before `listen`. */
export function setupOpenApi(app: INestApplication, options: OpenApiOptions): void {
  let document: OpenAPIObject | undefined;
  const instance = app.getHttpAdapter().getInstance() as FastifyInstance;
  instance.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/docs')) reply.header('Content-Security-Policy', DOCS_POLICY);
    done();
  });
  SwaggerModule.setup('docs', app, () => (document ??= openApiDocument(app, options)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: options.title ?? 'Breakwater API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true },
  });
}

/** The description of every route, schema, scope and problem, as plain JSON. */
export function openApiDocument(app: INestApplication, options: OpenApiOptions): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(options.title ?? 'Breakwater API')
    .setDescription(options.description ?? 'One REST and WebSocket API in front of many exchanges.')
    .setVersion(options.version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: Authorization: Bearer <key>' }, 'key')
    .build();
  const standardSchemaConverter: SwaggerDocumentOptions['standardSchemaConverter'] = (schema, { schemaType }) =>
    toJsonSchema(schema as unknown as z.ZodType, schemaType);
  const document = SwaggerModule.createDocument(app, config, { standardSchemaConverter, operationIdFactory: operationId });
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: problemSchema() } } as never;
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) describeOperation((path as Record<string, Operation | undefined>)[method]);
  }
  return document;
}

/** `OrdersController`, `place` → `orders.place`: what a generated client calls its method. */
function operationId(controller: string, method: string): string {
  const noun = controller.replace(/Controller$/, '');
  return `${noun.charAt(0).toLowerCase()}${noun.slice(1)}.${method}`;
}

/** zod knows JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. Named schemas (`.meta({ id })`) become components. */
function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): { schema: never; components: Record<string, never> } {
  const { $schema: _, $defs, ...body } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return { schema: body as never, components: ($defs ?? {}) as Record<string, never> };
}

function describeOperation(operation: Operation | undefined): void {
  if (operation === undefined) return;
  const scopes = (operation['x-scopes'] ?? []) as readonly string[];
  const secured = scopes.length > 0;
  const codes = new Set<ProblemCode>((operation['x-problems'] ?? []) as readonly ProblemCode[]);
  if (secured) codes.add('unauthenticated').add('forbidden').add('ip-blocked').add('database-unavailable');
  if (operation['requestBody'] !== undefined)
    codes.add('payload-too-large').add('unsupported-media-type').add('invalid-request').add('draining');
  if ((operation['parameters'] as unknown[] | undefined)?.length) codes.add('invalid-request');
  codes.add('internal');
  operation['x-problems'] = [...codes];
  const needs = secured ? `Scope: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.` : 'Public: no key needed.';
  operation['description'] = [operation['description'], needs].filter(Boolean).join('\n\n');
  operation['responses'] = { ...(operation['responses'] as object | undefined), ...problemResponses([...codes]) };
}

function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const texts = new Map<number, string[]>();
  for (const code of codes) {
    const { status, title } = PROBLEMS[code];
    texts.set(status, [...(texts.get(status) ?? []), `\`${code}\`: ${title}`]);
  }
  const content = { 'application/problem+json': { schema: PROBLEM_REF } };
  return Object.fromEntries([...texts].map(([status, lines]) => [status, { description: lines.join('\n\n'), content }]));
}

function problemSchema(): object {
  return {
    type: 'object',
    description: 'RFC 9457 problem details.',
    required: ['type', 'title', 'status', 'detail', 'code', 'correlationId'],
    properties: {
      type: { type: 'string', format: 'uri', examples: ['urn:breakwater:problem:insufficient-funds'] },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: PROBLEM_CODES },
      correlationId: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string', description: 'JSON pointer', examples: ['/price'] }, message: { type: 'string' } },
        },
      },
      orderId: { type: 'string', format: 'uuid', description: 'The order, which can be read, as rejected.' },
      venueCode: { type: 'string', description: 'What the venue itself called it.' },
      retryAfterMs: { type: 'integer', description: 'Also in Retry-After, in seconds.' },
    },
  };
}
