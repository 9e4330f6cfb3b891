/** The linking between the page's screens: the sign-in that may come first, the way out, and whose device it is. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Screen } from '../../src/web/phone/screens.ts'
import { createLinkingFlow, type LinkingFlow } from '../../src/web/phone/linking-flow.ts'
import { useEnglish } from '../../src/web/shared/text.ts'
import { phone } from '../../src/web/strings/en/phone.ts'
import { createScene, DEVICE, json, type Line, problem, TOKEN } from './phone-support.ts'

const REQUEST = {
  browser: 'Firefox',
  os: 'Windows',
  ip: '203.0.113.7',
  place: {},
  network: 'same',
  requestedAt: 0,
  issuedAt: 0,
  expiresAt: 120_000,
}
const scanned = (): Response => json({ request: REQUEST, match: 'none' })
const changed = (): Response => problem(410, 'link_token_invalid')

beforeAll(() => useEnglish(phone))

describe('a code from the system’s camera', () => {
  test('is asked about at once by somebody who is signed in', async () => {
    const { flow, screens, calls } = scene(scanned())
    flow.arrive(TOKEN, true)
    await answered(flow)
    expect(screens).toEqual([{ screen: 'confirm' }])
    expect(calls.map(({ path, body }) => [path, body])).toEqual([['/v1/link/scan', { token: TOKEN }]])
  })

  test('waits for the sign-in, with no call and no screen, and is asked about then', async () => {
    const { flow, screens, calls } = scene(scanned())
    flow.arrive(TOKEN, false)
    expect([flow.waits, screens, calls]).toEqual([true, [], []])
    flow.signedIn()
    await answered(flow)
    expect(flow.view.state.step).toBe('confirm')
  })

  test('that has changed by the end of the sign-in opens the scanner, which says so', async () => {
    const { flow, screens } = scene(changed())
    flow.arrive(TOKEN, false)
    flow.signedIn()
    await answered(flow)
    const notice = 'This code has changed. Point your camera at the screen again.'
    expect(screens).toEqual([{ screen: 'confirm' }, { screen: 'scan', notice }])
  })

  test('that is none is said to have changed, and nothing is called', async () => {
    const { flow, screens, calls } = scene()
    flow.arrive('', true)
    expect(screens).toEqual([{ screen: 'confirm' }])
    expect(flow.view.state).toEqual({ step: 'failed', code: 'link_token_invalid' })
    expect(calls).toEqual([])
  })
})

describe('a question', () => {
  test('that is left is declined, and what comes of that is not shown', async () => {
    const { flow, calls } = scene(scanned(), new Response(null, { status: 204 }))
    flow.begin({ token: TOKEN })
    await answered(flow)
    flow.leave()
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    expect(calls.map(({ path }) => path)).toEqual(['/v1/link/scan', '/v1/link/decline'])
    expect(flow.view.state).toMatchObject({ step: 'confirm', busy: null })
    expect(flow.isAbout(DEVICE)).toBe(false)
  })

  test('whose session ends is asked again after the sign-in; one that was answered is not', async () => {
    const { flow } = scene(scanned(), scanned(), json({ device: { id: DEVICE } }))
    flow.begin({ token: TOKEN })
    await answered(flow)
    flow.signedOut(true)
    expect(flow.waits).toBe(true)
    flow.signedIn()
    await answered(flow)
    await flow.act({ what: 'approve' })
    expect(flow.view.state.step).toBe('done')
    flow.signedOut(true)
    expect(flow.waits).toBe(false)
  })

  test('is not kept by somebody who looks at another screen when the session ends', async () => {
    const { flow } = scene(scanned())
    flow.begin({ token: TOKEN })
    await answered(flow)
    flow.signedOut(false)
    expect(flow.waits).toBe(false)
  })
})

test('knows the device that it links, also by a code that was typed', async () => {
  const { flow, linked } = scene(
    json({ request: REQUEST, match: 'required', token: TOKEN }),
    json({ device: { id: DEVICE } }),
  )
  flow.begin({ code: 'ABCD-1234' })
  await answered(flow)
  expect([flow.view.typed, flow.isAbout(DEVICE)]).toEqual([true, true])
  await flow.act({ what: 'approve', match: '47' })
  expect(linked).toEqual([DEVICE])
})

test('counts the devices where too many of them stand in the way', async () => {
  const devices = { devices: [{ id: 'a' }, { id: 'b' }] }
  const { flow } = scene(problem(409, 'too_many_devices'), json(devices))
  flow.begin({ token: TOKEN })
  await vi.waitFor(() => expect(flow.view.deviceCount).toBe(2))
})

function scene(...script: Line[]) {
  const stage = createScene(script)
  const screens: Screen[] = []
  const linked: string[] = []
  const flow = createLinkingFlow({
    api: stage.api,
    onChange: () => undefined,
    go: (screen) => screens.push(screen),
    onLinked: (device) => linked.push(device),
  })
  return { ...stage, flow, screens, linked }
}

/** The scan has its answer. */
function answered(flow: LinkingFlow): Promise<void> {
  return vi.waitFor(() => expect(flow.view.state.step).not.toBe('asking'), { interval: 1 })
}
