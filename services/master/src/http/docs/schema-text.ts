// A JSON Schema as people write types: { id: string, seconds?: 1 to 3600 }.

/** What of a schema is read here. */
export interface Schema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema | Schema[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  description?: string;
}

/** Of several lines where it has parts of its own. */
export function schemaText(schema: Schema, indent = ''): string {
  const { anyOf, items, properties, patternProperties, additionalProperties } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => schemaText(one, indent)).join(' | ');
  if (Array.isArray(items)) return `[${items.map((item) => schemaText(item, indent)).join(', ')}]`;
  if (items !== undefined) return listText(schemaText(items, indent));
  if (properties !== undefined) return objectText(properties, schema.required ?? [], indent);
  const named = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
  if (typeof named === 'object') return `{ [name]: ${schemaText(named, indent)} }`;
  return plainText(schema);
}

function listText(item: string): string {
  return item.includes(' ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function objectText(properties: Record<string, Schema>, required: string[], indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, part]) => {
    const remark = part.description === undefined ? '' : `  // ${part.description}`;
    return `${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaText(part, inner)}${remark}`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

function plainText({ type, minimum, maximum, maxLength }: Schema): string {
  const name = Array.isArray(type) ? type.join(' | ') : (type ?? 'anything');
  if (name === 'string') return maxLength === undefined ? name : `${name} (up to ${maxLength})`;
  // Every number has bounds; those that nobody will meet say nothing.
  const isBounded = minimum !== undefined && maximum !== undefined && maximum < 1e9;
  return isBounded ? `${name} (${minimum} to ${maximum})` : name;
}
