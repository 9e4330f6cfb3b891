import { describe, expect, test } from 'vitest'
import { createLinking, type LinkingState } from '../../src/client/phone-linking.ts'
import { createScene, DEVICE, json, type Line, NOW, problem, TOKEN } from './phone-support.ts'

const HOLD_MS = 120_000
/** The service's clock is far from the phone's: only the difference counts. */
const SERVICE_NOW = 42_000_000
const REQUEST = {
  browser: 'Firefox',
  os: 'Windows',
  ip: '203.0.113.7',
  place: { city: 'Berlin', country: 'DE' },
  network: 'same',
  requestedAt: SERVICE_NOW - 5_000,
  issuedAt: SERVICE_NOW,
  expiresAt: SERVICE_NOW + HOLD_MS,
}
const scanned = (match: 'none' | 'required' = 'none') => json({ request: REQUEST, match })
const linked = () => json({ device: { id: DEVICE, name: 'Firefox', linkedAt: SERVICE_NOW } })
const listed = (...ids: string[]) => json({ devices: ids.map((id) => ({ id })) })
const internal = () => problem(500, 'internal')
const done = () => new Response(null, { status: 204 })

function scene(...script: Line[]) {
  const stage = createScene(script)
  const states: LinkingState[] = []
  const linking = createLinking(
    { token: TOKEN },
    {
      api: stage.api,
      now: () => stage.clock.now,
      sleep: async (milliseconds) => {
        stage.slept.push(milliseconds)
        stage.clock.now += milliseconds
      },
      onState: (state) => states.push(state),
    },
  )
  return { ...stage, linking, last: () => states.at(-1), states }
}

describe('a scan', () => {
  test('links nothing: it asks, and the hold is counted from the arrival of the answer', async () => {
    const { linking, last, calls } = scene(scanned())
    await linking.start()
    expect(last()).toMatchObject({ step: 'confirm', busy: null, matchRequired: false, holdEndsAt: NOW + HOLD_MS })
    expect(calls.map((call) => call.path)).toEqual(['/v1/link/scan'])
  })

  test.each(['link_token_invalid', 'link_token_taken', 'rate_limited', 'unauthorized'])(
    'refused with %s says so',
    async (code) => {
      const status = { link_token_invalid: 410, link_token_taken: 409, rate_limited: 429, unauthorized: 401 }[code]!
      const { linking, last } = scene(problem(status, code), () => problem(401, 'unauthorized'))
      await linking.start()
      expect(last()).toMatchObject({ step: 'failed', code })
    },
  )

  test('with no network can be tried again', async () => {
    const { linking, last } = scene('lost', scanned())
    await linking.start()
    expect(last()).toEqual({ step: 'failed', code: 'offline' })
    await linking.start()
    expect(last()).toMatchObject({ step: 'confirm' })
  })

  test('of a typed code goes on with the token in the answer', async () => {
    const stage = createScene([json({ request: REQUEST, match: 'required', token: TOKEN }), linked()])
    const options = { api: stage.api, now: () => stage.clock.now, sleep: async () => {}, onState: () => {} }
    const linking = createLinking({ code: 'ABCD-1234' }, options)
    await linking.start()
    await linking.approve('47')
    expect(stage.calls[1]?.body).toEqual({ token: TOKEN, match: '47' })
  })
})

