/** Three accounts, each with a phone and two linked devices, and everything that may happen to them. */
import { env } from 'cloudflare:workers'
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { vi } from 'vitest'
import type { Account, Companion } from '../../src/index.ts'
import { PHONE_SOCKET_HEADER, type PhoneSocketOpen } from '../../src/account/rpc.ts'
import { OPEN_HEADER, type OpenNew, type OpenResume, type Scanner } from '../../src/companion/rpc.ts'
import type { Caller, Visitor } from '../../src/http/types.ts'
import { parseLinkToken, wireId } from '../../src/protocol/ids.ts'
import { toBase64Url, utf8 } from '../../src/protocol/bytes.ts'
import { alarmAt } from '../support/clock.ts'
import { Device } from './device.ts'
import { Faults } from './faults.ts'
import { Reference } from './reference.ts'

export const ACCOUNTS = 3
const LINKED = 2
/** A phone and its linked devices. */
export const DEVICES = 1 + LINKED
const HOST = 'tandem.test'
const DAY_MS = 86_400_000
/** What is due later than this (idle expiry) is no part of coming to rest. */
const SOON_MS = 3_600_000
/** Alarms until nothing is due; each failed call of a run may cost a few. */
const ROUNDS = 60

type Stub<T extends Account | Companion> = DurableObjectStub<T>

export interface Person {
  id: string
  stub: Stub<Account>
  caller: Caller
  /** The phone first. */
  devices: Device[]
  companions: Stub<Companion>[]
}

/** One key for all browsers of a run: what it proves is tested elsewhere. */
export interface BrowserKey {
  publicKey: string
  sign: (text: string) => Promise<string>
}

export async function createBrowserKey(): Promise<BrowserKey> {
  const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
  return {
    publicKey: toBase64Url(new Uint8Array(raw)),
    async sign(text) {
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, utf8(text))
      return toBase64Url(new Uint8Array(signature))
    },
  }
}

const VISITOR: Visitor = { ip: '127.0.0.1', local: true }

let numbers = 0

export class World {
  readonly reference = new Reference()
  readonly faults = new Faults()
  readonly people: Person[] = []
  readonly #key: BrowserKey

  private constructor(key: BrowserKey) {
    this.#key = key
  }

