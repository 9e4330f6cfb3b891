import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { insertMedia } from '../../src/account/media.ts'
import { PROFILE_EVERY_MS } from '../../src/protocol/limits.ts'
import { useFakeDate, fireAlarm } from '../support/clock.ts'
import { createAccount, createPair, evict, openPhone, sendText, type TestAccount } from './support.ts'

function addMedia({ stub }: TestAccount, contentType: string, mine: boolean): Promise<string> {
  return runInDurableObject(stub, (_, { storage }) =>
    insertMedia(storage.sql, { object: 'demo/face.webp', contentType, bytes: 1 }, mine),
  )
}

describe('the profile', () => {
  useFakeDate()

  it('changes are told to the owner at once and to peers at most once a minute, the newest wins', async () => {
    const { ada, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'hi')
    await phoneB.event('message')
    const change = (name: string) => ada.stub.updateProfile(ada.caller, { name })
    expect(await change('Ada')).toMatchObject({ value: { id: ada.id, name: 'Ada' } })
    expect(await phoneA.event('profile')).toMatchObject({ account: { name: 'Ada' } })
    await phoneB.event('conversation', (event) => event.conversation.title === 'Ada')
    await change('Ada L')
    await change('Ada Lovelace')
    await phoneA.event('profile', ({ account }) => account.name === 'Ada Lovelace')
    await evict(ada)
    const before = Date.now()
    await fireAlarm(ada.stub)
    for (let tries = 0; Date.now() < before + PROFILE_EVERY_MS && tries < 5; tries++) await fireAlarm(ada.stub)
    await phoneB.event('conversation', (event) => event.conversation.title === 'Ada Lovelace')
    expect(Date.now()).toBeGreaterThanOrEqual(before + PROFILE_EVERY_MS - 1000)
    const titles = phoneB.frames.flatMap((frame) =>
      frame.type === 'event' && frame.event.kind === 'conversation' ? [frame.event.conversation.title] : [],
    )
    expect(titles).not.toContain('Ada L')
  })

  it('that stays the same is no event', async () => {
    const ada = await createAccount()
    await ada.stub.updateProfile(ada.caller, { name: 'Ada' })
    await ada.stub.updateProfile(ada.caller, { name: 'Ada' })
    await ada.stub.updateProfile(ada.caller, {})
    expect(await (await openPhone(ada)).frame('snapshot')).toMatchObject({ cursor: 1, account: { name: 'Ada' } })
  })

  it('takes a picture of the owner’s own as avatar and nothing else', async () => {
    const { ada, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'hi')
    await phoneB.event('message')
    const set = (avatar: string | null) => ada.stub.updateProfile(ada.caller, { avatar })
    const picture = await addMedia(ada, 'image/webp', true)
    for (const other of ['nothing', await addMedia(ada, 'video/mp4', true), await addMedia(ada, 'image/webp', false)]) {
      expect(await set(other)).toEqual({ ok: false, code: 'not_found' })
    }
    expect(await set(picture)).toMatchObject({ value: { avatar: { id: picture, contentType: 'image/webp' } } })
    const told = await phoneB.event('conversation', (event) => event.conversation.avatar !== undefined)
    expect(told.conversation.avatar?.url).toContain('/v1/media/demo/face.webp?')
    expect(await set(null)).not.toHaveProperty('value.avatar')
  })

  it('is not changed by another account’s caller', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    expect(await ada.stub.updateProfile(bo.caller, { name: 'Bo' })).toEqual({ ok: false, code: 'unauthorized' })
  })
})
