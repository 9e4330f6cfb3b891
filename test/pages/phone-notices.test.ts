import { expect, test } from 'vitest'
import type { PhoneResult } from '../../src/client/phone-http.ts'
import type { DeviceDetail } from '../../src/protocol/model.ts'
import { createDeviceNotices } from '../../src/web/phone/device-notices.ts'
import { useEnglish } from '../../src/web/shared/text.ts'
import { phone } from '../../src/web/strings/en/phone.ts'
import { NOW } from './phone-support.ts'

useEnglish(phone)

const CARD = { id: 'D1', name: 'Firefox', linkedAt: NOW }
const DETAIL: DeviceDetail = {
  ...CARD,
  browser: 'Firefox',
  os: 'Windows',
  place: { city: 'Berlin', country: 'DE' },
  lastSeenAt: NOW,
  online: true,
}

function scene(unlinked: PhoneResult<void> = { ok: true, value: undefined }) {
  const unlinks: string[] = []
  const notices = createDeviceNotices(
    {
      devices: async () => ({ ok: true, value: [DETAIL] }),
      unlink: async (device) => {
        unlinks.push(device)
        return unlinked
      },
    },
    () => {},
  )
  return { notices, unlinks }
}

test('a device that was linked elsewhere is told of at once, then with what it is and where', async () => {
  const { notices } = scene()
  notices.changed(CARD, true, false)
  expect(notices.notice).toMatchObject({ id: 'D1', words: 'Firefox' })
  await Promise.resolve()
  await Promise.resolve()
  expect(notices.notice?.words).toBe('Firefox on Windows, Berlin, Germany')
})

test('what the person has just linked on this screen is not told twice', () => {
  const { notices } = scene()
  notices.changed(CARD, true, true)
  expect(notices.notice).toBeNull()
})

test('it goes when the device is unlinked elsewhere', () => {
  const { notices } = scene()
  notices.changed(CARD, true, false)
  notices.changed({ ...CARD, id: 'D2' }, false, false)
  expect(notices.notice).not.toBeNull()
  notices.changed(CARD, false, false)
  expect(notices.notice).toBeNull()
})

test('"Not you?" unlinks it; gone already is as good', async () => {
  for (const answer of [
    { ok: true, value: undefined },
    { ok: false, code: 'not_found' },
  ] as const) {
    const { notices, unlinks } = scene(answer)
    notices.changed(CARD, true, false)
    await notices.unlink()
    expect(unlinks).toEqual(['D1'])
    expect(notices.notice).toBeNull()
  }
})

test('an unlink that fails says so and stays', async () => {
  const { notices } = scene({ ok: false, code: 'offline' })
  notices.changed(CARD, true, false)
  await notices.unlink()
  expect(notices.notice?.failure).toBe('You’re offline. Check your connection.')
})
