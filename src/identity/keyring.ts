/**
 * The keys of the deployment, in one object: ES256 pairs that sign access tokens and HMAC keys that sign media URLs.
 * It makes them itself, so a fresh deploy needs no secret and there is none to forget. Isolates ask through
 * `http/keys.ts`; private parts never leave the Worker.
 *
 * Storage: `keys`, the living keys ({@link StoredKey}), rewritten when one is made and old ones go. No alarm.
 */
import { DurableObject } from 'cloudflare:workers'
import { exportJWK, generateKeyPair } from 'jose'
import { toBase64Url } from '../protocol/bytes.ts'
import { randomBytes } from '../http/secrets.ts'
import { isKeyDue, publishedAt } from './key-schedule.ts'
import type { KeyringRpc, KeySet } from './rpc.ts'

interface StoredKey {
  kid: string
  madeAt: number
  /** The private ES256 JWK: the one place where it is kept. */
  signing: JsonWebKey
  /** 32 bytes, base64url. */
  media: string
}

export class Keyring extends DurableObject<Env> implements KeyringRpc {
  #making: Promise<void> | null = null

  async keys(): Promise<KeySet> {
    if (isKeyDue(this.#stored(), Date.now())) {
      // Making a pair awaits, which lets other calls in: they join this one.
      this.#making ??= this.#make().finally(() => {
        this.#making = null
      })
      await this.#making
    }
    return keySet(publishedAt(this.#stored(), Date.now()))
  }

  #stored(): StoredKey[] {
    return this.ctx.storage.kv.get<StoredKey[]>('keys') ?? []
  }

  async #make(): Promise<void> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const signing = await exportJWK(privateKey)
    const made = {
      kid: toBase64Url(randomBytes(12)),
      madeAt: Date.now(),
      signing: signing as JsonWebKey,
      media: toBase64Url(randomBytes(32)),
    }
    this.ctx.storage.kv.put('keys', [...publishedAt(this.#stored(), made.madeAt), made])
  }
}

function keySet(keys: StoredKey[]): KeySet {
  const [signing] = keys
  if (signing === undefined) throw new Error('no key was made')
  return {
    signing: { ...signing.signing, kid: signing.kid },
    jwks: { keys: keys.map(publicKey) },
    media: keys.map(({ kid, media }) => ({ kid, key: media })),
  }
}

/** The public members of an EC key (RFC 7518 section 6.2.1), named one by one so that `d` cannot slip through. */
function publicKey({ kid, signing: { kty, crv, x, y } }: StoredKey): KeySet['jwks']['keys'][number] {
  if (kty !== 'EC' || crv === undefined || x === undefined || y === undefined) throw new Error('not an EC key')
  return { kid, kty, crv, x, y, alg: 'ES256', use: 'sig' }
}
