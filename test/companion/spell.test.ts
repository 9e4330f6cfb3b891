import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { Spelling } from '../../src/companion/spelling.ts'
import { hashSecret } from '../../src/http/secrets.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import type { ScanAnswer } from '../../src/protocol/http.ts'
import { SPELL_EXTENSIONS, SPELL_MS, SPELLS, SPELLS_MS, TYPED_TRIES_MS } from '../../src/protocol/limits.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { accountOf, Browser, companionOf, json, Phone, refusal } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'

useFakeDate()
afterEach(() => {
  vi.restoreAllMocks()
})

const HOLD_MS = 120_000
const NOBODYS = '1111-1111'

interface SpelledFrame {
  code: string
  issuedAt: number
  expiresAt: number
}

interface Shown {
  browser: Browser
  socket: TestSocket
  /** Its first code to scan. */
  qr: QrFrame
  code: string
}

/** A screen that shows a code to type. */
async function show(): Promise<Shown> {
  const browser = await Browser.create()
  const socket = await browser.open()
  const qr = await socket.next<QrFrame>('qr')
  return { browser, socket, qr, code: (await spell(socket)).code }
}

function spell(socket: TestSocket): Promise<SpelledFrame> {
  socket.send({ type: 'spell' })
  return socket.next<SpelledFrame>('spelled')
}

const typeIn = (phone: Phone, code: unknown): Promise<Response> => phone.post('/v1/link/scan', { code })

const spellingOf = (code: string): DurableObjectStub<Spelling> =>
  env.SPELLING.get(env.SPELLING.idFromName(hashSecret(code)))

/** The keys that an object stores. */
function storedBy(stub: DurableObjectStub): Promise<string[]> {
  return runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()].map(([key]) => key))
}

/** A phone that typed the code, the token it goes on with and the number on the screen. */
async function hold({ socket, code }: Shown): Promise<{ phone: Phone; token: string; match: string }> {
  const phone = await Phone.signIn()
  const { token = '' } = await json<ScanAnswer & Record<string, unknown>>(await typeIn(phone, code))
  const { match } = await socket.next<{ match: string }>('scanned')
  return { phone, token, match }
}

