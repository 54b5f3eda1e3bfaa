// PROTOCOL.md, CONFIRM: an envelope, whose body is
//
//     0   32  transcript hash h2
//     32  32  hop proof

const hopProofAt = 32;

export function confirmBody(h2: Uint8Array, hopProof: Uint8Array): Buffer {
  return Buffer.concat([h2, hopProof]);
}

/** @param body of the exact length */
export function confirmParts(body: Uint8Array): { h2: Uint8Array; hopProof: Uint8Array } {
  return { h2: body.subarray(0, hopProofAt), hopProof: body.subarray(hopProofAt) };
}
