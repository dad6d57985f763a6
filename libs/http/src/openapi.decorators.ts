import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import type { ProblemCode } from './problem-codes.js';

/** The problems a route answers with, besides those every route has (`unauthenticated`, `forbidden`, `invalid-request`, …). */
export function Problems(...codes: readonly [ProblemCode, ...ProblemCode[]]): MethodDecorator {
  return ApiExtension('x-problems', codes) as MethodDecorator;
}

/** A success answer and its schema: `@apiOk(orderSchema)`, `@apiOk(orderSchema, 201, 'The venue has acknowledged it')`. */
export function apiOk(schema: z.ZodType, status = 200, description = 'OK'): MethodDecorator {
  return applyDecorators(ApiResponse({ status, description, standardSchema: schema as never }));
}