describe('an approve', () => {
  test('that is answered links', async () => {
    const { linking, last } = scene(scanned(), linked())
    await linking.start()
    await linking.approve()
    expect(last()).toMatchObject({ step: 'done', device: DEVICE })
  })

  test('pressed twice is one', async () => {
    const { linking, calls } = scene(scanned(), linked())
    await linking.start()
    await Promise.all([linking.approve(), linking.approve(), linking.decline()])
    expect(calls).toHaveLength(2)
  })

  test('whose answer is lost, or that fails, is repeated with the same token until it is answered', async () => {
    const { linking, last, calls, slept } = scene(scanned(), 'lost', internal(), 'lost', linked())
    await linking.start()
    await linking.approve('47')
    expect(last()).toMatchObject({ step: 'done', device: DEVICE })
    expect(slept).toEqual([1_000, 2_000, 4_000])
    expect(calls.slice(1).map((call) => call.body)).toEqual(
      Array.from({ length: 4 }, () => ({ token: TOKEN, match: '47' })),
    )
  })

  test('that is being repeated says so, once it has not got through', async () => {
    const { linking, states } = scene(scanned(), 'lost', linked())
    await linking.start()
    await linking.approve()
    const busy = states.flatMap((state) => (state.step === 'confirm' ? [state.busy] : []))
    expect(busy).toEqual([null, 'approve', 'again'])
  })

  test('that stays unanswered until the hold ends is decided by the list of devices: linked', async () => {
    const { linking, last, clock } = scene(scanned(), ...Array<Line>(19).fill(() => 'lost'), listed('other', DEVICE))
    await linking.start()
    await linking.approve()
    expect(clock.now).toBe(NOW + HOLD_MS)
    expect(last()).toMatchObject({ step: 'done', device: DEVICE })
  })

  test('that stays unanswered until the hold ends is decided by the list of devices: not linked', async () => {
    const { linking, last } = scene(scanned(), ...Array<Line>(19).fill(() => 'lost'), listed('other'))
    await linking.start()
    await linking.approve()
    expect(last()).toEqual({ step: 'changed' })
  })

  test('that stays unanswered with a list that stays unanswered is called neither linked nor not', async () => {
    const { linking, last } = scene(scanned(), ...Array<Line>(20).fill(() => 'lost'))
    await linking.start()
    await linking.approve()
    expect(last()).toEqual({ step: 'failed', code: 'offline' })
  })

  test('is not cut short by the end of the hold while it is under way', async () => {
    const stage = scene(
      scanned(),
      () => {
        stage.clock.now = NOW + HOLD_MS
        stage.linking.expire()
        return 'lost'
      },
      listed(DEVICE),
    )
    await stage.linking.start()
    await stage.linking.approve()
    expect(stage.states.some((state) => state.step === 'changed')).toBe(false)
  })

  test('refused after a lost answer is checked against the list: it may have linked', async () => {
    const { linking, last } = scene(scanned(), 'lost', problem(410, 'link_token_invalid'), listed(DEVICE))
    await linking.start()
    await linking.approve()
    expect(last()).toMatchObject({ step: 'done', device: DEVICE })
  })

  test('of a screen that was closed says that it is gone', async () => {
    const { linking, last } = scene(scanned(), problem(410, 'link_token_invalid'))
    await linking.start()
    await linking.approve()
    expect(last()).toEqual({ step: 'gone' })
  })

  test('with the wrong number leaves the question; the third burns the code', async () => {
    const wrong = (triesLeft: number) => problem(403, 'match_failed', { triesLeft })
    const { linking, last } = scene(scanned('required'), wrong(2), wrong(1), wrong(0))
    await linking.start()
    await linking.approve('11')
    expect(last()).toMatchObject({ step: 'confirm', busy: null, problem: { code: 'match_failed', triesLeft: 2 } })
    await linking.approve('12')
    expect(last()).toMatchObject({ problem: { triesLeft: 1 } })
    await linking.approve('13')
    expect(last()).toEqual({ step: 'burned' })
  })

  test.each([
    ['too_many_devices', 409],
    ['link_token_taken', 409],
    ['link_not_scanned', 409],
  ])('refused with %s says so', async (code, status) => {
    const { linking, last } = scene(scanned(), problem(status, code))
    await linking.start()
    await linking.approve()
    expect(last()).toEqual({ step: 'failed', code })
  })

  test('can be taken back: it unlinks that device', async () => {
    const { linking, last, calls } = scene(scanned(), linked(), done())
    await linking.start()
    await linking.approve()
    expect(await linking.undo()).toEqual({ ok: true, value: undefined })
    expect(calls[2]).toMatchObject({ method: 'DELETE', path: `/v1/devices/${DEVICE}` })
    expect(last()).toEqual({ step: 'undone' })
  })

  test('whose taking back fails says so and stays linked', async () => {
    const { linking, last } = scene(scanned(), linked(), 'lost')
    await linking.start()
    await linking.approve()
    expect(await linking.undo()).toEqual({ ok: false, code: 'offline' })
    expect(last()).toMatchObject({ step: 'done' })
  })
})

describe('a decline', () => {
  test('before the question is there is sent when it comes', async () => {
    const { linking, last, calls } = scene(scanned(), done())
    const asked = linking.start()
    await linking.decline()
    linking.close()
    expect(calls.map((call) => call.path)).toEqual(['/v1/link/scan'])
    await asked
    expect(calls.map((call) => call.path)).toEqual(['/v1/link/scan', '/v1/link/decline'])
    expect(last()).toEqual({ step: 'asking' })
  })

  test('that is answered declines', async () => {
    const { linking, last, calls } = scene(scanned(), done())
    await linking.start()
    await linking.decline()
    expect(calls[1]).toMatchObject({ path: '/v1/link/decline', body: { token: TOKEN } })
    expect(last()).toEqual({ step: 'declined' })
  })

  test('that does not arrive is repeated, and still nothing was linked', async () => {
    const { linking, last } = scene(scanned(), 'lost', 'lost', 'lost')
    await linking.start()
    await linking.decline()
    expect(last()).toEqual({ step: 'declined' })
  })

  test('that comes after an approve in another tab never claims that nothing was linked', async () => {
    const { linking, last } = scene(scanned(), problem(410, 'link_token_invalid'), listed(DEVICE))
    await linking.start()
    await linking.decline()
    expect(last()).toMatchObject({ step: 'done', device: DEVICE })
  })
})

test('when the hold ends before a decision, the code has changed', async () => {
  const { linking, last } = scene(scanned())
  await linking.start()
  linking.expire()
  expect(last()).toEqual({ step: 'changed' })
})
