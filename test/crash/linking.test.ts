/**
 * The runtime is killed (SIGKILL) between every two steps of linking and unlinking. Afterwards the phone's list and what
 * the browser learns agree: both linked or neither, no ghost and no lost one.
 *
 * The Worker is held at each point by an entry of its own (`test/support/hold-points.ts`).
 */
import { readFile, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { buildWorker, type Built } from '../support/outside/build.ts'
import { eventually } from '../support/outside/eventually.ts'
import { call } from '../support/outside/http.ts'
import { proveResume, type DeviceKey } from '../support/outside/keys.ts'
import { approve, asPhone, link, openBrowser, scan, signIn, type Person } from '../support/outside/people.ts'
import { startServer, type Server } from '../support/outside/server.ts'
import { dial, type TestSocket } from '../support/outside/socket.ts'

const ENTRY = 'test/support/hold-points.ts'
const MARK = 'tandem-hold-point'
const AGREE_MS = 20_000

let held: Built
let server: Server
beforeAll(async () => {
  held = await buildWorker(ENTRY)
  server = await startServer({ built: held })
})
afterAll(async () => {
  await server.stop()
  await rm(held.directory, { recursive: true, force: true })
})

test('the production bundle holds no hold points', async () => {
  expect(await readFile(held.script, 'utf8'), 'the mark would be found').toContain(MARK)
  const production = await readFile(inject('built').script, 'utf8')
  expect(production).not.toContain(MARK)
  expect(production).not.toContain('hold-point')
})

describe('after a kill', () => {
  /** Where the runtime dies, and what both sides must then agree on. */
  const points = [
    ['the scan came in', 'before-scan', 'neither'],
    ['the scan is held but not answered', 'after-scan', 'neither'],
    ['the approval came in', 'before-approve', 'neither'],
    ['the approval is stored and the account does not know yet', 'before-addDevice', 'both'],
    ['the account has linked it and the companion does not know yet', 'after-addDevice', 'both'],
    ['both have linked it and the phone is not answered', 'after-approve', 'both'],
  ] as const
  for (const [when, point, outcome] of points) {
    test(`when ${when}, ${outcome} of phone and browser ${outcome === 'both' ? 'hold' : 'holds'} it linked`, async () => {
      const person = await signIn(server)
      const { socket, key, qr } = await openBrowser(server)
      if (point.endsWith('scan')) {
        await killAt(point, () => scan(person, qr.token))
      } else {
        await scan(person, qr.token)
        await killAt(point, () => approve(person, qr.token))
      }
      await socket.ends()
      const browser = { key, device: qr.device as string }
      expect(await agreement(person, browser, outcome)).toBe(outcome)
      // The phone, which was not answered, asks again: the same device, or the code cannot be used any more.
      const again = await approve(person, qr.token)
      if (outcome === 'both') expect(again.json).toMatchObject({ device: { id: qr.device } })
      else expect(again.json).toMatchObject({ code: 'link_token_invalid' })
      expect(await agreement(person, browser, outcome)).toBe(outcome)
    })
  }

  for (const point of ['before-addDevice', 'after-addDevice']) {
    test(`at ${point}, the alarm links both sides though neither phone nor browser asks again`, async () => {
      const person = await signIn(server)
      const { key, qr } = await openBrowser(server)
      await scan(person, qr.token)
      await killAt(point, () => approve(person, qr.token))
      await eventually('the list', async () => (await devicesOf(person)).includes(qr.device), AGREE_MS)
      // Offline in the list only once the companion knows: it was linked without its screen.
      await eventually('the goodbye', async () => (await listOf(person)).every(({ online }) => !online), AGREE_MS)
      expect(await comeBack({ key, device: qr.device })).toBe('linked')
    })
  }

  const endings = [
    ['the phone asks to unlink', 'before-unlinkDevice', 'both'],
    ['the account has ended it and the companion does not know yet', 'before-end', 'neither'],
    ['both have ended it and the account does not know that', 'after-end', 'neither'],
    ['all is done and the phone is not answered', 'after-unlinkDevice', 'neither'],
  ] as const
  for (const [when, point, outcome] of endings) {
    test(`of unlinking, when ${when}, ${outcome} of phone and browser ${outcome === 'both' ? 'hold' : 'holds'} it linked`, async () => {
      const person = await signIn(server)
      const browser = await link(person)
      await killAt(point, () => asPhone(person, `/v1/devices/${browser.device}`, { method: 'DELETE' }))
      await browser.socket.ends()
      expect(await agreement(person, browser, outcome)).toBe(outcome)
    })
  }

  test('of resuming, when the account has the device online and the companion does not know yet, it comes back', async () => {
    const person = await signIn(server)
    const browser = await link(person)
    await browser.socket.close()
    await killAt('after-connectDevice', () => comeBack(browser))
    expect(await agreement(person, browser, 'both')).toBe('both')
    const seen = await devicesOf(person)
    expect(seen, 'one device').toHaveLength(1)
  })
})

/** Does something that is held at a point, kills the runtime there and starts it again. */
async function killAt(point: string, act: () => Promise<unknown>): Promise<void> {
  await call(`${server.origin}/v1/hold-point/${point}`, { method: 'POST' })
  const before = server.printed().length
  const acting = act().catch(() => null)
  await eventually(`the point ${point}`, async () => server.printed().slice(before).includes(`${MARK} ${point}\n`))
  await server.kill()
  await acting
  await server.restart()
}

/** What the phone's list and the browser's return say, once they say what is wanted or time is up. */
async function agreement(
  person: Person,
  browser: { key: DeviceKey; device: string },
  wanted: 'both' | 'neither',
): Promise<string> {
  let found = ''
  await eventually(
    'phone and browser to agree',
    async () => {
      const isListed = (await devicesOf(person)).includes(browser.device)
      const learned = await comeBack(browser)
      if (isListed && learned === 'linked') found = 'both'
      else if (!isListed && learned === 'gone') found = 'neither'
      else found = `${isListed ? 'listed' : 'not listed'}, but the browser learns "${learned}"`
      return found === wanted
    },
    AGREE_MS,
  ).catch(() => null)
  return found
}

async function devicesOf(person: Person): Promise<string[]> {
  return (await listOf(person)).map(({ id }) => id)
}

async function listOf(person: Person): Promise<{ id: string; online: boolean }[]> {
  return (await asPhone(person, '/v1/devices')).json.devices
}

/** What a browser learns that comes back: that it is linked, that it is not, or to try again. */
async function comeBack({ key, device }: { key: DeviceKey; device: string }): Promise<'linked' | 'gone' | 'later'> {
  const { origin, host } = new URL(server.origin)
  const socket: TestSocket = await dial(`${origin}/v1/socket?device=${device}`)
  const first = await Promise.race([socket.first('challenge'), socket.closed])
  if ('type' in first) {
    socket.send({ type: 'prove', signature: proveResume(key, host, device, first.nonce) })
    const answer = await Promise.race([socket.first('resumed'), socket.closed])
    if ('type' in answer) {
      await socket.close()
      return 'linked'
    }
  }
  const { code } = await socket.ends()
  return code === 4401 || code === 4410 ? 'gone' : 'later'
}
