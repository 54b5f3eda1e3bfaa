// What a setting may hold. A message goes on after the setting's name: `mq_sub_port is "abc"; write …`.
import { statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import type { Mechanism } from '@sealcast/channel/payloads';
import { EnvError, makeExactValidator, makeValidator } from 'envalid';
import { hostFault, isHost, publicHostMax } from './host.ts';

function readHost(text: string): string {
  const fault = hostFault(text);
  if (fault !== undefined)
    throw new EnvError(`is "${text}", which ${fault}; write a host name or an IP address without a port`);
  return text;
}

/** A host name or an address, IPv4 or IPv6, without a port. */
export const host = makeValidator<string>(readHost);

/** What nodes call a master or a relay: it stands in every invite. */
export const publicHost = makeValidator<string>((text) => {
  if (readHost(text).length > publicHostMax)
    throw new EnvError(
      `is ${text.length} characters long, and an invite has room for ${publicHostMax}; write a shorter name of this machine, or its IP address`,
    );
  return text;
});

/** Host names and addresses between commas. */
export const hosts = makeExactValidator<string[]>((text) => {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.filter((name) => !isHost(name.replace(/^\*\./, '')));
  if (wrong.length > 0)
    throw new EnvError(`holds "${wrong.join('", "')}"; write host names or IP addresses between commas`);
  return names;
});

/** Names and addresses of this machine between commas, to listen on each. */
export const listenHosts = makeExactValidator<string[]>((text) => {
  const places = text.split(',').map((place) => place.trim());
  const wrong = places.filter((place) => !isHost(place));
  if (wrong.length > 0)
    throw new EnvError(`is "${text}"; write a host name or an IP address without a port, or several between commas`);
  return places;
});

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(min: number, max: number, unit = '') {
  return makeExactValidator<number>((text) => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < min || value > max)
      throw new EnvError(`is "${text}"; write a whole number from ${min} to ${max}${unit && ` (${unit})`}`);
    return value;
  });
}

/** A TCP port. */
export const port = wholeNumber(1, 65535, 'a TCP port');

/** `true` or `false`. */
export const flag = makeExactValidator<boolean>((text) => {
  if (text !== 'true' && text !== 'false') throw new EnvError(`is "${text}"; write true or false`);
  return text === 'true';
});

/** The path of a file that is there. */
export const filePath = makeExactValidator<string>((text) => {
  const found = statSync(text, { throwIfNoEntry: false });
  if (found === undefined)
    throw new EnvError(`names "${text}", which is not there; write the path of a file that can be read`);
  if (!found.isFile()) throw new EnvError(`names "${text}", which is not a file; write the path of a file`);
  return text;
});

/** The path of a folder, which need not be there yet. */
export const folderPath = makeExactValidator<string>((text) => {
  const found = statSync(text, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory())
    throw new EnvError(`names "${text}", which is not a folder; write the path of a folder`);
  return text;
});

/** The path of a Unix socket, in a folder that is there. sun_path (unix(7)) has 108 bytes, the last of them zero. */
export const socketPath = makeExactValidator<string>((text) => {
  const isWhole = isAbsolute(text) && Buffer.byteLength(text) <= 107;
  if (!isWhole || !statSync(dirname(text), { throwIfNoEntry: false })?.isDirectory())
    throw new EnvError(`is "${text}"; write a whole path of at most 107 bytes, in a folder that is there`);
  return text;
});

/** The path that everything is served below: `/name` or `/name/name`. A slash alone is the same as nothing. */
export const basePath = makeExactValidator<string>((text) => {
  const trimmed = text.replace(/\/$/, '');
  if (!/^(\/[A-Za-z0-9._~-]+)*$/.test(trimmed) || trimmed.split('/').some((part) => part === '.' || part === '..'))
    throw new EnvError(`is "${text}"; write a path that starts with a slash`);
  return trimmed;
});

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export const logLevel = makeExactValidator<string>((text) => {
  if (!logLevels.includes(text)) throw new EnvError(`is "${text}"; write one of ${logLevels.join(', ')}`);
  return text;
});

const mechanisms: readonly Mechanism[] = ['curve', 'plain', 'null'];

/** PROTOCOL.md, Mechanisms. */
export const mechanism = makeExactValidator<Mechanism>((text) => {
  const found = mechanisms.find((one) => one === text);
  if (found === undefined) throw new EnvError(`is "${text}"; write one of ${mechanisms.join(', ')}`);
  return found;
});
