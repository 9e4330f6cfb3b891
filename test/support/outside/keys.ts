/** A browser's device key and its proof, made with Node's own cryptography. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export interface DeviceKey {
  privateKey: KeyObject
  /** 65 bytes, uncompressed, base64url: the `key` of the socket's address. */
  publicKey: string
}

/** A new P-256 pair. */
export function createDeviceKey(): DeviceKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')])
  return { privateKey, publicKey: point.toString('base64url') }
}

/** The signature of a resume: raw 64 bytes, base64url. */
export function proveResume(key: DeviceKey, host: string, device: string, nonce: string): string {
  const message = Buffer.from(`tandem.v1:resume:${host}:${device}:${nonce}`, 'utf8')
  return sign('sha256', message, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
