import { describe, expect, it, vi } from 'vitest'
import { advance, fireAlarm, useFakeDate } from '../support/clock.ts'
import { accountOf, link, Phone } from '../support/service.ts'

const DAY_MS = 86_400_000

describe('a device that nobody used for DEVICE_IDLE_DAYS', () => {
  useFakeDate()

  it('is ended, told so to the others, and learns why when it comes back: idle, then 4410 (S27)', async () => {
    const phone = await Phone.signIn()
    const idle = await link(phone)
    const used = await link(phone)
    idle.socket.close()
    await idle.socket.closed()
    await vi.waitFor(async () => expect((await phone.devices()).filter(({ online }) => online)).toHaveLength(1))
    advance(31 * DAY_MS)
    await fireAlarm(accountOf(phone.account.id))
    const told = await used.socket.find<{ event: { device: { id: string }; linked: boolean } }>(
      ({ type, event }) => type === 'event' && (event as { linked?: boolean }).linked === false,
    )
    expect(told.event.device.id).toBe(idle.device.id)
    const socket = await idle.browser.resume(idle.device.id)
    expect(await socket.next('unlinked')).toMatchObject({ reason: 'idle' })
    expect(await socket.closed()).toBe(4410)
  })
})
