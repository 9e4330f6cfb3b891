import { describe, expect, test } from 'vitest'
import {
  createDeviceKey,
  createDeviceStorage,
  createMemoryCell,
  isResumable,
  publicKeyParameter,
  signResume,
  type DeviceRecord,
} from '../../src/client/device-key.ts'
import { fromBase64Url, utf8 } from '../../src/protocol/bytes.ts'

const NOW = 1_800_000_000_000

async function record(more: Partial<DeviceRecord> = {}): Promise<DeviceRecord> {
  return { key: await createDeviceKey(), device: 'D', linked: true, at: NOW, confirmed: false, ...more }
}

describe('the key', () => {
  test('cannot be read out', async () => {
    const { privateKey } = await createDeviceKey()
    expect(privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow('extractable')
    await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow('extractable')
  })

  test('goes into the address as the raw uncompressed point, 65 bytes', async () => {
    const point = fromBase64Url(await publicKeyParameter(await createDeviceKey()))
    expect(point).toHaveLength(65)
    expect(point![0]).toBe(4)
  })

  test('signs host, device and nonce as the contract says, raw 64 bytes', async () => {
    const key = await createDeviceKey()
    const signature = fromBase64Url(await signResume(key, 'localhost:8787', 'D', 'N'))!
    expect(signature).toHaveLength(64)
    const verify = (claim: string) =>
      crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key.publicKey, signature, utf8(claim))
    expect(await verify('tandem.v1:resume:localhost:8787:D:N')).toBe(true)
    expect(await verify('tandem.v1:resume:localhost:8788:D:N')).toBe(false)
    expect(await verify('tandem.v1:resume:localhost:8787:E:N')).toBe(false)
    expect(await verify('tandem.v1:resume:localhost:8787:D:M')).toBe(false)
  })
})

describe('what is worth resuming', () => {
  test.each([
    ['linked, however old', { linked: true, at: 0 }, true],
    ['unlinked, 159.999 s old', { linked: false, at: NOW - 159_999 }, true],
    ['unlinked, exactly 160 s old', { linked: false, at: NOW - 160_000 }, false],
    ['without a device id', { linked: false, device: null }, false],
  ] as const)('%s', async (_name, more, resumable) => {
    expect(isResumable(await record(more), NOW)).toBe(resumable)
  })
})

describe('the store', () => {
  test('gives back what it keeps, and the key still signs', async () => {
    const storage = createDeviceStorage(createMemoryCell())
    await storage.save(await record())
    const loaded = await storage.load(NOW)
    expect(loaded).toMatchObject({ device: 'D', linked: true })
    await expect(signResume(loaded!.key, 'h', 'D', 'N')).resolves.toHaveLength(86)
  })

  test('gives nothing for what cannot be resumed or read', async () => {
    const cell = createMemoryCell()
    const storage = createDeviceStorage(cell)
    expect(await storage.load(NOW)).toBeNull()
    await storage.save(await record({ linked: false, at: NOW - 200_000 }))
    expect(await storage.load(NOW)).toBeNull()
    for (const rubbish of [null, 7, {}, { device: 'D', linked: true, at: NOW }, { key: {} }]) {
      await cell.update(() => rubbish)
      expect(await storage.load(NOW)).toBeNull()
    }
  })

  test('a tab that only shows a code never overwrites the link of another', async () => {
    const storage = createDeviceStorage(createMemoryCell())
    await storage.save(await record({ device: 'linked' }))
    await storage.save(await record({ device: 'other', linked: false }))
    expect(await storage.load(NOW)).toMatchObject({ device: 'linked' })
    await storage.save(await record({ device: 'other', linked: true }))
    expect(await storage.load(NOW)).toMatchObject({ device: 'other' })
  })

  test('a tab that ends deletes its own record and no other', async () => {
    const storage = createDeviceStorage(createMemoryCell())
    await storage.save(await record({ device: 'mine' }))
    await storage.clear('other')
    expect(await storage.load(NOW)).not.toBeNull()
    await storage.clear('mine')
    expect(await storage.load(NOW)).toBeNull()
  })
})
