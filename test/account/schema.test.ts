import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { migrate, SCHEMA_VERSION } from '../../src/account/schema.ts'
import { callerFor, createAccount, createDevice, evict, snapshotOf } from './support.ts'
import { wireId } from '../../src/protocol/ids.ts'

function fresh() {
  return env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
}

const V1 = 'CREATE TABLE things (name TEXT NOT NULL) STRICT'
const V2 = "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7; INSERT INTO things VALUES ('second', 2)"

describe('the schema', () => {
  it('of version 1 opens under a later one with its rows', async () => {
    await runInDurableObject(fresh(), (_, { storage }) => {
      migrate(storage, [V1])
      storage.sql.exec("INSERT INTO things VALUES ('first')")
      migrate(storage, [V1, V2])
      migrate(storage, [V1, V2])
      expect(storage.sql.exec('SELECT * FROM things').toArray()).toEqual([
        { name: 'first', size: 7 },
        { name: 'second', size: 2 },
      ])
    })
  })

  it('stays as it was when a migration fails half way', async () => {
    await runInDurableObject(fresh(), (_, { storage }) => {
      migrate(storage, [V1])
      expect(() => migrate(storage, [V1, `${V2}; SELECT nonsense`])).toThrow(/syntax|no such column/)
      expect(storage.sql.exec('SELECT * FROM things').toArray()).toEqual([])
      expect(storage.sql.exec('SELECT * FROM schema_version').toArray()).toEqual([{ version: 1 }])
    })
  })

  it('of a later version is not touched', async () => {
    await runInDurableObject(fresh(), (_, { storage }) => {
      migrate(storage, [V1, V2])
      expect(() => migrate(storage, [V1])).toThrow('later version')
    })
  })

  it('is there after an eviction, at the newest version', async () => {
    const account = await createAccount()
    await evict(account)
    await runInDurableObject(account.stub, (_, { storage }) => {
      expect(storage.sql.exec('SELECT version FROM schema_version').one()).toEqual({ version: SCHEMA_VERSION })
    })
    expect((await snapshotOf(account)).account.id).toBe(account.id)
  })
})

describe('an object that was only called by a guessed id', () => {
  it('answers as nobody and writes nothing', async () => {
    const stub = fresh()
    const id = wireId(stub.id.toString())
    const device = createDevice()
    expect(await stub.peerCard()).toBeNull()
    expect(await stub.lastUsedAt()).toBeNull()
    expect(await stub.deliver({ account: 'x', name: 'X', version: 1 }, 1, [])).toEqual({ outcome: 'gone' })
    await stub.peerTyping('x', true)
    expect(await stub.addDevice(device, null, true)).toEqual({ outcome: 'unauthorized' })
    expect(await stub.connectDevice(device.id, null)).toEqual({ outcome: 'ended', reason: 'account' })
    expect(await stub.pull(device.id, 0)).toEqual({ outcome: 'ended', reason: 'account' })
    await stub.disconnectDevice(device.id)
    await stub.unlinkSelf(device.id)
    expect(await stub.deviceRequests(device.id, [{ type: 'conversations', ref: 'r' }])).toMatchObject([
      { code: 'not_allowed', ref: 'r' },
    ])
    expect(await stub.refresh(`${id}.session.secret`)).toEqual({ ok: false, code: 'unauthorized' })
    await stub.signOut(callerFor(id, 'session'))
    expect(await stub.profile(callerFor(id, 'session'))).toEqual({ ok: false, code: 'unauthorized' })
    expect((await stub.fetch('https://tandem.test/')).status).toBe(404)
    await runInDurableObject(stub, async (_, { storage }) => {
      expect(storage.sql.exec('SELECT name FROM sqlite_master').toArray()).toEqual([])
      expect(await storage.getAlarm()).toBeNull()
    })
  })

  it('becomes an account at its first use by an outside issuer, and not for another account', async () => {
    const stub = fresh()
    const id = wireId(stub.id.toString())
    const other = wireId(fresh().id.toString())
    expect(await stub.profile(callerFor(other, null))).toEqual({ ok: false, code: 'unauthorized' })
    expect(await stub.lastUsedAt()).toBeNull()
    expect(await stub.profile(callerFor(id, null))).toEqual({ ok: true, value: { id, name: 'New account' } })
    expect((await stub.peerCard())?.account).toBe(id)
  })
})
