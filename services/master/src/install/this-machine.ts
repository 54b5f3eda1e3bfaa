/** Whether only programs on the same machine reach `host`. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|::1)$/i.test(host);
}
