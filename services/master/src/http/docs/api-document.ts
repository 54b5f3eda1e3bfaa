import type { Schema } from './schema-text.ts';

/** By the name of a scheme. */
export type Security = Record<string, string[]>;

export interface Content {
  content?: Record<string, { schema?: Schema }>;
}

export interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  security?: Security[];
  parameters?: { name: string; required?: boolean; schema?: Schema }[];
  requestBody?: Content;
  responses: Record<string, Content & { description: string }>;
}

/** What of an OpenAPI 3.1 document the routes' schemas make, and the page shows. */
export interface ApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  security: Security[];
  /** By path and method, the latter in small letters. */
  paths: Record<string, Record<string, Operation>>;
}