  static async create(key: BrowserKey): Promise<World> {
    const world = new World(key)
    world.people.push(...(await Promise.all(Array.from({ length: ACCOUNTS }, () => world.#createPerson()))))
    world.faults.install()
    return world
  }

  /** All accounts, then all companions, in a fixed order. */
  objects(): DurableObjectStub[] {
    return [...this.people.map(({ stub }) => stub), ...this.people.flatMap(({ companions }) => companions)]
  }

  devices(): Device[] {
    return this.people.flatMap(({ devices }) => devices)
  }

  /** Puts an object out of memory, if it is there; its sockets hibernate. */
  async evict(object: DurableObjectStub): Promise<void> {
    await evictDurableObject(object).catch((error: unknown) => {
      if (!/not.*running/i.test(String(error))) throw error
    })
  }

  /** Fires an object's alarm: when it is due or `late` beyond, at once although it is not due yet, or twice. */
  async alarm(object: DurableObjectStub, how: 'due' | 'early' | 'twice', late: number): Promise<void> {
    const at = await alarmAt(object)
    if (at === null) return
    if (how !== 'early' && at < Date.now() + SOON_MS) vi.setSystemTime(Math.max(Date.now(), at + late))
    await runDurableObjectAlarm(object)
    if (how === 'twice') await runInDurableObject(object, (instance) => (instance as unknown as Account).alarm())
  }

  /** The account's owner ends a linked device. */
  async unlink(person: Person, device: Device): Promise<void> {
    // Noted first: from somewhere within the call on, the device may do nothing any more.
    this.reference.unlink(person.id, device.name)
    await person.stub.unlinkDevice(person.caller, device.name)
  }

  async rename(person: Person, name: string): Promise<void> {
    const renamed = await person.stub.updateProfile(person.caller, { name })
    if (renamed.ok) this.reference.rename(person.id, name)
  }

  /** Nothing fails any more, everybody comes back, and alarms fire until nothing is due. */
  async settle(): Promise<void> {
    this.faults.clear()
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(this.devices().map((device) => device.connect(true)))
      for (const device of this.devices()) device.askAgain()
      await this.answered()
      const due = await this.#dueSoon()
      const isQuiet = this.devices().every((device) => device.unlinked || device.isAnswered)
      if (due.length === 0 && isQuiet) return
      const latest = Math.max(Date.now(), ...due.map(({ at }) => at))
      vi.setSystemTime(latest)
      await Promise.all(due.map(({ object }) => runDurableObjectAlarm(object)))
    }
    throw new Error(`something is still due after ${ROUNDS} alarms`)
  }

  /** Awaits the answers to all that was asked so far. */
  async answered(): Promise<void> {
    for (const device of this.devices()) await device.until('its answers', () => device.isIdle)
    await this.faults.idle()
  }

  /** What is wrong with the world at rest; empty when every device shows what the reference has. */
  async faultsAtRest(): Promise<string[]> {
    const faults = this.devices().flatMap((device) => device.faults)
    for (const person of this.people) {
      const head = await runInDurableObject(person.stub, (_, { storage }) => headOf(storage))
      const living = person.devices.filter(({ name }) => this.#isLinked(person, name))
      for (const device of living) {
        const { cursor } = device.state
        if (cursor !== head) faults.push(`${device.name}: at ${cursor}, but the log is at ${head}`)
        const viewsOf = (account: string) => this.#person(account).devices[0]?.views() ?? []
        const wrong = this.reference.faultsIn(person.id, device.views(), viewsOf)
        faults.push(...wrong.map((fault) => `${device.name}: ${fault}`))
        if (JSON.stringify(device.views()) !== JSON.stringify(person.devices[0]?.views())) {
          faults.push(`${device.name}: shows something else than the phone`)
        }
        if (device.state.account?.name !== this.reference.nameOf(person.id)) faults.push(`${device.name}: another name`)
      }
      for (const device of person.devices) {
        if (!living.includes(device) && !device.unlinked)
          faults.push(`${device.name}: was not told that it is unlinked`)
      }
      faults.push(...(await this.#faultsInDevices(person)))
    }
    return faults
  }

  /** The run is over. */
  close(): void {
    for (const device of this.devices()) device.drop(false)
    this.faults.uninstall()
  }

  async #faultsInDevices(person: Person): Promise<string[]> {
    const listed = await person.stub.devices(person.caller)
    if (!listed.ok) return ['the devices could not be listed']
    const found = listed.value.devices.map(({ id, online }) => `${id} ${online}`).toSorted()
    const wanted = this.reference.devicesOf(person.id).map((id) => `${id} true`)
    return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [`devices: ${found.join()}, wanted ${wanted.join()}`]
  }

  #isLinked(person: Person, name: string): boolean {
    return name === 'phone' || this.reference.devicesOf(person.id).includes(name)
  }

  #person(account: string): Person {
    const found = this.people.find(({ id }) => id === account)
    if (found === undefined) throw new Error('nobody')
    return found
  }

  /** The objects whose alarm is a part of coming to rest. */
  async #dueSoon(): Promise<{ object: DurableObjectStub; at: number }[]> {
    const alarms = await Promise.all(this.objects().map(async (object) => ({ object, at: await alarmAt(object) })))
    const soon = Date.now() + SOON_MS
    return alarms.flatMap(({ object, at }) => (at !== null && at < soon ? { object, at } : []))
  }

  async #createPerson(): Promise<Person> {
    const stub = env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
    const id = wireId(stub.id.toString())
    const grant = await stub.signIn(id, `+1555${String(3_000_000 + numbers++)}`)
    if (!grant.ok) throw new Error(grant.code)
    const { session, account } = grant.value
    this.reference.addAccount(id, account.name)
    const caller = { account: id, session, issuedAt: Date.now(), expiresAt: Date.now() + DAY_MS }
    const person: Person = { id, stub, caller, devices: [], companions: [] }
    const phone = new Device('phone', id, this.reference, {
      dial: (cursor) => openPhone(person, cursor),
      prove: () => Promise.reject(new Error('a phone proves nothing')),
    })
    person.devices.push(phone)
    await phone.connect(true)
    await Promise.all(Array.from({ length: LINKED }, () => this.#link(person)))
    return person
  }

  /** The path of a link, object to object: a code, a scan, an approval, the stream on the same socket. */
  async #link(person: Person): Promise<void> {
    const stub = env.COMPANION.get(env.COMPANION.newUniqueId())
    const name = wireId(stub.id.toString())
    const device = new Device(name, person.id, this.reference, {
      dial: (cursor) => openCompanion(stub, { form: 'resume', device: name, cursor, hosts: [HOST] }),
      prove: (nonce) => this.#key.sign(`tandem.v1:resume:${HOST}:${name}:${nonce}`),
    })
    const browser = { browser: 'Firefox', os: 'Linux', visitor: VISITOR }
    const { publicKey: key } = this.#key
    device.listen(await openCompanion(stub, { form: 'new', key, publicOrigin: `https://${HOST}`, ...browser }))
    await device.until('a code', () => device.code !== null)
    const secret = parseLinkToken(device.code ?? '')?.secret ?? ''
    const { session, issuedAt } = person.caller
    const by: Scanner = { account: person.id, session, issuedAt, visitor: VISITOR }
    await stub.scan(secret, by)
    const approved = await stub.approve(secret, by, null, null)
    if (!approved.ok) throw new Error(approved.code)
    await device.until('the stream', () => device.isConnected)
    this.reference.link(person.id, name)
    person.devices.push(device)
    person.companions.push(stub)
  }
}

async function openPhone({ stub, caller }: Person, cursor: number | null): Promise<WebSocket> {
  const open: PhoneSocketOpen = { caller, cursor }
  const headers = { upgrade: 'websocket', [PHONE_SOCKET_HEADER]: JSON.stringify(open) }
  return socketOf(await stub.fetch(`https://${HOST}/v1/account/socket`, { headers }))
}

async function openCompanion(stub: Stub<Companion>, open: OpenNew | OpenResume): Promise<WebSocket> {
  const headers = { Upgrade: 'websocket', [OPEN_HEADER]: JSON.stringify(open) }
  return socketOf(await stub.fetch('https://companion/', { headers }))
}

function socketOf(response: Response): WebSocket {
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`)
  return response.webSocket
}

function headOf({ sql }: DurableObjectStorage): number {
  return sql.exec<{ head: number }>('SELECT coalesce(max(cursor), 0) AS head FROM events').one().head
}