describe('a typed code', () => {
  it('links, with every object evicted between every two steps', async () => {
    const phone = await Phone.signIn()
    const browser = await Browser.create()
    const socket = await browser.open()
    const qr = await socket.next<QrFrame>('qr')
    let code: string | null = null
    const evict = async (): Promise<void> => {
      const objects = [companionOf(qr.token), accountOf(phone.account.id), ...(code === null ? [] : [spellingOf(code)])]
      for (const object of objects) await evictDurableObject(object).catch(() => undefined)
    }
    await evict()
    const spelled = await spell(socket)
    ;({ code } = spelled)
    expect(code).toMatch(/^[1-9A-HJKLMNP-TV-Z]{4}-[1-9A-HJKLMNP-TV-Z]{4}$/)
    expect(spelled.expiresAt - spelled.issuedAt).toBe(SPELL_MS)
    await evict()
    advance(60_000)
    expect((await spell(socket)).code).toBe(code)
    await evict()
    const answer = await json<ScanAnswer & Record<string, unknown>>(await typeIn(phone, code))
    expect(answer).toMatchObject({ match: 'required', request: { network: 'same' } })
    expect(answer.token?.slice(0, 42)).toBe(qr.token.slice(0, 42))
    const { match } = await socket.next<{ match: string }>('scanned')
    await evict()
    expect(await json(await typeIn(phone, code))).toEqual(answer)
    await evict()
    const device = await json<{ device: { id: string } }>(await phone.approve(answer.token ?? '', { match }))
    await socket.next('linked')
    await socket.next('snapshot')
    expect(device.device.id).toBe(qr.device)
    await evict()
    expect(await json(await phone.approve(answer.token ?? '', { match }))).toEqual(device)
    await evict()
    expect(await refusal(await typeIn(phone, code))).toBe('410 link_token_invalid')
  })

  it('stays as it is for five minutes: nothing rotates, and an alarm early, late or twice changes nothing', async () => {
    const { socket, qr, code } = await show()
    const stub = companionOf(qr.token)
    expect(await alarmAt(stub)).toBe(Date.now() + SPELL_MS)
    for (const wait of [0, 20_000, SPELL_MS - 20_001]) {
      advance(wait)
      await runDurableObjectAlarm(stub)
      await evictDurableObject(stub)
    }
    expect(socket.waiting).toEqual([])
    await json(await typeIn(await Phone.signIn(), code))
    await socket.next('scanned')
  })

  it('ends by the clock, however late the alarm is, and the page rests until it wakes (S2)', async () => {
    const { socket, qr, code } = await show()
    advance(SPELL_MS)
    const phone = await Phone.signIn()
    expect(await refusal(await typeIn(phone, code))).toBe('410 link_token_invalid')
    await evictDurableObject(companionOf(qr.token))
    await fireAlarm(companionOf(qr.token), 30_000)
    await socket.next('idle')
    await runDurableObjectAlarm(companionOf(qr.token))
    expect(socket.waiting).toEqual([])
    socket.send({ type: 'wake' })
    expect(await socket.next('qr')).toMatchObject({ rotation: 1 })
  })

  it('leaves the codes to scan good to their end, and is used up by a scan of one', async () => {
    const shown = await show()
    const [phone, other] = await Promise.all([Phone.signIn(), Phone.signIn()])
    advance(39_999)
    expect(await json(await phone.scan(shown.qr.token))).toMatchObject({ match: 'none' })
    expect(await shown.socket.next('scanned')).toMatchObject({ match: null })
    for (const who of [phone, other])
      expect(await refusal(await typeIn(who, shown.code))).toBe('410 link_token_invalid')
    const later = await show()
    advance(40_000)
    expect(await refusal(await phone.scan(later.qr.token))).toBe('410 link_token_invalid')
  })

  it('is given up by a wake: a code to scan with a new budget at once, and the typed one is dead', async () => {
    const { socket, qr, code } = await show()
    await evictDurableObject(companionOf(qr.token))
    socket.send({ type: 'wake' })
    const fresh = await socket.next<QrFrame>('qr')
    expect(fresh).toMatchObject({ rotation: 1, device: qr.device })
    const phone = await Phone.signIn()
    expect(await refusal(await typeIn(phone, code))).toBe('410 link_token_invalid')
    expect((await phone.scan(fresh.token)).status).toBe(200)
  })

  it('is not changed by a page that hides', async () => {
    const { socket, qr, code } = await show()
    socket.send({ type: 'sleep' })
    await evictDurableObject(companionOf(qr.token))
    advance(SPELL_MS - 1)
    expect((await typeIn(await Phone.signIn(), code)).status).toBe(200)
  })

  it('is shown by a page that rests, too', async () => {
    const { socket, qr } = await show()
    await fireAlarm(companionOf(qr.token))
    await socket.next('idle')
    const { code } = await spell(socket)
    expect((await typeIn(await Phone.signIn(), code)).status).toBe(200)
  })

  it('is given five minutes more ten times; then it is another, and the first is dead', async () => {
    const { socket, qr, code } = await show()
    for (let times = 0; times < SPELL_EXTENSIONS; times++) {
      advance(SPELL_MS - 1)
      await evictDurableObject(companionOf(qr.token))
      await evictDurableObject(spellingOf(code))
      const again = await spell(socket)
      expect(again).toMatchObject({ code, issuedAt: Date.now(), expiresAt: Date.now() + SPELL_MS })
    }
    const next = await spell(socket)
    expect(next.code).not.toBe(code)
    const phone = await Phone.signIn()
    expect(await refusal(await typeIn(phone, code))).toBe('410 link_token_invalid')
    expect((await typeIn(phone, next.code)).status).toBe(200)
  })

  it('whose time is over when more is asked for is another', async () => {
    const { socket, code } = await show()
    advance(SPELL_MS)
    expect((await spell(socket)).code).not.toBe(code)
  })

  it('is read in any case, with or without the hyphen', async () => {
    const { code } = await show()
    const phone = await Phone.signIn()
    const answer = await json(await typeIn(phone, code))
    for (const text of [code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' ')} `]) {
      expect(await json(await typeIn(phone, text))).toEqual(answer)
    }
  })

  it('ends with its screen', async () => {
    const { browser, socket, qr, code } = await show()
    const phone = await Phone.signIn()
    const resumed = await browser.resume(qr.device)
    expect(await resumed.closed()).toBe(4401)
    expect(await socket.closed()).toBe(4401)
    expect(await refusal(await typeIn(phone, code))).toBe('410 link_token_invalid')
    const other = await show()
    other.socket.close()
    await other.socket.closed()
    expect(await refusal(await typeIn(phone, other.code))).toBe('410 link_token_invalid')
  })
})

describe('a hold by a typed code', () => {
  it('lasts two minutes, is repeated to its holder also after the code’s own time, and is taken for others', async () => {
    const shown = await show()
    advance(SPELL_MS - 1)
    const [phone, other] = await Promise.all([Phone.signIn(), Phone.signIn()])
    const answer = await json(await typeIn(phone, shown.code))
    advance(HOLD_MS - 2)
    await evictDurableObject(spellingOf(shown.code))
    expect(await json(await typeIn(phone, shown.code))).toEqual(answer)
    expect(await refusal(await typeIn(other, shown.code))).toBe('409 link_token_taken')
    advance(2)
    expect(await refusal(await typeIn(phone, shown.code))).toBe('410 link_token_invalid')
    await shown.socket.next('scanned')
    expect(await shown.socket.next('qr')).toMatchObject({ rotation: 1 })
  })

  it('is not changed by spell, which is not_allowed', async () => {
    const shown = await show()
    const { phone, token, match } = await hold(shown)
    shown.socket.send({ type: 'spell' })
    expect(await shown.socket.next('error')).toMatchObject({ code: 'not_allowed' })
    expect((await phone.approve(token, { match })).status).toBe(200)
    await shown.socket.next('linked')
  })

  it('declined, shows a fresh code to scan; token and code are dead, and a repeated decline is answered alike', async () => {
    const shown = await show()
    const { phone, token, match } = await hold(shown)
    for (let times = 0; times < 2; times++) expect((await phone.decline(token)).status).toBe(204)
    await shown.socket.next('declined')
    await shown.socket.next('qr')
    expect(await refusal(await typeIn(phone, shown.code))).toBe('410 link_token_invalid')
    expect(await refusal(await phone.approve(token, { match }))).toBe('410 link_token_invalid')
  })

  it('is burned by three wrong numbers, and no link is made without one (S13)', async () => {
    const shown = await show()
    const { phone, token, match } = await hold(shown)
    expect(await refusal(await phone.approve(token))).toBe('400 bad_request')
    const wrong = match === '99' ? '98' : String(Number(match) + 1)
    for (let tries = 0; tries < 3; tries++) {
      expect(await refusal(await phone.approve(token, { match: wrong }))).toBe('403 match_failed')
    }
    await shown.socket.next('qr')
    expect(await refusal(await phone.approve(token, { match }))).toBe('410 link_token_invalid')
    expect(await refusal(await typeIn(phone, shown.code))).toBe('410 link_token_invalid')
  })

  it('answers a repeated scan alike while the account is asked', async () => {
    const shown = await show()
    const { phone, token, match } = await hold(shown)
    const other = await Phone.signIn()
    vi.spyOn(Account.prototype, 'addDevice').mockRejectedValueOnce(new Error('down'))
    expect(await refusal(await phone.approve(token, { match }))).toBe('500 internal')
    await evictDurableObject(companionOf(token))
    expect(await json(await typeIn(phone, shown.code))).toMatchObject({ token, match: 'required' })
    expect(await refusal(await typeIn(other, shown.code))).toBe('409 link_token_taken')
    shown.socket.send({ type: 'spell' })
    expect(await shown.socket.next('error')).toMatchObject({ code: 'not_allowed' })
    await fireAlarm(companionOf(token))
    await shown.socket.next('linked')
    expect(await refusal(await typeIn(phone, shown.code))).toBe('410 link_token_invalid')
  })
})

describe('while a code is claimed', () => {
  /** Lets the next claim wait for what the test does meanwhile. */
  function holdClaim(): { asked: () => Promise<void>; go: () => Promise<void> } {
    const original = Spelling.prototype.claim
    const gate = { isAsked: false, isOpen: false, isDone: false }
    vi.spyOn(Spelling.prototype, 'claim').mockImplementationOnce(async function (this: Spelling, ...args) {
      gate.isAsked = true
      // One object may not await another's event, so both sides look.
      for (let tries = 0; !gate.isOpen && tries < 400; tries++) await scheduler.wait(5)
      const isClaimed = await Reflect.apply(original, this, args)
      gate.isDone = true
      return isClaimed
    })
    return {
      asked: () => vi.waitFor(() => expect(gate.isAsked).toBe(true)),
      go: async () => {
        gate.isOpen = true
        await vi.waitFor(() => expect(gate.isDone).toBe(true))
      },
    }
  }

  async function open(): Promise<{ socket: TestSocket; qr: QrFrame }> {
    const socket = await (await Browser.create()).open()
    return { socket, qr: await socket.next<QrFrame>('qr') }
  }

  it('a phone that scans wins: the screen is held, and spell is not_allowed', async () => {
    const { socket, qr } = await open()
    const phone = await Phone.signIn()
    const claim = holdClaim()
    socket.send({ type: 'spell' })
    await claim.asked()
    await json(await phone.scan(qr.token))
    await claim.go()
    await socket.next('scanned')
    expect(await socket.next('error')).toMatchObject({ code: 'not_allowed' })
    expect((await phone.approve(qr.token)).status).toBe(200)
  })

  it('frames that follow wait for it, so that the page’s last word stands', async () => {
    const { socket } = await open()
    const claim = holdClaim()
    for (const type of ['spell', 'wake', 'spell', 'wake']) socket.send({ type })
    await claim.asked()
    await claim.go()
    for (const type of ['spelled', 'qr', 'spelled', 'qr']) await socket.next(type)
    expect(socket.waiting).toEqual([])
  })

  it('a code that ends meanwhile is not shown again', async () => {
    const { socket, code } = await show()
    const phone = await Phone.signIn()
    const claim = holdClaim()
    socket.send({ type: 'spell' })
    await claim.asked()
    const { token = '' } = await json<ScanAnswer & Record<string, unknown>>(await typeIn(phone, code))
    await phone.decline(token)
    await claim.go()
    for (const type of ['scanned', 'declined', 'qr']) await socket.next(type)
    expect((await socket.next<SpelledFrame>('spelled')).code).not.toBe(code)
  })

  it('a socket that closes leaves nothing but the claim, for its time, whatever it had still said', async () => {
    const { socket, qr } = await show()
    const claim = holdClaim()
    for (const type of ['spell', 'wake', 'spell']) socket.send({ type })
    await claim.asked()
    socket.close()
    await socket.closed()
    await vi.waitFor(async () => expect(await alarmAt(companionOf(qr.token))).toBeNull())
    await claim.go()
    // Its frames wait for nothing but the claim.
    await scheduler.wait(50)
    expect(await alarmAt(companionOf(qr.token))).toBeNull()
    expect(await storedBy(companionOf(qr.token))).toEqual([])
  })

  it('a code that somebody else shows is drawn anew', async () => {
    const claim = vi.spyOn(Spelling.prototype, 'claim').mockResolvedValueOnce(false).mockResolvedValueOnce(false)
    const { code } = await show()
    expect(claim).toHaveBeenCalledTimes(3)
    expect((await typeIn(await Phone.signIn(), code)).status).toBe(200)
  })

  it('a call that is not answered is given up, and holds up nothing that the page says', async () => {
    const { socket } = await open()
    const claim = holdClaim()
    for (const type of ['spell', 'spell']) socket.send({ type })
    await claim.asked()
    expect(await socket.next('error')).toMatchObject({ code: 'internal' })
    const { code } = await socket.next<SpelledFrame>('spelled')
    await claim.go()
    expect(socket.waiting).toEqual([])
    expect((await typeIn(await Phone.signIn(), code)).status).toBe(200)
  })

  it('a call that fails is said so, and the next spell is answered', async () => {
    const { socket } = await open()
    vi.spyOn(Spelling.prototype, 'claim').mockRejectedValueOnce(new Error('down'))
    socket.send({ type: 'spell' })
    expect(await socket.next('error')).toMatchObject({ code: 'internal' })
    await spell(socket)
  })
})

describe('a spelling', () => {
  it('leads to the companion that claimed it first, until that one’s time is over', async () => {
    const stub = spellingOf('2222-2222')
    const [one, two] = [env.COMPANION.newUniqueId().toString(), env.COMPANION.newUniqueId().toString()]
    expect(await stub.claim(one, Date.now() + 1_000)).toBe(true)
    await evictDurableObject(stub)
    expect(await stub.claim(two, Date.now() + 9_000)).toBe(false)
    expect(await stub.claim(one, Date.now() + 2_000)).toBe(true)
    advance(1_999)
    expect(await stub.companion()).toBe(one)
    advance(1)
    expect(await stub.companion()).toBeNull()
    expect(await stub.claim(two, Date.now() + 1_000)).toBe(true)
    expect(await stub.companion()).toBe(two)
  })

  it('erases itself when code and hold are over; an alarm that is early or comes twice does no harm', async () => {
    const { socket, code } = await show()
    const stub = spellingOf(code)
    await runDurableObjectAlarm(stub)
    expect(await storedBy(stub)).toEqual(['companion'])
    advance(60_000)
    await spell(socket)
    await evictDurableObject(stub)
    expect(await alarmAt(stub)).toBe(Date.now() + SPELL_MS + HOLD_MS)
    await fireAlarm(stub)
    expect(await storedBy(stub)).toEqual([])
    expect(await alarmAt(stub)).toBeNull()
    await runInDurableObject(stub, (spelling) => spelling.alarm())
    expect(await storedBy(stub)).toEqual([])
  })

  it('keeps nothing of a code that nobody shows, however often it is tried', async () => {
    const phone = await Phone.signIn()
    for (let tries = 0; tries < 3; tries++) await typeIn(phone, NOBODYS)
    expect(await storedBy(spellingOf(NOBODYS))).toEqual([])
    expect(await alarmAt(spellingOf(NOBODYS))).toBeNull()
  })

  it('is all that is stored of an unlinked companion, besides its alarm, and names neither code nor account', async () => {
    const { qr, code } = await show()
    expect(await storedBy(companionOf(qr.token))).toEqual([])
    const kept = await runInDurableObject(spellingOf(code), (_, { storage }) => JSON.stringify([...storage.kv.list()]))
    expect(kept).toContain(companionOf(qr.token).id.toString())
    expect(kept).not.toContain(code)
  })
})

describe('typed codes are limited (S13, S14)', () => {
  it('to five wrong tries an account in ten minutes, whatever is evicted between them; a right one does not count', async () => {
    const phone = await Phone.signIn()
    const { code } = await show()
    for (let wrong = 0; wrong < 5; wrong++) {
      expect(await refusal(await typeIn(phone, NOBODYS))).toBe('410 link_token_invalid')
      if (wrong < 4) expect((await typeIn(phone, code)).status).toBe(200)
      await evictDurableObject(accountOf(phone.account.id))
    }
    for (const text of [NOBODYS, code, '', 'x']) {
      const refused = await typeIn(phone, text)
      expect(refused.headers.get('retry-after')).toBe(String(TYPED_TRIES_MS / 1000))
      expect(await refusal(refused)).toBe('429 rate_limited')
    }
    advance(TYPED_TRIES_MS - 1)
    expect(await refusal(await typeIn(phone, NOBODYS))).toBe('429 rate_limited')
    advance(1)
    expect(await refusal(await typeIn(phone, NOBODYS))).toBe('410 link_token_invalid')
  })

  it('to five of which many come at once', async () => {
    const phone = await Phone.signIn()
    const looks = vi.spyOn(Spelling.prototype, 'companion')
    const answers = await Promise.all(Array.from({ length: 30 }, () => typeIn(phone, NOBODYS)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 410)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(25)
    expect(looks).toHaveBeenCalledTimes(5)
  })

  it('and one account’s tries are nobody else’s', async () => {
    const [eve, ada] = await Promise.all([Phone.signIn(), Phone.signIn()])
    const { code } = await show()
    for (let wrong = 0; wrong < 6; wrong++) await typeIn(eve, NOBODYS)
    expect((await typeIn(ada, code)).status).toBe(200)
  })

  it('a right try whose window ended meanwhile takes no wrong one of the next back', async () => {
    const phone = await Phone.signIn()
    const account = accountOf(phone.account.id)
    const countedAt = Date.now()
    await typeIn(phone, NOBODYS)
    advance(TYPED_TRIES_MS)
    for (let wrong = 0; wrong < 5; wrong++) await typeIn(phone, NOBODYS)
    await account.typedCodeWasRight(countedAt)
    expect(await refusal(await typeIn(phone, NOBODYS))).toBe('429 rate_limited')
  })

  it('to ten new ones a screen in ten minutes, with the seconds to wait, whatever is evicted', async () => {
    const { socket, qr } = await show()
    for (let drawn = 1; drawn < SPELLS; drawn++) {
      socket.send({ type: 'wake' })
      await socket.next('qr')
      await spell(socket)
      await evictDurableObject(companionOf(qr.token))
    }
    socket.send({ type: 'wake' })
    await socket.next('qr')
    socket.send({ type: 'spell' })
    expect(await socket.next('error')).toMatchObject({ code: 'rate_limited', retryAfter: SPELLS_MS / 1000 })
    advance(SPELLS_MS)
    await spell(socket)
  })

  it('as frames: a flood of spell closes the socket 4429', async () => {
    const { socket } = await show()
    for (let count = 0; count < 130; count++) socket.send({ type: 'spell' })
    expect(await socket.closed()).toBe(4429)
  })
})
