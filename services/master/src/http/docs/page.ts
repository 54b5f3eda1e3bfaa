// The document as a page for people: one file without a script.
import type { ApiDocument, Content, Operation, Security } from './api-document.ts';
import { schemaText } from './schema-text.ts';
import { style } from './style.ts';

interface Listed {
  method: string;
  path: string;
  operation: Operation;
}

type Parameter = NonNullable<Operation['parameters']>[number];
type Response = Operation['responses'][string];

const who: Record<string, string> = {
  session: 'For those who are signed in.',
  metricsToken: 'For those who show the token for metrics.',
};

export function docsPage(document: ApiDocument, basePath: string): string {
  const { info, tags, security } = document;
  const all = operationsOf(document);
  const groups = tags.map(({ name, description }) => {
    const listed = all.filter(({ operation }) => operation.tags?.includes(name));
    return `<h2 id="${text(name)}">${text(name)} <span>${text(description)}</span></h2>
${listed.map((one) => operationHtml(one, security)).join('\n')}`;
  });
  const links = tags.map(({ name }) => `<a href="#${text(name)}">${text(name)}</a>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)}: the API</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text(info.title)}: the API <small>${text(info.version)}</small></h1>
<p>${text(info.description)}</p>
<p>The same for programs: <a href="${text(basePath)}/docs/json">docs/json</a>, OpenAPI ${text(document.openapi)}. <a href="${text(basePath)}/">To the fleet</a></p>
<nav>
${links}
</nav>
${groups.join('\n')}
</main>
</body>
</html>
`;
}

function operationsOf({ paths }: ApiDocument): Listed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

function operationHtml({ method, path, operation }: Listed, security: Security[]): string {
  const { summary = '', description, parameters = [], requestBody, responses } = operation;
  const parts = [
    description === undefined ? '' : `<p>${text(description)}</p>`,
    `<p class="who">${text(whoMay(operation.security ?? security))}</p>`,
    parameters.length === 0 ? '' : `<h3>In the address</h3>${parameters.map(parameterHtml).join('')}`,
    requestBody === undefined ? '' : `<h3>Takes</h3>${contentHtml(requestBody)}`,
    `<h3>Answers</h3><dl>${Object.entries(responses).map(responseHtml).join('')}</dl>`,
  ];
  return `<details>
<summary><b class="${method}">${method.toUpperCase()}</b><code>${text(path)}</code><span>${text(summary)}</span></summary>
<div class="body">${parts.join('\n')}</div>
</details>`;
}

function whoMay(security: Security[]): string {
  if (security.length === 0) return 'For everybody.';
  const [scheme = ''] = Object.keys(security[0] ?? {});
  return who[scheme] ?? scheme;
}

function parameterHtml({ name, required, schema = {} }: Parameter): string {
  return `<pre>${text(`${name}${required === true ? '' : '?'}: ${schemaText(schema)}`)}</pre>`;
}

function responseHtml([status, response]: [string, Response]): string {
  const description = response.description === 'Default Response' ? '' : response.description;
  // The body of every refusal is the same, and told above.
  const body = status.endsWith('XX') ? '' : contentHtml(response);
  return `<dt><b>${text(status)}</b></dt><dd>${text(description)}${body}</dd>`;
}

function contentHtml({ content = {} }: Content): string {
  return Object.entries(content)
    .map(([type, { schema = {} }]) => `<pre>${text(type === 'application/json' ? schemaText(schema) : type)}</pre>`)
    .join('');
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
