import { adminAccount, adminPassword } from './files.ts';
import { Complaint } from './findings.ts';
import { hashPassword, isPassword, makePassword, readHash, type PasswordHash } from './password.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';

const passwordMin = 8;
const passwordMax = 256;

interface Account {
  readonly name: string;
  readonly hash: PasswordHash;
}

/**
 * The first account. The password is kept apart from its hash, so that it can be read once and deleted. Where only a
 * password is there, because its owner chose one or because a run was cut short, the account is made for it.
 */
export function planAccount(survey: Survey, name: string): Step[] {
  const password = survey.read(adminPassword, readPassword);
  const account = survey.read(adminAccount, readAccount);
  if (survey.isFaulty(adminPassword, adminAccount)) return [];
  if (account === undefined) {
    const chosen = password ?? makePassword();
    const made = { name, hash: hashPassword(chosen) };
    tellPassword(survey, name);
    return [
      survey.step(adminPassword, Buffer.from(`${chosen}\n`), ''),
      survey.step(adminAccount, Buffer.from(`${JSON.stringify(made)}\n`), `name: ${name}`),
    ];
  }
  if (account.name !== name)
    survey.findings.notes.push(
      `init_admin is ${name}, but the first account was made as ${account.name} and stays that.`,
    );
  const accountStep = { file: adminAccount, detail: `name: ${account.name}` };
  if (password === undefined) return [accountStep];
  if (isPassword(password, account.hash)) tellPassword(survey, account.name);
  else
    survey.findings.warnings.push(
      `${survey.path(adminPassword)} does not hold the password of admin.json beside it. Delete it.`,
    );
  return [{ file: adminPassword, detail: '' }, accountStep];
}

function tellPassword(survey: Survey, name: string): void {
  survey.findings.notes.push(
    `sign in as ${name}; the first password is in ${survey.path(adminPassword)}. Keep it elsewhere, then delete that file.`,
  );
}

function readPassword(bytes: Buffer): string {
  const password = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (password.length < passwordMin || password.length > passwordMax || /\p{Cc}/u.test(password))
    throw new Complaint(
      `holds no password: it should be one line of ${passwordMin} to ${passwordMax} characters.`,
      'Write one there; or delete it and admin.json, and init makes a new one.',
    );
  return password;
}

function readAccount(bytes: Buffer): Account {
  const remedy = 'Put a good copy there; or delete it and admin.password, and init makes a new account.';
  let account: unknown;
  try {
    account = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Complaint('is damaged: it is not JSON.', remedy, { cause: error });
  }
  if (typeof account !== 'object' || account === null || !('name' in account) || !('hash' in account))
    throw new Complaint('holds no account: name and hash are missing.', remedy);
  const hash = typeof account.hash === 'string' ? readHash(account.hash) : undefined;
  if (typeof account.name !== 'string' || hash === undefined)
    throw new Complaint('holds no account: hash is no argon2id hash.', remedy);
  return { name: account.name, hash };
}
